"""What a solve takes of memory, foreseen: rows are counted as they will be drawn, and nothing but
blocks comes on top.
"""

from __future__ import annotations

import ctypes
import math
import sys
from dataclasses import dataclass, replace
from functools import lru_cache

from pinnsolve.basis.basis import Basis
from pinnsolve.coefficients.least_squares import STREAMING, Method, points_held_out
from pinnsolve.compile.system import System
from pinnsolve.discretize.collocate import points_for
from pinnsolve.discretize.draw import rare_count
from pinnsolve.discretize.points import dimension, points_per_condition, sample_region
from pinnsolve.discretize.streamed import BLOCK_ROWS
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import Bases
from pinnsolve.fields.remembered import REMEMBERED
from pinnsolve.fields.space import Space
from pinnsolve.geometry.region import Region
from pinnsolve.running.budget import Budget


@dataclass(frozen=True)
class Overhead:
    """What a solve takes besides its rows: bytes, and numbers by the square of its width."""

    # Bytes of libraries that a first solve loads, and of sympy's caches: a solve of 300 functions
    # takes 29e6 in all, and scipy.optimize, which some ways load, 17e6
    libraries: float = 35e6
    # Bytes of basis values at a time, and what the allocator keeps of them.
    blocks: float = 25e6
    # Bytes of a training: jets of a block of points, with all that their derivatives need.
    derived: float = 45e6
    # Of the width, that a solve works in, besides the rows it solves and judges by.
    squares: int = 2
    # Where rows are thrown away: the triangle, the factor, R'R and a larger ridge's factor.
    squares_of_streamed: int = 4
    # Rows at a time, and copies of them.
    block_rows: int = 3 * BLOCK_ROWS.cpu

    @property
    def always(self) -> float:
        """Bytes of a solve of any width."""
        return self.libraries + self.blocks


OVERHEAD = Overhead()


def bytes_of(system: System, columns: int) -> float:
    """The peak of memory of a fit with so many columns, in bytes, above what an interpreter
    takes.
    """
    held = _rows(system, points_held_out(columns))
    if columns > STREAMING.columns and system.linear:
        rows = held + OVERHEAD.block_rows + OVERHEAD.squares_of_streamed * columns
    else:
        rows = held + _rows(system, points_for(system, columns)) + OVERHEAD.squares * columns
    remembered = 0 if system.linear else REMEMBERED
    return OVERHEAD.always + remembered + 8.0 * rows * (columns + 1)


def bytes_of_training(system: System, space: Space, method: Method) -> float:
    """The same of a training: points for all of its parameters and, where a descent has one, the
    Jacobian with its copies.
    """
    columns, hidden = space.columns, hidden_parameters(space.basis)
    rows = _rows(system, points_for(system, method.free_parameters(space)))
    descent = (
        method.chosen(hidden) if hasattr(method, "chosen") else getattr(method, "descent", None)
    )
    # Those that move together
    variables = hidden + (0 if system.linear and hasattr(method, "chosen") else columns)
    numbers = getattr(descent, "numbers", None)
    held: float = 0.0 if numbers is None else numbers(rows, variables, columns)
    solved: float = OVERHEAD.squares * rows * (columns + 1)
    return OVERHEAD.always + OVERHEAD.derived + 8.0 * max(solved, held)


def hidden_parameters(basis: Basis) -> int:
    """How many numbers of a basis a training moves."""
    return sum(p.numel() for p in basis.moved)


def fitting(budget: Budget, system: System) -> Budget:
    """The same budget, its columns no more than fit into its memory. Raises MemoryError if not even
    one does.
    """
    free, least = budget.bytes_free(), bytes_of(system, 1)
    if free < least:
        raise MemoryError(
            f"a solve takes at least {least / 1e9:.2g} GB: got {free / 1e9:.2g} GB,"
            " Budget(gigabytes=...)"
        )
    # A narrower basis may take more, where its rows are held in memory.
    most = math.inf if bytes_of(system, STREAMING.columns) <= free else STREAMING.columns
    columns = largest = min(most, math.sqrt(free / 8.0))
    # From above: what rows take grows no faster than the square.
    while bytes_of(system, math.ceil(columns)) > free:
        # By the root, since memory grows at most as the square; by a hundredth at least, so that it
        # ends.
        taken = bytes_of(system, math.ceil(columns)) - OVERHEAD.always
        columns *= min(0.99, math.sqrt((free - OVERHEAD.always) / taken))
    return replace(budget, columns=min(budget.columns, max(1, math.floor(min(columns, largest)))))


def size_within(system: System, basis: Bases, budget: Budget, method: Method | None) -> int:
    """How many functions a basis has. Raises MemoryError if their solve, or training, does not
    fit.
    """
    space = build_space(system, basis, 0)
    columns, widest, free = space.columns, budget.widest(), budget.bytes_free()
    if columns > widest:
        needed = bytes_of(system, columns)
        raise MemoryError(
            f"a basis of {space.functions} functions for {system.n_unknowns} unknowns would take"
            f" {needed / 1e9:.1f} GB: at most {widest // system.n_unknowns} functions fit, on any"
            " number of ranks, since each holds the triangle"
        )
    needed = 0.0 if method is None else bytes_of_training(system, space, method)
    if needed > free:
        raise MemoryError(
            f"this training would take {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free:"
            " take a smaller network, or a descent that holds no Jacobian, LBFGS() or Adam()"
        )
    return space.functions


def release(columns: int) -> None:
    """After a large solve: what was freed goes back to the machine, where the allocator (glibc's)
    would keep it.
    """
    # From so many columns on it is worth milliseconds to give memory back.
    if columns >= 400 and sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _rows(system: System, n: int) -> int:
    """How many rows there are, where the domain gets n points: one for each point of a condition,
    and those in rare boxes.
    """
    regions = [c.region for c in system.problem.conditions]
    counts = points_per_condition(system.problem, n)
    drawn = [k if dimension(r) else _given(r) for k, r in zip(counts, regions, strict=True)]
    return sum(k + rare_count(r, k) for r, k in zip(system.residuals, drawn, strict=True))


@lru_cache(maxsize=256)
def _given(region: Region) -> int:
    """How many points a region of single points has."""
    return len(sample_region(region, 1, 0).x)
