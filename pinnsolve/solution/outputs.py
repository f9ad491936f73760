"""Values of expressions at a solution, in the shape of the points and of the expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, singledispatch
from typing import Any, NoReturn

import numpy as np
import torch
from sympy import Basic, Expr, MatrixBase, SympifyError, sympify

from pinnsolve.compile.system import Residual, compile_condition
from pinnsolve.declare.decompose import (
    logarithms_of_problem,
    pairs_of_problem,
    parts_of_problem,
)
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.measure import residual_field
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.field import Field
from pinnsolve.geometry.region import Condition
from pinnsolve.solution.in_parts import in_parts
from pinnsolve.solution.inputs import Inputs
from pinnsolve.symbols.occurrences import separate
from pinnsolve.symbols.symbols import Normal

Allowed = Callable[[Residual], Sequence[float]]


@singledispatch
def values_like(expression: Any, field: Field, problem: Problem, inputs: Inputs) -> Any:
    """Values of an expression; of a tuple, a list, a mapping or a matrix of expressions the like.

    Raises ValueError for symbols that are no coordinates, other unknowns, and normals where none is
    known.
    """
    try:
        formula = sympify(expression, strict=True)
    except SympifyError:
        formula = None
    if not isinstance(formula, Basic):
        asked = f"solution(points, {problem.unknowns[0]}**2)"
        raise TypeError(
            f"an expression is made of the problem's symbols, {asked}: got {expression!r}"
        )
    formula = formula.xreplace(dict(problem.constants))
    _require_known(formula, problem, inputs)
    return _of_solved(formula, problem, inputs, partial(_values, field)).reshape(inputs.shape)


@values_like.register(Mapping)
def _(
    expressions: Mapping[Any, Any], field: Field, problem: Problem, inputs: Inputs
) -> dict[Any, Any]:
    return {name: values_like(e, field, problem, inputs) for name, e in expressions.items()}


@values_like.register(tuple)
@values_like.register(list)
def _(expressions: Any, field: Field, problem: Problem, inputs: Inputs) -> Any:
    return type(expressions)(values_like(e, field, problem, inputs) for e in expressions)


@values_like.register
def _(expressions: MatrixBase, field: Field, problem: Problem, inputs: Inputs) -> Array:
    entries = [values_like(e, field, problem, inputs) for e in expressions.flat()]
    return np.stack(entries, axis=-1).reshape(*inputs.shape, *expressions.shape)


@values_like.register
def _(text: str, field: Field, problem: Problem, inputs: Inputs) -> NoReturn:
    raise TypeError(f"an expression is made of the problem's symbols, not of text: got {text!r}")


def _require_known(formula: Any, problem: Problem, inputs: Inputs) -> None:
    rest, occurrences = separate(formula)
    known = {u.func for u in problem.unknowns}
    others = sorted({str(o.function) for o in occurrences.values() if o.function not in known})
    if others:
        names = ", ".join(str(u) for u in problem.unknowns)
        raise ValueError(
            f"{formula} contains {', '.join(others)}: the unknowns of this solution are {names}"
        )
    stray = rest.free_symbols - set(occurrences) - set(problem.domain.coordinates)
    normals = stray & rest.atoms(Normal)
    if normals and inputs.normals is None:
        raise ValueError(
            f"{formula} holds the outward normal, which these points do not know: give points of a"
            " boundary or a face, solution(sample_region(face, n, seed), ...)"
        )
    strange = sorted(map(str, stray - normals))
    if strange:
        names = ", ".join(map(str, problem.domain.coordinates))
        raise ValueError(f"{formula} mentions {', '.join(strange)}: the coordinates are {names}")


def changes_like(
    expression: Expr, field: Field, problem: Problem, inputs: Inputs, allowed: Allowed
) -> Array:
    """How far values of a real expression move at points, `(n,)`, where each derivative in it is
    off, up or down, by what is `allowed`: a residual's slots to numbers `(n_slots,)`.
    """
    formula = expression.xreplace(dict(problem.constants))
    return _of_solved(formula, problem, inputs, partial(_changes, field, allowed))


def _of_solved(
    formula: Any, problem: Problem, inputs: Inputs, found: Callable[[Residual, Inputs], Array]
) -> Array:
    """What is `found` of a formula in the unknowns that are solved for."""
    parts = parts_of_problem(problem)
    if parts is not None:
        return in_parts(
            parts.pieces,
            inputs.x,
            lambda k, rows: _of_solved(
                parts.pieces.within(formula, k), parts.problem, inputs.taken(rows), found
            ),
        )
    paired = pairs_of_problem(problem)
    if paired is not None:
        real, imaginary = paired.by.split(formula)
        values = _of_solved(real, paired.problem, inputs, found)
        if imaginary == 0:
            return values
        return values + 1j * _of_solved(imaginary, paired.problem, inputs, found)
    logarithmic = logarithms_of_problem(problem)
    if logarithmic is not None:
        formula, problem = logarithmic.by.of(formula), logarithmic.problem
    return found(compile_condition(Condition(formula, problem.domain), problem), inputs)


def _values(field: Field, compiled: Residual, inputs: Inputs) -> Array:
    values = array_of(residual_field(compiled, field, inputs.x, inputs.normals))
    where = field.support(inputs.x)
    for k in {slot.unknown for slot in compiled.slots} if where is not None else ():
        values[~where[k].numpy()] = np.nan  # type: ignore[index]
    return values


def _changes(field: Field, allowed: Allowed, compiled: Residual, inputs: Inputs) -> Array:
    off = allowed(compiled)
    changes = np.zeros(len(inputs.x))
    with torch.no_grad():
        for rows, x, normals in field.blocks(inputs.x, inputs.normals, len(compiled.slots)):
            u = field.slots(compiled, x)
            middle, part = compiled.value(x, normals, u), np.zeros(len(x))
            for k, by in enumerate(off):
                shift = torch.zeros_like(u)
                shift[k] = by
                each = [compiled.value(x, normals, u + s) - middle for s in (shift, -shift)]
                part += np.max([np.abs(array_of(e)) for e in each], axis=0)
            changes[rows] = part
    return changes
