"""Adaptive coordinates for what the data themselves show: every narrow feature's place and width is known before a solve.

The rare boxes of a function's tree lie around its features. Where they are narrow in one coordinate, that is stretched
around the place, by the width that the boxes have there; where in several, waves live in a window of that width, or in
several windows, each wider than the last. Plain waves beside carry what is smooth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product

import numpy as np

from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Declaration, Dense, Domain, Sum
from pinnsolve.basis.stretch import Stretched
from pinnsolve.basis.windowed import Windowed
from pinnsolve.compile.system import System
from pinnsolve.train.families.family import Family, Parameter, Shape
from pinnsolve.train.families.smooth import MANY
from pinnsolve.train.places import NARROW, At, places

KIND = "located"
MOST = 4  # places that share a basis
ACROSS = (0.5, 1.5, 5.0, 15.0)  # radians a unit of a stretched coordinate: there, a feature is about one unit wide
ALONG = (1.5, 4.0, 10.0)  # radians a side, in others
WITHIN = (12.0, 24.0)  # radians a side of a window's box
WIDER = (3.0, 6.0)  # times the width of a feature: a window's radius
WIDENING = 4.0  # from window to window
PLAIN = 0.3  # of the functions, that are not stretched


def candidates(system: System) -> list[Family]:
    """Waves around all places, with plain waves beside them, of several scales."""
    bounds = {c.name: (a, b) for c, (a, b) in zip(system.domain.coordinates, system.domain.bounds.tolist(), strict=True)}
    found = tuple(places(system))
    if len(bounds) >= MANY or not 0 < len(found) <= MOST:
        return []
    around = tuple(place.at for place in found)
    spots = any(len(at) > 1 for at in around)
    fronts = any(len(at) < 2 for at in around)
    if fronts or not spots:
        along = ALONG if any(n not in at for n in bounds for at in around) else ALONG[1:2]
        shapes = [_shape(a, b, 1.0) for a, b in product(ACROSS, along)]
        return [Family(KIND, shape, partial(_stretched, bounds=bounds, around=around)) for shape in shapes]
    inner = [_shape(a, b, by) for a, b, by in product(WITHIN, ALONG[:2], WIDER)]
    one, several = (partial(_windowed, bounds=bounds, around=around, widening=w) for w in (math.inf, WIDENING))
    return [Family(kind, s, d) for kind, d in ((KIND, one), (f"{KIND}, windows", several)) for s in inner]


def _shape(across: float, along: float, wider: float) -> Shape:
    return Parameter("across", across), Parameter("along", along), Parameter("wider", wider, steep=False)


def _stretched(shape: Mapping[str, float], width: int, bounds: Domain, around: Sequence[At]) -> Declaration:
    """Waves in coordinates that are stretched around each place, and plain ones."""
    plain, each = shares(width, len(around))
    parts: list[Declaration] = [Dense(plain, 1, "sin", Waves(shape["along"]))]
    for at in around:
        scales = dict.fromkeys(bounds, shape["along"])
        for name, (centre, thickness) in at.items():
            ends = [abs(end - centre) / (shape["wider"] * thickness) for end in bounds[name]]
            scales[name] = shape["across"] * float(np.arcsinh(ends).sum())
        part: Declaration = Dense(each, 1, "sin", Waves(scales))
        for name, (centre, thickness) in at.items():
            part = Stretched(part, shape["wider"] * thickness, {name: centre})
        parts.append(part)
    return Sum(tuple(parts))


def _windowed(shape: Mapping[str, float], width: int, bounds: Domain, around: Sequence[At], widening: float) -> Declaration:
    """Waves in windows around each place, of its width, then `widening` times as wide and so on; and plain ones."""
    windows = [w for at in around for w in _nested(at, shape["wider"], bounds, widening)]
    plain, each = shares(width, len(windows))
    parts: list[Declaration] = [Dense(plain, 1, "sin", Waves(shape["along"]))]
    for at in windows:
        waves = Waves({n: shape["across"] if n in at else shape["along"] for n in bounds})
        parts.append(Windowed(Dense(each, 1, "sin", waves), at))
    return Sum(tuple(parts))


def _nested(at: At, wider: float, bounds: Domain, widening: float) -> list[At]:
    found: list[At] = []
    by = wider
    while all(by * width < NARROW * (bounds[n][1] - bounds[n][0]) for n, (_, width) in at.items()) or not found:
        found.append({n: (centre, by * width) for n, (centre, width) in at.items()})
        by *= widening
    return found


def shares(width: int, places: int) -> tuple[int, int]:
    """How many plain waves, and how many of each place."""
    plain = max(1, round(PLAIN * width))
    return plain, max(1, (width - plain) // places)
