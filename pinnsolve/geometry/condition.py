"""An equation and where it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sympy import Eq, Expr

from pinnsolve.symbols.travel import packed, unpacked

if TYPE_CHECKING:
    from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class Condition:
    """An equation and the region on which it holds, as made by `Eq(...) @ region`.

    While a solution is being manufactured, `equation` is the left-hand side alone.
    """

    equation: Any
    region: Region

    def _sympy_(self) -> Expr:
        raise TypeError(
            f"the region stands behind the whole equation: Eq(left, {self.equation}) @ region"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, (packed(self.equation), self.region)

    def __str__(self) -> str:
        equation = self.equation
        text = f"{equation.lhs} = {equation.rhs}" if isinstance(equation, Eq) else str(equation)
        return f"{text} on {self.region}"


def _arrived(equation: Any, region: Region) -> Condition:
    return Condition(unpacked(equation), region)
