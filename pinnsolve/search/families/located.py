"""Adaptive coordinates for what the data themselves show: every narrow feature's place and width is
known before a solve.

The rare boxes of a function's tree lie around its features. Where they are narrow in one
coordinate, that is stretched around the place, by the width that the boxes have there; where in
several, waves live in a window of that width, or in several windows, each wider than the last.
Plain waves beside carry what is smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.adapted.windowed import Windowed
from pinnsolve.basis.basis import Declaration, Domain
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum
from pinnsolve.compile.system import System
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.places import NARROWNESS, At, places
from pinnsolve.search.families.family import Family, Parameter, Shape
from pinnsolve.search.families.smooth import MANY_COORDINATES

KIND = "located"


@dataclass(frozen=True)
class Located:
    """How many places share a basis, and which waves are around each."""

    # Places that share a basis
    most_places: int = 4
    # Radians a unit of a stretched coordinate: there, a feature is about one unit wide
    stretched_waves: tuple[float, ...] = (0.5, 1.5, 5.0, 15.0)
    # Radians a side, in other coordinates
    side_waves: tuple[float, ...] = (1.5, 4.0, 10.0)
    # Radians a side of a window's box
    window_waves: tuple[float, ...] = (12.0, 24.0)
    # Times the width of a feature: a window's radius
    window_radii: tuple[float, ...] = (3.0, 6.0)
    # From window to window
    widening: float = 4.0
    # Of the functions, that are not stretched
    plain: float = 0.3


LOCATED = Located()


def candidates(system: System) -> list[Family]:
    """Waves around all places, with plain waves beside them, of several scales."""
    bounds = bounds_by_name(system.problem)
    around = tuple(place.at for place in places(system))
    if len(bounds) >= MANY_COORDINATES or not 0 < len(around) <= LOCATED.most_places:
        return []
    spots, fronts = any(len(at) > 1 for at in around), any(len(at) == 1 for at in around)
    # Scales of what is not there are not tried: one alone stands for them.
    waves, sides = LOCATED.stretched_waves, LOCATED.side_waves
    scales = product(
        waves if fronts else waves[:1],
        sides if fronts and len(bounds) > 1 else sides[:2] if spots else sides[1:2],
        LOCATED.window_waves if spots else LOCATED.window_waves[:1],
        LOCATED.window_radii if spots else LOCATED.window_radii[:1],
    )
    shapes = [_shape(*each) for each in scales]
    one, several = (
        partial(_around, bounds=bounds, around=around, widening=w)
        for w in (math.inf, LOCATED.widening)
    )
    families = [Family(KIND, shape, one) for shape in shapes]
    return (
        families + [Family(f"{KIND}, windows", shape, several) for shape in shapes]
        if spots
        else families
    )


def _shape(across: float, along: float, within: float, wider: float) -> Shape:
    names = ("across", "along", "within")
    steep = [
        Parameter(name, value) for name, value in zip(names, (across, along, within), strict=True)
    ]
    return (*steep, Parameter("wider", wider, steep=False), Parameter("thicker", 1.0, steep=False))


def _around(
    shape: Mapping[str, float], width: int, bounds: Domain, around: Sequence[At], widening: float
) -> Declaration:
    """Plain waves, and for every place waves in a stretched coordinate, or in windows."""
    parts = [part for at in around for part in _pieces(at, shape, bounds, widening)]
    plain, each = shares(width, len(parts))
    return Sum((Dense(plain, 1, "sin", Waves(shape["along"])), *(part(each) for part in parts)))


def _pieces(
    at: At, shape: Mapping[str, float], bounds: Domain, widening: float
) -> list[Callable[[int], Declaration]]:
    """Declarations of any width: in several coordinates windows, each `widening` times as wide as
    the last.
    """
    if len(at) == 1:
        return [partial(_stretched, at=at, shape=shape, bounds=bounds)]
    windows = _nested(at, shape["wider"], bounds, widening)
    waves = [
        Waves({n: shape["within"] if n in window else shape["along"] for n in bounds})
        for window in windows
    ]
    return [
        partial(_windowed, at=window, waves=each)
        for window, each in zip(windows, waves, strict=True)
    ]


def _stretched(width: int, at: At, shape: Mapping[str, float], bounds: Domain) -> Declaration:
    """Waves in a coordinate that is stretched around a place."""
    ((name, (centre, narrow)),) = at.items()
    thickness = shape["thicker"] * narrow
    # The length of the side in the stretched coordinate: waves are counted in radians a side.
    span = float(np.arcsinh([abs(end - centre) / thickness for end in bounds[name]]).sum())
    scales = {n: shape["across"] * span if n == name else shape["along"] for n in bounds}
    return Stretched(Dense(width, 1, "sin", Waves(scales)), thickness, {name: centre})


def _windowed(width: int, at: At, waves: Waves) -> Declaration:
    return Windowed(Dense(width, 1, "sin", waves), at)


def _nested(at: At, wider: float, bounds: Domain, widening: float) -> list[At]:
    windows: list[At] = []
    by = wider
    sides = {n: high - low for n, (low, high) in bounds.items()}
    while not windows or all(
        by * width < NARROWNESS.of_side * sides[n] for n, (_, width) in at.items()
    ):
        windows.append({n: (centre, by * width) for n, (centre, width) in at.items()})
        by *= widening
    return windows


def shares(width: int, places: int) -> tuple[int, int]:
    """How many plain waves, and how many of each place."""
    plain = max(1, round(LOCATED.plain * width))
    return plain, max(1, (width - plain) // places)
