"""What `solve` is called with: each argument is checked, or its plain meaning taken, before any
work starts.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from sympy import Expr, Symbol, sympify

from pinnsolve.declare.checks import by_symbol, names
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.witness import nowhere_real
from pinnsolve.evolution.march import March
from pinnsolve.fields.building import unknowns_of_fewer
from pinnsolve.fields.declared import Bases, BasisEach
from pinnsolve.running.budget import Budget
from pinnsolve.running.history import Callback
from pinnsolve.symbols.symbols import Unknown

LARGEST_SEED = 2**31


def problem_in(problem: Any) -> Problem:
    """The problem. Raises TypeError, with what to write, for anything else."""
    if isinstance(problem, Problem):
        return problem
    if isinstance(getattr(problem, "problem", None), Problem):
        raise TypeError(
            f"solve wants a Problem, and got a {type(problem).__name__}: give its .problem"
        )
    if callable(problem) and not isinstance(problem, type):
        raise TypeError(
            f"solve wants a Problem, and {_called(problem)} is a function: call it, if it makes one"
        )
    raise TypeError(
        f"solve wants a Problem, solve(Problem(domain, Eq(...), ...)): got {_shown(problem)}"
    )


def tolerance_in(tolerance: Any) -> float | None:
    """A relative tolerance as a float, or None. Raises TypeError for no number, ValueError unless
    between 0 and 1.
    """
    if tolerance is None:
        return None
    value = _number(tolerance)
    if value is None:
        raise TypeError(f"tolerance must be a number, tolerance=1e-6: got {_shown(tolerance)}")
    if not 0 < value < 1:
        raise ValueError(
            f"tolerance must be a positive number below 1, since it is relative: got {tolerance}"
        )
    return value


def seed_in(seed: Any) -> int:
    """A seed as an int. Raises TypeError for no integer, ValueError for one that is negative or
    huge.
    """
    value = _number(seed)
    if value is None or not value.is_integer():
        raise TypeError(f"seed must be an integer, seed=0: got {_shown(seed)}")
    if not 0 <= value < LARGEST_SEED:
        raise ValueError(f"seed must be from 0 to {LARGEST_SEED - 1}: got {seed}")
    return int(value)


def budget_in(budget: Any) -> Budget:
    """A budget that starts now; a number is taken as seconds. Raises TypeError for anything
    else.
    """
    if budget is None:
        return Budget()
    if isinstance(budget, Budget):
        return budget.started()
    seconds = _number(budget)
    if seconds is None:
        raise TypeError(f"budget must be a Budget, or seconds, budget=30: got {_shown(budget)}")
    return Budget(seconds)


def callbacks_in(callbacks: Any) -> Sequence[Callback]:
    """Callbacks as a tuple; one alone is taken as such. Raises TypeError for what cannot be called
    with a step.
    """
    if callbacks is None:
        return ()
    found = (
        tuple(callbacks)
        if isinstance(callbacks, Iterable) and not isinstance(callbacks, str)
        else (callbacks,)
    )
    for callback in found:
        if not callable(callback) or isinstance(callback, type):
            raise TypeError(
                f"callbacks must be functions of a Step, callbacks=[print]: got {_shown(callback)}"
            )
        if not _takes_one(callback):
            raise TypeError(
                "callbacks are called with one Step, callbacks=[lambda step: ...]:"
                f" {_called(callback)} is not"
            )
    return found


def march_in(march: Any) -> March | None:
    """A march; a coordinate alone is taken as its time. Raises TypeError for anything else."""
    found = March(march) if isinstance(march, Symbol) else march
    if found is not None and not isinstance(found, March):
        raise TypeError(f"march must be a March, march=March(t): got {_shown(march)}")
    return found


def guess_in(guess: Any, problem: Problem) -> Mapping[Unknown, Expr] | None:
    """A guess as expressions of the coordinates, constants put in. Raises TypeError, or ValueError
    for a stray symbol.
    """
    if guess is None:
        return None
    if hasattr(guess, "coefficients"):
        raise TypeError(
            "guess must be a dict, guess={u: sin(x)}: a solution is gone on with by resume=solution"
        )
    given = by_symbol("guess", guess, Unknown, "{u: sin(x)}").items()
    found = {u: sympify(value, strict=True).subs(problem.constants) for u, value in given}
    for u, value in found.items():
        stray = value.free_symbols - set(problem.domain.coordinates)
        if value.has(Unknown) or stray:
            what = "the unknown itself" if value.has(Unknown) else names(stray)
            raise ValueError(
                f"guess of {u} mentions {what}: give an expression of"
                f" {names(problem.domain.coordinates)}"
            )
        if nowhere_real(value, problem.domain):
            raise ValueError(
                f"guess of {u} is {value}, which is a finite real number nowhere in the domain"
                f" {problem.domain}"
            )
    return found


def continuation_in(continuation: Any, problem: Problem) -> Mapping[Symbol, Sequence[float]] | None:
    """Values by constant. Raises TypeError for values that are no sequence of numbers, ValueError
    for no such constant.
    """
    if continuation is None:
        return None
    if isinstance(continuation, Mapping) and not continuation:
        raise ValueError(
            "continuation names no constant: give continuation={nu: geometric(0.1, 1e-3)}"
        )
    if not isinstance(continuation, Mapping) or not all(
        isinstance(key, Symbol) for key in continuation
    ):
        raise TypeError(
            "continuation must be a dict, continuation={nu: geometric(0.1, 1e-3)}: got"
            f" {_shown(continuation)}"
        )
    for symbol, values in continuation.items():
        numbers = (
            None
            if isinstance(values, str) or not np.iterable(values)
            else [_number(v) for v in values]
        )
        if not numbers or None in numbers:
            raise TypeError(
                f"continuation of {symbol} must be numbers in turn, {symbol}: (0.1, 0.01): got"
                f" {_shown(values)}"
            )
        if symbol not in problem.constants:
            known = names(problem.constants) or "none"
            raise ValueError(
                f"continuation in {symbol}, which is no constant of the problem: it has {known};"
                f" declare Problem(..., constants={{{symbol}: ...}})"
            )
    return {symbol: tuple(map(float, values)) for symbol, values in continuation.items()}


def basis_in(basis: Any, problem: Problem) -> Bases | None:
    """The basis that is given, or one for each unknown that has coordinates.

    Raises TypeError for keys that are no unknowns of the problem, or values that are no bases;
    ValueError where unknowns of fewer coordinates than the domain are solved for with nothing
    given.
    """
    fewer = unknowns_of_fewer(problem.unknowns, problem.domain)
    if basis is None and fewer:
        each = ", ".join(
            f"{u.func}: Dense(40)" if u.args else f"{u.func} needs none" for u in fewer
        )
        raise ValueError(
            f"{names(fewer)} lack coordinates of the domain, and no basis is chosen for such"
            f" unknowns yet: give one for each, solve(problem, {{u: Dense(400), ...}}); {each}"
        )
    if not isinstance(basis, Mapping):
        given: Bases | None = basis  # of what kind it is, is asked next
        return given
    if not any(hasattr(part, "build") for part in basis.values()):
        raise TypeError(_no_basis(basis))
    known = {u: str(u.func) for u in problem.unknowns}
    for u, part in basis.items():
        if u not in known:
            raise TypeError(
                f"basis has the key {_shown(u)}: give one for each unknown,"
                f" {{{problem.unknowns[0]}: Dense(400)}}"
            )
        if isinstance(part, type) or not hasattr(part, "build"):
            raise TypeError(_no_basis(part))
    missing = [u for u in problem.unknowns if u.args and u not in basis]
    if missing:
        raise ValueError(
            f"no basis is given for {names(missing)}: write {{..., {missing[0]}: Dense(40)}}"
        )
    return BasisEach(tuple((known[u], part) for u, part in basis.items() if u.args))


def require_kinds(basis: Any, method: Any, grow: Any, march: Any, saved: Mapping[str, Any]) -> None:
    """Raise TypeError for a basis, method, growth or file that is something else, ValueError for
    what does not go together.
    """
    each = isinstance(basis, BasisEach)
    if basis is not None and not each and (isinstance(basis, type) or not hasattr(basis, "build")):
        raise TypeError(_no_basis(basis))
    if each and (method is not None or grow is not None or march is not None):
        raise ValueError(
            "training, growth and marches work on one basis for all unknowns: give one, or none of"
            " them"
        )
    for name, value, example in (("method", method, "LSGD()"), ("grow", grow, "Greedy()")):
        if value is not None and (
            isinstance(value, type) or not callable(value) or hasattr(value, "build")
        ):
            hint = f": write {value.__name__}()" if isinstance(value, type) else ""
            hint = (
                f": write LSGD(descent={type(value).__name__}(...))"
                if hasattr(value, "iterates")
                else hint
            )
            raise TypeError(
                f"{name} must be one as in solve(problem, Dense(50), {name}={example}): got"
                f" {_shown(value)}{hint}"
            )
    for name, value in saved.items():
        if isinstance(value, (bool, int, float, type)):
            raise TypeError(f"{name} must be a file's name, {name}='run.st': got {_shown(value)}")
    if basis is None and (method is not None or grow is not None):
        raise ValueError(
            "a method, or grow, works on a given basis: solve(problem, Dense(50), LSGD())"
        )
    if march is not None and grow is not None:
        raise ValueError("March solves each slab on its own: give it no grow")


def _no_basis(basis: Any) -> str:
    value = _number(basis)
    if isinstance(basis, type):
        wanted = f"an instance of it, {basis.__name__}(...)"
    elif value is not None:
        wanted = f"Dense({basis})" if value >= 1 else f"tolerance={basis}"
    elif isinstance(basis, (Budget, March)):
        wanted = f"{type(basis).__name__.lower()}={type(basis).__name__}(...)"
    elif isinstance(basis, Mapping):
        wanted = "guess={u: ...}"
    elif isinstance(basis, (list, tuple)) and basis and all(_number(b) is not None for b in basis):
        wanted = f"Dense({basis[0]}, {max(1, len(basis) - 1)}), layers of one width"
    elif isinstance(basis, (Expr, list, tuple)):
        wanted = "Functions(...) for functions of your own"
    elif hasattr(basis, "free_parameters"):
        wanted = f"a basis before the method, Dense(50), {type(basis).__name__}(...)"
    else:
        wanted = "Dense(400)"
    return (
        f"the second argument of solve is a basis, and {_shown(basis)} is none: write"
        f" solve(problem, {wanted})"
    )


def _number(value: Any) -> float | None:
    """A real number of Python, numpy or sympy as a float; None for anything else, True and "1"
    too.
    """
    if isinstance(value, (bool, np.bool_, str, bytes)):
        return None
    if isinstance(value, (Real, Integral)) or (
        isinstance(value, Expr) and value.is_number and value.is_real
    ):
        return float(value)
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf":
        return float(value)
    return None


def _takes_one(function: Any) -> bool:
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # of a function in C that does not tell
        return True
    return True


def _called(value: Any) -> str:
    return str(getattr(value, "__name__", value))


def _shown(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    text = repr(value)
    return text if len(text) < 100 else f"{text[:90]} ... ({type(value).__name__})"
