"""Arrays of points that know which coordinate each column is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol


class Named(np.ndarray):
    """Points `(n, dim)` with the names of their columns, which some of the rows keep, and nothing
    else that is made of them.

    An array of plain numbers has its columns in the order of the unknown, whatever the domain's is.
    """

    coordinates: tuple[Any, ...] = ()

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        if isinstance(part, Named) and part.ndim == 2 and not isinstance(key, tuple):
            part.coordinates = self.coordinates
        return part

    def copy(self, order: Any = "C") -> Any:
        """The same points, with their names."""
        return named(super().copy(order), self.coordinates)


def named(x: NDArray[np.float64], coordinates: tuple[Symbol, ...]) -> NDArray[np.float64]:
    """The array `(n, dim)`, with the names of its columns."""
    array = x.view(Named)
    array.coordinates = coordinates
    return array
