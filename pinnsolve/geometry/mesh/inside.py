"""Integrals over bodies of which only the surface is known: along lines from each facet that faces
upwards, down to where the line leaves the body.

All nodes lie inside, and all weights are positive. The rule is exact along the lines; across them
only where one facet lies above another alone: for fine meshes the rest is far below what the facets
are from a smooth surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Dummy

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.gauss import on_chart, whole
from pinnsolve.geometry.mesh.bundle import Bundle
from pinnsolve.geometry.mesh.crossings import Crossings
from pinnsolve.geometry.mesh.simplices import Simplices, unit_vectors


@dataclass(frozen=True)
class Lines:
    """How many nodes a line has."""

    # At least, and more by its length, of the body's height
    least: int = 3
    whole: float = 12.0
    # Facets that have a line each: fewer have more, by Gauss's rule
    many: int = 2_000


LINES = Lines()


def lines_through(surface: Simplices, crossings: Crossings, finer: float) -> tuple[Array, Array]:
    """Nodes `(n, 3)` and weights `(n,)`."""
    upper = crossings.facing > 0
    flat = unit_vectors(crossings.outward[upper])
    bundle = Bundle.of(crossings.corners[upper], np.repeat(flat[:, None], 3, axis=1))
    chart = bundle.chart(tuple(map(Dummy, "xyz")))
    rule = on_chart(chart, whole(chart), finer if len(flat) < LINES.many else finer / 2)
    assert rule.normals is not None
    length = _depth(crossings, rule.x)
    weight = rule.weights * rule.normals[:, 2]
    height = float(np.ptp(surface.bounds[2]))
    many = np.rint(finer * (LINES.least + LINES.whole * length / height)).astype(np.int64)
    found = [
        _along(rule.x[own], length[own], weight[own], max(number, 1))
        for number in np.unique(many).tolist()
        for own in [np.flatnonzero((many == number) & (length > 0))]
    ]
    return np.concatenate([x for x, _ in found]), np.concatenate([w for _, w in found])


def _depth(crossings: Crossings, top: Array) -> Array:
    """How far below a place on an upper facet the next lower one is, `(n,)`."""
    rows, facets = crossings.over(top)
    outward, corner = crossings.outward[facets], crossings.corners[facets, 0]
    gap = ((corner - top[rows]) * outward).sum(axis=1) / outward[:, 2]
    below = (crossings.facing[facets] < 0) & (gap < 0)
    depth = np.full(len(top), np.inf)
    np.minimum.at(depth, rows[below], -gap[below])
    return np.where(np.isfinite(depth), depth, 0.0)


def _along(top: Array, length: Array, weight: Array, number: int) -> tuple[Array, Array]:
    """Gauss's rule along lines of lengths `(n,)` downwards from places `(n, 3)`."""
    z, w = np.polynomial.legendre.leggauss(number)
    x = np.repeat(top[:, None], number, axis=1)
    x[:, :, 2] -= length[:, None] * (1 + z) / 2
    return x.reshape(-1, 3), ((weight * length)[:, None] * w / 2).ravel()
