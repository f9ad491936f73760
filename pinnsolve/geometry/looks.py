"""How smooth functions are zero in boxes of cells: in which, and of which coordinates these zeros
are graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from pinnsolve.geometry.charts import Array, Mask

Numbers = NDArray[np.int64]
# Of the numbers of what holds some points, (n,), and of these, (n, dim): (n,)
Function = Callable[[Numbers, Array], Array]


@dataclass(frozen=True)
class Looking:
    """When zeros are graphs in a cell."""

    # Places along each side of a cell
    many: int = 5
    # Of the gradient's length: its component along the coordinate of which zeros are a graph
    steep: float = 0.35
    # Times as large as it is counts the component of another function
    lean: float = 3.0
    # Where gradients of two are more alike in direction, their zeros may touch
    apart: float = 0.01
    # Of the same length, what is round-off
    flat: float = 1e-9


LOOKING = Looking()


@dataclass(frozen=True)
class Cells:
    """By the numbers of what holds them `(n,)`, their lowest corners and their sides `(n, dim)`."""

    held: Numbers
    low: Array
    side: Array

    @classmethod
    def of_grid(cls, lines: Sequence[Array], held: int = 0) -> Cells:
        """Between places along each coordinate, `(n,)` each."""
        low, side = grid([line[:-1] for line in lines]), grid([np.diff(line) for line in lines])
        return cls(np.full(len(low), held), low, side)

    def at(self, places: Array) -> Array:
        """Points `(n, m, dim)`, of places `(m, dim)` or `(n, m, dim)` in unit cubes."""
        return np.asarray(self.low[:, None] + self.side[:, None] * places)

    def __getitem__(self, kept: Mask | Numbers) -> Cells:
        return Cells(self.held[kept], self.low[kept], self.side[kept])

    def halved(self) -> Cells:
        """By all coordinates: four or eight of each, one after the other."""
        dim = self.low.shape[1]
        corners, count = np.array(list(product((0.0, 0.5), repeat=dim))), 2**dim
        low, side = self.at(corners).reshape(-1, dim), np.repeat(self.side / 2, count, axis=0)
        return Cells(np.repeat(self.held, count), low, side)


def grid(lines: Iterable[Array]) -> Array:
    """All tuples `(n, dim)` of what stands in lines."""
    found = np.stack(np.meshgrid(*lines, indexing="ij"), -1)
    return found.reshape(-1, found.shape[-1])


@dataclass(frozen=True)
class Look:
    """Values `(n, m)` of a function and its slopes `(n, m, dim)` at a grid of places in cells."""

    values: Array
    slopes: Array

    @classmethod
    def at(cls, function: Function, cells: Cells) -> Look:
        """Of these cells."""
        dim, many = cells.low.shape[1], LOOKING.many
        points = cells.at(grid([np.linspace(0, 1, many)] * dim))
        held = np.repeat(cells.held, points.shape[1])
        values = function(held, points.reshape(-1, dim)).reshape(len(points), *[many] * dim)
        slopes = [_differentiated(values, k + 1) for k in range(dim)]
        flat = np.stack(slopes, -1).reshape(len(values), many**dim, dim)
        return cls(values.reshape(len(values), many**dim), flat)

    def __getitem__(self, kept: Mask | Numbers) -> Look:
        return Look(self.values[kept], self.slopes[kept])

    @cached_property
    def lengths(self) -> Array:
        """Those of the slopes, `(n, m)`."""
        return np.asarray(np.linalg.norm(self.slopes, axis=2))

    def near(self, steps: float) -> Mask:
        """At which places a zero may be so many steps away: `(n, m)`."""
        return np.asarray(np.abs(self.values) <= steps * self.lengths / (LOOKING.many - 1))

    @cached_property
    def cut(self) -> Mask:
        """Which cells a zero may pass between places: `(n,)`; not those that one bounds."""
        turns = (self.values.min(axis=1) < 0) & (self.values.max(axis=1) > 0)
        return np.asarray((self.near(1).any(axis=1) | turns) & ~self._bounded)

    @cached_property
    def _bounded(self) -> Mask:
        """Where it is zero on a face, and of one sign inside: `(n,)`."""
        count, dim = len(self.values), self.slopes.shape[2]
        largest = np.abs(self.values).max(axis=1)
        flat = LOOKING.flat * largest[:, None]
        one_sign = ((self.values > -flat) | (self.values < flat).all(axis=1)[:, None]).all(axis=1)
        values = np.abs(self.values).reshape(count, *[LOOKING.many] * dim)
        on_face = np.zeros(count, dtype=bool)
        for k, end in product(range(dim), (0, -1)):
            face = np.take(values, end, axis=k + 1).reshape(count, LOOKING.many ** (dim - 1))
            on_face |= face.max(axis=1) <= flat[:, 0]
        return np.asarray(one_sign & on_face)

    @cached_property
    def shares(self) -> Array:
        """The least share of each component of the gradient, if it has one sign; less than 0, if
        it has not: `(n, dim)`.
        """
        return least_shares(self.slopes, self.near(2))

    @cached_property
    def is_flat(self) -> Mask:
        """Whether a function does not depend on each coordinate, `(n, dim)`."""
        largest = self.lengths.max(axis=1, keepdims=True)
        return np.asarray(np.abs(self.slopes).max(axis=1) <= LOOKING.flat * largest)

    @cached_property
    def on_faces(self) -> Array:
        """The same on pairs of faces: `(n, dim, dim)`, the first across which, the second the
        component. Infinite where there is no zero.
        """
        (count, _), dim = self.values.shape, self.slopes.shape[2]
        shape, places = (count, *[LOOKING.many] * dim), LOOKING.many ** (dim - 1)
        found = np.full((count, dim, dim), np.inf)
        for k, end in product(range(dim), (0, -1)):
            values = np.take(self.values.reshape(shape), end, axis=k + 1)
            slopes = np.take(self.slopes.reshape(*shape, dim), end, axis=k + 1)
            face = Look(
                values.reshape(count, places),
                np.delete(slopes, k, axis=-1).reshape(count, places, dim - 1),
            )
            least = np.where(face.cut[:, None], face.shares, np.inf)
            others = [j for j in range(dim) if j != k]
            found[:, k, others] = np.minimum(found[:, k, others], least)
        return found


@cache
def _derivative() -> Array:
    """The matrix `(many, many)` from values at places of [0, 1] to slopes there, of the polynomial
    through them.
    """
    places = np.linspace(0, 1, LOOKING.many)
    powers = np.arange(LOOKING.many)
    slopes = powers * places[:, None] ** np.maximum(powers - 1, 0)
    return np.asarray(slopes @ np.linalg.inv(places[:, None] ** powers))


def _differentiated(values: Array, axis: int) -> Array:
    return np.moveaxis(np.tensordot(values, _derivative(), axes=(axis, 1)), -1, axis)


def least_shares(vectors: Array, asked: Mask) -> Array:
    """Of vectors `(n, m, dim)` the least share of each component's length, as `Look.shares`, of
    those that are asked `(n, m)`.
    """
    lengths = np.linalg.norm(vectors, axis=2, keepdims=True)
    shares = vectors / np.where(lengths > 0, lengths, 1.0)
    asked = asked[:, :, None]
    low, high = np.where(asked, shares, 1.0), np.where(asked, shares, -1.0)
    return np.asarray(np.maximum(low.min(axis=1), -high.max(axis=1)))


def orders(looks: Sequence[Look]) -> Iterator[tuple[tuple[int, ...], int, Mask]]:
    """Coordinates in an order, which of one or two functions is zero on a graph of the last, and
    the cells for which that order fits best.

    Along the last the others do not turn; on the faces across it zeros are graphs of the last but
    one, and so is the edge in which two of them meet.
    """
    dim = looks[0].slopes.shape[2]
    chosen = [(o, first) for o in permutations(range(dim)) for first in range(len(looks))]
    scores = np.stack([_score(looks, order, first) for order, first in chosen], axis=1)
    best = np.where(scores.max(axis=1) > LOOKING.steep, scores.argmax(axis=1), -1)
    yield from ((*each, best == k) for k, each in enumerate(chosen))


def _score(looks: Sequence[Look], order: Sequence[int], first: int) -> Array:
    last = order[-1]
    scores = [looks[first].shares[:, last]]
    scores += [
        np.where(look.is_flat[:, last], np.inf, LOOKING.lean * look.shares[:, last])
        for k, look in enumerate(looks)
        if k != first
    ]
    if len(order) > 2:
        scores += [look.on_faces[:, last, order[-2]] for look in looks]
        if len(looks) > 1:
            scores.append(_along_edge(looks[0], looks[1])[:, order[0]])
    return np.asarray(np.min(scores, axis=0))


def _along_edge(one: Look, other: Look) -> Array:
    """The least share of each component of where the edge goes in which two zeros meet: `(n,
    3)`.
    """
    near = one.near(2) & other.near(2)
    along = np.cross(one.slopes, other.slopes)
    touch = np.linalg.norm(along, axis=2) < LOOKING.apart * one.lengths * other.lengths
    shares = least_shares(along, near)
    return np.where((touch & near).any(axis=1)[:, None], 0.0, shares)
