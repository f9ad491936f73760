"""The last questions to what was found: is it the only one, how many digits has it lost, and do the
data have any?
"""

from __future__ import annotations

import math
from dataclasses import replace

from pinnsolve.compile.system import System
from pinnsolve.discretize.consistency import undetermined_part
from pinnsolve.discretize.linearize import linearized
from pinnsolve.running.budget import Budget
from pinnsolve.search.contradiction import contradiction
from pinnsolve.search.grow import Grown
from pinnsolve.search.null_space import resonance, vanishing_order
from pinnsolve.search.stuck import rests

EPSILON = 2.0**-52


def asked_for_null_space(
    system: System, grown: Grown, seed: int, budget: Budget, tolerance: float | None
) -> Grown:
    """With the null space that richer functions show, where there is time to ask; and with what the
    data lack then.

    An evolution has one solution for its initial data, and no factor left to ask; a failure has no
    tangent worth asking.
    """
    failed = grown.stopped in ("not converged", "no solution", "interrupted") or rests(
        system, grown.fit
    )
    if not failed and _undetermined(system, grown):
        return replace(grown, null_space=max(1, grown.null_space))
    followed = grown.fit.field.last_time is not None
    if failed or followed or vanishing_order(system, grown.fit.expansion.space):
        return replace(grown, null_space=0)
    if not (grown.null_space or grown.lost):
        known = resonance(linearized(system, grown.fit.field), seed, budget)
        grown = replace(grown, null_space=known.dimension, lost=known.lost)
    if not grown.null_space:
        return _ill_conditioned(grown, tolerance)
    return replace(grown, missed=contradiction(system, seed, budget))


def _ill_conditioned(grown: Grown, tolerance: float | None) -> Grown:
    """With an estimate that knows how far the data's rounding is felt in the solution."""
    if not grown.lost or not math.isfinite(grown.estimate):
        return grown
    least = EPSILON * 10**grown.lost
    found = replace(grown, estimate=max(grown.estimate, least), maximum=max(grown.maximum, least))
    missed = tolerance is not None and found.estimate > tolerance
    return replace(found, stopped="stagnated") if missed and grown.stopped == "met" else found


def _undetermined(system: System, grown: Grown) -> bool:
    """Whether a part of the boundary lacks any condition, by the equations or, if they are not
    linear, their tangent.
    """
    return undetermined_part(system if system.linear else linearized(system, grown.fit.field))
