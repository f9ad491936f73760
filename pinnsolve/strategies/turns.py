"""Whose turn it is, one basis' or that of cells, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pinnsolve.discretize.places import places
from pinnsolve.discretize.rough import roughness
from pinnsolve.geometry.holes import slots
from pinnsolve.geometry.solids import Box
from pinnsolve.search.boundary_layers import boundary_layers
from pinnsolve.search.families.meetings import singular_inside
from pinnsolve.search.scales import oscillating_wavenumbers
from pinnsolve.search.task import Task
from pinnsolve.strategies.kept import has_own_poles, holes_cut, holes_of_systems
from pinnsolve.strategies.layouts import cells_for_data, first_tree
from pinnsolve.strategies.wavelengths import (
    REFINEMENT,
    cells_of_waves,
    first_functions,
    least_cells,
)


@dataclass(frozen=True)
class Turns:
    """What cells are tried first for, and how much of the budget either way takes."""

    # Of the seconds, for one basis, before cells are tried: where the domain is a box ...
    one_piece: float = 0.6
    # ... and where it has holes or corners, of which one basis seldom knows
    cut_out: float = 0.25
    # And for cells, where those are first
    cells_share: float = 0.75
    # The same around balls whose equation has solutions of its own: cells have a second fit in
    # these, and one basis comes to 6e-2 where they have 1e-4
    solutions_share: float = 0.9
    # Radians along a side of the domain, above which cells come first: one basis of some thousand
    # functions holds ten wavelengths in the plane
    waves: float = 60.0
    # Cells of two wavelengths in space, above which they come first: one basis holds some
    cells_in_space: float = 8.0
    # Narrow places of the data, above which cells come first: each wants functions of its own
    places: int = 4
    # Cells that the data ask for, from which on cells come first; more than the second would take
    # minutes
    cells: tuple[int, int] = (64, 350)
    # Cells of 350 functions, solved twice, that take a second (measured 6 to 7; half as many, since
    # machines differ): what the budget does not allow is left to one basis first
    a_second: float = 3.5
    # The same, solved once, by dimension (measured 13 in the plane, 4 in space)
    once_a_second: tuple[float, ...] = (12.0, 12.0, 5.0)
    # Times as many are foreseen at most, as would take all that is left: cells that are alike take
    # no time
    foreseen: float = 4.0
    # A tolerance that is worth its time in cells, where none is given
    worthwhile: float = 1e-6


TURNS = Turns()


def cells_first(task: Task) -> bool:
    """Whether a solution has too many waves, layers, narrow places, or singular points, for one
    basis.
    """
    system = task.system
    waves, narrow = float(oscillating_wavenumbers(system).max()), len(places(system))
    singular = singular_inside(system) or roughness(system).corners
    goal = task.tolerance or TURNS.worthwhile
    holes = holes_of_systems(system, goal)
    if narrow > TURNS.places or singular or holes:
        return True
    # In space cells are large, and what they hold is better found out by solving.
    if len(system.domain.coordinates) > 2:
        seconds = _seconds(task, least_cells(system))
        many = waves > TURNS.waves or cells_of_waves(system) > TURNS.cells_in_space
        return many and seconds <= TURNS.cells_share * task.budget.left()
    if waves > TURNS.waves or _layers_first(task):
        return True
    # What lies to either side of a slot has little in common.
    if slots(system.domain):
        return True
    in_time = TURNS.a_second * TURNS.cells_share * task.budget.left() / _dearer(task)
    least, most = TURNS.cells[0], min(TURNS.cells[1], in_time)
    # Cells for data are cut by what they foresee, which takes seconds: not where none would fit.
    return least < most and least < cells_for_data(system, goal, most) <= most


def _layers_first(task: Task) -> bool:
    """Whether several walls have layers, and the cells that are graded to them fit into the time:
    one basis is stretched towards one wall.
    """
    # On a line one basis tells, better than cells, whether layers hide the data.
    if len(task.system.domain.bounds) == 1 or len(boundary_layers(task.system)) < 2:
        return False
    cells = len(first_tree(task.system, math.inf).cells)
    return _seconds(task, cells) <= TURNS.cells_share * task.budget.left()


def share_of_cells(task: Task) -> float:
    """Of the budget's seconds, for cells where they are first: all of them beside rough corners,
    whose functions one basis hardly tells from others; nearly all around balls whose equation has
    solutions of its own.
    """
    system = task.system
    if roughness(system).corners:
        return 1.0
    balls = holes_cut(system, task.goal) if len(system.domain.coordinates) == 3 else ()
    own = any(has_own_poles(system, ball) for ball in balls)
    return TURNS.solutions_share if own else TURNS.cells_share


def share_of_one(task: Task) -> float:
    """Of the budget's seconds, for one basis before cells are tried: all of them, where the rest
    would not do for the first cells.
    """
    share = TURNS.one_piece if isinstance(task.system.domain, Box) else TURNS.cut_out
    sides = len(task.system.domain.bounds)
    seconds = _seconds(task, REFINEMENT.least[min(sides, 3) - 1] ** sides)
    return share if seconds <= (1 - share) * task.budget.left() else 1.0


def _seconds(task: Task, cells: int) -> float:
    """Of one solve in so many cells, of which no two are alike."""
    kind = min(len(task.system.domain.bounds), 3) - 1
    return cells * _dearer(task) / TURNS.once_a_second[kind]


def most_cells(task: Task) -> float:
    """How many cells are foreseen for the data at most: more would not be solved in the time that
    is left.
    """
    return TURNS.foreseen * task.budget.left() / _seconds(task, 1)


def _dearer(task: Task) -> float:
    """Times the seconds of a cell of 350 functions."""
    goal = task.tolerance or TURNS.worthwhile
    return float((first_functions(task.system, goal) / 350) ** 3)
