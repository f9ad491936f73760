"""What kind of thing was given to `solve` as a basis, and what goes together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import isclass
from typing import Any, cast

import numpy as np
from sympy import Integral

from pinnsolve.declare.checks import difference, names
from pinnsolve.declare.decompose import parts_of_problem, solved_unknowns
from pinnsolve.declare.problem import Problem
from pinnsolve.evolution.march import March
from pinnsolve.fields.building import unknowns_of_fewer
from pinnsolve.fields.declared import Bases, BasisEach, of_each
from pinnsolve.running.budget import Budget
from pinnsolve.symbols.given import (
    by_key,
    formula_of,
    held_in,
    number_of,
    parts_of,
    shown,
    to_call,
    whole_of,
)
from pinnsolve.symbols.symbols import TIMES
from pinnsolve.training.lsgd import trains

Cells = tuple[int, ...] | None


def basis_in(basis: object, problem: Problem, method: object, grow: object) -> Bases | None:
    """The basis that is given, or one for each unknown that has coordinates; for an unknown in each
    region, where there are several.

    Raises TypeError for keys that are no unknowns of the problem, or values that are no bases;
    ValueError where unknowns of fewer coordinates than the domain are solved for with nothing
    given, and for training, or growth, in several regions.
    """
    given, parts = _given(basis, problem), parts_of_problem(problem)
    each = of_each(given)
    if parts is not None and (trains(method) or grow is not None):
        raise ValueError(
            "training and growth work on one basis for all unknowns, and where formulas differ by"
            " region, each region has its own: give no method and no grow"
        )
    by_name = {str(u.func): own for u, own in solved_unknowns(problem).items()}
    if each is None:
        return given
    pairs = {str(v.func): part for name, part in each for v in by_name[name]}
    return BasisEach(tuple(pairs.items()))


def _given(basis: object, problem: Problem) -> Bases | None:
    """The basis that is given, or one for each unknown that has coordinates."""
    parts = by_key(basis)
    if parts is None:
        return cast(Bases | None, basis)  # of what kind it is, is asked next
    if not any(map(is_declaration, parts.values())):
        raise TypeError(_no_basis(basis))
    known = {u: str(u.func) for u in problem.unknowns}
    for u, part in parts.items():
        if u not in known:
            raise TypeError(
                f"basis has the key {shown(u)}: give one for each unknown,"
                f" {{{problem.unknowns[0]}: Dense(400)}}"
            )
        if not is_declaration(part):
            raise TypeError(_no_basis(part))
    missing = [u for u in problem.unknowns if u.args and u not in parts]
    if missing:
        raise ValueError(
            f"no basis is given for {names(missing)}: write {{..., {missing[0]}: Dense(40)}}"
        )
    return BasisEach(tuple((known[u], part) for u, part in parts.items() if u.args))


def cells_in(cells: object, problem: Problem, basis: object, others: Sequence[object]) -> Cells:
    """How many cells there are along each coordinate; None, if none are given.

    Raises TypeError for anything but whole numbers, ValueError for numbers below 1, for another
    count of them than coordinates, for unknowns of fewer coordinates, for a basis that is made for
    the whole domain, or for what does not go together with cells: integrals of unknowns, for
    instance.
    """
    if cells is None:
        return None
    axes = [c.name for c in problem.domain.coordinates]
    example = f"cells={(4,) * len(axes)}" if len(axes) > 1 else "cells=4"
    # Of an evolution, time may be left out: cells of space.
    of_space = len(axes) - 1 if TIMES & {name.lower() for name in axes} else len(axes)
    whole = whole_of(cells)
    listed = cells.tolist() if isinstance(cells, np.ndarray) else cells
    several = (cells,) * len(axes) if whole is not None else tuple(parts_of(listed) or ())
    parts = tuple(n for n in map(whole_of, several) if n is not None)
    if not parts or len(parts) < len(several):
        raise TypeError(
            f"cells must be whole numbers, one or one a coordinate, {example}: got {shown(cells)}"
        )
    if len(parts) not in {len(axes), of_space}:
        raise ValueError(
            f"cells wants a number for each of {', '.join(axes)}, {example}: got {shown(cells)}"
        )
    if min(parts) < 1:
        raise ValueError(f"cells must be at least 1, {example}: got {shown(cells)}")
    if fewer := unknowns_of_fewer(problem.unknowns, problem.domain):
        raise ValueError(
            f"every cell has coefficients of its own, and {names(fewer)} would be another in"
            " each: give no cells where an unknown lacks coordinates of the domain"
        )
    if any(difference(c).has(Integral) for c in problem.conditions):
        raise ValueError(
            "an integral takes the unknown in all cells at once, and each has functions of its own:"
            " give no cells where an equation integrates an unknown"
        )
    if of_each(basis) is not None or any(other is not None for other in others):
        raise ValueError(
            "cells are solved at once, in one basis that each cell has for itself: give no method,"
            " growth, march or continuation with them, and no basis a unknown"
        )
    wide = [part for part in held_in(basis) if not getattr(part, "local", True)]
    if wide:
        raise ValueError(
            f"every cell has functions of its own, and {wide[0]} is made for the whole domain:"
            f" give one hidden layer, solve(problem, Dense(200), {example}), or no cells"
        )
    return parts


def require_kinds(basis: Any, method: Any, grow: Any, march: Any, saved: Mapping[str, Any]) -> None:
    """Raise TypeError for a basis, method, growth or file that is something else, ValueError for
    what does not go together.
    """
    each = of_each(basis) is not None
    if basis is not None and not each and not is_declaration(basis):
        raise TypeError(_no_basis(basis))
    if each and (method is not None or grow is not None or march is not None):
        raise ValueError(
            "training, growth and marches work on one basis for all unknowns: give one, or none of"
            " them"
        )
    for name, value, example in (("method", method, "LSGD()"), ("grow", grow, "Greedy()")):
        if value is not None and (isclass(value) or not callable(value) or is_declaration(value)):
            hint = (
                f": write LSGD(descent={type(value).__name__}(...))"
                if hasattr(value, "iterates") and not isclass(value)
                else to_call(value)
            )
            raise TypeError(
                f"{name} must be one as in solve(problem, Dense(50), {name}={example}): got"
                f" {shown(value)}{hint}"
            )
    for name, value in saved.items():
        if isinstance(value, bool) or number_of(value) is not None or isclass(value):
            raise TypeError(f"{name} must be a file's name, {name}='run.st': got {shown(value)}")
    if basis is None and (method is not None or grow is not None):
        raise ValueError(
            "a method, or grow, works on a given basis: solve(problem, Dense(50), LSGD())"
        )
    if march is not None and grow is not None:
        raise ValueError("March solves each slab on its own: give it no grow")


def is_declaration(value: object) -> bool:
    """Whether it declares a basis: an instance, and not its class, that can be built."""
    return hasattr(value, "build") and not isclass(value)


def _no_basis(basis: Any) -> str:
    value = number_of(basis)
    parts = parts_of(basis)
    if isclass(basis):
        wanted = f"an instance of it, {basis.__name__}(...)"
    elif value is not None:
        wanted = f"Dense({basis})" if value >= 1 else f"tolerance={basis}"
    elif isinstance(basis, (Budget, March)):
        wanted = f"{type(basis).__name__.lower()}={type(basis).__name__}(...)"
    elif by_key(basis) is not None:
        wanted = "guess={u: ...}"
    elif parts and all(number_of(part) is not None for part in parts):
        wanted = f"Dense({parts[0]}, {max(1, len(parts) - 1)}), layers of one width"
    elif parts is not None or formula_of(basis) is not None:
        wanted = "Functions(...) for functions of your own"
    elif hasattr(basis, "free_parameters"):
        wanted = f"a basis before the method, Dense(50), {type(basis).__name__}(...)"
    else:
        wanted = "Dense(400)"
    return (
        f"the second argument of solve is a basis, and {shown(basis)} is none: write"
        f" solve(problem, {wanted})"
    )
