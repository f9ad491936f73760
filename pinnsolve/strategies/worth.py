"""Is what was found worth more than what is known without solving: the guess, or the field that the
data alone suggest?
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.coefficients.flat import FLATNESS, flattest_field
from pinnsolve.compile.system import System
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import sample_region
from pinnsolve.evolution.chain import slab_system
from pinnsolve.fields.expansion import Expansion
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Outcome


@dataclass(frozen=True)
class Belief:
    """When a field is believed, and when the guess is worth no less."""

    # A relative residual up to which a field is believed, whatever its size
    residual: float = 0.1
    # The same, where another draw found something else: there may be two solutions
    certain: float = 1e-6
    # What two draws differ by, where neither is a solution
    worthless: float = 0.5
    # Times the values that are known: no solution, but its method's growth
    swollen: float = 30.0


BELIEF = Belief()


def worth_more(system: System, outcome: Outcome, guess: Declaration | None) -> Outcome:
    """What was found; or the guess, without one the flattest field that the data allow, if that is
    no worse.

    Judged by the relative residuals of all conditions on the same fresh points; and by its size,
    where those are large, or two draws found something else each: what has grown by itself has
    large terms, beside which its residual is small. Who interrupts is shown what there was, unless
    that is far too large. An evolution that is believed as far as it came is left. So is what a
    linear problem's least squares found, unless another draw found something else altogether.
    """
    apart = outcome.estimate > BELIEF.worthless
    if outcome.stopped in (Stop.MET, Stop.NOT_UNIQUE) or (system.linear and not apart):
        return outcome
    residual = known_residual(system, outcome.fit)
    if residual <= (BELIEF.certain if apart else BELIEF.residual):
        return outcome
    known = known_field(system, guess, outcome.fit)
    sizes = [_largest(system, f) for f in (outcome.fit, known)]
    swollen = not sizes[0] <= BELIEF.swollen * sizes[1] and sizes[1] > 0
    if system.linear:
        return replace(outcome, fit=known, estimate=1.0, maximum=1.0) if swollen else outcome
    if not swollen and (residual < known.residual or outcome.stopped == Stop.INTERRUPTED):
        return outcome
    ended = (
        Stop.STAGNATED
        if outcome.stopped in (Stop.BLOW_UP, Stop.NOT_FINITE, Stop.SOLVED)
        else outcome.stopped
    )
    return Outcome(known, 1.0, 0, ended)


def known_field(system: System, guess: Declaration | None, fitted: Fit) -> Fit:
    """The guess, whose functions are a basis of their own; without one, the flattest field that the
    data allow.
    """
    declared: Declaration = Dense(FLATNESS.waves, 1, "sin", Waves(FLATNESS.scale))
    if guess is None:
        field = flattest_field(system)
    else:
        declared, basis = guess, guess.build(bounds_by_name(system.problem), 0)
        field = Expansion.identity(basis)
    residuals = relative_residuals(system, field, fitted.seed)
    return replace(fitted, declared=declared, seed=0, field=field, residuals=residuals)


def known_residual(system: System, fitted: Fit) -> float:
    """The largest relative residual; of an evolution that ended early, in the part of time that was
    followed.
    """
    last = fitted.field.last_time
    if math.isfinite(fitted.residual) or last is None:
        return fitted.residual
    axis, end = last
    followed = end - float(system.domain.bounds[axis, 0])
    known = slab_system(system, system.domain.coordinates[axis], followed, ())
    return max(relative_residuals(known, fitted.field, fitted.seed + 17))


def _largest(system: System, fitted: Fit) -> float:
    x = sample_region(system.domain, 1024, fitted.seed).x
    if fitted.field.last_time is not None:
        axis, end = fitted.field.last_time
        x = x[x[:, axis] <= end]
    values = fitted.field.values(x).abs()
    largest = float(values.max()) if len(x) else 0.0
    return math.inf if math.isnan(largest) else largest
