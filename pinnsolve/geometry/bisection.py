"""Where a function changes its sign between two places, by halving."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pinnsolve.geometry.charts import Array, Mask


def bisected(
    stays: Callable[[Array], Mask], low: Array, high: Array, times: int
) -> tuple[Array, Array]:
    """The ends, `(n,)` or `(n, dim)` each, of intervals or segments that are halved so many times.
    `stays` says of their middles, `(n,)` or `(n, 1)`, whether the function is there as at `low`:
    then the other half is kept.
    """
    for _ in range(times):
        middle = (low + high) / 2
        is_low = stays(middle)
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return low, high


def sign_change(value: Callable[[float], float], a: float, b: float) -> float:
    """Where a function of one number changes its sign, to the last bit."""
    below = value(a)
    if below == 0:
        return a
    while a < (middle := (a + b) / 2) < b:
        a, b = (middle, b) if value(middle) * below > 0 else (a, middle)
    return b
