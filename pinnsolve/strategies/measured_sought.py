"""Which fields are sought from data with errors, and what is asked of equations that may determine
them alone.

Where nothing is sought beside what is measured, all fields are: equations are hard, data choose
among their solutions, and a prior where these leave more than data tell. Where equations have one
solution, that is it, and data say whether they hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.compile.system import Residual, System, compile_problem
from pinnsolve.discretize.points import fills_domain
from pinnsolve.fields.arrays import array_of
from pinnsolve.fields.building import own_axes
from pinnsolve.jets.indices import order_of
from pinnsolve.running.budget import OutOfTimeError, carrying
from pinnsolve.running.stop import Stop
from pinnsolve.search.grow import grow_to_tolerance
from pinnsolve.search.task import Outcome, Task
from pinnsolve.search.uniqueness import asked_for_null_space
from pinnsolve.strategies.measured import tolerance_beside
from pinnsolve.strategies.measured_begun import forward_of
from pinnsolve.strategies.measured_chance import is_chance, left_of
from pinnsolve.strategies.measured_fields import are_open, in_measured_fields
from pinnsolve.strategies.measured_rows import noise_of, with_errors
from pinnsolve.symbols.priors import Smooth
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True)
class Alone:
    """When equations are solved without the data."""

    # Of the seconds: where they have many solutions that is seen soon, or never
    part: float = 0.4


ALONE = Alone()


def coefficients_of(system: System, named: Mapping[Unknown, Smooth]) -> dict[int, Smooth]:
    """The fields that equations do not determine, by number, with their priors: those that are
    named; else as many as there are more fields than equations, what is not measured first, then
    what lacks coordinates, then what is differentiated least. None, where no data have errors.
    """
    unknowns, domain = system.problem.unknowns, system.domain
    if not any(with_errors(c) for c in system.problem.conditions):
        return {}
    if named:
        return {unknowns.index(u): prior for u, prior in named.items()}
    fields = [k for k, u in enumerate(unknowns) if u.args]
    measured = {s.unknown for r in system.residuals if with_errors(r.condition) for s in r.slots}
    whole = {k: own_axes(unknowns[k], domain) is None for k in fields}
    equations = [r for r in system.residuals if fills_domain(r.condition.region)]
    order = {k: _order(equations, k) for k in fields}
    ranked = sorted(fields, key=lambda k: (k in measured, whole[k], order[k]))
    fewer = [k for k in fields if not whole[k] and k not in measured]
    free = max(len(fields) - len(equations), len(fewer))
    return dict.fromkeys(ranked[:free], Smooth())


def _order(equations: Sequence[Residual], unknown: int) -> int:
    """Of an unknown's highest derivative in the equations."""
    slots = [s for r in equations for s in r.slots if s.unknown == unknown]
    return max((order_of(s.index) for s in slots), default=0)


def in_measured_states(task: Task) -> Outcome | None:
    """All fields, where some data have errors, and neither numbers nor coefficients are sought;
    None, where it is otherwise.
    """
    system = task.system
    noisy = any(with_errors(c) for c in system.problem.conditions)
    if not noisy or not all(u.args for u in system.problem.unknowns):
        return None
    smooth = dict.fromkeys(range(system.n_unknowns), Smooth())
    alone = None if are_open(task, smooth) else _alone(task)
    return alone or in_measured_fields(task, smooth)


def or_open(task: Task, found: Outcome) -> Outcome:
    """Numbers that were found; where they do not fit the data, equations may leave fields open, and
    all are sought together, if that is met.
    """
    if found.posterior is None or found.posterior.fits or not found.posterior.settled:
        return found
    fields = [k for k, u in enumerate(task.system.problem.unknowns) if u.args]
    if not fields or task.budget.left() <= 0:
        return found
    with carrying(found):
        other = in_measured_fields(task, dict.fromkeys(fields, Smooth()))
    return other if other.stopped == Stop.MET else found


def _alone(task: Task) -> Outcome | None:
    """What equations have as their only solution, and how far the data are from it; None, where
    none is found, or there are more.
    """
    goal = min(task.goal if task.tolerance else math.inf, tolerance_beside(noise_of(task.system)))
    forward = compile_problem(forward_of(task.system, {}))
    part = replace(task, system=forward, tolerance=goal, budget=task.budget.share(ALONE.part))
    try:
        found = grow_to_tolerance(part)
    except OutOfTimeError:
        return None
    found = asked_for_null_space(forward, found, task.seed, task.budget, goal)
    if found.stopped != Stop.MET or found.null_space:
        return None
    field = found.fit.field
    misfit = float((left_of(task.system, field) ** 2).mean())
    fits = is_chance(task.system, field, misfit, 0.0)
    # Nothing is uncertain but what the solution is off, by its estimate
    mean = array_of(found.fit.coefficients)
    posterior = Posterior(mean, found.estimate * mean[:, None], misfit, 0.0, fits=fits)
    stopped = Stop.MET if fits else Stop.STAGNATED
    return replace(found, stopped=stopped, posterior=posterior)
