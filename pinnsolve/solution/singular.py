"""Functions of cells in files: singular ones have no tensors of their own, and their number has a
limit; an equation's own have some.
"""

from __future__ import annotations

import math

from pinnsolve.basis.adapted.biharmonic import FlowCornerFunctions
from pinnsolve.basis.adapted.bores import BoreFunctions
from pinnsolve.basis.adapted.corners import CornerFunctions
from pinnsolve.basis.adapted.meetings import MeetingFunctions
from pinnsolve.basis.adapted.own_waves import OwnWaves
from pinnsolve.basis.adapted.particular import Particular
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.basis.adapted.rim_layers import RimLayers
from pinnsolve.basis.adapted.start_surfaces import SurfaceFunctions
from pinnsolve.basis.adapted.starts import StartFunctions
from pinnsolve.basis.adapted.walls import WallFunctions
from pinnsolve.solution.limits import FILE_LIMITS
from pinnsolve.solution.shapes import Names, Shapes, shapes


@shapes.register
def _(declared: CornerFunctions, names: Names) -> Shapes:
    for corner in declared.corners:
        # Of each power so many are higher, each with as many logarithms
        more = (1 + max(corner.shifts, 0)) * (1 + max(corner.logs, 0)) * max(corner.orders, 1)
        few = corner.opening > 0
        _require_few(more * corner.top * corner.opening / math.pi if few else math.inf)
    yield from ()


@shapes.register
def _(declared: FlowCornerFunctions, names: Names) -> Shapes:
    for corner in declared.corners:
        _require_few(sum(term.parts * (1 + term.turns) * (1 + term.logs) for term in corner.terms))
    yield from ()


@shapes.register
def _(declared: Poles, names: Names) -> Shapes:
    for hole in declared.holes:
        # In space there are as many as the order's square.
        order = hole.order ** (len(hole.at) - 1)
        _require_few(order if hole.order > 0 else math.inf)
    yield from ()


@shapes.register
def _(declared: OwnWaves, names: Names) -> Shapes:
    yield "box", (len(names), 2)
    yield "growing", (len(names), declared.width)
    yield "turning", (len(names), declared.width)
    yield "phase", (declared.width,)


@shapes.register
def _(declared: Particular, names: Names) -> Shapes:
    yield "box", (len(names), 2)
    yield "coefficients", tuple(degree + 1 for degree in declared.degrees)


@shapes.register
def _(declared: MeetingFunctions, names: Names) -> Shapes:
    for meeting in declared.meetings:
        if not meeting.top < FILE_LIMITS.corner_functions:
            _require_few(math.inf)
        _require_few(max((meeting.functions(sector) for sector in meeting.sectors), default=0))
    yield from ()


@shapes.register
def _(declared: StartFunctions, names: Names) -> Shapes:
    for start in declared.starts:
        degrees = start.top - start.first + 1
        _require_few(degrees**2 * (1 + max(start.falling, 0)) if degrees > 0 else math.inf)
        _require_few(abs(start.first))
    yield from ()


@shapes.register
def _(declared: WallFunctions, names: Names) -> Shapes:
    dim, most = len(names), max((wall.top for wall in declared.walls), default=0)
    falling = max((wall.falling for wall in declared.walls), default=0)
    lowest = min((wall.first for wall in declared.walls), default=0)
    _require_few(max(abs(lowest), abs(most), declared.along, declared.meeting))
    degrees = max(most, declared.meeting) - lowest + 1
    terms = degrees**2 * (1 + max(falling, 0))
    _require_few(len(declared.walls) * terms * (declared.along + 1) ** (dim - 2))
    yield from ()


@shapes.register
def _(declared: SurfaceFunctions, names: Names) -> Shapes:
    for surface in declared.surfaces:
        _require_few(max(abs(surface.first), abs(surface.top), abs(surface.degree)))
        _require_few(surface.functions(len(names) - 1))
    yield from ()


@shapes.register
def _(declared: BoreFunctions, names: Names) -> Shapes:
    for bore in declared.bores:
        few = min(bore.hole.order, bore.degree) >= 0
        _require_few(bore.functions if few else math.inf)
    yield from ()


@shapes.register
def _(declared: RimLayers, names: Names) -> Shapes:
    for rim in declared.rims:
        few = min(rim.order, rim.depth) >= 0
        _require_few(rim.functions if few else math.inf)
    yield from ()


def _require_few(count: float) -> None:
    """Raise ValueError for more functions of one point or hole than a file may declare."""
    most = FILE_LIMITS.corner_functions
    if not count < most:
        raise ValueError(f"it declares more than {most} functions of one point or hole")
