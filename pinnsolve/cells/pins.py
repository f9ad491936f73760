"""Points of equations near where a condition holds at a point alone, as p(0, 0) = 0 for a pressure.

It decides a function that no equation sees, a constant: what a solution is off by there, it is off
by everywhere. And off it is most in corners, where walls tell nothing of a pressure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pinnsolve.compile.system import Residual
from pinnsolve.discretize.points import Points, dimension
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class NearPins:
    """How many points more there are near such a point."""

    # Of the number that fill its cell
    share: float = 0.5
    # Of the way from there to these, how near they come: functions of a cell are smooth below that
    nearest: float = 1e-2


NEAR_PINS = NearPins()


def pins_of(held: Iterable[tuple[Residual, Points]]) -> list[Array]:
    """The single points `(dim,)` at which conditions of a cell of several coordinates hold."""
    return [
        p.x[0]
        for residual, p in held
        if len(p.x) == 1 and p.x.shape[1] > 1 and dimension(residual.condition.region) == 0
    ]


def with_pins(x: Array, pins: Iterable[Array], region: Region, seed: int) -> Array:
    """Points `(n, dim)` of a region in a cell, and more near each of the `pins`."""
    every, n = [x], math.ceil(NEAR_PINS.share * len(x))
    for pin in pins:
        some = x[np.linspace(0, len(x) - 1, n).astype(np.int64)]
        closer = NEAR_PINS.nearest ** sobol(n, 1, np.random.default_rng(seed))
        moved = pin + closer * (some - pin)
        every.append(moved[region.contains(moved, 0.0)])
    return np.concatenate(every)
