"""Poles in the round holes of a domain of two or three coordinates, or of the regions in which its
unknowns live.
"""

from __future__ import annotations

from dataclasses import dataclass

from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.compile.system import System
from pinnsolve.geometry.holes import round_holes

POLES = "poles"


@dataclass(frozen=True)
class Orders:
    """Up to which order poles come with every candidate, by dimension: in space of every order n
    there are 2n + 1.
    """

    plane: int = 8
    space: int = 6


ORDERS = Orders()


def in_holes(system: System) -> Poles | None:
    """Poles in the holes, where there are any: no wave of the box around one knows of it."""
    coordinates = system.domain.coordinates
    if len(coordinates) not in (2, 3):
        return None
    order = ORDERS.plane if len(coordinates) == 2 else ORDERS.space
    regions = dict.fromkeys((system.domain, *system.supports))
    balls = dict.fromkeys(ball for region in regions for ball in round_holes(region))
    holes = []
    for ball in balls:
        at = tuple(float(ball.center[c]) for c in coordinates)
        holes.append(Hole(at, float(ball.radius), order))
    return Poles(tuple(holes)) if holes else None
