"""Poles in the round holes of a domain of two or three coordinates, or of the regions in which its
unknowns live, and along the bores in space.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pinnsolve.basis.adapted.bores import Bore, BoreFunctions
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.compile.system import System
from pinnsolve.geometry.holes import Round, bores, focus, inner_radius, round_holes

POLES, BORES = "poles", "bores"


@dataclass(frozen=True)
class Orders:
    """Up to which order poles come with every candidate, by dimension: in space of every order n
    there are 2n + 1.
    """

    plane: int = 8
    space: int = 6
    # Of what is singular between the foci of an ellipse, as data and images may be, the last pole
    # has this part of the first, if so few have
    smallest: float = 1e-8
    most_of_ellipse: int = 32
    # Around bores, with what terms of lower order add, and of polynomials along them
    bore: int = 4
    depth: int = 2
    along: int = 6
    # Around all bores together about so many functions, as far as degrees of one do
    most: int = 600


ORDERS = Orders()


def in_holes(system: System) -> Poles | None:
    """Poles in the holes, where there are any: no wave of the box around one knows of it."""
    coordinates = system.domain.coordinates
    if len(coordinates) not in (2, 3):
        return None
    order = ORDERS.plane if len(coordinates) == 2 else ORDERS.space
    regions = dict.fromkeys((system.domain, *system.supports))
    cut = dict.fromkeys(hole for region in regions for hole in round_holes(region))
    holes = tuple(_hole(hole, coordinates, order) for hole in cut)
    return Poles(holes) if holes else None


def _hole(cut: Round, along: Sequence[Any], order: int, depth: int = 1) -> Hole:
    """What functions know of a hole, in a plane or a space along these coordinates."""
    at = tuple(float(cut.center[c]) for c in along)
    if len(along) == 3:
        return Hole(at, inner_radius(cut), order, depth)
    apart, b = focus(cut), inner_radius(cut)
    first, second = (apart[c] for c in along)
    hole = Hole(at, b, order, depth, focus=(first, second))
    away = math.hypot(first, second)
    return replace(hole, order=max(order, _of_ellipse(away, b))) if away else hole


def _of_ellipse(away: float, b: float) -> int:
    """Up to which order: between the foci |W| is at least c / (a + b)."""
    ratio = away / (b + math.hypot(away, b))
    return min(ORDERS.most_of_ellipse, math.ceil(math.log(ORDERS.smallest) / math.log(ratio)))


def along_bores(system: System) -> BoreFunctions | None:
    """The functions of all bores, where there are any."""
    coordinates = system.domain.coordinates
    if len(coordinates) != 3:
        return None
    regions = dict.fromkeys((system.domain, *system.supports))
    held = dict.fromkeys(bore for region in regions for bore in bores(region))
    found = []
    for disk, along in held:
        across = [c for c in coordinates if c != along]
        hole = _hole(disk, across, ORDERS.bore, ORDERS.depth)
        degree = ORDERS.most // (hole.functions * len(held)) - 1
        degree = min(ORDERS.along, max(1, degree))
        found.append(Bore(hole, coordinates.index(along), degree))
    return BoreFunctions(tuple(found)) if found else None
