"""Where an earlier automatic solve has come to: growth goes on from there, without the search for a
family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial, singledispatch
from inspect import isclass
from typing import Any

from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.basis.basis import Declaration
from pinnsolve.compile.system import System
from pinnsolve.fields.declared import Declared, one_basis
from pinnsolve.fields.field import Field
from pinnsolve.search.choose import KINDS
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.standing import Chosen

KIND = "resumed"


@dataclass(frozen=True, eq=False)
class Begun:
    """The basis, its seed and the field that were the best; and of a training, how many steps it
    has made.
    """

    declared: Declared
    seed: int
    field: Field
    steps: int = 0

    @classmethod
    def of(cls, fitted: Fit) -> Begun:
        """What a fit has come to."""
        return cls(fitted.declared, fitted.seed, fitted.field)


def chosen_before(system: System, begun: Begun, goal: float) -> Chosen:
    """That basis first, then the first family of every kind; its fit is made once more, since files
    do not hold it.
    """
    declared = one_basis(begun.declared)
    fitted = fit(system, declared, begun.seed, goal=goal, initial_guess=begun.field)
    size = fitted.field.functions
    family = Family(KIND, (), partial(_of_width, declared=declared, size=size))
    others = [candidates[0] for kind in KINDS if (candidates := kind(system))]
    return Chosen((family, *others), size, fitted)


def _of_width(
    shape: Mapping[str, float], width: int, declared: Declaration, size: int
) -> Declaration:
    scaled: Declaration = widened(declared, width / size)
    return scaled


@singledispatch
def widened(declared: Any, factor: float) -> Any:
    """The declaration with so many times the neurons, in all of its parts; functions that are given
    stay as they are.
    """
    if not is_dataclass(declared) or isclass(declared):
        return declared
    held = {
        f.name: getattr(declared, f.name)
        for f in fields(declared)
        if f.name in ("width", "within", "parts")
    }
    new = {k: _times(v, factor) if k == "width" else widened(v, factor) for k, v in held.items()}
    return replace(declared, **new) if new else declared


@widened.register
def _(declared: tuple, factor: float) -> Any:  # type: ignore[type-arg]
    return tuple(widened(part, factor) for part in declared)


@widened.register
def _(declared: LowRank, factor: float) -> LowRank:
    """Rank and degree in the same proportion: their product counts."""
    return LowRank(_times(declared.rank, factor**0.5), _times(declared.degree, factor**0.5))


def _times(number: int, factor: float) -> int:
    return max(1, round(factor * number))
