"""What Python, numpy and torch ask of a formula as if it were a number: sympy refuses, and here
says what to write.

Hooks on sympy's own classes, set once, when pinnsolve is first asked for a symbol. They add words
to errors, and meaning to what had none (numpy's functions of a formula, a derivative called at a
point); what worked before is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import singledispatch
from typing import Any

import numpy as np
import sympy
from sympy import Derivative, Eq, Expr, SympifyError
from sympy.core.relational import Relational

from pinnsolve.symbols.remedies import A_TABLE

MEASURED = (
    "measured values are written Eq(u, Data(values)) @ PointCloud({x: xs}), a single one as a float"
)
OTHER_NAMES = {
    "absolute": "Abs",
    "fabs": "Abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "ceil": "ceiling",
    "heaviside": "Heaviside",
    "maximum": "Max",
    "minimum": "Min",
}
SAME_NAMES = (
    "cbrt",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "floor",
    "gamma",
    "log",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
)
BY_NUMPY: dict[str, Callable[..., Any]] = {n: getattr(sympy, n) for n in SAME_NAMES}
BY_NUMPY |= {theirs: getattr(sympy, ours) for theirs, ours in OTHER_NAMES.items()}
COMPARING = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"}

NO_TRUTH = (
    "cannot determine truth value of Relational: {0} holds at some points and not at others; write"
    " Piecewise((a, {0}), (b, True)) for `a if ... else b`, Max(a, b) and Min(a, b) for max and"
    " min, And(p, q) for `p and q` or `a < x < b`"
)
NO_NUMBER = (
    "Cannot convert expression to float: {0} is a formula, not a number; write sympy's functions in"
    " the place of math's, from sympy import sin, exp, sqrt; its values are those of a solution,"
    " solution(points, {0}); " + A_TABLE.replace("{", "{{").replace("}", "}}")
)
NO_ARRAY = (
    "{1} cannot be taken of the formula {0}: write it with sympy's functions, from sympy import"
    " sin, exp, sqrt, Piecewise"
)
OPERATORS = {
    "grad": "gradient({})",
    "gradient": "gradient({})",
    "laplace": "laplacian({})",
    "laplacian": "laplacian({})",
    "div": "divergence((u_x, u_y)) of a vector",
    "divergence": "divergence((u_x, u_y)) of a vector",
    "curl": "curl((u_x, u_y)) of a vector",
    "dn": "normal_derivative({})",
    "normal_derivative": "normal_derivative({})",
    "derivative": "{}.diff(x)",
    "d": "{}.diff(x)",
}


class FormulaError(SympifyError, TypeError):
    """What stands in an equation is no formula."""

    def __str__(self) -> str:
        return str(self.expr)


class _Later:
    """A message that is written when it is read: sympy asks, and catches, far more often than
    anyone reads.
    """

    def __init__(self, words: str, *named: Any) -> None:
        self._words, self._named = words, named

    def __str__(self) -> str:
        return self._words.format(*self._named)

    __repr__ = __str__


def _no_truth(self: Relational) -> bool:
    raise TypeError(_Later(NO_TRUTH, self))


def _number_or_words(plain: Callable[..., Any]) -> Callable[..., Any]:
    def number(self: Expr, *options: Any) -> Any:
        try:
            return plain(self, *options)
        except TypeError:
            if self.is_number:
                raise
        raise TypeError(_Later(NO_NUMBER, self))

    return number


def _by_numpy(self: Expr, ufunc: Any, method: str, *given: Any, **options: Any) -> Any:
    """numpy's function of formulas, as sympy's, one by one; others as numpy does it with
    objects.
    """
    held = [np.asarray(g, dtype=object) if isinstance(g, Expr) else g for g in given]
    if method == "__call__" and ufunc.__name__ in BY_NUMPY:
        return np.frompyfunc(BY_NUMPY[ufunc.__name__], ufunc.nin, 1)(*held)
    options |= {"dtype": object} if ufunc.__name__ in COMPARING else {}
    try:
        return getattr(ufunc, method)(*held, **options)
    except TypeError as error:
        raise TypeError(_Later(NO_ARRAY, self, ufunc.__name__)) from error


def _by_torch(function: Any, types: Any, given: Any = (), named: Any = None) -> Any:
    formula = next((g for g in given if isinstance(g, Expr)), "given")
    raise TypeError(_Later(NO_ARRAY, formula, f"torch's {getattr(function, '__name__', function)}"))


def _at(self: Derivative, *arguments: Any) -> Any:
    """The derivative of an unknown at a point: `u.diff(x)(0)` is `u.diff(x).subs(x, 0)`."""
    own = getattr(self.expr, "coordinates", ())
    if not own or self.expr.args != own:
        raise TypeError(f"{self} is a formula, and cannot be called: write .subs(x, value)")
    self.expr(*arguments)  # says so, if these are not its arguments
    return self.subs(list(zip(own, arguments, strict=True)), simultaneous=True)


def _equation(plain: Callable[..., Any]) -> Callable[..., Any]:
    def equation(cls: type, *sides: Any, **options: Any) -> Any:
        if len(sides) != 2:
            raise TypeError(
                "Eq(left, right) has two sides, and its region stands behind it, Eq(...) @ region:"
                f" got {sides}"
            )
        try:
            return plain(cls, *sides, **options)
        except SympifyError:
            for side in sides:
                if said := _no_formula(side):
                    raise FormulaError(
                        f"Eq(left, right) wants formulas, and got {side!r}: {said}"
                    ) from None
            raise

    return equation


@singledispatch
def _no_formula(side: Any) -> str:
    """What to write for what is no formula; empty if it may be one."""
    if hasattr(side, "detach") or hasattr(side, "columns"):  # a tensor, a table
        return MEASURED
    if hasattr(side, "coefficients"):
        return "values of a solution come in as Data(solution(points)), or give its formula"
    return "write the function's formula in the coordinates, sin(x)" if callable(side) else ""


@_no_formula.register
def _(side: sympy.Basic) -> str:
    return ""


@_no_formula.register
def _(side: str) -> str:
    return "write it without quotes, in the symbols of coordinates(...) and unknown(...)"


@_no_formula.register
def _(side: np.ndarray) -> str:
    return MEASURED


@_no_formula.register
def _(side: list) -> str:  # type: ignore[type-arg]
    return (
        "one equation a component, or tuples, Eq(gradient(u), (0, 1)); measured values are"
        " Data(values)"
    )


@_no_formula.register(dict)
@_no_formula.register(set)
@_no_formula.register(type(None))
def _(side: Any) -> str:
    return "write a number or a formula of the coordinates"


def no_attribute(unknown: str, name: str, coordinates: Sequence[object]) -> str:
    """What to write for `u.dx`, `u.x` or `u.laplacian()`."""
    said = f"{unknown} has no attribute {name}"
    if name.startswith("_"):
        return said
    by = [
        c
        for c in coordinates
        if name in {f"{c}", f"d{c}", f"d_{c}", f"diff_{c}", f"{c}{c}", f"d{c}{c}"}
    ]
    if by:
        return (
            f"{said}: a derivative is written {unknown}.diff({by[0]}) or {unknown}.diff({by[0]}, 2)"
        )
    return f"{said}: write {OPERATORS[name].format(unknown)}" if name in OPERATORS else said


def _placed(self: Relational, region: Any) -> Any:
    if hasattr(type(region), "__rmatmul__") and not isinstance(region, np.ndarray):
        return NotImplemented
    hint = ", one region for several: a | b" if isinstance(region, (list, tuple, set)) else ""
    raise TypeError(
        f"behind Eq(...) @ stands a region, domain.boundary or domain.at(x=0){hint}: got {region!r}"
    )


def _set_hooks() -> None:
    set_on: Any = setattr  # these names are sympy's, and the linter's are not asked
    set_on(Relational, "__bool__", _no_truth)
    for name in ("__float__", "__int__", "__complex__", "__round__"):
        set_on(Expr, name, _number_or_words(getattr(Expr, name)))
    set_on(Relational, "__matmul__", _placed)
    set_on(Relational, "__array_ufunc__", None)  # so that numpy's arrays leave @ to it
    set_on(Expr, "__array_ufunc__", _by_numpy)
    set_on(Expr, "__torch_function__", staticmethod(_by_torch))
    set_on(Derivative, "__call__", _at)
    set_on(Eq, "__new__", staticmethod(_equation(Eq.__new__)))


_set_hooks()
