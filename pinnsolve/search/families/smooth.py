"""Bases for smooth solutions: waves and planes of every scale, and both together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import BoxPlanes, Sparse, Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.compile.system import System
from pinnsolve.search.families.family import Family, scales
from pinnsolve.search.scales import (
    LINES,
    data_wavenumbers,
    natural_wavenumbers,
    periodic_coordinates,
)


@dataclass(frozen=True)
class Smooth:
    """Which scales of waves and of planes are tried."""

    # Radians a side: two decades
    waves: tuple[float, ...] = (1.5, 3.0, 6.0, 12.0, 24.0, 48.0)
    # Natural wavenumbers between these compete too
    natural: tuple[float, float] = (6.0, 100.0)
    # So do, along one coordinate, those up to which data vary, and these parts of them: planes that
    # follow a hundred waves are so steep that their sums cancel, sines of that length are not
    data: tuple[float, ...] = (0.5, 1.0)
    # In many coordinates, no steeper waves
    many_coordinates_below: float = 10.0
    # Slopes of planes, a side
    planes: tuple[float, ...] = (1.5, 3.0, 6.0, 12.0, 24.0)
    # Functions in space, half of them planes, among which waves have the scale of the slopes: more
    # waves are shorter (docs/decisions/0078)
    together: int = 120


SMOOTH = Smooth()

# So many coordinates are those of space, or of a plane and time.
IN_SPACE = 3
# Coordinates, from which on neurons with few active inputs compete.
MANY_COORDINATES = 4


def candidates(system: System) -> list[Family]:
    """Scales that span two decades; in two dimensions every pair of them, since time and space
    differ by any factor.
    """
    names = [c.name for c in system.domain.coordinates]
    natural = min((w for w in natural_wavenumbers(system).tolist() if w > 0), default=0.0)
    low, high = SMOOTH.natural
    waves = [*SMOOTH.waves, *([natural] if low < natural < high else []), *_of_data(system)]
    periodic = periodic_coordinates(system)
    if len(names) >= MANY_COORDINATES:
        return _many(names, [s for s in waves if s < SMOOTH.many_coordinates_below])
    tuples = (
        list(product(waves, repeat=2)) if len(names) == 2 else [(s,) * len(names) for s in waves]
    )
    smooth = [Family("sin", scales(names, each), _waves) for each in tuples]
    if periodic:
        declare = partial(_waves, periodic=periodic)
        smooth += [Family("sin, periodic", scales(names, each), declare) for each in tuples]
    same = [(s,) * len(names) for s in SMOOTH.planes]
    planes = [
        Family("tanh", scales(names, each), partial(_planes, activation="tanh")) for each in same
    ]
    bumps = [
        Family("gaussian", scales(names, each), partial(_planes, activation="gaussian"))
        for each in same[1:4]
    ]
    both = _mixed_in_space if len(names) == IN_SPACE else _mixed
    mixed = [Family("mixed", scales(names, each), both) for each in same[:3]]
    return smooth + planes + bumps + mixed


def _of_data(system: System) -> list[float]:
    """Wavenumbers of the data of one coordinate, where there are more waves than are tried anyway,
    and no more than are seen.
    """
    if len(system.domain.coordinates) > 1:
        return []
    seen = float(data_wavenumbers(system)[0])
    each = [part * seen for part in SMOOTH.data]
    return [w for w in each if w > max(SMOOTH.waves)] if seen < LINES.resolved else []


def _many(names: list[str], waves: list[float]) -> list[Family]:
    sines = [Family("sin", scales(names, (s,) * len(names)), _waves) for s in waves]
    # In five coordinates 2,500 sines left 4e-6, where 81 functions of one coordinate each left
    # 9e-14 of a sum of such (one seed).
    return sines + [
        Family(f"sparse {a}", f.shape, partial(_sparse, active=a)) for a in (1, 2) for f in sines
    ]


def _waves(shape: Mapping[str, float], width: int, periodic: tuple[str, ...] = ()) -> Dense:
    return Dense(width, 1, "sin", Waves(dict(shape), periodic))


def _planes(shape: Mapping[str, float], width: int, activation: str) -> Dense:
    return Dense(width, 1, activation, BoxPlanes(dict(shape)))


def _mixed(shape: Mapping[str, float], width: int) -> Declaration:
    return _waves(shape, width - width // 2) + _planes(shape, width // 2, "tanh")


def _mixed_in_space(shape: Mapping[str, float], width: int) -> Declaration:
    waves = {name: shorter(width, SMOOTH.together) * scale for name, scale in shape.items()}
    return _waves(waves, width - width // 2) + _planes(shape, width // 2, "tanh")


def shorter(width: int, together: int) -> float:
    """By how much the wavenumbers of so many functions in space are larger than of some `together`:
    waves stay about as long as float64 can tell apart.
    """
    return math.sqrt(width / together)


def _sparse(shape: Mapping[str, float], width: int, active: int) -> Dense:
    return Dense(width, 1, "sin", Sparse(active, Waves(dict(shape))))
