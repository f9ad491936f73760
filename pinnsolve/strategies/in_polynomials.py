"""Unknowns of fewer coordinates beside others, where nothing has errors: a coefficient q(x) beside
u(x, t), a start, a source, from values that are exact.

Polynomials of one degree for all of them, each in the coordinates that it has, of higher and higher
degrees, from where the same data would lead that had small errors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sympy import Float

from pinnsolve.basis.adapted.polynomials import Polynomials
from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import NotFiniteError
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.fields.building import build_space, fields_of_fewer
from pinnsolve.fields.declared import BasisEach
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import carrying
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import compared
from pinnsolve.search.confirm import confirmed_residual, residual_that_is_enough
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.null_space import kernel
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.measured_fields import found_roughly
from pinnsolve.strategies.measured_relaxed import with_small_errors
from pinnsolve.strategies.measured_rows import data_in
from pinnsolve.strategies.measured_sought import coefficients_of


@dataclass(frozen=True)
class Degrees:
    """Which polynomials are tried."""

    # On a line, in the plane, and beyond, at first; each time so many times as high
    first: tuple[int, ...] = (8, 8, 5)
    times: float = 1.3
    # Without a budget: 3,000 functions in the plane
    most: int = 12
    # How often in turn more functions are no better, before that is believed
    worse: int = 3


DEGREES = Degrees()


def suits_polynomials(system: System) -> bool:
    """Whether there are fields of fewer coordinates than the domain has."""
    return bool(fields_of_fewer(system.problem))


def in_polynomials(task: Task) -> Outcome:
    """By the difference of two degrees, which is the error of the lower one: "met", if that and
    what is left of the equations on fresh points are small enough, and no other field solves them.
    """
    system = task.system
    dimension = len(system.domain.coordinates)
    degree = DEGREES.first[min(dimension, len(DEGREES.first)) - 1]
    best = Outcome(_fitted(task, degree, _start(task)), math.nan, 0, Stop.BUDGET)
    last, worse = best.fit, 0
    for _ in range(DEGREES.most):
        degree = math.ceil(DEGREES.times * degree)
        wanted = build_space(system, _declared(system, degree), task.seed).columns
        seconds = (wanted / last.expansion.space.columns) ** 2 * last.seconds
        if not task.budget.allows(wanted, seconds):
            return _unique(task, best)
        with carrying(best):
            before, last = last, _fitted(task, degree, None if system.linear else last.field)
            found = compared(system, Outcome(last, math.nan, 0, Stop.BUDGET), before, 1.0)
        better = not math.isfinite(best.estimate) or found.estimate < best.estimate
        best, worse = (found, 0) if better else (best, worse + 1)
        if best.estimate <= task.goal and _holds(task, best):
            return _unique(task, replace(best, stopped=Stop.MET))
        if worse == DEGREES.worse:
            break
    return _unique(task, replace(best, stopped=Stop.STAGNATED))


def _declared(system: System, degree: int) -> BasisEach:
    """Polynomials of a total degree for each field, one set for all of the same coordinates."""
    fields = [u for u in system.problem.unknowns if u.args]
    sizes = {len(u.args) for u in fields}
    own = {n: Polynomials((degree,) * n) for n in sorted(sizes)}
    return BasisEach(tuple((str(u.func), own[len(u.args)]) for u in fields))


def _fitted(task: Task, degree: int, guess: Field | None) -> Fit:
    fitted = fit(
        task.system,
        _declared(task.system, degree),
        task.seed + degree,
        goal=task.goal,
        initial_guess=guess,
        budget=task.budget,
    )
    return task.told("grow", fitted)


def _start(task: Task) -> Field | None:
    """Where Newton's method begins: from what is guessed, or from where data lead that may be a
    little off; where there are none, from ones for fields of fewer coordinates.
    """
    system = task.system
    if system.linear or task.guess is not None:
        return task.guess
    if data_in(system):
        blurred = with_small_errors(system)
        smooth = coefficients_of(blurred, {})
        try:
            return found_roughly(replace(task, system=blurred), smooth)
        except NotFiniteError:
            pass
    fewer = fields_of_fewer(system.problem)
    values = Functions(*[Float(int(u in fewer)) for u in system.problem.unknowns])
    return Expansion.identity(values.build(bounds_by_name(system.problem), 0))


def _holds(task: Task, found: Outcome) -> bool:
    """Whether the equations hold on far more points than were solved on."""
    left = confirmed_residual(task.system, found.fit.field, task.seed)
    return left <= residual_that_is_enough(task.goal)


def _unique(task: Task, found: Outcome) -> Outcome:
    """With the null space of what was found."""
    with carrying(found):
        known = kernel(task.system, found.fit, task.budget, tries=0)
    stopped = Stop.NOT_UNIQUE if known.dimension else found.stopped
    return replace(
        found, fit=found.fit.light(), null_space=known.dimension, lost=known.lost, stopped=stopped
    )
