"""The boundary of a mesh of the plane: straight sides, of which corners are known, and curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Float, Symbol

from pinnsolve.geometry.charts import Array, Chart, Straight, parameters
from pinnsolve.geometry.mesh.simplices import Numbers, Simplices
from pinnsolve.geometry.mesh.turning import Edges, patches_of


@dataclass(frozen=True)
class Straightness:
    """What is a straight side."""

    # Radians by which its edges may turn from one to the next
    turn: float = 1e-7


STRAIGHTNESS = Straightness()


def sides_in_plane(
    surface: Simplices, edges: Edges, sharp: float
) -> tuple[list[tuple[Array, Array]], list[Numbers]]:
    """The ends `(2,)` of straight sides, and the edges of curves between angles of `sharp` or more
    (radians). An edge alone is a side if it has such an angle at both ends.
    """
    lines = patches_of(surface, edges, STRAIGHTNESS.turn)
    straight = [line for line in lines if len(line) > 1 or _alone(line, edges, sharp)]
    taken = np.zeros(len(surface.facets), dtype=bool)
    taken[[k for line in straight for k in line.tolist()]] = True
    curves = patches_of(surface, edges, sharp)
    left = [rest for curve in curves if len(rest := curve[~taken[curve]])]
    return [_ends(surface, line) for line in straight], left


def _alone(line: Numbers, edges: Edges, sharp: float) -> bool:
    at = (edges.facets == line[0]).any(axis=1)
    return bool((edges.angles[at] >= max(sharp, math.radians(1.0))).all())


def _ends(surface: Simplices, line: Numbers) -> tuple[Array, Array]:
    begins, ends = (set(surface.facets[line, k].tolist()) for k in (0, 1))
    (first,), (last,) = begins - ends, ends - begins
    return surface.vertices[first], surface.vertices[last]


def straight_side(coordinates: Sequence[Symbol], a: Array, b: Array) -> Chart:
    """The chart of a side from a to b, `(2,)` each, with the inside to the left."""
    (s,) = parameters(1)
    along = b - a
    length = float(np.linalg.norm(along))
    normal = np.array([along[1], -along[0]]) / length
    point = tuple(Float(p) + s * Float(d) for p, d in zip(a, along, strict=True))
    place = Straight(a, along[None], normal)
    return Chart(tuple(coordinates), (s,), point, length, 1, tuple(map(Float, normal)), (), place)
