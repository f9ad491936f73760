"""Start functions, where a parabolic equation's initial values do not agree with its sides, or have
jumps and kinks of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from pinnsolve.basis.adapted.starts import Start, StartFunctions
from pinnsolve.basis.sums import summands
from pinnsolve.compile.system import System
from pinnsolve.search.families.family import Family
from pinnsolve.search.families.parabolic import DISAGREEMENT, Parabolic, parabolic
from pinnsolve.search.fit import Fit

STARTS = "starts"


def disagreeing(system: System) -> StartFunctions | None:
    """The functions of all places where data do not agree; None, if they do, or the equation is
    another.
    """
    found = _on_a_line(system)
    if found is None:
        return None
    ends = [wall.start for wall in found.walls() if wall.disagrees]
    starts = [start for start in (*_kinks(found), *ends) if start is not None]
    return StartFunctions(tuple(starts)) if 0 < len(starts) <= DISAGREEMENT.most else None


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """The family, and the functions of both ends: higher derivatives of the data may disagree."""
    known = () if family.extra is None else summands(family.extra)
    found = _on_a_line(system)
    if found is None or any(isinstance(part, StartFunctions) for part in known):
        return []
    ends = tuple(wall.start for wall in found.walls() if wall.start is not None)
    return [family.with_extra(STARTS, StartFunctions(ends))] if ends else []


def _on_a_line(system: System) -> Parabolic | None:
    return parabolic(system) if len(system.domain.coordinates) == 2 else None


def _kinks(found: Parabolic) -> Iterator[Start | None]:
    """Where the initial values jump, or have a kink."""
    (space,) = found.space
    low, high = found.system.domain.bounds[space]
    for kink in found.kinks():
        if kink.plane is None:
            continue
        across, place = kink.plane
        if across == found.system.domain.coordinates[space] and low < place < high:
            yield found.start(space, place, 1, kink.order)
