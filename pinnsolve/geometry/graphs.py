"""Nodes and weights over bodies in space by cells in which the boundary is a graph.

A box is halved until in every cell the boundary turns little, and along one coordinate each line
meets it once; on the faces across that one the same is asked of a second. Integrals go along the
third, the second and the first, each between the places where the boundary meets the cell's edges,
faces and inside: what is integrated is smooth there, and Gauss's rule converges (Saye 2015,
doi 10.1137/140966290). All nodes lie inside, and all weights are positive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from pinnsolve.geometry.bisection import bisected
from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.ellipse import Ellipse
from pinnsolve.geometry.implicit import Implicit
from pinnsolve.geometry.levels import combined
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.revolved import Revolved
from pinnsolve.geometry.solids import Ball, Box

# Of points (n, 3) of the unit box: what is negative inside, (n,)
Function = Callable[[Array], Array]
Numbers = NDArray[np.int64]
AXES = (0, 1, 2)
ORDERS = tuple(permutations(AXES))


@dataclass(frozen=True)
class Graphs:
    """When a boundary is a graph in a cell."""

    # Cells along each side of the box
    cells: int = 4
    # Cells of no graphs that are more, as along an edge, are halved so often and no more
    many: int = 2000
    least: int = 3
    # The box is larger than the body, by unlike shares: bodies like to turn at round numbers
    margins: tuple[float, float] = (0.0131, 0.0173)
    # Places along each side of a cell where it is looked at
    looks: int = 5
    # Of the gradient's length: its component along the coordinate of which the boundary is a graph
    steep: float = 0.3
    # Nodes along a side of a cell that was halved 0, 1, ... times, where the boundary cuts it, and
    # where it does not: errors count by the cell's volume
    cut: tuple[int, ...] = (8, 7, 6, 4, 3, 2, 2)
    whole: tuple[int, ...] = (6, 4, 3, 2, 2, 2, 2)
    # Along an edge: of two roots between neighbours none is seen
    asked: int = 9
    # After these one secant has round-off
    bisections: int = 22
    # Of values that are not finite
    largest: float = 1e100


GRAPHS = Graphs()


@dataclass(frozen=True)
class _Cells:
    """By their lowest corners and their sides, each `(n, 3)`, in a unit box."""

    low: Array
    side: Array

    def at(self, places: Array) -> Array:
        """Points `(n, m, 3)`, of places `(m, 3)` or `(n, m, 3)` in unit cubes."""
        return np.asarray(self.low[:, None] + self.side[:, None] * places)

    def __getitem__(self, kept: Mask | Numbers) -> _Cells:
        return _Cells(self.low[kept], self.side[kept])

    def halved(self) -> _Cells:
        """Eight of each."""
        corners = np.array(list(product((0.0, 0.5), repeat=3)))
        return _Cells(self.at(corners).reshape(-1, 3), np.repeat(self.side / 2, 8, axis=0))


@dataclass(frozen=True)
class _Partial:
    """Points in unit cubes `(n, 3)`, of which some coordinates are open yet, with the numbers of
    their cells and weights, `(n,)`.
    """

    cell: Numbers
    x: Array
    weight: Array


def rule_by_graphs(region: Region, finer: float) -> tuple[Array, Array]:
    """Nodes `(n, 3)` and weights `(n,)` over a body. Raises ValueError for one of facets, of edges
    or of curves, which are no graphs in any cell.
    """
    low, side = region.bounds[:, 0], region.extent
    solids = [solid for solid in combined(region) if not isinstance(solid, Box)]
    for solid in solids:
        if not _is_smooth(solid):
            raise ValueError(
                f"no rule is known for integrals over {region}, since {solid} has edges or facets:"
                " integrate over its parts one by one, or over its boundary"
            )
    functions = [partial(_value, solid, low, side) for solid in solids]
    nodes, weights = [np.zeros((0, 3))], [np.zeros(0)]
    for cells, function, order, many in _graphs(functions, _first_cells(region)):
        x, w = _nodes(cells, function, order, round(finer * many))
        kept = region.signed_distance(low + side * x, side) < 0
        nodes.append(x[kept])
        weights.append(w[kept])
    if not sum(map(len, weights)):
        raise ValueError(f"{region} has zero measure: no point was found in it")
    return low + side * np.concatenate(nodes), float(side.prod()) * np.concatenate(weights)


def _is_smooth(solid: Region) -> bool:
    round_ = solid.profile if isinstance(solid, Revolved) else solid
    return isinstance(round_, (Implicit, Ball, Ellipse))


def _value(solid: Region, low: Array, side: Array, x: Array) -> Array:
    """At points `(n, 3)` of the unit box. Of a level, since its distance has poles."""
    x = low + side * x
    values = solid.function(x)[0] if isinstance(solid, Implicit) else solid.signed_distance(x, side)
    return np.clip(values, -GRAPHS.largest, GRAPHS.largest)


def _first_cells(region: Region) -> _Cells:
    """Of the bounding box, a little larger: their faces lie on those of boxes that bound it."""
    low, side = region.bounds[:, :1], region.extent[:, None]
    boxes = [(b.bounds - low) / side for b in combined(region) if isinstance(b, Box)]
    before, after = GRAPHS.margins
    even = np.linspace(-before, 1 + after, GRAPHS.cells + 1)
    lines = []
    for own in np.concatenate([np.tile(even, (3, 1)), *boxes], axis=1):
        places = np.unique(np.clip(own, -before, 1 + after))
        lines.append(places[np.append(True, np.diff(places) > 1e-9)])
    return _Cells(_grid(line[:-1] for line in lines), _grid(map(np.diff, lines)))


def _grid(lines: Iterable[Array]) -> Array:
    """All triples `(n, 3)` of what stands in three lines."""
    return np.stack(np.meshgrid(*lines, indexing="ij"), -1).reshape(-1, 3)


def _graphs(
    functions: Sequence[Function], cells: _Cells
) -> Iterator[tuple[_Cells, Function | None, tuple[int, ...], int]]:
    """Cells, with the function of which the boundary is a level there, if any, the coordinates in
    the order in which integrals go along them, and how many nodes each has.
    """
    last = len(GRAPHS.cut) - 1
    for halved, (cut, whole) in enumerate(zip(GRAPHS.cut, GRAPHS.whole, strict=True)):
        looked = [_look(function, cells) for function in functions]
        by = np.stack([each.cut for each in looked], axis=1)
        left = np.asarray(by.any(axis=1))
        yield cells[~left], None, AXES, whole
        for k, (function, look) in enumerate(zip(functions, looked, strict=True)):
            alone = by[:, k] & (by.sum(axis=1) == 1)
            for order, fits in look.orders():
                own = alone & fits & left
                yield cells[own], function, order, cut
                left = left & ~own
        if not left.any():
            return
        if halved == last or (halved >= GRAPHS.least and left.sum() > GRAPHS.many):
            yield cells[left], None, AXES, whole
            return
        cells = cells[left].halved()


@dataclass(frozen=True)
class _Look:
    """Of cells `(n,)`: which a level cuts, and how its gradient goes in those: the least share of
    each component, of one sign, in a cell `(n, 3)`, and on two faces: `(n, 3, 3)`, the first
    across which, the second the component.
    """

    cut: Mask
    shares: Array
    on_faces: Array

    def orders(self) -> Iterator[tuple[tuple[int, ...], Mask]]:
        """Coordinates, the last that of which the boundary is a graph, and the cells for which
        these fit best.
        """
        steep = np.stack(
            [np.minimum(self.shares[:, k], self.on_faces[:, k, j]) for _, j, k in ORDERS], axis=1
        )
        best = np.where(steep.max(axis=1) > GRAPHS.steep, steep.argmax(axis=1), -1)
        yield from ((order, best == k) for k, order in enumerate(ORDERS))


def _look(function: Function, cells: _Cells) -> _Look:
    many = GRAPHS.looks
    line = np.linspace(0, 1, many)
    points = cells.at(_grid([line] * 3))
    values = function(points.reshape(-1, 3)).reshape(-1, many, many, many)
    slopes = np.stack(np.gradient(values, 1 / (many - 1), axis=(1, 2, 3)), -1)
    flat = values.reshape(len(values), -1), slopes.reshape(len(values), -1, 3)
    on_faces = np.full((len(values), 3, 3), np.inf)
    for k, end in product(range(3), (0, -1)):
        face = np.take(values, end, axis=k + 1).reshape(len(values), -1)
        across = np.take(slopes, end, axis=k + 1).reshape(len(values), -1, 3)
        across[:, :, k] = 0
        least = np.where(_is_near(face, across)[:, None], _shares(face, across), np.inf)
        on_faces[:, k] = np.minimum(on_faces[:, k], least)
    return _Look(_is_near(*flat), _shares(*flat), on_faces)


def _is_near(values: Array, slopes: Array) -> Mask:
    """Whether a level may pass between places: `(n, m)` values, `(n, m, 3)` slopes."""
    return np.asarray((np.abs(values) <= _step(slopes)).any(axis=1))


def _step(slopes: Array) -> Array:
    """What a function changes by to the next place: of slopes `(n, m, 3)`, `(n, m)`."""
    return np.asarray(np.linalg.norm(slopes, axis=2) / (GRAPHS.looks - 1))


def _shares(values: Array, slopes: Array) -> Array:
    """Of slopes `(n, m, 3)`, the least of each component's share, 0 if it changes its sign:
    `(n, 3)`.
    """
    lengths = np.linalg.norm(slopes, axis=2, keepdims=True)
    shares = slopes / np.where(lengths > 0, lengths, 1.0)
    near = (np.abs(values) < 2 * _step(slopes))[:, :, None]
    low, high = np.where(near, shares, 1.0), np.where(near, shares, -1.0)
    return np.asarray(np.maximum(low.min(axis=1), -high.max(axis=1)))


def _nodes(
    cells: _Cells, function: Function | None, order: Sequence[int], many: int
) -> tuple[Array, Array]:
    """Nodes `(n, 3)` and weights `(n,)` over cells, to both sides of a level."""
    count = len(cells.low)
    held = _Partial(np.arange(count), np.zeros((count, 3)), cells.side.prod(axis=1))
    for k, axis in enumerate(order):
        ends = [np.zeros((len(held.x), 0))]
        if function is not None:
            for corner in product((0.0, 1.0), repeat=2 - k):
                start = held.x.copy()
                start[:, list(order[k + 1 :])] = corner
                line = _Lines(function, cells[held.cell], start, axis)
                ends.append(_roots(line, len(start)))
        held = _between(held, axis, np.concatenate(ends, axis=1), many)
    return cells[held.cell].at(held.x[:, None]).reshape(-1, 3), held.weight


@dataclass(frozen=True)
class _Lines:
    """A function along lines through cells, from `start (n, 3)` in the unit cube on."""

    function: Function
    cells: _Cells
    start: Array
    axis: int

    def __call__(self, line: Numbers, s: Array) -> Array:
        """Values `(m,)` at parameters `(m,)` of lines of these numbers."""
        x = self.start[line]
        x[:, self.axis] = s
        return self.function(self.cells[line].at(x[:, None]).reshape(-1, 3))


def _roots(lines: _Lines, count: int) -> Array:
    """Where a function changes its sign along lines, and 1 beyond: `(count, most)`."""
    grid = np.linspace(0, 1, GRAPHS.asked)
    every = np.repeat(np.arange(count), GRAPHS.asked)
    below = lines(every, np.tile(grid, count)).reshape(count, len(grid)) < 0
    own, k = np.nonzero(below[:, 1:] != below[:, :-1])
    begins = below[own, k]
    low, high = bisected(
        lambda s: (lines(own, s) < 0) == begins, grid[k], grid[k + 1], GRAPHS.bisections
    )
    one, other = lines(own, low), lines(own, high)
    apart = np.where(one != other, one - other, 1.0)
    column = np.arange(len(own)) - np.searchsorted(own, own)
    roots = np.ones((count, int(column.max(initial=-1)) + 1))
    roots[own, column] = low + (high - low) * np.clip(one / apart, 0, 1)
    return roots


def _between(held: _Partial, axis: int, ends: Array, many: int) -> _Partial:
    """Gauss's nodes along a coordinate, between 0, some ends `(n, m)` and 1."""
    rim = np.zeros((len(ends), 1))
    places = np.sort(np.concatenate([rim, ends, rim + 1], axis=1), axis=1)
    lengths = np.diff(places, axis=1)
    own, k = np.nonzero(lengths > 0)
    z, w = np.polynomial.legendre.leggauss(many)
    row = np.repeat(own, many)
    x = held.x[row]
    length = lengths[own, k][:, None]
    x[:, axis] = (places[own, k][:, None] + length * (1 + z) / 2).ravel()
    return _Partial(held.cell[row], x, held.weight[row] * (length * w / 2).ravel())
