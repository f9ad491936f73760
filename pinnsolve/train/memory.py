"""What a solve takes of memory, foreseen: rows are counted as they will be drawn, and nothing but blocks comes on top."""

from __future__ import annotations

import ctypes
import math
import sys
from dataclasses import replace
from functools import lru_cache

from pinnsolve.compile.system import System
from pinnsolve.declare.region import Region
from pinnsolve.sample.points import dimension, points_per_condition, sample_region
from pinnsolve.train.budget import Budget
from pinnsolve.train.collocate import points_for
from pinnsolve.train.draw import LEAST, MOST
from pinnsolve.train.least_squares import points_held_out

ONCE = 75e6  # bytes, of libraries that a first solve loads, and of sympy's caches
BLOCKS = 25e6  # of basis values at a time, and what the allocator keeps of them
SQUARES = 2  # of the width, that a solve works in, besides the rows it solves and judges by
LARGE = 400  # columns, from which on it is worth milliseconds to give memory back


def bytes_of(system: System, columns: int) -> float:
    """The peak of memory of a fit with so many columns, in bytes, above what an interpreter takes."""
    rows = _rows(system, points_for(system, columns)) + _rows(system, points_held_out(columns))
    return ONCE + BLOCKS + 8.0 * (rows + SQUARES * columns) * (columns + 1)


def fitting(budget: Budget, system: System) -> Budget:
    """The same budget, its columns no more than fit into its memory. Raises MemoryError if not even one does."""
    free, least = budget.bytes_free(), bytes_of(system, 1)
    if free < least:
        raise MemoryError(f"a solve takes at least {least / 1e9:.2g} GB: got {free / 1e9:.2g} GB, Budget(gigabytes=...)")
    columns = largest = math.sqrt(free / 8.0)
    while bytes_of(system, math.ceil(columns)) > free:  # from above: what rows take grows no faster than the square
        columns *= min(0.99, math.sqrt((free - ONCE - BLOCKS) / (bytes_of(system, math.ceil(columns)) - ONCE - BLOCKS)))
    return replace(budget, columns=min(budget.columns, max(1, math.floor(min(columns, largest)))))


def release(columns: int) -> None:
    """After a large solve: what was freed goes back to the machine, where the allocator (glibc's) would keep it."""
    if columns >= LARGE and sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _rows(system: System, n: int) -> int:
    """How many rows there are, where the domain gets n points: one for each point of a condition, and those in rare boxes."""
    regions = [c.region for c in system.problem.conditions]
    counts = points_per_condition(system.problem, n)
    drawn = [k if dimension(r) else _given(r) for k, r in zip(counts, regions, strict=True)]
    trees = [sum(len(f.trees) for f in residual.features) for residual in system.residuals]
    return sum(k + many * min(max(LEAST, k // 4), MOST) for k, many in zip(drawn, trees, strict=True))


@lru_cache(maxsize=256)
def _given(region: Region) -> int:
    """How many points a region of single points has."""
    return len(sample_region(region, 1, 0).x)
