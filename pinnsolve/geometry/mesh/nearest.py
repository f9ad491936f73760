"""Distances to facets: a tree of their middles, and the exact distance to those that are near.

Long facets are cut into pieces first, so that a middle says where a facet is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.spatial import cKDTree

from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.mesh.simplices import (
    Numbers,
    Simplices,
    across,
    measures,
    unit_vectors,
)


@dataclass(frozen=True)
class Search:
    """How facets are cut, and how many of them are asked."""

    # Of the root of the mean area, or the mean length: larger pieces are cut
    large: float = 2.0
    # Pieces at most, for each facet, and besides
    pieces: int = 8
    more: int = 4096
    # Pieces that are asked: the nearest middles, and where these do not settle it more of them
    asked: tuple[int, ...] = (4, 16, 64)
    # Of the radius of the largest piece: farther away the nearest middle is near enough
    exact: float = 4.0
    chunk: int = 32768


SEARCH = Search()


@dataclass(frozen=True, eq=False)
class Nearest:
    """Pieces of facets by their corners `(p, dim, dim)`, a tree of their middles, and how far at
    most a corner is from these.
    """

    corners: Array
    tree: cKDTree
    radius: float

    @classmethod
    def of(cls, corners: Array) -> Nearest:
        """Of facets `(m, dim, dim)`."""
        pieces = _cut(corners)
        return cls(pieces, cKDTree(pieces.mean(axis=1)), float(_radii(pieces).max()))

    def distance(self, x: Array) -> Array:
        """Of points `(n, dim)`, `(n,)`: exact near the facets. From a distance D of more than four
        radii r of the largest piece it is up to r^2 / 2D too large.
        """
        parts = [self._some(x[k : k + SEARCH.chunk]) for k in range(0, len(x), SEARCH.chunk)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _some(self, x: Array) -> Array:
        best = np.full(len(x), np.inf)
        open_ = np.arange(len(x))
        for count in SEARCH.asked:
            many = min(count, len(self.corners))
            far, pieces = self.tree.query(x[open_], k=[*range(1, many + 1)])
            found = to_simplices(
                np.repeat(x[open_], many, axis=0), self.corners[pieces.ravel()]
            ).reshape(-1, many)
            best[open_] = found.min(axis=1)
            # Pieces that were not asked are farther than the last of these, but for their radius
            settled = far[:, -1] - self.radius >= best[open_]
            settled |= best[open_] > SEARCH.exact * self.radius
            if many == len(self.corners):
                break
            open_ = open_[~settled]
            if not len(open_):
                break
        return best

    def near(self, x: Array, tolerance: float) -> Mask:
        """Which points `(n, dim)` are no farther away: `(n,)`."""
        found, reach = np.zeros(len(x), dtype=bool), self.radius + 2 * tolerance
        far, _ = self.tree.query(x, distance_upper_bound=reach)
        left, many = np.flatnonzero(np.isfinite(far)), SEARCH.asked[0]
        while len(left):
            many = min(4 * many, len(self.corners))
            asked = [*range(1, many + 1)]
            far, pieces = self.tree.query(x[left], k=asked, distance_upper_bound=reach)
            row, place = np.nonzero(np.isfinite(far))
            on = self._on(x[left[row]], pieces[row, place], tolerance)
            found[left[row[on]]] = True
            more = np.isfinite(far[:, -1]) & ~found[left] & (many < len(self.corners))
            left = left[more]
        return found

    def _on(self, x: Array, pieces: Numbers, tolerance: float) -> Mask:
        """Which points `(n, dim)` are on each its piece."""
        ahead = ((x - self.corners[pieces, 0]) * self.outward[pieces]).sum(axis=1)
        on: Mask = np.abs(ahead) <= 2 * tolerance
        on[on] = to_simplices(x[on], self.corners[pieces[on]]) <= tolerance
        return on

    @cached_property
    def outward(self) -> Array:
        """Unit normals `(p, dim)`; zero, where a piece has none."""
        return unit_vectors(across(self.corners))


@lru_cache(maxsize=16)
def nearest_to(surface: Simplices, unit: tuple[float, ...] | None) -> Nearest:
    """What knows the distances to facets, in units of each coordinate."""
    return Nearest.of(surface.corners if unit is None else surface.corners / np.array(unit))


def _radii(corners: Array) -> Array:
    """How far corners `(p, k, dim)` are from the middles, `(p,)`."""
    radii: Array = np.linalg.norm(corners - corners.mean(axis=1, keepdims=True), axis=2).max(axis=1)
    return radii


def _cut(corners: Array) -> Array:
    """Facets `(m, dim, dim)` cut across their longest sides until none is large, or there are too
    many.
    """
    most = SEARCH.pieces * len(corners) + SEARCH.more
    size = measures(corners)
    large = SEARCH.large * float(size.mean()) ** (1 / (corners.shape[2] - 1))
    done: list[Array] = []
    while len(corners):
        radii = _radii(corners)
        small = radii <= large
        if sum(len(d) for d in done) + 2 * len(corners) > most:
            small[:] = True
        done.append(corners[small])
        corners = _halves(corners[~small])
    return np.concatenate(done)


def _halves(corners: Array) -> Array:
    """Each facet `(m, dim, dim)` in two, across its longest side."""
    count = corners.shape[1]
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    lengths = np.stack([np.linalg.norm(corners[:, a] - corners[:, b], axis=1) for a, b in pairs])
    parts = []
    for k, (a, b) in enumerate(pairs):
        own = corners[lengths.argmax(axis=0) == k]
        middle = own[:, [a, b]].mean(axis=1)
        for end in (a, b):
            half = own.copy()
            half[:, end] = middle
            parts.append(half)
    return np.concatenate(parts)


def to_simplices(x: Array, corners: Array) -> Array:
    """Distances `(n,)` of points `(n, dim)` to segments or triangles `(n, k, dim)`, each its
    own.
    """
    count = corners.shape[1]
    sides = [(0, 1)] if count == 2 else [(0, 1), (1, 2), (2, 0)]
    nearest: Array = np.sqrt(
        np.min([_to_segment(x, corners[:, a], corners[:, b]) for a, b in sides], axis=0)
    )
    if count == 2:
        return nearest
    outward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = (outward**2).sum(axis=1)
    within = size > 0
    for a, b in sides:
        inward = np.cross(outward, corners[:, b] - corners[:, a])
        within &= (inward * (x - corners[:, a])).sum(axis=1) >= 0
    height = np.abs(((x - corners[:, 0]) * outward).sum(axis=1))
    return np.where(within, height / np.sqrt(np.where(size > 0, size, 1.0)), nearest)


def _to_segment(x: Array, a: Array, b: Array) -> Array:
    """Squares of the distances."""
    along, off = b - a, x - a
    length = (along**2).sum(axis=1)
    share = np.clip((off * along).sum(axis=1) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    squares: Array = ((off - share[:, None] * along) ** 2).sum(axis=1)
    return squares
