"""What all candidates of the blind choice have in common: a basis of any width, with a few shape
parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pinnsolve.basis.basis import Declaration
from pinnsolve.compile.system import System
from pinnsolve.search.fit import Fit


@dataclass(frozen=True)
class Parameter:
    """A number that shapes a basis. A step multiplies it by e, or, where it is a place, adds
    `length`.

    `steep` says that larger values make steeper functions, of which float64 can tell more apart.
    """

    name: str
    value: float
    length: float | None = None
    steep: bool = True

    def moved(self, steps: float) -> Parameter:
        """The parameter so many steps away."""
        value = (
            self.value * math.exp(steps)
            if self.length is None
            else self.value + steps * self.length
        )
        return replace(self, value=value)


Shape = tuple[Parameter, ...]
Declare = Callable[[Mapping[str, float], int], Declaration]
Relearn = Callable[[System, Fit, "Family"], "Family"]


@dataclass(frozen=True)
class Family:
    """Bases of one kind and any width: `declare(values by name, width)`.

    `extra` functions come with every width. `checks` declares what a fit of a width is checked by,
    if not by narrower ones alike. `cost` counts the plain solves that one fit takes.
    `relearn` makes it anew from a better solution, while it grows.
    """

    kind: str
    shape: Shape
    declare: Declare
    extra: Declaration | None = None
    cost: float = 1.0
    relearn: Relearn | None = None
    checks: Declare | None = None

    def of_width(self, width: int) -> Declaration:
        """The declaration with so many neurons."""
        return self._beside_extra(self.declare(self.values, width))

    def checking(self, width: int, factor: float) -> Declaration:
        """What a fit of that width is checked by: functions that are narrower by a factor, if the
        kind has no better ones.
        """
        if self.checks is None:
            return self.of_width(round(width / factor))
        return self._beside_extra(self.checks(self.values, width))

    def _beside_extra(self, declared: Declaration) -> Declaration:
        return declared if self.extra is None else declared + self.extra  # type: ignore[operator]

    def relearned(self, system: System, fitted: Fit) -> Family:
        """The family as a better solution teaches it, if its kind learns."""
        return self if self.relearn is None else self.relearn(system, fitted, self)

    def with_extra(self, named: str, functions: Declaration) -> Family:
        """The family, with functions of that name beside its own in every width."""
        extra = functions if self.extra is None else self.extra + functions  # type: ignore[operator]
        return replace(self, kind=f"{self.kind}, {named}", extra=extra)

    @property
    def values(self) -> dict[str, float]:
        """The shape parameters by name."""
        return {p.name: p.value for p in self.shape}

    def moved(self, steps: Sequence[float] | float) -> Family:
        """The family whose parameters are so many steps away; one number steps all of them."""
        each = [steps] * len(self.shape) if isinstance(steps, (int, float)) else steps
        return replace(self, shape=tuple(p.moved(s) for p, s in zip(self.shape, each, strict=True)))

    def steeper(self, factor: float) -> Family:
        """The family whose functions vary faster by a factor."""
        return self.moved([math.log(factor) if p.steep else 0.0 for p in self.shape])


def scales(names: Sequence[str], values: Sequence[float]) -> Shape:
    """One positive parameter a coordinate."""
    return tuple(Parameter(name, value) for name, value in zip(names, values, strict=True))
