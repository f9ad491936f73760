"""Boxes cut in two again and again: the cells of a domain, and the faces where they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.charts import CLOSE

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tree:
    """A box `(dim, 2)`; cut across coordinate number `axis` into two `parts`, or whole: a cell.

    Cells are numbered in the order of the tree.
    """

    bounds: Array
    axis: int = 0
    parts: tuple[Tree, ...] = ()

    @cached_property
    def cells(self) -> tuple[Array, ...]:
        """The boxes `(dim, 2)` of all cells, in order."""
        if not self.parts:
            return (self.bounds,)
        return tuple(box for part in self.parts for box in part.cells)

    def owners(self, x: Array) -> Numbers:
        """The numbers of the cells that hold points `(n, dim)`: `(n,)`. A point on a face belongs
        to the cell after it, one outside of the box to the nearest by its cuts.
        """
        numbers = np.zeros(len(x), dtype=np.int64)
        if not self.parts or not len(x):
            return numbers
        first, second = self.parts
        beyond = x[:, self.axis] >= first.bounds[self.axis, 1]
        numbers[~beyond] = first.owners(x[~beyond])
        numbers[beyond] = len(first.cells) + second.owners(x[beyond])
        return numbers


def grid(bounds: Array, counts: Sequence[int]) -> Tree:
    """A box `(dim, 2)` in so many equal cells along each coordinate, cut where it has most."""
    axis = int(np.argmax(counts))
    if counts[axis] == 1:
        return Tree(bounds)
    low, high = bounds[axis]
    left = counts[axis] // 2
    cut = low + (high - low) * left / counts[axis]
    parts = []
    for box, count in zip(_halves(bounds, axis, cut), (left, counts[axis] - left), strict=True):
        parts.append(grid(box, [*counts[:axis], count, *counts[axis + 1 :]]))
    return Tree(bounds, axis, tuple(parts))


@dataclass(frozen=True)
class Room:
    """What cuts leave around what they shall not cut."""

    # Of its size, to either side; the less, where there is no place with more
    margins: tuple[float, ...] = (0.15, 0.08)
    # Of a side, nearer to whose end none is made
    end: float = 0.1


ROOM = Room()


def around(bounds: Array, sides: Array, whole: Sequence[Array]) -> Tree:
    """A box `(dim, 2)` in cells of about the sides `(dim,)`, which cut none of the boxes that shall
    be `whole` where that can be: cells may be larger then. Without any, a grid.

    >>> import numpy as np
    >>> hole = np.array([[0.4, 0.6], [0.4, 0.6]])
    >>> tree = around(np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([0.5, 0.5]), [hole])
    >>> sum(contains(cell, hole) for cell in tree.cells)
    1
    """
    counts = [max(1, round(n)) for n in np.ptp(bounds, axis=1) / sides]
    near = [box for box in whole if _meet(bounds, box)]
    if not near:
        return grid(bounds, counts)
    for margin in ROOM.margins:
        for axis in np.argsort(-np.ptp(bounds, axis=1) / sides):
            at = _free_cut(bounds, int(axis), counts[axis], near, margin)
            if at is not None:
                return _cut(bounds, int(axis), at, lambda part: around(part, sides, whole))
        if max(counts) == 1 or (len(near) == 1 and contains(bounds, near[0])):
            return Tree(bounds)
    axis = int(np.argmax(counts))
    middle = float(bounds[axis].mean())
    return _cut(bounds, axis, middle, lambda part: around(part, sides, whole))


def _free_cut(
    bounds: Array, axis: int, count: int, whole: Sequence[Array], margin: float
) -> float | None:
    """A place across a coordinate, the nearest to the middle, where nothing is cut that shall be
    whole, nor a `margin` around it, of its side; None, if there is none, or one cell is enough.
    """
    if count == 1:
        return None
    low, high = bounds[axis]
    rooms = [margin * float(np.ptp(box[axis])) for box in whole]
    spans = [(box[axis, 0] - m, box[axis, 1] + m) for box, m in zip(whole, rooms, strict=True)]
    uniform = low + (high - low) * (count // 2) / count
    places = [uniform, *(end for span in spans for end in span)]
    nearest = ROOM.end * (high - low)
    free = [
        at
        for at in places
        if low + nearest < at < high - nearest and not any(a < at < b for a, b in spans)
    ]
    return min(free, key=lambda at: abs(at - uniform), default=None)


def _cut(bounds: Array, axis: int, at: float, grown: Callable[[Array], Tree]) -> Tree:
    below, above = _halves(bounds, axis, at)
    return Tree(bounds, axis, (grown(below), grown(above)))


def _halves(bounds: Array, axis: int, at: float) -> tuple[Array, Array]:
    """What lies below and above a cut of a box `(dim, 2)`."""
    below, above = bounds.copy(), bounds.copy()
    below[axis, 1] = above[axis, 0] = at
    return below, above


def along(bounds: Array, lines: Sequence[Sequence[float]], grown: Callable[[Array], Tree]) -> Tree:
    """A box `(dim, 2)` cut at all places across every coordinate, nearest to the middle first; what
    is left between them is `grown`.

    >>> import numpy as np
    >>> tree = along(np.array([[0.0, 1.0], [0.0, 1.0]]), [[0.3, 0.7], [0.5]], Tree)
    >>> len(tree.cells)
    6
    """
    middle, sides = bounds.mean(axis=1), np.ptp(bounds, axis=1)
    cuts = [
        (abs(at - middle[axis]) / sides[axis], axis, at)
        for axis, places in enumerate(lines)
        for at in places
        if bounds[axis, 0] < at < bounds[axis, 1]
    ]
    if not cuts:
        return grown(bounds)
    _, axis, at = min(cuts)
    return _cut(bounds, axis, at, lambda part: along(part, lines, grown))


def contains(bounds: Array, box: Array) -> bool:
    """Whether a box lies strictly inside of another, both `(dim, 2)`."""
    return bool((bounds[:, 0] < box[:, 0]).all() and (box[:, 1] < bounds[:, 1]).all())


def holds(bounds: Array, at: Sequence[float] | Array) -> bool:
    """Whether a point `(dim,)` lies in a box `(dim, 2)`, or on its sides."""
    margin = CLOSE * np.ptp(bounds, axis=1)
    return bool((bounds[:, 0] - margin <= at).all() and (at <= bounds[:, 1] + margin).all())


def _meet(a: Array, b: Array) -> bool:
    return bool((np.maximum(a[:, 0], b[:, 0]) < np.minimum(a[:, 1], b[:, 1])).all())


def divided(tree: Tree, counts: Callable[[int], Sequence[int]]) -> Tree:
    """The same tree, with cell number k in so many equal cells along each coordinate."""
    return replaced(tree, lambda k, box: grid(box, counts(k)))


def replaced(tree: Tree, grown: Callable[[int, Array], Tree], first: int = 0) -> Tree:
    """The same tree, with another one in the place of each cell: of its number and its box
    `(dim, 2)`.
    """
    if not tree.parts:
        return grown(first, tree.bounds)
    parts = []
    for part in tree.parts:
        parts.append(replaced(part, grown, first))
        first += len(part.cells)
    return Tree(tree.bounds, tree.axis, tuple(parts))


def cuts_of(tree: Tree) -> tuple[tuple[int, float], ...]:
    """The cuts, coordinate number and place, from the whole to its parts, below before above; a
    cell has number -1.
    """
    if not tree.parts:
        return ((-1, 0.0),)
    own = (tree.axis, float(tree.parts[0].bounds[tree.axis, 1]))
    return (own, *(cut for part in tree.parts for cut in cuts_of(part)))


def tree_of(bounds: Array, cuts: Sequence[tuple[int, float]]) -> Tree:
    """The tree of a box `(dim, 2)` that has these cuts. Raises ValueError if they are none."""
    left = list(cuts)
    tree = _grown(bounds, left)
    if left:
        raise ValueError(f"{len(cuts)} cuts do not make a tree: {len(left)} are left over")
    return tree


def _grown(bounds: Array, cuts: list[tuple[int, float]]) -> Tree:
    if not cuts:
        raise ValueError("cuts do not make a tree: there are too few")
    axis, at = cuts.pop(0)
    if axis == -1:
        return Tree(bounds)
    if not (0 <= axis < len(bounds) and bounds[axis, 0] < at < bounds[axis, 1]):
        raise ValueError(f"a cut at {at} does not divide {bounds.tolist()}")
    return _cut(bounds, axis, at, lambda part: _grown(part, cuts))


@dataclass(frozen=True, eq=False)
class Face:
    """Where two cells meet: the numbers of the one below and the one above, the coordinate that is
    constant, and the face's box `(dim, 2)`, which is flat along that.
    """

    below: int
    above: int
    axis: int
    bounds: Array


def faces(tree: Tree, first: int = 0) -> Iterator[Face]:
    """All faces between cells; where cells of different sizes meet, each face is a whole side of
    the smaller one, or a part of both.
    """
    if not tree.parts:
        return
    number = first
    for part in tree.parts:
        yield from faces(part, number)
        number += len(part.cells)
    below, above = tree.parts
    cut = below.bounds[tree.axis, 1]
    touching = [(k, box) for k, box in enumerate(above.cells) if box[tree.axis, 0] == cut]
    for i, box in enumerate(below.cells):
        if box[tree.axis, 1] == cut:
            for k, other in touching:
                common = np.stack(
                    [np.maximum(box[:, 0], other[:, 0]), np.minimum(box[:, 1], other[:, 1])], axis=1
                )
                beside = np.delete(common[:, 1] - common[:, 0], tree.axis)
                if (beside > 0).all():
                    common[tree.axis] = cut
                    yield Face(first + i, first + len(below.cells) + k, tree.axis, common)
