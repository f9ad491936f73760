"""How long cells are at first, and how many functions each has: by the wavelengths of equations and
data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pinnsolve.basis.initialize import Scale, Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.compile.system import System
from pinnsolve.discretize.places import places
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.holes import in_holes
from pinnsolve.fields.tree import Tree
from pinnsolve.search.scales import data_wavenumbers, oscillating_wavenumbers


@dataclass(frozen=True)
class Refinement:
    """How cells are chosen, and made better."""

    # Of its shortest side, the longest one of a cell where bodies are cut out of space: around them
    # solutions vary along all coordinates as the data do along one
    slender: float = 1.5
    # Functions of a cell at first, by dimension
    functions: tuple[int, ...] = (32, 250, 500)
    # Goals below which they are `richer` times as many from the start, once for each
    demanding: tuple[float, ...] = (1e-6, 1e-7)
    # Columns of a cell of several unknowns at first, at most
    columns: int = 600
    # Of the functions at first of several unknowns, where Newton's method takes several steps, and
    # the goal is no smaller than that; in cells that hold a hole, which cannot be cut, all of them.
    # Flow past a cylinder, 46 cells: 130 everywhere 2e-4, 260 in the cell of the hole 4e-5
    nonlinear: tuple[float, float] = (0.5, 1e-5)
    # And functions at most, and columns: a cell costs the cube
    most: tuple[int, ...] = (64, 600, 1000)
    widest: int = 1200
    # Cells along a side at first, at least, by dimension
    least: tuple[int, ...] = (8, 4, 2)
    # Radians a cell, where the equations oscillate: two wavelengths
    radians: float = 12.5
    # Frequencies of a cell's functions, radians a side
    wavenumber: float = 7.0
    # Of that, the least along a coordinate of space where data vary less: 27 cells of 400 waves had
    # a third of the error so
    slower: float = 0.7
    # A cell's fault that is this part of the largest one is mended
    share: float = 0.05
    # Of all cells: if more are to be mended, all are
    most_marked: float = 0.5
    # A fault above which a cell is cut, unless the goal is larger; below it has more functions: it
    # resolves what it holds
    resolved: float = 1e-6
    # Sides of a cell, within which a corner's functions are its own, too
    corners: float = 1.0
    # The same of a hole's poles: its logarithm is singular in its middle
    holes: float = 0.5
    # The same of poles of the equation's own, which are fewer
    holes_with_own: float = 1.0
    # The same of the functions of a point where materials meet: they are more
    meetings: float = 0.5
    # So many times more functions
    richer: float = 1.4
    # Of the fault that a cell had with fewer functions, what is left at most where more help: two
    # more such steps cost as much as its quarters
    helped: float = 0.5
    # Of a cell's share of the goal, whose squares add up: a fault below it cuts no cell. Behind a
    # step errors were 4.5 times all faults together
    enough: float = 0.2
    # Times the difference of two draws in the same cells, so much is claimed
    caution: float = 2.0
    # Times the residual of the better one, from which on the difference to a fit is its own error
    astray: float = 10.0
    # Fits, after which the largest fault shall have halved
    patience: int = 3


REFINEMENT = Refinement()


def least_cells(system: System) -> int:
    """How many cells of about equal sides there are at first, whatever the data ask for."""
    return int((np.ptp(system.domain.bounds, axis=1) / sides_of(system)).round().prod())


def sides_of(system: System) -> Array:
    """Of cells, where nothing else is known: `(dim,)`."""
    sides = np.ptp(system.domain.bounds, axis=1)
    waves = np.maximum(oscillating_wavenumbers(system), of_data(system)) / REFINEMENT.radians
    least = REFINEMENT.least[min(len(sides), 3) - 1] * sides / sides.max()
    each: Array = sides / np.ceil(np.maximum(np.maximum(waves, least), 1.0) - 1e-9)
    if len(sides) == 3 and in_holes(system):
        each = np.minimum(each, REFINEMENT.slender * each.min())
    return each


def of_data(system: System) -> Array:
    """Wavenumbers `(dim,)` of what equations are given, in space, unless that is narrow somewhere:
    halves of all sides are eight cells, and of a cell that is far too large no half holds more.
    """
    dim = len(system.domain.coordinates)
    return np.zeros(dim) if dim < 3 or places(system) else data_wavenumbers(system)


def cells_of_waves(system: System) -> float:
    """How many cells the data's wavelengths ask for in space; one elsewhere."""
    return float(np.maximum(of_data(system) / REFINEMENT.radians, 1.0).prod())


def first_functions(system: System, goal: float) -> int:
    """How many functions each unknown has in a cell at first."""
    kind = min(len(system.domain.bounds), 3) - 1
    more = REFINEMENT.richer ** sum(goal < demanding for demanding in REFINEMENT.demanding)
    functions = min(REFINEMENT.functions[kind], REFINEMENT.columns // unknowns_together(system))
    return math.ceil(more * functions)


def unknowns_together(system: System) -> int:
    """How many unknowns a cell has, most often."""
    return math.ceil(system.n_unknowns / len(set(system.supports)))


def scales_of(system: System, tree: Tree) -> Scale:
    """Frequencies of waves in cells along each coordinate of space, where the data vary less along
    some; elsewhere one of all.
    """
    data = of_data(system)
    if not data.max() > 0:
        return REFINEMENT.wavenumber
    # What equations oscillate by themselves, they do along all.
    waves = np.maximum(data, oscillating_wavenumbers(system).max())
    sides = np.median([np.ptp(box, axis=1) for box in tree.cells], axis=0)
    a_cell = waves * sides / system.domain.extent
    shares = np.clip(a_cell / a_cell.max(), REFINEMENT.slower, 1.0)
    names = [c.name for c in system.domain.coordinates]
    return dict(zip(names, (REFINEMENT.wavenumber * shares).tolist(), strict=True))


def waves_of(n: int, scales: Scale) -> Dense:
    """So many random waves in a cell, of these frequencies."""
    return Dense(n, 1, "sin", Waves(scales))
