"""What kind of thing was given to `solve` as a basis, and what goes together."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from sympy import Expr

from pinnsolve.declare.checks import names
from pinnsolve.declare.problem import Problem
from pinnsolve.evolution.march import March
from pinnsolve.fields.building import unknowns_of_fewer
from pinnsolve.fields.declared import Bases, BasisEach
from pinnsolve.running.budget import Budget


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
                f"basis has the key {shown(u)}: give one for each unknown,"
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
                f" {shown(value)}{hint}"
            )
    for name, value in saved.items():
        if isinstance(value, (bool, int, float, type)):
            raise TypeError(f"{name} must be a file's name, {name}='run.st': got {shown(value)}")
    if basis is None and (method is not None or grow is not None):
        raise ValueError(
            "a method, or grow, works on a given basis: solve(problem, Dense(50), LSGD())"
        )
    if march is not None and grow is not None:
        raise ValueError("March solves each slab on its own: give it no grow")


def _no_basis(basis: Any) -> str:
    value = number_of(basis)
    if isinstance(basis, type):
        wanted = f"an instance of it, {basis.__name__}(...)"
    elif value is not None:
        wanted = f"Dense({basis})" if value >= 1 else f"tolerance={basis}"
    elif isinstance(basis, (Budget, March)):
        wanted = f"{type(basis).__name__.lower()}={type(basis).__name__}(...)"
    elif isinstance(basis, Mapping):
        wanted = "guess={u: ...}"
    elif (
        isinstance(basis, (list, tuple)) and basis and all(number_of(b) is not None for b in basis)
    ):
        wanted = f"Dense({basis[0]}, {max(1, len(basis) - 1)}), layers of one width"
    elif isinstance(basis, (Expr, list, tuple)):
        wanted = "Functions(...) for functions of your own"
    elif hasattr(basis, "free_parameters"):
        wanted = f"a basis before the method, Dense(50), {type(basis).__name__}(...)"
    else:
        wanted = "Dense(400)"
    return (
        f"the second argument of solve is a basis, and {shown(basis)} is none: write"
        f" solve(problem, {wanted})"
    )


def number_of(value: Any) -> float | None:
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


def called(value: Any) -> str:
    """The name of a function or class, or the text of anything else."""
    return str(getattr(value, "__name__", value))


def shown(value: Any) -> str:
    """A value in words for a message, no longer than a line."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    text = repr(value)
    return text if len(text) < 100 else f"{text[:90]} ... ({type(value).__name__})"
