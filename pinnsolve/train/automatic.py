"""The ways of solving with nothing given, in the order in which they are worth trying.

A basis of space and time at once is the most accurate, and the quickest where the solution is smooth in both; the
separation of space and time follows fronts and many oscillations at a thousandth of the cost, to about ten digits.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

from pinnsolve.compile.system import System, with_held_out_data
from pinnsolve.train.budget import Budget
from pinnsolve.train.collocate import most_columns
from pinnsolve.train.conditions import jump_at_corners
from pinnsolve.train.evolution.evolve import evolve
from pinnsolve.train.evolution.form import Form, evolution_form
from pinnsolve.train.grow import Grown, Record, grow_to_tolerance
from pinnsolve.train.linearize import Field
from pinnsolve.train.resume import Begun

SEPARATED = 1e-9  # a tolerance below which the separation of space and time comes second
FIRST_SHARE = 0.5  # of the budget's seconds, for the way that is tried first
JUMP = 1e-6  # of initial against side values, relative, that is worth a word
SECONDS = 60.0  # for it, where the budget has no limit


def solve_automatically(
    system: System,
    tolerance: float | None,
    budget: Budget,
    seed: int,
    record: Record,
    guess: Field | None,
    begun: Begun | None = None,
) -> Grown:
    """Linear problems, and those that do not evolve, in space and time at once; others by both ways, if one is not enough.

    What was `begun` in space and time at once goes on so.
    """
    nonlinear = not all(residual.linear for residual in system.residuals)
    form = evolution_form(system) if nonlinear and guess is None and begun is None else None
    if form is None:
        return _at_once(system, tolerance, budget, seed, record, guess, begun)
    several = len(system.domain.coordinates) > 2  # dimensions of space: an integrator's steps cost the cube of their functions
    if tolerance is not None and (tolerance < SEPARATED or several):
        share = replace(budget, seconds=min(FIRST_SHARE * budget.seconds, SECONDS))
        found = _at_once(system, tolerance, share, seed, record, guess)
        return (
            found
            if found.stopped in ("met", "interrupted")
            else _better(found, _separated(system, form, tolerance, budget, seed, record))
        )
    return _separated(system, form, tolerance, budget, seed, record)


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


def _separated(system: System, form: Form, tolerance: float | None, budget: Budget, seed: int, record: Record) -> Grown:
    jump = jump_at_corners(system, form)
    if jump > JUMP:
        warnings.warn(
            f"initial and side values differ by {jump:.1e} of the initial values' size where they meet: the solution is rough "
            "there, and converges slowly; make the data agree if they should",
            UserWarning,
            stacklevel=4,
        )
    found = evolve(system, form, SEPARATED if tolerance is None else tolerance, budget, seed, record)
    return found if tolerance is not None or found.stopped != "met" else replace(found, stopped="stagnated")


def _better(a: Grown, b: Grown) -> Grown:
    """The one that met the tolerance, or has the smaller estimate."""
    return b if b.stopped == "met" or not a.estimate < (b.estimate if math.isfinite(b.estimate) else math.inf) else a
