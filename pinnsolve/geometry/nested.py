"""Nodes and weights over cells in which the zeros of one or two functions are graphs.

Integrals go along one coordinate after the other, each between the places where zeros meet the
cell's edges, its faces, each other and the line itself: what is integrated is smooth there, and
Gauss's rule converges (Saye 2015, doi 10.1137/140966290).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.looks import Cells, Function, Numbers


@dataclass(frozen=True)
class Zeros:
    """How zeros along a line are looked for."""

    # Of two between neighbouring places none is seen
    asked: int = 9
    # Secants at most, and a step in all of them that is the last
    secants: int = 30
    close: float = 1e-14


ZEROS = Zeros()


@dataclass(frozen=True)
class InCells:
    """A function, at places `(n, dim)` in unit cubes of the cells with some numbers `(n,)`."""

    function: Function
    cells: Cells

    def __call__(self, cell: Numbers, places: Array) -> Array:
        at = self.cells.low[cell] + self.cells.side[cell] * places
        return self.function(self.cells.held[cell], at)


@dataclass(frozen=True)
class Meeting:
    """What one function is where another one, whose zeros are a graph of a coordinate, is zero: a
    function of the others; at an end of the cell where that has no zero in it.
    """

    graph: InCells
    asked: InCells
    axis: int

    def __call__(self, cell: Numbers, places: Array) -> Array:
        at = places.copy()
        line = _Lines(self.graph, cell, at, self.axis)
        ends = np.zeros(len(at)), np.ones(len(at))
        values = [line.at(end) for end in ends]
        turns = (values[0] < 0) != (values[1] < 0)
        own = np.flatnonzero(turns)
        at[:, self.axis] = np.where(np.abs(values[0]) < np.abs(values[1]), *ends)
        at[own, self.axis] = _zero(line.some(own), ends[0][own], ends[1][own])
        return self.asked(cell, at)


@dataclass(frozen=True)
class _Lines:
    """A function along lines through cells, which leave from places `start (n, dim)`."""

    function: InCells | Meeting
    cell: Numbers
    start: Array
    axis: int

    def some(self, rows: Numbers) -> _Lines:
        """Some of the lines, by their rows."""
        return _Lines(self.function, self.cell[rows], self.start[rows], self.axis)

    def at(self, s: Array) -> Array:
        """Values at a place along each, `(n,)`."""
        x = self.start.copy()
        x[:, self.axis] = s
        return self.function(self.cell, x)


def _zero(lines: _Lines, low: Array, high: Array) -> Array:
    """Where the function changes its sign along each line, between places `(n,)`: by secants, each
    of which keeps an end on the other side (the Illinois method, Dowell and Jarratt 1971).
    """
    first, last = low, high
    below, above = lines.at(low), lines.at(high)
    for _ in range(ZEROS.secants):
        apart = np.where(below != above, above - below, 1.0)
        # Of values that are round-off the signs may be alike
        place = np.clip(high - above * (high - low) / apart, first, last)
        value = lines.at(place)
        crossed = (value < 0) != (above < 0)
        low, below = np.where(crossed, high, low), np.where(crossed, above, below / 2)
        step = np.abs(place - high).max(initial=0.0)
        high, above = place, value
        if step < ZEROS.close:
            break
    return high


def _zeros(lines: _Lines) -> Array:
    """All of them along each line, and 1 beyond: `(n, most)`."""
    count, places = len(lines.start), np.linspace(0, 1, ZEROS.asked)
    every = lines.some(np.repeat(np.arange(count), ZEROS.asked))
    below = every.at(np.tile(places, count)).reshape(count, ZEROS.asked) < 0
    own, k = np.nonzero(below[:, 1:] != below[:, :-1])
    column = np.arange(len(own)) - np.searchsorted(own, own)
    found = np.ones((count, int(column.max(initial=-1)) + 1))
    found[own, column] = _zero(lines.some(own), places[k], places[k + 1])
    return found


@dataclass(frozen=True)
class _Partial:
    """Places in unit cubes `(n, dim)`, of which some coordinates are open yet, with the numbers of
    their cells and weights, `(n,)`.
    """

    cell: Numbers
    x: Array
    weight: Array


def nodes_in(
    cells: Cells, functions: Sequence[Function], order: Sequence[int], many: int
) -> tuple[Numbers, Array, Array]:
    """Which of those that hold the cells have each node, `(n,)`, nodes `(n, dim)` and weights
    `(n,)`, to both sides of all zeros. The first function's zeros are a graph of the last
    coordinate in `order`.
    """
    count, dim = cells.low.shape
    inner = [InCells(f, cells) for f in functions]
    held = _Partial(np.arange(count), np.zeros((count, dim)), cells.side.prod(axis=1))
    for k, axis in enumerate(order):
        ends = [np.zeros((len(held.x), 0))]
        for function, open_ in _asked_along(inner, order[k + 1 :]):
            for corner in product((0.0, 1.0), repeat=len(open_)):
                start = held.x.copy()
                start[:, list(open_)] = corner
                ends.append(_zeros(_Lines(function, held.cell, start, axis)))
        held = _between(held, axis, np.concatenate(ends, axis=1), many)
    x = cells.low[held.cell] + cells.side[held.cell] * held.x
    return cells.held[held.cell], x, held.weight


def _asked_along(
    functions: Sequence[InCells], open_: Sequence[int]
) -> Iterator[tuple[InCells | Meeting, Sequence[int]]]:
    """Functions that are zero where an integral along a coordinate is not smooth, and the open
    coordinates at both ends of which they are: those of the cell, where zeros meet its edges and
    faces, and where they meet each other inside and on faces.
    """
    yield from ((f, open_) for f in functions)
    for other in functions[1:]:
        for axis in open_:
            yield Meeting(functions[0], other, axis), [k for k in open_ if k != axis]


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
