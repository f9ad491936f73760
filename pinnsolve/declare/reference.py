"""Values to compare with where no formula is known: computed independently, or published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from pinnsolve.symbols.symbols import Unknown
from pinnsolve.symbols.written import hashable


@dataclass(frozen=True, eq=False)
class Reference:
    """Values of unknowns, by name, at `points (n, dim)`, columns in the order of the domain's
    coordinates: each `(n,)`.

    Raises ValueError if lengths differ, or a number is not finite.
    """

    points: NDArray[np.float64]
    values: Mapping[str, NDArray[np.float64]]

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or any(
            v.shape != (len(self.points),) for v in self.values.values()
        ):
            raise ValueError("a Reference wants points (n, dim) and, for each unknown, n values")
        if not all(np.isfinite(a).all() for a in (self.points, *self.values.values())):
            raise ValueError("a Reference wants finite numbers")

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same numbers."""
        return isinstance(other, Reference) and self._held == other._held

    def __hash__(self) -> int:
        return hash(self._held)

    @property
    def _held(self) -> Any:
        return hashable((self.points, self.values))

    def check(self, unknowns: tuple[Unknown, ...], coordinates: tuple[Symbol, ...]) -> None:
        """Raise ValueError if it is not one of these unknowns over these coordinates."""
        names = {str(u.func) for u in unknowns}
        if set(self.values) != names or self.points.shape[1] != len(coordinates):
            raise ValueError(
                f"the reference gives {', '.join(sorted(self.values))} in {self.points.shape[1]}"
                f" coordinates: the unknowns are {', '.join(sorted(names))} in {len(coordinates)}"
            )
