"""Functions of their own for each side of every surface across which the data of an equation jump,
or have a kink.

There the highest derivatives of the solution jump, and smooth functions, alone, come close to it
only slowly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sympy import Expr, Poly

from pinnsolve.basis.adapted.lifted import Level
from pinnsolve.basis.adapted.one_sided import OneSided
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum
from pinnsolve.compile.system import System
from pinnsolve.declare.kinks import Kink
from pinnsolve.jets.indices import members
from pinnsolve.search.families.family import Family, scales
from pinnsolve.search.families.located import shares
from pinnsolve.search.families.smooth import MANY_COORDINATES

KIND = "kinked"


@dataclass(frozen=True)
class Kinked:
    """How many surfaces share a basis, and which waves are on their sides."""

    # Surfaces that share a basis
    most_surfaces: int = 16
    # Radians a side
    waves: tuple[float, ...] = (1.5, 3.0, 6.0, 12.0)


KINKED = Kinked()


Side = tuple[Level, int]


def candidates(system: System) -> list[Family]:
    """Waves of several scales, and such waves on one side of every surface."""
    names = [c.name for c in system.domain.coordinates]
    known = sides(system)
    if len(names) >= MANY_COORDINATES or not 0 < len(known) <= KINKED.most_surfaces:
        return []
    declare = partial(_both, sides=known)
    return [Family(KIND, scales(names, (s,) * len(names)), declare) for s in KINKED.waves]


def sides(system: System) -> tuple[Side, ...]:
    """Polynomials that are zero on a kink's surface, and the order of the first derivative of the
    solution that jumps.

    It is at least the highest order across of any equation: of rougher functions a derivative would
    lose its Dirac part, and the equation would seem to hold.
    """
    coordinates = system.domain.coordinates
    by_surface: dict[Expr, Side] = {}
    for kink in (k for residual in system.residuals for k in residual.kinks):
        if kink.surface.is_polynomial(*coordinates):
            level = Level(
                tuple((powers, float(c)) for powers, c in Poly(kink.surface, *coordinates).terms())
            )
            power = max(kink.smoothness, _highest_across(system, kink))
            by_surface[kink.surface] = (
                level,
                (min(power, by_surface[kink.surface][1]) if kink.surface in by_surface else power),
            )
    return tuple(by_surface.values())


def _highest_across(system: System, kink: Kink) -> int:
    """How often any equation differentiates in the coordinates of a kink's surface, at most."""
    axes = [i for i, c in enumerate(system.domain.coordinates) if c in kink.surface.free_symbols]
    slots = (slot for residual in system.residuals for slot in residual.slots)
    return max(sum(index[i] for i in axes) for slot in slots for index in members(slot.index))


def _both(shape: Mapping[str, float], width: int, sides: Sequence[Side]) -> Declaration:
    plain, each = shares(width, len(sides))
    waves = Waves(dict(shape))
    one_sided = (OneSided(Dense(each, 1, "sin", waves), *side) for side in sides)
    return Sum((Dense(plain, 1, "sin", waves), *one_sided))
