"""What is believed of an unknown field before it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from pinnsolve.symbols.given import shown, whole_of


@dataclass(frozen=True)
class Smooth:
    """A field is smooth: the mean square of its derivatives of this `order`, in units of the
    domain's sides, is about as small as the data allow; how small they say themselves.

    `solve(problem, prior={a: Smooth(2)})`. Raises ValueError unless the order is 1, 2, 3 or 4.

    >>> from pinnsolve import Smooth
    >>> Smooth(2)
    Smooth(order=2)
    """

    order: int = 2

    def __post_init__(self) -> None:
        order = whole_of(self.order)
        if order is None or not 1 <= order <= 4:
            raise ValueError(
                f"Smooth wants the order of derivatives, 1 to 4, Smooth(2): got {shown(self.order)}"
            )


@singledispatch
def is_prior(item: object) -> bool:
    """Whether something says what is believed of a field."""
    return False


@is_prior.register
def _(item: Smooth) -> bool:
    return True
