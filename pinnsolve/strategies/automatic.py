"""The ways of solving with nothing given, in the order in which they are worth trying.

A basis of space and time at once is the most accurate, and the quickest where the solution is
smooth in both; the separation of space and time follows fronts and many oscillations at a
thousandth of the cost, to about ten digits.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from pinnsolve.coefficients.flat import flattest_field
from pinnsolve.compile.system import System, with_held_out_data
from pinnsolve.discretize.collocate import most_columns
from pinnsolve.discretize.consistency import jump_at_corners
from pinnsolve.discretize.recognize import Form, evolution_form
from pinnsolve.evolution.evolve import begins_within, bytes_left_by, evolve
from pinnsolve.evolution.foreseen import beside
from pinnsolve.evolution.runs import Runs
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import EARLY, Budget, why
from pinnsolve.search.grow import Grown, Keep, Record, grow_to_tolerance, ignored
from pinnsolve.search.resume import Begun
from pinnsolve.strategies.worth import known_residual

SEPARATED = 1e-9  # a tolerance below which the separation of space and time comes second
FIRST_SHARE = 0.5  # of the budget's seconds, for the way that is tried first
JUMP = 1e-6  # of initial against side values, relative, that is worth a word
SEPARATED_SHARE = 0.75  # and for the separation of space and time, where that is first
SECONDS = 60.0  # for a way, where the budget has no limit
RESOLVED = 0.1  # a residual up to where it ends, above which an evolution's end is not believed
BRIEF = 5.0  # for another way, where the first one found that there is no solution to the end
CREDIBLE = 1e-2  # a residual above which another way is tried, though no tolerance is given
ENDED = ("met", "interrupted")


def solve_automatically(
    system: System,
    tolerance: float | None,
    budget: Budget,
    seed: int,
    record: Record,
    guess: Field | None,
    begun: Begun | Runs | None = None,
    keep: Keep = ignored,
) -> Grown:
    """Linear problems, and those that do not evolve, in space and time at once; others by both
    ways, if one is not enough.

    What was `begun` goes on: growth in space and time at once, or the runs of their separation, of
    which `keep` is told.
    """
    grown, runs = (
        (begun if isinstance(begun, Begun) else None),
        (begun if isinstance(begun, Runs) else None),
    )
    nonlinear = not system.linear
    form = evolution_form(system) if nonlinear and guess is None and grown is None else None
    if form is None or not begins_within(system, form, budget):
        return _at_once(system, tolerance, budget, seed, record, guess, grown)
    at_once = partial(_at_once, system, tolerance, seed=seed, record=record)
    separated = partial(
        _separated, system, form, tolerance, seed=seed, record=record, before=runs, keep=keep
    )
    space = len(system.domain.coordinates) - 1
    # In several dimensions of space an integrator's steps cost the cube of many functions.
    if tolerance is not None and (tolerance < SEPARATED or space > 1) and runs is None:
        found = at_once(_until(budget, FIRST_SHARE), guess=None)
        if found.stopped in ENDED:
            return found
        return _both(found, partial(separated, budget), ends=False)
    found = separated(replace(budget, seconds=(SEPARATED_SHARE if space else 1.0) * budget.seconds))
    enough = tolerance is None and found.fit.residual < CREDIBLE
    if (
        found.stopped in ENDED or enough or not space or budget.spent() > budget.seconds
    ):  # an ordinary equation's path is not in doubt
        return found
    ends = (
        found.stopped in ("blow-up", "not finite") and known_residual(system, found.fit) < RESOLVED
    )
    patient = min(SECONDS, max(BRIEF, budget.spent())) if ends else SECONDS
    rest = beside(_until(budget, 1.0, patient), system, bytes_left_by(found))
    return (
        found
        if rest is None
        else _both(found, partial(at_once, rest, guess=flattest_field(system)), ends=ends)
    )


def _both(found: Grown, way: Callable[[], Grown], ends: bool) -> Grown:
    """What was found, or what another way finds; one that `ends` before its time is left only for
    what meets the tolerance.
    """
    try:
        other = way()
    except EARLY as error:
        return replace(found, stopped=why(error))
    better = found if ends and other.stopped != "met" else _better(found, other)
    return replace(better, stopped="interrupted") if other.stopped == "interrupted" else better


def _until(budget: Budget, share: float, seconds: float = SECONDS) -> Budget:
    """A share of the budget; no more than so many seconds from now, where there is another way."""
    return replace(budget, seconds=min(share * budget.seconds, budget.spent() + seconds))


def _at_once(
    system: System,
    tolerance: float | None,
    budget: Budget,
    seed: int,
    record: Record,
    guess: Field | None = None,
    begun: Begun | None = None,
) -> Grown:
    split = with_held_out_data(system)
    budget = replace(budget, columns=min(budget.columns, most_columns(split)))
    return grow_to_tolerance(split, tolerance, budget, seed, record, guess, begun)


def _separated(
    system: System,
    form: Form,
    tolerance: float | None,
    budget: Budget,
    seed: int,
    record: Record,
    before: Runs | None,
    keep: Keep,
) -> Grown:
    jump = jump_at_corners(system, form)
    if jump > JUMP:
        warnings.warn(
            f"initial and side values differ by {jump:.1e} of the initial values' size where they"
            " meet: the solution is rough there, and converges slowly; make the data agree if they"
            " should",
            UserWarning,
            stacklevel=4,
        )
    found = evolve(
        system,
        form,
        SEPARATED if tolerance is None else tolerance,
        budget,
        seed,
        record,
        before,
        keep,
    )
    return (
        found
        if tolerance is not None or found.stopped != "met"
        else replace(found, stopped="stagnated")
    )


def _better(a: Grown, b: Grown) -> Grown:
    """The one that met the tolerance, or came to its end, or has the smaller estimate, or
    residual.
    """

    def rank(found: Grown) -> tuple[float, ...]:
        numbers = (found.estimate, found.fit.residual)
        return (found.stopped != "met", *(x if math.isfinite(x) else math.inf for x in numbers))

    return min(b, a, key=rank)
