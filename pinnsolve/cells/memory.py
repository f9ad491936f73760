"""What a solve in cells takes of memory, foreseen: matrices of every cell, and of every merge."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pinnsolve.cells.condense import CUTS
from pinnsolve.coefficients.memory import OVERHEAD
from pinnsolve.compile.system import System
from pinnsolve.fields.cellwise import Cells
from pinnsolve.running.budget import Budget

# Times their width that given cells may be long: their sides have so many times the points.
THINNEST = 2000.0


@dataclass(frozen=True)
class Held:
    """Numbers that a solve holds at a time, by the widths of cells and merges."""

    # Of a width, squared: rows, directions and their factors (measured 3 to 6)
    squares: float = 6.0
    # Of a cell of w functions in d dimensions it keeps that many times w^(1 - 1/d) for its
    # neighbours (measured 2 to 4)
    kept: float = 3.0


HELD = Held()


def bytes_of_cells(cells: Cells, remembered: int = CUTS.remembered, ranks: int = 1) -> float:
    """The peak of memory of a solve, in bytes, above what an interpreter takes, on the one of some
    ranks that has the last merge; so many cells and merges are remembered.

    A merge at level l of the tree is as wide as its sides: (n / 2^l)^(1 - 1/d) cells' parts.
    """
    columns = [space.columns for space in cells.spaces]
    return _bytes_of(columns, len(cells.tree.bounds), remembered, ranks)


def _bytes_of(columns: Sequence[int], dim: int, remembered: int, ranks: int) -> float:
    n, side = len(columns), 1 - 1 / dim
    part = HELD.kept * math.pow(max(columns), side)
    levels = range(max(1, math.ceil(math.log2(n))))
    # The first rank has a merge at every level, however many share the others.
    halved = [(max(1.0, 2.0**k / ranks), part * math.pow(n / 2.0**k, side)) for k in levels]
    merges = sum(min(count, remembered) * width * width for count, width in halved)
    own = min(remembered, math.ceil(n / ranks))
    alone = float(sum(w * w for w in sorted(columns)[-own:]))
    # Coefficients of all cells, and of what is weakly determined, are told to all.
    numbers = (part / ranks + 1 + CUTS.weak) * sum(columns)
    return OVERHEAD.always + 8.0 * (HELD.squares * (alone + merges) + numbers)


def require_room_for(count: int, columns: int, dim: int, budget: Budget, ranks: int = 1) -> None:
    """Raise MemoryError if so many cells, of so many columns each, want more memory on one of some
    ranks for what they keep alone: before any of them is made.
    """
    free = budget.bytes_free()
    needed = 8.0 * HELD.kept * math.pow(columns, 2 - 1 / dim) * count
    if needed > ranks * free:
        fitting, more = max(1, int(count * ranks * free / needed)), math.ceil(needed / free)
        raise MemoryError(
            f"{count} cells of {columns} columns would take {needed / ranks / 1e9:.2g} GB and more"
            f"{_each(ranks)}, and {free / 1e9:.2g} GB are allowed: take no more than"
            f" {fitting} cells, or fewer functions in each{_shared(more, count)}"
        )


def require_room(
    cells: Cells, budget: Budget, remembered: int = CUTS.remembered, ranks: int = 1
) -> None:
    """Raise MemoryError if a cell has more columns than the budget allows, or all of them want more
    memory on one of some ranks; so many are remembered.
    """
    widest = max(space.columns for space in cells.spaces)
    needed = bytes_of_cells(cells, remembered, ranks)
    if widest > budget.widest():
        raise MemoryError(
            f"a cell has {widest} columns, and the budget allows {budget.widest()}: take fewer"
            " functions"
        )
    if needed > budget.bytes_free():
        raise MemoryError(
            f"{len(cells.spaces)} cells of up to {widest} columns would take {needed / 1e9:.2g} GB"
            f"{_each(ranks)}, and {budget.bytes_free() / 1e9:.2g} GB are allowed:"
            f" take {_that_would_fit(cells, widest, budget, remembered, ranks)}"
        )


def _each(ranks: int) -> str:
    return f" on each of {ranks} ranks" if ranks > 1 else ""


def _that_would_fit(cells: Cells, widest: int, budget: Budget, remembered: int, ranks: int) -> str:
    """How many cells as wide as the widest would fit, or how many functions, where none does; and
    how many ranks, as long as each has a cell.
    """
    free, dim, count = budget.bytes_free(), len(cells.tree.bounds), len(cells.spaces)

    def fits(count: int, width: int, ranks: int) -> bool:
        return _bytes_of([width] * count, dim, remembered, ranks) <= free

    fewer, narrower = count, widest
    while fewer and not fits(fewer, widest, ranks):
        fewer = fewer * 7 // 8
    while not fewer and narrower and not fits(count, narrower, ranks):
        narrower = narrower * 7 // 8
    some = f"no more than {fewer} cells, or fewer functions in each"
    least = f"no more than {narrower // len(cells.supports)} functions in each"
    # The more ranks, the less has each.
    more = bisect_left(range(count), True, key=lambda k: fits(count, widest, k + 1)) + 1
    return (some if fewer else least) + _shared(more, count)


def _shared(ranks: int, cells: int) -> str:
    """That so many ranks are enough, where each of them has a cell."""
    return f", or {ranks} ranks with as much each (mpiexec -n {ranks})" if ranks <= cells else ""


def require_stout(system: System, counts: Sequence[int]) -> None:
    """Raise ValueError for cells so thin that points as dense as their width asks for fill the
    memory along their length.
    """
    sides = system.domain.extent / np.array(counts)
    ratio, names = float(sides.max() / sides.min()), system.domain.coordinates
    if ratio > THINNEST:
        raise ValueError(
            f"cells={tuple(counts)} are {ratio:.0e} times as long along {names[sides.argmax()]} as"
            f" along {names[sides.argmin()]}: give more along {names[sides.argmax()]}, or measure"
            " the coordinates in other units, or give no cells"
        )
