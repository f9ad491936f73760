"""Functions that are known by numbers, as sympy sees them: real, smooth, with derivatives."""

from __future__ import annotations

import copyreg
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from sympy import Expr, Float, Function, S
from sympy.core.function import FunctionClass

from pinnsolve.symbols.splines import Spline


class ByNumbers(Function):
    """A function that only numbers say: finite, and real where its arguments are."""

    def _at(self, numbers: Sequence[Expr], prec: int) -> Expr:
        """Its value at real numbers, to so many bits; NaN, where it has none."""
        raise NotImplementedError

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_is_finite(self) -> bool:
        return True

    def _eval_evalf(self, prec: int) -> Expr | None:
        """Of numbers alone."""
        numbers = [a._eval_evalf(prec) for a in self.args]
        known = all(n is not None and n.is_number and n.is_real for n in numbers)
        return self._at(numbers, prec) if known else None


class TableFunction(FunctionClass):
    """The class of a table's function: made at run time, one for each spline and name."""


class Tabulated(ByNumbers, metaclass=TableFunction):
    """A spline at a point, as an expression; `spline` is of the function's class."""

    spline: Spline

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative by an argument, counted from 1, as sympy does."""
        slope = self.spline.derivative(argindex - 1)
        if slope is None:
            return S.Zero
        return tabulated(f"{self.func.__name__}_{argindex}", slope)(*self.args)

    def _at(self, numbers: Sequence[Expr], prec: int) -> Expr:
        """As many digits as the table has."""
        value = float(self.spline(*map(float, numbers)))  # type: ignore[arg-type]
        return Float(value, precision=prec) if math.isfinite(value) else S.NaN


@cache
def tabulated(name: str, spline: Spline) -> TableFunction:
    """The function of this name with a spline's values: the same one each time."""
    # `_imp_`: what sympy's lambdify calls.
    parts = {"spline": spline, "nargs": len(spline.knots), "_imp_": staticmethod(spline)}
    made = TableFunction(name, (Tabulated,), parts)
    assert isinstance(made, TableFunction)
    return made


def _made(function: TableFunction) -> Any:
    if function is Tabulated:
        return "Tabulated"
    return tabulated, (function.__name__, function.spline)


copyreg.pickle(TableFunction, _made)
