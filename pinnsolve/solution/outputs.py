"""Values of expressions at a solution, in the shape of the points and of the expression."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Any, NoReturn

import numpy as np
from sympy import Basic, MatrixBase, SympifyError, sympify

from pinnsolve.compile.system import compile_condition
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
    return _values(formula, field, problem, inputs).reshape(inputs.shape)


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


def _values(formula: Any, field: Field, problem: Problem, inputs: Inputs) -> Array:
    parts = parts_of_problem(problem)
    if parts is not None:
        return in_parts(
            parts.pieces,
            inputs.x,
            lambda k, rows: _values(
                parts.pieces.within(formula, k), field, parts.problem, inputs.taken(rows)
            ),
        )
    paired = pairs_of_problem(problem)
    if paired is not None:
        real, imaginary = paired.by.split(formula)
        values = _values(real, field, paired.problem, inputs)
        if imaginary == 0:
            return values
        return values + 1j * _values(imaginary, field, paired.problem, inputs)
    logarithmic = logarithms_of_problem(problem)
    if logarithmic is not None:
        formula, problem = logarithmic.by.of(formula), logarithmic.problem
    compiled = compile_condition(Condition(formula, problem.domain), problem)
    values = array_of(residual_field(compiled, field, inputs.x, inputs.normals))
    where = field.support(inputs.x)
    for k in {slot.unknown for slot in compiled.slots} if where is not None else ():
        values[~where[k].numpy()] = np.nan  # type: ignore[index]
    return values
