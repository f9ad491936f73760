"""The regions that formulas name: that they fill the domain once, and what several lists of them
have in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pinnsolve.declare.by_region import ByRegion
from pinnsolve.geometry.charts import CLOSE, Array, Mask
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Region, charts_of

Numbers = NDArray[np.intp]


@dataclass(frozen=True)
class Covering:
    """By which points it is told whether regions fill the domain once."""

    # Random ones a chart of the domain
    points: int = 4096
    # How far from a region's boundary, in the region's sides: a gap that is thinner is none
    beside: float = 1e-6
    # How far around a point it is looked which region it belongs to, in the domain's sides
    around: float = 1e-6


COVERING = Covering()


@dataclass(frozen=True)
class Piece:
    """A part of the domain in which every formula is one, with these formulas."""

    region: Solid
    formulas: Mapping[ByRegion, object]


def refined(nodes: Sequence[ByRegion], domain: Solid) -> tuple[Piece, ...]:
    """The parts of the domain in which each of the nodes has one formula.

    Raises ValueError, with the regions and a point, where they overlap, leave a gap, or lie outside
    of the domain.
    """
    pieces: tuple[Piece, ...] = (Piece(domain, {}),)
    for node in nodes:
        formulas = {spanning(region, domain): f for region, f in node.formulas.items()}
        require_filled(tuple(formulas), domain)
        cut = [
            Piece(both, {**piece.formulas, node: f})
            for piece in pieces
            for region, f in formulas.items()
            if (both := common(piece.region, region)) is not None
        ]
        pieces = tuple(cut)
    return pieces


def spanning(region: Solid, domain: Solid) -> Solid:
    """The region over all coordinates of the domain, in their order: at all times, where it names
    none.
    """
    missing = [c for c in domain.coordinates if c not in region.coordinates]
    rest = domain.over(missing) if missing else None
    wholes = [region] if rest is None else [region * rest, rest * region]
    for whole in wholes:
        if whole.coordinates == domain.coordinates:
            return whole
    raise ValueError(
        f"by_region names {region} over {region.coordinates}, and the domain {domain} has"
        f" {domain.coordinates}: give regions over the same coordinates, in the same order"
    )


def common(a: Solid, b: Solid) -> Solid | None:
    """What two solids have in common, by the shortest name; None, if that is nothing.

    Points beside both boundaries tell it: of a tiny hole, random ones know nothing.
    """
    x = np.concatenate([each(region) for each in (_points, _beside) for region in (a, b)])
    sides = np.minimum(a.extent, b.extent)
    near = COVERING.beside / 2
    in_a, in_b = (region.signed_distance(x, sides) for region in (a, b))
    if not ((in_a < -near) & (in_b < -near)).any():
        return None
    if not ((in_a < -near) & (in_b > near)).any():
        return a
    return a & b if ((in_b < -near) & (in_a > near)).any() else b


def signed(region: Region, x: Array) -> Array:
    """Signed distances of points `(n, dim)` in the region's sides, `(n,)`."""
    return region.signed_distance(x, region.extent)


def nearest(regions: Sequence[Region], x: Array) -> Numbers:
    """The number of the region that each of the points `(n, dim)` lies in, or is nearest to; where
    that is several, of which there is most around.
    """
    extent = np.max([region.extent for region in regions], axis=0)
    distances = np.stack([r.signed_distance(x, extent) for r in regions])
    numbers: Numbers = distances.argmin(axis=0)
    tied = ((distances - distances.min(axis=0) < CLOSE).sum(axis=0) > 1).nonzero()[0]
    if len(tied):
        shares = np.stack([share_around(region, x[tied], extent) for region in regions])
        shares[distances[:, tied] - distances[:, tied].min(axis=0) >= CLOSE] = -1.0
        numbers[tied] = shares.argmax(axis=0)
    return numbers


def share_around(region: Region, x: Array, extent: Array) -> Array:
    """How much of what is around points `(n, dim)` belongs to a region: `(n,)`.

    A strip that is cut out of a plate leaves its outer wall on the boundary of both, as distances
    have it; around that wall there is nothing of the rest.
    """
    steps = np.array([s for s in product((-1.0, 0.0, 1.0), repeat=x.shape[1]) if any(s)])
    around = x[:, None] + COVERING.around * extent * steps
    inside = region.signed_distance(around.reshape(-1, x.shape[1]), extent) < 0
    return np.asarray(inside.reshape(len(x), -1).mean(axis=1))


def require_filled(regions: Sequence[Solid], domain: Solid) -> None:
    """Raise ValueError, with the regions and a point, unless every point of the domain lies in one
    of them, and none outside.
    """
    x = np.concatenate([_points(domain), *map(_beside, regions)])
    far = signed(domain, x) > COVERING.beside / 2
    inside = np.stack([signed(region, x) < -CLOSE for region in regions])
    if (out := inside & far).any():
        k = int(out.any(axis=1).argmax())
        raise ValueError(
            f"by_region names {regions[k]}, which lies outside of the domain {domain} at"
            f" {_first(x, out[k], domain)}: cut it, region & domain, or end the edges of an array"
            " where the domain ends"
        )
    inner = signed(domain, x) < -COVERING.beside / 2
    twice = inner & (inside.sum(axis=0) > 1)
    if twice.any():
        one, other = (regions[k] for k in np.flatnonzero(inside[:, twice.argmax()])[:2])
        raise ValueError(
            f"by_region names {one} and {other}, which overlap at {_first(x, twice, domain)}: cut"
            " one of them, a - b"
        )
    near = np.stack([signed(region, x) <= CLOSE for region in regions])
    bare = inner & ~near.any(axis=0)
    if bare.any():
        more = f" and {len(regions) - 6} more" if len(regions) > 6 else ""
        named = ", ".join(map(str, regions[:6])) + more
        raise ValueError(
            f"by_region has no value at {_first(x, bare, domain)}, between {named}: its regions"
            f" fill the domain {domain}; give the rest one too, domain - region, or lead the edges"
            " of an array to the domain's ends"
        )


def _first(x: Array, chosen: Mask, domain: Solid) -> str:
    point = x[int(chosen.argmax())]
    return ", ".join(f"{c}={v:.4g}" for c, v in zip(domain.coordinates, point, strict=True))


def _points(region: Region) -> Array:
    """Random points of a solid, `(n, dim)`, always the same."""
    random = np.random.default_rng(0)
    parts = []
    for chart in charts_of(region):
        x, n = chart.points(random.random((COVERING.points, len(chart.parameters))))
        parts.append(x[chart.keep(x, n)])
    return np.concatenate(parts)


def _beside(region: Solid) -> Array:
    """Points just inside and just outside of a region's boundary: a thin gap is seen from there."""
    parts = []
    for chart in charts_of(region.boundary):
        s = np.random.default_rng(0).random((512 if chart.parameters else 1, len(chart.parameters)))
        x, n = chart.points(s)
        kept = chart.keep(x, n)
        x, n = x[kept], n[kept]  # type: ignore[index]
        step = COVERING.beside * region.extent * (across := n * region.extent)
        step /= np.linalg.norm(across, axis=1, keepdims=True)
        parts += [x - step, x + step]
    return np.concatenate(parts)
