"""Inside or outside: how often a ray crosses the facets of a closed boundary.

The ray goes along the last coordinate, and facets are kept by the cells of a grid over the others.
Two facets see a point on the same side of the edge that they share, as each computes it from the
edge's ends in one order; a point right above an edge counts as moved by nothing down the second
coordinate, and by less than that up the first. So a ray through an edge or a vertex is counted
once, and the sign is exact but for points within round-off of a facet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.mesh.simplices import Numbers, across


@dataclass(frozen=True)
class Casting:
    """How facets are kept by cells."""

    # Facets a cell, if they are spread evenly, and cells along a side at most
    a_cell: float = 0.5
    most: int = 1024
    # Entries of a facet in cells, on an average: with more of them the grid is made coarser
    entries: int = 32
    # Points at a time
    chunk: int = 32768
    # Pairs of a point and a facet at a time, where all facets count
    pairs: int = 1 << 21


CASTING = Casting()


@dataclass(frozen=True, eq=False)
class Crossings:
    """Facets by cells: those of a cell are `held[begins[cell] : begins[cell + 1]]`.

    `corners (m, dim, dim)`; `edges (m, dim, 2, dim - 1)` are the shadows of the edges, each from
    the lower end, `turned (m, dim)` those that a facet has the other way round; `outward (m, dim)`
    normals, and `facing (m,)` their sign along the ray.
    """

    corners: Array
    edges: Array
    turned: Mask
    outward: Array
    facing: Array
    low: Array
    side: Array
    shape: Numbers
    begins: Numbers
    held: Numbers

    @classmethod
    def of(cls, corners: Array) -> Crossings:
        """Of the facets of a closed boundary, by their corners `(m, dim, dim)`."""
        outward = across(corners)
        kept = outward[:, -1] != 0  # the others are seen edge-on
        corners, outward = corners[kept], outward[kept]
        dim = corners.shape[2]
        following = np.roll(corners, -1, axis=1)
        turned = _comes_later(corners, following)
        ends = np.stack([corners, following], axis=2)
        ends[turned] = ends[turned][:, ::-1]
        shadows = corners[:, :, : dim - 1]
        first, last = shadows.min(axis=1), shadows.max(axis=1)
        low, high = first.min(axis=0), last.max(axis=0)
        side = np.where(high > low, high - low, 1.0)
        shape, pairs = _grid((first - low) / side, (last - low) / side)
        facets, cells = pairs
        order = np.argsort(cells, kind="stable")
        begins = np.searchsorted(cells[order], np.arange(int(shape.prod()) + 1))
        return cls(
            corners,
            ends[..., : dim - 1],
            turned,
            outward,
            np.sign(outward[:, -1]),
            low,
            side,
            shape,
            begins.astype(np.int64),
            facets[order],
        )

    def winding(self, x: Array) -> Numbers:
        """How often the boundary winds around points `(n, dim)`: `(n,)`, one inside, zero
        outside.
        """
        parts = [self._some(x[k : k + CASTING.chunk]) for k in range(0, len(x), CASTING.chunk)]
        found = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        # Round-off at a vertex, a point in very many
        odd = np.flatnonzero((found != 0) & (found != 1))
        found[odd] = np.rint(solid_angles(x[odd], self.corners)).astype(np.int64)
        return found

    def _some(self, x: Array) -> Numbers:
        rows, facets = self.above(x)
        turns = np.bincount(rows, weights=self.facing[facets], minlength=len(x))
        return np.rint(turns).astype(np.int64)

    def above(self, x: Array) -> tuple[Numbers, Numbers]:
        """Pairs of a point's row and a facet that a ray from there, upwards, crosses: `(p,)`
        each.
        """
        rows, facets = self.over(x)
        gap = ((self.corners[facets, 0] - x[rows]) * self.outward[facets]).sum(axis=1)
        ahead = gap * self.facing[facets] > 0
        return rows[ahead], facets[ahead]

    def over(self, x: Array) -> tuple[Numbers, Numbers]:
        """Pairs of a point's row and a facet on the line through it: `(p,)` each."""
        dim = x.shape[1]
        place = np.floor((x[:, : dim - 1] - self.low) / self.side * self.shape)
        within = ((x[:, : dim - 1] >= self.low) & (place <= self.shape)).all(axis=1)
        place = np.clip(np.nan_to_num(place), 0, self.shape - 1).astype(np.int64)
        cell = place[:, 0] if dim == 2 else place[:, 0] * self.shape[1] + place[:, 1]
        begin, end = self.begins[cell], self.begins[cell + 1]
        counts = np.where(within, end - begin, 0)
        rows = np.repeat(np.arange(len(x)), counts)
        offset = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        facets = self.held[np.repeat(begin, counts) + offset]
        crossed = self._crossed(x[rows, : dim - 1], facets)
        return rows[crossed], facets[crossed]

    def _crossed(self, shadow: Array, facets: Numbers) -> Mask:
        """Which lines through places `(p, dim - 1)` of the plane meet each its facet."""
        if shadow.shape[1] == 1:
            ends = self.edges[facets, 0, :, 0]
            met: Mask = (ends[:, 0] <= shadow[:, 0]) != (ends[:, 1] <= shadow[:, 0])
            return met
        lefts = []
        for k in range(3):
            (ax, ay), (bx, by) = self.edges[facets, k].transpose(1, 2, 0)
            dx, dy = bx - ax, by - ay
            turn = dx * (shadow[:, 1] - ay) - dy * (shadow[:, 0] - ax)
            # Edges run upwards along the first coordinate, or else the second: what lies on one
            # lies to its right
            lefts.append((turn > 0) != self.turned[facets, k])
        within: Mask = (lefts[0] == lefts[1]) & (lefts[1] == lefts[2])
        return within


def _comes_later(a: Array, b: Array) -> Mask:
    """Which places `(..., dim)` come after others, coordinate by coordinate."""
    later = np.zeros(a.shape[:-1], dtype=bool)
    for axis in range(a.shape[-1] - 1, -1, -1):
        one, other = a[..., axis], b[..., axis]
        later = (one > other) | ((one == other) & later)
    return later


def _grid(first: Array, last: Array) -> tuple[Numbers, tuple[Numbers, Numbers]]:
    """Cells along each side `(dim - 1,)`, and pairs of a facet and a cell that its box meets, of
    boxes `(m, dim - 1)` in a unit cube.
    """
    count, axes = first.shape
    along = min(max(1, round((count / CASTING.a_cell) ** (1 / axes))), CASTING.most)
    while True:
        begin = np.clip((first * along).astype(np.int64), 0, along - 1)
        end = np.clip((last * along).astype(np.int64), 0, along - 1)
        many = (end - begin + 1).prod(axis=1)
        if many.sum() <= CASTING.entries * count or along == 1:
            break
        along = max(1, along // 2)
    facets = np.repeat(np.arange(count), many)
    offset = np.arange(len(facets)) - np.repeat(np.cumsum(many) - many, many)
    cells = begin[facets, 0]
    if axes == 2:
        wide = (end - begin + 1)[facets, 1]
        cells = (cells + offset // wide) * along + begin[facets, 1] + offset % wide
    else:
        cells = cells + offset
    return np.full(axes, along), (facets, cells)


def solid_angles(x: Array, corners: Array) -> Array:
    """The angle under which points `(n, dim)` see facets `(m, dim, dim)` from within, as a part of
    the whole: `(n,)`, the winding number.
    """
    found = np.zeros(len(x))
    step = max(1, CASTING.pairs // max(1, len(corners)))
    for k in range(0, len(x), step):
        seen = corners[None] - x[k : k + step, None, None]
        found[k : k + step] = _angles(seen).sum(axis=1)
    return found


def _angles(seen: Array) -> Array:
    """Of facets `(n, m, dim, dim)` as seen from the origin, `(n, m)`, parts of the whole."""
    if seen.shape[-1] == 2:
        a, b = seen[..., 0, :], seen[..., 1, :]
        turn = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
        flat: Array = np.arctan2(turn, (a * b).sum(axis=-1)) / (2 * np.pi)
        return flat
    a, b, c = (seen[..., k, :] for k in range(3))
    length = np.linalg.norm(seen, axis=-1)
    volume = (a * np.cross(b, c)).sum(axis=-1)
    shares = [
        (one * other).sum(axis=-1) * length[..., k]
        for k, (one, other) in enumerate(((b, c), (a, c), (a, b)))
    ]
    angles: Array = np.arctan2(volume, length.prod(axis=-1) + sum(shares)) / (2 * np.pi)
    return angles
