"""The last questions to what was found: is it the only one, how many digits has it lost, and do the
data have any?
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace

from pinnsolve.compile.system import System
from pinnsolve.discretize.determined import undetermined_part
from pinnsolve.discretize.linearize import linearized
from pinnsolve.fields.expansion import as_expansion
from pinnsolve.running.budget import Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search.contradiction import contradiction
from pinnsolve.search.null_space import resonance, vanishing_order
from pinnsolve.search.stuck import rests
from pinnsolve.search.task import Outcome


def asked_for_null_space(
    system: System, outcome: Outcome, seed: int, budget: Budget, tolerance: float | None
) -> Outcome:
    """With the null space that richer functions show, where there is time to ask; and with what the
    data lack then.

    An evolution has one solution for its initial data, and no factor left to ask; a failure has no
    tangent worth asking.
    """
    failed = outcome.stopped in (Stop.NOT_CONVERGED, Stop.NO_SOLUTION, Stop.INTERRUPTED) or rests(
        system, outcome.fit
    )
    if not failed and lacks_conditions(system, outcome):
        return replace(outcome, null_space=max(1, outcome.null_space))
    if as_expansion(outcome.fit.field) is None and outcome.fit.field.last_time is None:
        return outcome  # of cells: their tree has told
    followed = outcome.fit.field.last_time is not None
    if failed or followed or vanishing_order(system, outcome.fit.expansion.space):
        return replace(outcome, null_space=0)
    if not outcome.lost:
        # Where null functions are known, others of theirs may want more functions to be seen.
        known = resonance(linearized(system, outcome.fit.field), seed, budget)
        dimension = max(outcome.null_space, known.dimension)
        outcome = replace(outcome, null_space=dimension, lost=0.0 if dimension else known.lost)
    if not outcome.null_space:
        return _ill_conditioned(outcome, tolerance)
    return replace(outcome, missed=contradiction(system, seed, budget))


def _ill_conditioned(outcome: Outcome, tolerance: float | None) -> Outcome:
    """With an estimate that knows how far the data's rounding is felt in the solution."""
    if not outcome.lost or not math.isfinite(outcome.estimate):
        return outcome
    least = sys.float_info.epsilon * 10**outcome.lost
    doubtful = replace(
        outcome, estimate=max(outcome.estimate, least), maximum=max(outcome.maximum, least)
    )
    missed = tolerance is not None and doubtful.estimate > tolerance
    return (
        replace(doubtful, stopped=Stop.STAGNATED)
        if missed and outcome.stopped == Stop.MET
        else doubtful
    )


def lacks_conditions(system: System, outcome: Outcome) -> bool:
    """Whether a part of the boundary lacks any condition, by the equations or, if they are not
    linear, their tangent.
    """
    return undetermined_part(system if system.linear else linearized(system, outcome.fit.field))
