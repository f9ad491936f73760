"""Integrals over bodies of which only the surface is known: along lines from each facet that faces
upwards, down to where the line leaves the body.

All nodes lie inside, and all weights are positive. The rule is exact along the lines; across them
only where one facet lies above another alone: for fine meshes the rest is far below what the facets
are from a smooth surface.
"""

from __future__ import annotations

import numpy as np
from sympy import Dummy

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.gauss import on_chart, whole
from pinnsolve.geometry.lines import along_lines
from pinnsolve.geometry.mesh.bundle import Bundle
from pinnsolve.geometry.mesh.crossings import Crossings
from pinnsolve.geometry.mesh.simplices import Numbers, Simplices, unit_vectors

# Facets that have a line each: fewer have more, by Gauss's rule
MANY_FACETS = 2_000


def lines_through(surface: Simplices, crossings: Crossings, finer: float) -> tuple[Array, Array]:
    """Nodes `(n, 3)` and weights `(n,)`."""
    upper = crossings.facing > 0
    flat = unit_vectors(crossings.outward[upper])
    bundle = Bundle.of(crossings.corners[upper], np.repeat(flat[:, None], 3, axis=1))
    chart = bundle.chart(tuple(map(Dummy, "xyz")))
    rule = on_chart(chart, whole(chart), finer if len(flat) < MANY_FACETS else finer / 2)
    assert rule.normals is not None
    height = float(np.ptp(surface.bounds[2]))
    return along_lines(
        rule.x, _depth(crossings, rule.x), rule.weights * rule.normals[:, 2], height, finer
    )


def crossings_below(crossings: Crossings, top: Array) -> tuple[Numbers, Numbers, Array]:
    """Pairs of a place's row and a facet below it, and how far below: `(p,)` each."""
    rows, facets = crossings.over(top)
    outward, corner = crossings.outward[facets], crossings.corners[facets, 0]
    depth = -((corner - top[rows]) * outward).sum(axis=1) / outward[:, -1]
    below = depth > 0
    return rows[below], facets[below], depth[below]


def _depth(crossings: Crossings, top: Array) -> Array:
    """How far below a place on an upper facet the next lower one is, `(n,)`."""
    rows, facets, below = crossings_below(crossings, top)
    lower = crossings.facing[facets] < 0
    depth = np.full(len(top), np.inf)
    np.minimum.at(depth, rows[lower], below[lower])
    return np.where(np.isfinite(depth), depth, 0.0)
