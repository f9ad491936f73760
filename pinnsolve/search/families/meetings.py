"""The points where interfaces turn or several materials meet, and the powers of solutions there.

Around such a point the state (u, k u_th / a) is handed from sector to sector: by a rotation of the
angle a w in each, in units of its conductivity k. A power a is one for which the state comes back
to itself, or, between two sides of the domain, from what holds on the first side to what holds on
the last: a root of one equation in a.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from pinnsolve.basis.adapted.meetings import Meeting, MeetingFunctions, Sector
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.sides import points_on_side
from pinnsolve.geometry.interface import Interface
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.vertices import Vertex, vertices
from pinnsolve.jets.indices import members, order_of

# Whether values are given on the first and the last side, where there are sides
Ends = tuple[bool, bool] | tuple[()]
MEETINGS = "meetings"


@dataclass(frozen=True)
class Powers:
    """How the powers at a point are looked for."""

    # Up to here: what is smoother, waves resolve; with those up to 5 some combinations were open to
    # 1e-6, and nothing was more accurate
    top: float = 3.0
    # Steps of the search for changes of sign; between two roots that are nearer, an extremum is
    step: float = 0.02
    # A power that is this near to an integer is a polynomial's
    integer: float = 1e-6
    # Radians to which sectors fill an angle
    angle: float = 1e-6


POWERS = Powers()


@lru_cache(maxsize=8)
def at_meetings(system: System) -> MeetingFunctions | None:
    """The functions of all such points of a plane problem of equations of second order, whose
    fluxes are conductivities times gradients; None, if there are none with a power of its own.
    """
    regions = system.supports
    if len(system.domain.coordinates) != 2 or len(set(regions)) < 2:
        return None
    sectors: dict[tuple[float, float], list[tuple[int, Vertex]]] = {}
    for k, region in enumerate(regions):
        for vertex in (v for v in vertices(region) if v.straight):
            key = next((p for p in sectors if math.dist(p, vertex.point) < 1e-9), vertex.point)
            sectors.setdefault(key, []).append((k, vertex))
    found = [_meeting(system, point, around) for point, around in sectors.items()]
    meetings = tuple(meeting for meeting in found if meeting is not None)
    return MeetingFunctions(meetings) if meetings else None


def singular_inside(system: System) -> bool:
    """Whether solutions have a power of their own at some point: one basis hardly follows it."""
    found = at_meetings(system)
    return found is not None and any(meeting.powers for meeting in found.meetings)


def _meeting(
    system: System, point: tuple[float, float], around: Sequence[tuple[int, Vertex]]
) -> Meeting | None:
    """What is known of a point with the sectors of some unknowns; None where they leave a gap that
    no side of the domain ends, and where waves are as good.
    """
    conductivities = _conductivities(system, point)
    if len(around) < 2 or not {k for k, _ in around} <= set(conductivities):
        return None
    around = _in_order(around)
    ends = _ends(system, [vertex for _, vertex in around])
    if ends is None:
        return None
    powers, whole = powers_of([(conductivities[k], v.opening) for k, v in around], ends)
    if not powers and not (whole and len({conductivities[k] for k, _ in around}) > 1):
        return None
    own = tuple(_sector(system.supports[k], vertex) for k, vertex in around)
    return Meeting(point, own, powers, whole, POWERS.top)


def _in_order(around: Sequence[tuple[int, Vertex]]) -> list[tuple[int, Vertex]]:
    """Sectors counter-clockwise, the first after the gap, if there is one."""
    around = sorted(around, key=lambda each: each[1].start % (2 * math.pi))
    for k, (_, vertex) in enumerate(around):
        if not _follows(around[k - 1][1], vertex):
            return [*around[k:], *around[:k]]
    return list(around)


def _follows(before: Vertex, after: Vertex) -> bool:
    apart = math.remainder(before.start + before.opening - after.start, 2 * math.pi)
    return abs(apart) < POWERS.angle


def _ends(system: System, around: Sequence[Vertex]) -> Ends | None:
    """Whether values are given on the first and on the last side; none, where there are no sides.
    None, where nothing is known.
    """
    if not all(_follows(a, b) for a, b in pairwise(around)):
        return None
    if _follows(around[-1], around[0]):
        return ()
    first, last = around[0], around[-1]
    sides = (first, first.start), (last, last.start + last.opening)
    orders = [
        _order_on_side(system, vertex, np.array([math.cos(angle), math.sin(angle)]))
        for vertex, angle in sides
    ]
    return None if None in orders else (orders[0] == 0, orders[1] == 0)


def _order_on_side(system: System, vertex: Vertex, side: np.ndarray) -> int | None:
    """Order of the condition that holds on the side next to the corner: 0 for values; None if none
    is found there.
    """
    nearest, order = np.inf, None
    for residual in system.residuals:
        p = points_on_side(system, residual, vertex.point, side)
        if p is not None and len(p.x):
            along = float((p.x[0] - vertex.point) @ side)
            if along < nearest:
                nearest, order = along, max(order_of(s.index) for s in residual.slots)
    return order


def _sector(region: Region, vertex: Vertex) -> Sector:
    (a, b), (c, d) = region.bounds.tolist()
    middle = vertex.start + vertex.opening / 2
    return Sector(middle, vertex.opening, ((a, b), (c, d)), _way_back(vertex, region) / 2)


def _way_back(vertex: Vertex, region: Region) -> float:
    """How far opposite to the sector's middle the region comes back; 0, where it does not."""
    away = vertex.start + vertex.opening / 2 + math.pi
    direction = np.array([math.cos(away), math.sin(away)])
    steps = float(np.linalg.norm(region.extent)) * np.linspace(0, 1, 2001)[1:]
    inside = region.contains(np.array(vertex.point) + steps[:, None] * direction)
    return float(steps[inside.argmax()]) if inside.any() else 0.0


def powers_of(
    sectors: Sequence[tuple[float, float]], ends: Ends = ()
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The powers of sectors, pairs of a conductivity and an opening, in order: all around a point,
    or between sides of which `ends` say whether values are given; integers apart.
    """

    def mismatch(power: float) -> float:
        handed = np.eye(2)
        for k, opening in sectors:
            c, s = math.cos(power * opening), math.sin(power * opening)
            handed = np.array([[c, s / k], [-k * s, c]]) @ handed
        if not ends:
            return float(np.trace(handed)) - 2.0
        # Given values leave the flux open on the first side, and ask for zero on the last one.
        first, last = ends
        return float(handed[0 if last else 1, 1 if first else 0])

    largest, least = max(k for k, _ in sectors), min(k for k, _ in sectors)
    scale = max(largest / least, largest, 1 / least)
    roots = [a for a in _roots(mismatch, scale) if abs(a - round(a)) > POWERS.integer]
    integers = range(1, math.floor(POWERS.top) + 1)
    whole = [m for m in integers if abs(mismatch(m)) < POWERS.integer * scale]
    return tuple(roots), tuple(whole)


def _roots(function: Callable[[float], float], scale: float) -> Iterator[float]:
    from scipy.optimize import brentq, minimize_scalar

    grid = np.arange(POWERS.step / 2, POWERS.top, POWERS.step)
    values = [function(a) for a in grid]
    for i, (f, g) in enumerate(pairwise(values)):
        if f * g < 0:
            yield float(brentq(function, grid[i], grid[i + 1], xtol=1e-14))
        elif i > 0 and values[i - 1] * f > 0 and abs(f) < min(abs(values[i - 1]), abs(g)):
            sign = math.copysign(1.0, f)
            ends = float(grid[i - 1]), float(grid[i + 1])
            least = minimize_scalar(
                lambda a, s=sign: s * function(a), bounds=ends, method="bounded",
                options={"xatol": 1e-10},
            )  # fmt: skip
            if least.fun < 0:
                yield from (float(brentq(function, e, least.x, xtol=1e-14)) for e in ends)
            elif least.fun < 1e-12 * scale:
                yield float(least.x)


def _conductivities(system: System, point: Sequence[float]) -> Mapping[int, float]:
    """By what each unknown's gradient is multiplied in the flux across its interfaces, at a point;
    none for fluxes that are no multiple of the gradient.
    """
    held: dict[int, float] = {}
    for residual in system.residuals:
        orders = {order_of(slot.index) for slot in residual.slots}
        if isinstance(residual.condition.region, Interface) and orders == {1}:
            held |= _factors(residual, point)
    return held


def _factors(residual: Residual, point: Sequence[float]) -> Mapping[int, float]:
    x = DOUBLE.new_tensor([list(point)])
    table: dict[int, np.ndarray] = {}
    for axis in range(2):
        normal = DOUBLE.new_zeros(1, 2)
        normal[0, axis] = 1.0
        slopes = residual.coefficients(x, normal)[:, 0].tolist()
        for slot, slope in zip(residual.slots, slopes, strict=True):
            for member in members(slot.index):
                matrix = table.setdefault(slot.unknown, np.zeros((2, 2)))
                matrix[axis, member.index(1)] += slope
    return {
        unknown: abs(float(matrix[0, 0]))
        for unknown, matrix in table.items()
        if matrix[0, 0] and np.allclose(matrix, matrix[0, 0] * np.eye(2), rtol=1e-9, atol=0)
    }
