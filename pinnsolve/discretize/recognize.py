"""Is this problem an evolution? Read off the symbols: which coordinate is time, and what the
equations say of its derivative.

An evolution is explicit in the highest derivative in time of each unknown, of first or second
order, has initial data at one end of time and nothing at the other, and linear conditions on the
sides that do not mention derivatives in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sympy import Symbol

from pinnsolve.compile.collapse import collapse_laplacians
from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.checks import difference
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.explicit import (
    Explicit,
    is_explicit,
    is_singular,
    mentions_none,
    mentions_not_itself,
)
from pinnsolve.discretize.points import sample_region
from pinnsolve.geometry.region import Region
from pinnsolve.jets.indices import JetIndex, members
from pinnsolve.symbols.occurrences import separate


@dataclass(frozen=True)
class Times:
    """How it is seen at what times a condition holds, and whether a domain is the same at all."""

    points: int = 64
    # Of the whole time: times so little apart are one.
    same: float = 1e-9
    # Of the whole time, that the points of what always holds span.
    always: float = 0.8


TIMES = Times()


@dataclass(frozen=True)
class Law:
    """An equation of the domain, explicit in slot number `top`: the highest derivative in time of
    unknown number `unknown`.
    """

    residual: Residual
    unknown: int
    top: int


@dataclass(frozen=True)
class Form:
    """A problem as an evolution along coordinate number `axis`, from `start` to `end`.

    `orders` holds the order in time of every unknown, `laws` one equation for each, in the order of
    the unknowns.
    """

    axis: int
    start: float
    end: float
    orders: tuple[int, ...]
    laws: tuple[Law, ...]
    initial: tuple[Residual, ...]
    sides: tuple[Residual, ...]


def evolution_form(system: System, on_sides: int = 0) -> Form | None:
    """The problem as an evolution, along the first coordinate that allows it; None, if none does.
    Conditions on sides mention derivatives in time up to an order: none, unless said otherwise.
    """
    return _first_form(system, on_sides, mentions_none)


def form_with_capacities(system: System) -> Form | None:
    """The same, where the highest derivatives in time may be multiplied by functions of the
    unknowns, as the slope of what a soil holds is: c(u) u_t = ...
    """
    return _first_form(system, 0, mentions_not_itself)


def _first_form(system: System, on_sides: int, explicit: Explicit) -> Form | None:
    for axis in range(len(system.domain.coordinates)):
        form = _along(system, axis, on_sides, explicit)
        if form is not None:
            return form
    return None


@dataclass(frozen=True)
class Constrained:
    """A problem as an evolution along coordinate number `axis`, of first order in time, in which
    `constraints` hold at all times, without a derivative in time, such as that of a flow's volume.

    Of the unknowns those `moving` are known at first; the others are what the constraints ask for.
    """

    axis: int
    start: float
    end: float
    laws: tuple[Residual, ...]
    constraints: tuple[Residual, ...]
    moving: frozenset[int]
    initial: tuple[Residual, ...]
    sides: tuple[Residual, ...]


def constrained_form(system: System) -> Constrained | None:
    """The problem as a constrained evolution, along the first coordinate that allows it; None, if
    none does.
    """
    for axis in range(len(system.domain.coordinates)):
        placed = _placed(system, axis)
        found = None if placed is None else _constrained(system, axis, placed)
        if found is not None:
            return found
    return None


def _constrained(
    system: System, axis: int, placed: Mapping[str, list[Residual]]
) -> Constrained | None:
    start, end = system.domain.bounds[axis].tolist()
    timed = {id(r): _timed(r, axis) for r in placed["interior"]}
    laws = tuple(r for r in placed["interior"] if timed[id(r)])
    constraints = tuple(r for r in placed["interior"] if not timed[id(r)])
    moving = frozenset(k for each in timed.values() for k in each)
    rigid = (*constraints, *placed["side"], *placed["initial"])
    pure = all(order <= 1 for r in laws for order in _orders(r, axis))
    if not (laws and constraints and pure and all(r.linear for r in rigid)):
        return None
    if not all(_steady(r, axis, 0) for r in (*constraints, *placed["side"])):
        return None
    if len(laws) != len(moving) or len(placed["interior"]) != system.n_unknowns:
        return None
    initial, sides = (tuple(placed[kind]) for kind in ("initial", "side"))
    return Constrained(axis, start, end, laws, constraints, moving, initial, sides)


def _timed(residual: Residual, axis: int) -> set[int]:
    """The unknowns of which an equation holds derivatives in time."""
    return {s.unknown for s in residual.slots if order_along(s.index, axis)}


def _orders(residual: Residual, axis: int) -> list[int]:
    """In all coordinates, of derivatives in time; their own order, where these are pure."""
    timed = [s.index for s in residual.slots if order_along(s.index, axis)]
    return [sum(m) for index in timed for m in members(index)]


def order_along(index: JetIndex, axis: int) -> int:
    """How often a derivative differentiates along one coordinate, time for instance."""
    return max(m[axis] for m in members(index))


def moves_along(residual: Residual, axis: int) -> bool:
    """Whether an equation mentions a coordinate beside its unknowns, time for instance."""
    rest, _ = separate(difference(residual.condition))
    return residual.condition.region.coordinates[axis] in rest.free_symbols


def slopes_mention(residual: Residual) -> list[set[Symbol]]:
    """The coordinates that the slope of an equation mentions in each of its slots."""
    rest, summed = collapse_laplacians(*separate(difference(residual.condition)))
    coordinates = set(residual.condition.region.coordinates)
    return [rest.diff(symbol).free_symbols & coordinates for symbol in summed]


def acts_alike(residual: Residual, axis: int) -> bool:
    """Whether an equation's slopes are the same at all times: none mentions that coordinate."""
    return residual.condition.region.coordinates[axis] not in set().union(*slopes_mention(residual))


def _along(system: System, axis: int, on_sides: int, explicit: Explicit) -> Form | None:
    start, end = system.domain.bounds[axis].tolist()
    placed = _placed(system, axis)
    if placed is None:
        return None
    interior, initial, sides = (placed[kind] for kind in ("interior", "initial", "side"))
    orders = [
        max(
            (order_along(s.index, axis) for r in interior for s in r.slots if s.unknown == k),
            default=0,
        )
        for k in range(system.n_unknowns)
    ]
    laws = [_law(r, orders, axis, system.problem, explicit) for r in interior]
    known = [law for law in laws if law is not None]
    settled = len(known) == len(laws) and sorted(law.unknown for law in known) == list(
        range(system.n_unknowns)
    )
    # An integrator wants one explicit law for each unknown, and as many initial data as derivatives
    # in time.
    if not settled or not set(orders) <= {1, 2} or len(initial) < sum(orders):
        return None
    # Side conditions are built into the functions of space, once for all times: they must be linear
    # and stay the same.
    if not all(r.linear for r in (*initial, *sides)) or not all(
        _steady(r, axis, on_sides) for r in sides
    ):
        return None
    if any(order_along(s.index, axis) >= orders[s.unknown] for r in initial for s in r.slots):
        return None
    laws_in_order = tuple(sorted(known, key=lambda law: law.unknown))
    return Form(axis, start, end, tuple(orders), laws_in_order, tuple(initial), tuple(sides))


def _placed(system: System, axis: int) -> dict[str, list[Residual]] | None:
    """The equations of the interior, of the start and of the sides; None, where there are
    others.
    """
    if not _is_cylinder(system.domain, axis):
        return None
    start, _ = system.domain.bounds[axis].tolist()
    placed: dict[str, list[Residual]] = {"interior": [], "initial": [], "side": []}
    for residual in system.residuals:
        kind = _place(residual, system, axis, start)
        if kind is None:
            return None
        placed[kind].append(residual)
    return placed


def _is_cylinder(domain: Region, axis: int) -> bool:
    """Whether the domain is the same at all times."""
    x = sample_region(domain, TIMES.points, 0).x
    other = x.copy()
    other[:, axis] = x[::-1, axis]
    return bool(domain.contains(other).all())


def _place(residual: Residual, system: System, axis: int, start: float) -> str | None:
    region = residual.condition.region
    if region is system.domain:
        (trace, *others) = residual.traces
        at_points = trace.points is None and not residual.integrates
        return "interior" if at_points and not others else None
    t = sample_region(region, TIMES.points, 0).x[:, axis]
    low, high = system.domain.bounds[axis]
    same = TIMES.same * (high - low)
    if np.ptp(t) < same:
        return "initial" if abs(t[0] - start) < same and len(residual.traces) == 1 else None
    together = all(
        trace.arguments[axis] == system.domain.coordinates[axis] for trace in residual.traces
    )
    return "side" if together and np.ptp(t) > TIMES.always * (high - low) else None


def _law(
    residual: Residual, orders: list[int], axis: int, problem: Problem, explicit: Explicit
) -> Law | None:
    """The equation as a law for the one unknown whose highest derivative in time it holds,
    explicitly.
    """
    tops = [
        i for i, s in enumerate(residual.slots) if order_along(s.index, axis) == orders[s.unknown]
    ]
    if len(tops) != 1:
        return None
    slot = residual.slots[tops[0]]
    pure = tuple(
        orders[slot.unknown] if i == axis else 0 for i in range(len(problem.domain.coordinates))
    )
    # With u_xt in it a law says nothing of u_t alone.
    mixed = any(
        0 < m[axis] < sum(m) and orders[s.unknown] == 1
        for s in residual.slots
        for m in members(s.index)
    )
    if (
        slot.index != pure
        or mixed
        or not is_explicit(residual.condition, problem, slot.unknown, pure, explicit)
        or is_singular(residual, tops[0], axis, problem)
    ):
        return None
    return Law(residual, slot.unknown, tops[0])


def _steady(residual: Residual, axis: int, on_sides: int) -> bool:
    """Whether a side condition acts alike at all times: only its data may move."""
    moving = any(order_along(s.index, axis) > on_sides for s in residual.slots)
    return not moving and acts_alike(residual, axis)
