"""What `solve` is called with: each argument is checked, or its plain meaning taken, before any
work starts.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from inspect import isclass
from typing import Any

import numpy as np
from sympy import Expr, Symbol, sympify

from pinnsolve.declare.checks import by_symbol as checked_by_symbol
from pinnsolve.declare.checks import names
from pinnsolve.declare.decompose import solved_formulas
from pinnsolve.declare.probes import nowhere_real
from pinnsolve.declare.problem import Problem, problem_of
from pinnsolve.evolution.march import March
from pinnsolve.running.budget import Budget
from pinnsolve.running.history import Callback
from pinnsolve.running.progress import Bar
from pinnsolve.strategies.measured_rows import with_errors as has_errors
from pinnsolve.symbols.assumed import COMPLEX
from pinnsolve.symbols.given import (
    are_symbols,
    by_key,
    by_symbol,
    called,
    is_text,
    number_of,
    shown,
)
from pinnsolve.symbols.priors import Smooth, is_prior
from pinnsolve.symbols.symbols import Unknown

LARGEST_SEED = 2**31


def problem_in(problem: object) -> Problem:
    """The problem. Raises TypeError, with what to write, for anything else."""
    given = problem_of(problem)
    if given is not None:
        return given
    if problem_of(getattr(problem, "problem", None)) is not None:
        raise TypeError(
            f"solve wants a Problem, and got a {type(problem).__name__}: give its .problem"
        )
    if callable(problem) and not isclass(problem):
        raise TypeError(
            f"solve wants a Problem, and {called(problem)} is a function: call it, if it makes one"
        )
    raise TypeError(
        f"solve wants a Problem, solve(Problem(domain, Eq(...), ...)): got {shown(problem)}"
    )


def tolerance_in(tolerance: object) -> float | None:
    """A relative tolerance as a float, or None. Raises TypeError for no number, ValueError unless
    between 0 and 1.
    """
    if tolerance is None:
        return None
    value = number_of(tolerance)
    if value is None:
        raise TypeError(f"tolerance must be a number, tolerance=1e-6: got {shown(tolerance)}")
    if not 0 < value < 1:
        raise ValueError(
            f"tolerance must be a positive number below 1, since it is relative: got {tolerance}"
        )
    return value


def seed_in(seed: object) -> int:
    """A seed as an int. Raises TypeError for no integer, ValueError for one that is negative or
    huge.
    """
    value = number_of(seed)
    if value is None or not value.is_integer():
        raise TypeError(f"seed must be an integer, seed=0: got {shown(seed)}")
    if not 0 <= value < LARGEST_SEED:
        raise ValueError(f"seed must be from 0 to {LARGEST_SEED - 1}: got {seed}")
    return int(value)


def budget_in(budget: object) -> Budget:
    """A budget that starts now; a number is taken as seconds. Raises TypeError for anything
    else.
    """
    if budget is None:
        return Budget()
    if isinstance(budget, Budget):
        return budget.started()
    seconds = number_of(budget)
    if seconds is None:
        raise TypeError(f"budget must be a Budget, or seconds, budget=30: got {shown(budget)}")
    return Budget(seconds)


def callbacks_in(callbacks: Any, progress: object, budget: Budget) -> Sequence[Callback]:
    """Callbacks as a tuple, a progress bar the last; one alone is taken as such. Raises TypeError
    for what cannot be called with a step, and for a progress that is neither True nor False.
    """
    if progress not in {None, True, False}:
        raise TypeError(f"progress is True or False, progress=True: got {shown(progress)}")
    listeners = _listeners(callbacks)
    return (*listeners, Bar(budget.seconds)) if progress else listeners


def _listeners(callbacks: Any) -> tuple[Callback, ...]:
    if callbacks is None:
        return ()
    several = np.iterable(callbacks) and not is_text(callbacks)
    listeners = tuple(callbacks) if several else (callbacks,)
    for callback in listeners:
        if not callable(callback) or isclass(callback):
            raise TypeError(
                f"callbacks must be functions of a Step, callbacks=[print]: got {shown(callback)}"
            )
        if not _takes_one(callback):
            raise TypeError(
                "callbacks are called with one Step, callbacks=[lambda step: ...]:"
                f" {called(callback)} is not"
            )
    return listeners


def march_in(march: object) -> March | None:
    """A march; a coordinate alone is taken as its time. Raises TypeError for anything else."""
    declared = March(march) if are_symbols([march]) else march
    if declared is not None and not isinstance(declared, March):
        raise TypeError(f"march must be a March, march=March(t): got {shown(march)}")
    return declared


def guess_in(guess: object, problem: Problem) -> Mapping[Unknown, Expr] | None:
    """A guess as expressions of the coordinates, constants put in, for the unknown in each region,
    if there are several. Raises TypeError, or ValueError for a stray symbol.
    """
    if guess is None:
        return None
    if hasattr(guess, "coefficients"):
        raise TypeError(
            "guess must be a dict, guess={u: sin(x)}: a solution is gone on with by resume=solution"
        )
    given = checked_by_symbol("guess", guess, Unknown, "{u: sin(x)}").items()
    fields = {u: sympify(value, strict=True).subs(problem.constants) for u, value in given}
    for u, value in fields.items():
        stray = value.free_symbols - set(problem.domain.coordinates)
        if value.has(Unknown) or stray:
            what = "the unknown itself" if value.has(Unknown) else names(stray)
            raise ValueError(
                f"guess of {u} mentions {what}: give an expression of"
                f" {names(problem.domain.coordinates)}"
            )
        if u.func.values != COMPLEX and nowhere_real(value, problem.domain):
            raise ValueError(
                f"guess of {u} is {value}, which is a finite real number nowhere in the domain"
                f" {problem.domain}"
            )
    return solved_formulas(problem, fields)


def prior_in(prior: object, problem: Problem) -> Mapping[Unknown, Smooth]:
    """What is believed of fields. Raises TypeError for what is no prior, ValueError for what is no
    field of the problem, and where no data have errors.
    """
    if prior is None:
        return {}
    held = by_key(prior)
    if held is None or not all(map(is_prior, held.values())):
        raise TypeError(f"prior must be a dict, prior={{a: Smooth(2)}}: got {shown(prior)}")
    fields = [u for u in problem.unknowns if u.args]
    for u in held:
        if u not in fields:
            raise ValueError(
                f"prior of {shown(u)}, which is no unknown field of the problem: it has"
                f" {names(fields)}"
            )
    if not any(map(has_errors, problem.conditions)):
        raise ValueError(
            "a prior is weighed against data with errors, and none have any: give them,"
            " Data(values, sigma=0.01), or sigma=None to have them estimated"
        )
    return held


def continuation_in(
    continuation: object, problem: Problem
) -> Mapping[Symbol, Sequence[float]] | None:
    """Values by constant. Raises TypeError for values that are no sequence of numbers, ValueError
    for no such constant.
    """
    if continuation is None:
        return None
    given = by_symbol(continuation)
    if given == {}:
        raise ValueError(
            "continuation names no constant: give continuation={nu: geometric(0.1, 1e-3)}"
        )
    if given is None:
        raise TypeError(
            "continuation must be a dict, continuation={nu: geometric(0.1, 1e-3)}: got"
            f" {shown(continuation)}"
        )
    for symbol, values in given.items():
        several = np.iterable(values) and not is_text(values)
        numbers = [number_of(v) for v in values] if several else None
        if not numbers or None in numbers:
            raise TypeError(
                f"continuation of {symbol} must be numbers in turn, {symbol}: (0.1, 0.01): got"
                f" {shown(values)}"
            )
        if symbol not in problem.constants:
            known = names(problem.constants) or "none"
            raise ValueError(
                f"continuation in {symbol}, which is no constant of the problem: it has {known};"
                f" declare Problem(..., constants={{{symbol}: ...}})"
            )
    return {symbol: tuple(map(float, values)) for symbol, values in given.items()}


def _takes_one(function: Any) -> bool:
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # of a function in C that does not tell
        return True
    return True
