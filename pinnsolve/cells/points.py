"""How many points cells have, and where they lie on faces."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pinnsolve.discretize.draw import joined
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.tree import Face, Numbers
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.interface import Interface
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class Density:
    """How many points a cell has."""

    # Rows of equations a column
    rows: float = 1.6
    # Points along a side of a cell with N functions: so many times N^(1/dim)
    side: float = 1.2
    # Times their width that cells may be long, up to which a long side has as many points a length
    # as a short one: functions vary along both as often
    slender: float = 4.0
    # And more in the plane, for each function that solves the equation as it is: only faces and
    # rims tell it from others. Holes a gap of 0.17 apart, with 47 and 16 poles: of 24 points on the
    # face in it a function stayed open to 1e-5, of 85 none
    solutions: float = 0.25
    # The same in space: so many of N solutions are the points of a side, N^(1/2)
    solutions_in_space: float = 0.4
    # Directions of a cell with N functions that its rows do not decide alone, at least: so many
    # times N^(1 - 1/dim). Beside flow corners, of a stream function, twice as many: driven cavity,
    # Re = 100, 28 cells of 350, three seeds: 3e-4 to 6e-4 with as many, 1.3e-5 so. Where all is
    # smooth they cost digits: clamped plate, 2 x 2 x 300, 4e-12 and 8e-8
    free: float = 4.0
    # The same in space, for each side that has a neighbour: of the others, conditions decide.
    # With 4 for all, waves in 27 cells had 1.3e-3 (3839 numbers were kept), so 9.9e-4 (2919)
    free_a_side: float = 0.5
    # Of a region's side: so far from a face it is seen on which sides of it the region lies
    beside: float = 1e-7
    # Points of a face on which jumps are measured
    on_face: int = 32
    # Points of a cell by which it is seen whether a region reaches into it
    looked_at: int = 4096
    # Of a box that is looked at for points of a region, the part to which they confine the next
    # look: where more is left, there are no more to find
    closer: float = 0.5
    # Points of a condition on faces that are drawn, at most, so that each cell finds its own
    drawn: int = 1 << 17


DENSITY = Density()
# Where points of a condition on faces lie in a cell `(dim, 2)`: of the points drawn there, its
# region, and how many there shall be a unit of length along each coordinate, `(dim,)`.
Placed = Callable[[Points, Array, Region, Array], Points]


def points_along(functions: int, solutions: int, dim: int) -> int:
    """How many points a side of a cell has, whose unknowns have so many functions, some of them
    solutions.
    """
    if dim == 3:
        on_faces = math.sqrt(DENSITY.solutions_in_space * solutions)
        return math.ceil(max(DENSITY.side * math.pow(functions, 1 / dim), on_faces))
    more = DENSITY.solutions * solutions if dim == 2 else 0.0
    return math.ceil(DENSITY.side * math.pow(functions, 1 / dim) + more)


def face_points(face: Face, count: int, region: Region) -> Array:
    """So many points a side of a face in the region, `(n, dim)`: Chebyshev's on the whole, or on
    each piece of a line that lies inside; of larger faces that are cut, points that fill them
    evenly.
    """
    dim = len(face.bounds)
    across = [axis for axis in range(dim) if axis != face.axis]
    low = face.bounds[:, 0]
    if not across:  # of an interval's cells: a point
        return low[None][region.contains(low[None])]
    line = chebyshev(count)
    whole = _on(face, np.stack(np.meshgrid(*[line] * len(across), indexing="ij"), -1))
    # A margin, so that a face which the region's boundary cuts near its end counts as cut.
    probe = _on(face, sobol(512, len(across), np.random.default_rng(0)))
    kept = _within(region, probe, face)
    if kept.all() and region.contains(whole).all():
        return whole
    if len(across) != 1:
        return probe[kept][: len(whole)]
    places = np.linspace(0.0, 1.0, 1025)
    ends = _on(face, places[:, None])
    pieces = _runs(_within(region, ends, face), places)
    return np.concatenate(
        [low[None][:0], *(_on(face, (a + (b - a) * line)[:, None]) for a, b in pieces)]
    )


def chebyshev(n: int) -> Array:
    """Chebyshev's points of the unit interval, `(n,)`."""
    line: Array = (1 - np.cos((np.arange(n) + 0.5) * np.pi / n)) / 2
    return line


def midpoints(n: int) -> Array:
    """Those of n equal parts of the unit interval, `(n,)`."""
    line: Array = (np.arange(n) + 0.5) / n
    return line


def lengths_alike(box: Array) -> Array:
    """The lengths `(dim,)` along which a cell `(dim, 2)` has as many points as functions vary along
    a side: the shortest side, and of a cell that is thin at least a part of each.
    """
    sides = np.ptp(box, axis=1)
    lengths: Array = np.maximum(sides.min(), sides / DENSITY.slender)
    return lengths


def on_sides(p: Points, box: Array, region: Region, dense: Array) -> Points:
    """Points of a region of the plane, those on a side of a cell `(2, 2)` moved to where alike
    cells have theirs, too, on as much of it as the region has: so many a unit of length along each
    coordinate, `dense (2,)`.

    On an interface they are Chebyshev's, as on faces: its ends are corners, or points where several
    meet, whose functions are told apart near those alone. With points that fill an interface
    evenly, a square inclusion left combinations of them open to 1e-7. On the outer boundary they
    are even. Points of an unknown that is asked for where it does not live, beside the cell, stay.
    """
    beyond = CLOSE * np.ptp(box, axis=1)
    if ((p.x < box[:, 0] - beyond) | (p.x > box[:, 1] + beyond)).any():
        return p
    low = np.maximum(box[:, 0], region.bounds[:, 0])
    high = np.minimum(box[:, 1], region.bounds[:, 1])
    unit = chebyshev if isinstance(region, Interface) else midpoints
    sides, others, parts = np.ptp(box, axis=1), np.ones(len(p.x), dtype=bool), list[Points]()
    for axis, along in ((0, 1), (1, 0)):
        length = float(high[along] - low[along])
        for end in box[axis]:
            here = np.flatnonzero(others & (np.abs(p.x[:, axis] - end) <= CLOSE * sides[axis]))
            # Up to rounding: alike cells have as many.
            count = math.ceil(max(0.0, length) * dense[along] * (1 - CLOSE)) if len(here) else 0
            side = p.taken(np.resize(here, count))
            line = side.x.copy()
            line[:, along] = low[along] + length * unit(len(line))
            one_sided = side.normals is None or bool((side.normals == side.normals[:1]).all())
            if len(line) and one_sided and region.contains(line).all():
                parts.append(replace(side, x=line))
                others[here] = False
    return joined(p.taken(np.flatnonzero(others)), parts)


def as_drawn(p: Points, box: Array, region: Region, dense: Array) -> Points:
    """The points of a cell `(dim, 2)` as they are: those of a judge are none that a solve has
    seen.
    """
    return p


def _within(region: Region, x: Array, face: Face) -> NDArray[np.bool_]:
    """Which points `(n, dim)` of a face have the region on both of its sides: on the seam of two
    boxes that make one region, the distance to its boundary is zero.
    """
    step = np.zeros(len(face.bounds))
    step[face.axis] = DENSITY.beside * region.extent[face.axis]
    both = [region.signed_distance(x + sign * step, region.extent) < 0 for sign in (-1.0, 1.0)]
    return both[0] & both[1]


def _on(face: Face, unit: Array) -> Array:
    """Points of a face, `(n, dim)`, by its own coordinates in the unit cube, `(..., dim - 1)`."""
    flat = unit.reshape(-1, unit.shape[-1])
    low, sides = face.bounds[:, 0], face.bounds[:, 1] - face.bounds[:, 0]
    full = np.insert(flat, face.axis, 0.0, axis=1)
    placed: Array = low + sides * full
    return placed


def _runs(inside_: NDArray[np.bool_], places: Array) -> list[tuple[float, float]]:
    """Where a mask of places in order is true: the first and last place of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside_.astype(int), [0]])))
    runs = zip(edges[::2], edges[1::2] - 1, strict=True)
    return [(float(places[a]), float(places[b])) for a, b in runs if b > a]


def spread(x: Array, n: int) -> Numbers:
    """The rows of n of the points `(m, dim)`, each as far as can be from those before.

    No part of them would do: of a sequence that fills evenly, every fourth point lies in one
    quarter; of several sides, the first points lie on one.
    """
    if n >= len(x):
        return np.arange(len(x))
    chosen = [0]
    apart = np.full(len(x), np.inf)
    for _ in range(n - 1):
        apart = np.minimum(apart, np.square(x - x[chosen[-1]]).sum(axis=1))
        chosen.append(int(np.argmax(apart)))
    return np.array(chosen)
