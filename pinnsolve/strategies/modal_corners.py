"""What modes have at corners: more than one solution for a source has."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pinnsolve.basis.adapted.biharmonic import FlowCornerFunctions
from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.sums import Sum, summands
from pinnsolve.compile.system import System
from pinnsolve.discretize.flow_corners import known_flow_corners
from pinnsolve.discretize.plate_corners import known_plate_corners
from pinnsolve.search.families.corners import CORNERS, reentrant
from pinnsolve.search.families.family import Family


@dataclass(frozen=True)
class Terms:
    """Powers at corners, and of what the eigenvalue adds to each."""

    top: float = 12.0
    orders: int = 6


TERMS = Terms()


def with_corners(family: Family, system: System) -> Family:
    """The family, with functions of the corners of plates and flows, and with more at re-entrant
    ones: what an eigenvalue adds to a power is no small term, where modes vary fast.
    """
    flows = known_plate_corners(system) or known_flow_corners(system)
    found = reentrant(system)
    if flows:
        return family.with_extra(CORNERS, FlowCornerFunctions(flows))
    if found is None:
        return family
    richer = CornerFunctions(tuple(_with_more_terms(corner) for corner in found.corners))
    others = [] if family.extra is None else summands(family.extra)
    kept = [part for part in others if not isinstance(part, CornerFunctions)]
    bare = replace(family, extra=Sum(tuple(kept)) if kept else None)
    return bare.with_extra(CORNERS, richer)


def _with_more_terms(corner: Corner) -> Corner:
    if corner.lowest >= 1:
        return corner
    return replace(corner, top=TERMS.top, orders=TERMS.orders)
