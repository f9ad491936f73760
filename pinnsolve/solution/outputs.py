"""Values of expressions at a solution, in the shape of the points and of the expression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import Basic, MatrixBase, SympifyError, sympify

from pinnsolve.compile.system import compile_condition
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.measure import residual_field
from pinnsolve.discretize.points import Array
from pinnsolve.fields.field import Field
from pinnsolve.geometry.region import Condition
from pinnsolve.solution.inputs import Inputs
from pinnsolve.symbols.occurrences import separate
from pinnsolve.symbols.symbols import Normal


def values_like(expression: Any, field: Field, problem: Problem, inputs: Inputs) -> Any:
    """Values of an expression; of a tuple, a list, a mapping or a matrix of expressions the like.

    Raises ValueError for symbols that are no coordinates, other unknowns, and normals where none is
    known.
    """
    if isinstance(expression, Mapping):
        return {name: values_like(e, field, problem, inputs) for name, e in expression.items()}
    if isinstance(expression, (tuple, list)):
        return type(expression)(values_like(e, field, problem, inputs) for e in expression)
    if isinstance(expression, MatrixBase):
        entries = [values_like(e, field, problem, inputs) for e in expression.flat()]
        return np.stack(entries, axis=-1).reshape(*inputs.shape, *expression.shape)
    if isinstance(expression, str):
        raise TypeError(
            f"an expression is made of the problem's symbols, not of text: got {expression!r}"
        )
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


def _require_known(formula: Any, problem: Problem, inputs: Inputs) -> None:
    rest, found = separate(formula)
    known = {u.func for u in problem.unknowns}
    others = sorted({str(o.function) for o in found.values() if o.function not in known})
    if others:
        names = ", ".join(str(u) for u in problem.unknowns)
        raise ValueError(
            f"{formula} contains {', '.join(others)}: the unknowns of this solution are {names}"
        )
    stray = rest.free_symbols - set(found) - set(problem.domain.coordinates)
    if any(isinstance(s, Normal) for s in stray) and inputs.normals is None:
        raise ValueError(
            f"{formula} holds the outward normal, which these points do not know: give points of a"
            " boundary or a face, solution(sample_region(face, n, seed), ...)"
        )
    strange = sorted(str(s) for s in stray if not isinstance(s, Normal))
    if strange:
        names = ", ".join(map(str, problem.domain.coordinates))
        raise ValueError(f"{formula} mentions {', '.join(strange)}: the coordinates are {names}")


def _values(formula: Any, field: Field, problem: Problem, inputs: Inputs) -> Array:
    compiled = compile_condition(Condition(formula, problem.domain), problem)
    found: Array = residual_field(compiled, field, inputs.x, inputs.normals).numpy()
    where = field.support(inputs.x)
    for k in {slot.unknown for slot in compiled.slots} if where is not None else ():
        found[~where[k].numpy()] = np.nan  # type: ignore[index]
    return found
