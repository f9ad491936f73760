"""Nodes and weights over bodies, and over parts of surfaces, by cells in which boundaries are
graphs.

Boxes are halved until in every cell at most two smooth functions are zero, and these zeros and
where they meet are graphs of a coordinate (`looks`): there integrals go along one coordinate after
the other (`nested`). A body's box is cut so, and the parameters of a surface's charts. All nodes
lie inside, and all weights are positive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from pinnsolve.geometry.charts import Array, Chart, Mask, powers
from pinnsolve.geometry.gauss import nodes_of, resolved
from pinnsolve.geometry.levels import Level
from pinnsolve.geometry.looks import Cells, Function, Look, Numbers, orders
from pinnsolve.geometry.nested import nodes_in
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.smooth import Function as OfPoints
from pinnsolve.geometry.smooth import smooth_functions


@dataclass(frozen=True)
class Graphs:
    """How boxes are halved, by the number of coordinates less two."""

    # Cells along each side of the box
    cells: int = 4
    # Cells without graphs that are more, as where boundaries touch along a curve, are halved so
    # often and no more
    many: tuple[int, ...] = (20_000, 2_000)
    least: int = 3
    # The box is larger than the body, by unlike shares: bodies like to turn at round numbers
    margins: tuple[float, float] = (0.0131, 0.0173)
    # Nodes along a side of a cell that was halved 0, 1, ... times, where boundaries cut it, and
    # where they do not: errors count by the cell's size
    cut: tuple[tuple[int, ...], ...] = (
        (12, 12, 10, 8, 6, 5, 4, 3, *(2,) * 8),
        (8, 7, 6, 4, 3, *(2,) * 4),
    )
    whole: tuple[tuple[int, ...], ...] = ((12, 9, 7, 5, 4, 3, *(2,) * 10), (6, 4, 3, *(2,) * 6))
    # Of a chart that has more nodes along a parameter, cells are smaller at once
    in_cell: int = 12
    # Pieces of a chart, as facets, that are fewer are large ones
    few: int = 500
    # A function is zero on a chart if it has no larger value in so many cells
    zero: float = 1e-9
    told_by: int = 200
    # Of a piece of a chart, what is well inside of its end
    inside: float = 1 - 1e-12
    # Nodes of cells without zeros, that are made at once: they take 200 MB
    at_once: int = 300_000
    # Of values that are not finite
    largest: float = 1e100


GRAPHS = Graphs()


def rule_by_graphs(region: Region, finer: float) -> tuple[Array, Array]:
    """Nodes `(n, 3)` and weights `(n,)` over a body. Raises ValueError for one without a volume."""
    low, side = region.bounds[:, 0], region.extent
    before, after = GRAPHS.margins
    even = np.linspace(-before, 1 + after, GRAPHS.cells + 1)
    lines, functions = [even] * len(side), []
    for function in smooth_functions(region):
        plane = _plane(function)
        if plane is None:
            functions.append(partial(_in_box, function, low, side))
        else:
            axis, place = plane
            lines[axis] = np.append(lines[axis], (place - low[axis]) / side[axis])
    cells = Cells.of_grid([_apart(np.clip(line, -before, 1 + after)) for line in lines])

    def inside(held: Numbers, u: Array) -> Mask:
        return np.asarray(region.signs(low + side * u) < 0)

    _, nodes, weights = _rule(functions, cells, _counts(len(side), finer), inside)
    if not len(nodes):
        raise ValueError(f"{region} has zero measure: no point was found in it")
    return low + side * nodes, float(side.prod()) * weights


def _plane(function: OfPoints) -> tuple[int, float] | None:
    """Of a level that is a plane across a coordinate: which one, and where."""
    if not isinstance(function, Level) or function.q.any():
        return None
    (axes,) = np.nonzero(function.b)
    return (int(axes[0]), -function.c / float(function.b[axes[0]])) if len(axes) == 1 else None


def _apart(places: Array) -> Array:
    places = np.unique(places)
    return np.asarray(places[np.append(True, np.diff(places) > 1e-9)])


def _in_box(function: OfPoints, low: Array, side: Array, held: Numbers, u: Array) -> Array:
    """At points `(n, dim)` of the unit box."""
    return _finite(function(low + side * u))


def nodes_on_part(
    chart: Chart, region: Region, finer: float, more: Sequence[OfPoints] = ()
) -> tuple[Array, Array]:
    """Parameters `(n, k)`, and their weights `(n,)`, on the part of a surface's chart that its
    filters keep, to both sides of the zeros of `more` functions: these are asked for where pieces
    are few.
    """
    pieces = chart.pieces
    place = _Whole() if pieces is None else _Pieces(pieces, np.array(powers(chart)))
    along = np.array(nodes_of(chart)) * resolved(chart, 1.0)[1]
    parts = np.ceil(along / GRAPHS.in_cell).astype(int)
    cells = _cut(parts, place.many)
    asked = [*smooth_functions(region), *(more if place.many < GRAPHS.few else ())]
    on_chart = [partial(_on_chart, f, chart, place) for f in asked]
    functions = [f for f in on_chart if not _is_zero(f, cells)]
    counts = _counts(len(along), finer, int((along / parts).max()))

    def on_part(held: Numbers, z: Array) -> Mask:
        return chart.keep(*chart.points(place(held, z)))

    held, nodes, weights = _rule(functions, cells, counts, on_part)
    return place(held, nodes), place.factors(held, nodes) * weights


@dataclass(frozen=True)
class _Whole:
    """The map z -> sin(pi z / 2)^2 of each parameter of a chart: smooth in z is what has roots at
    the ends, as a sphere has at its poles.
    """

    many: ClassVar[int] = 1

    def __call__(self, held: Numbers, z: Array) -> Array:
        """Parameters `(n, k)` of places `(n, k)` in the unit cube."""
        return np.asarray(np.sin(np.pi / 2 * z) ** 2)

    def factors(self, held: Numbers, z: Array) -> Array:
        """What a volume there is multiplied with, `(n,)`."""
        return np.asarray((np.pi / 2 * np.sin(np.pi * z)).prod(axis=1))


@dataclass(frozen=True)
class _Pieces:
    """Boxes of a chart's parameters `(m, k, 2)`, each a map z -> low + side z^powers from the unit
    cube, in which the chart is smooth.
    """

    boxes: Array
    powers: Array

    @property
    def many(self) -> int:
        """How many there are."""
        return len(self.boxes)

    def __call__(self, held: Numbers, z: Array) -> Array:
        """Parameters `(n, k)` of places `(n, k)` in cubes of these numbers."""
        low, high = self.boxes[held, :, 0], self.boxes[held, :, 1]
        # The end of a piece is where the next one begins
        return np.asarray(low + (high - low) * np.minimum(z**self.powers, GRAPHS.inside))

    def factors(self, held: Numbers, z: Array) -> Array:
        """What a volume there is multiplied with, `(n,)`."""
        sides = np.ptp(self.boxes, axis=2)[held]
        return np.asarray((sides * self.powers * z ** (self.powers - 1)).prod(axis=1))


def _cut(parts: Numbers, many: int) -> Cells:
    """Many unit cubes, each cut into so many parts along its sides."""
    each = Cells.of_grid([np.linspace(0, 1, n + 1) for n in parts.tolist()])
    held = np.repeat(np.arange(many), len(each.low))
    return Cells(held, np.tile(each.low, (many, 1)), np.tile(each.side, (many, 1)))


def _on_chart(
    function: OfPoints, chart: Chart, place: _Whole | _Pieces, held: Numbers, z: Array
) -> Array:
    x = chart.points(place(held, z))[0]
    return _finite(function(x))


def _finite(values: Array) -> Array:
    return np.asarray(np.clip(values, -GRAPHS.largest, GRAPHS.largest))


def _is_zero(function: Function, cells: Cells) -> bool:
    """Whether a chart lies on its own level: of many pieces some tell."""
    some = cells[np.arange(0, len(cells.low), 1 + len(cells.low) // GRAPHS.told_by)]
    return bool(np.abs(Look.at(function, some).values).max() < GRAPHS.zero)


def _counts(dim: int, finer: float, first: int | None = None) -> list[tuple[int, int]]:
    """Nodes along a side of cells that boundaries cut, and of others, that were halved 0, 1, ...
    times; where the first have another number than cells of a whole box, from there on.
    """
    cut, whole = GRAPHS.cut[dim - 2], GRAPHS.whole[dim - 2]
    start = 0 if first is None else int(np.abs(np.array(whole) - first).argmin())
    pairs = zip(cut[start:], whole[start:], strict=True)
    return [(round(finer * a), round(finer * b)) for a, b in pairs]


def _rule(
    functions: Sequence[Function],
    cells: Cells,
    counts: Sequence[tuple[int, int]],
    keep: Callable[[Numbers, Array], Mask],
) -> tuple[Numbers, Array, Array]:
    """Which of those that hold the cells have each node, `(n,)`, nodes `(n, dim)` and weights
    `(n,)`, of those to both sides of all zeros that are kept.
    """
    dim = cells.low.shape[1]
    found = [(np.zeros(0, dtype=np.int64), np.zeros((0, dim)), np.zeros(0))]
    for own, cut, order, many in _graphs(functions, cells, counts):
        some = max(1, GRAPHS.at_once // many**dim)
        for start in range(0, len(own.low), some):
            part = own[np.arange(start, min(start + some, len(own.low)))]
            held, nodes, weights = nodes_in(part, [functions[k] for k in cut], order, many)
            kept = keep(held, nodes)
            found.append((held[kept], nodes[kept], weights[kept]))
    held, nodes, weights = (np.concatenate(each) for each in zip(*found, strict=True))
    return held, nodes, weights


def _graphs(
    functions: Sequence[Function], cells: Cells, counts: Sequence[tuple[int, int]]
) -> Iterator[tuple[Cells, list[int], tuple[int, ...], int]]:
    """Cells, the functions that are zero in them, that first whose zeros are a graph of the last
    coordinate, an order of coordinates, and how many nodes each has.
    """
    dim = cells.low.shape[1]
    every = tuple(range(dim))
    may = np.ones((len(cells.low), len(functions)), dtype=bool)
    for halved, (cut, whole) in enumerate(counts, 1):
        looks = [_Seen.at(f, cells, may[:, k]) for k, f in enumerate(functions)]
        by = np.zeros_like(may)
        for k, look in enumerate(looks):
            by[look.rows, k] = look.look.cut
        left = np.asarray(by.any(axis=1))
        yield cells[~left], [], every, whole
        for own in np.unique(by[left], axis=0):
            rows, some = np.flatnonzero((by == own).all(axis=1)), np.flatnonzero(own).tolist()
            if len(some) > 2:
                continue
            for order, first, fits in orders([looks[k].of(rows) for k in some]):
                both = some if not first else some[::-1]
                yield cells[rows[fits]], both, order, cut
                left[rows[fits]] = False
        if not left.any():
            return
        if halved == len(counts) or (halved > GRAPHS.least and left.sum() > GRAPHS.many[dim - 2]):
            yield cells[left], [], every, whole
            return
        cells, may = cells[left].halved(), np.repeat(by[left], 2**dim, axis=0)


@dataclass(frozen=True)
class _Seen:
    """How a function looks in some cells, by their rows."""

    rows: Numbers
    look: Look

    @classmethod
    def at(cls, function: Function, cells: Cells, asked: Mask) -> _Seen:
        rows = np.flatnonzero(asked)
        return cls(rows, Look.at(function, cells[rows]))

    def of(self, rows: Numbers) -> Look:
        """In some of these."""
        return self.look[np.searchsorted(self.rows, rows)]
