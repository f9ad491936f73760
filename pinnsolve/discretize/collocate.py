"""Collocation points for a basis: as many as its columns ask for, and where its neurons are thin,
near them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.basis.basis import Basis, Gather
from pinnsolve.compile.system import System
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.draw import in_cells, rare_rows, with_rare
from pinnsolve.discretize.points import (
    Points,
    dimension,
    fills_domain,
    points_wanted,
    sample_points,
    sample_region,
)
from pinnsolve.discretize.tips import at_tips, tips_of
from pinnsolve.fields.arrays import array_of
from pinnsolve.fields.building import box_of
from pinnsolve.fields.space import Space
from pinnsolve.geometry.charts import CLOSE


@dataclass(frozen=True)
class Sampling:
    """How many rows determine a column, and which neurons are so thin that points must be moved."""

    # Points in the domain a column, by dimension: in space faces have nearly as many again, and two
    # leave errors within 1.3 times those of three (seven random problems, 960 functions). In seven
    # coordinates ridges of two came to 6e-5 with 960 functions, of three to 8e-7
    rows: tuple[int, ...] = (3, 3, 2, 3)
    # The least a column, where no more points can be had.
    least_rows: float = 1.5
    # Across a neuron's width, below which it counts as thin.
    points_across: int = 32

    def rows_for(self, dimension: int) -> int:
        """A column, in so many dimensions."""
        return self.rows[min(dimension, len(self.rows)) - 1]


SAMPLING = Sampling()


def collocation_points(
    system: System, space: Space, seed: int, parameters: int | None = None
) -> tuple[Points, ...]:
    """Points for all conditions: about three rows a parameter (by default: a column), Sobol, some
    near thin neurons.

    A basis of stretched coordinates has half of them uniform in those; narrow features of the data
    get more. A neuron of width 1/|w| that few points would fall on is thin; as large a share of the
    points as there are thin neurons is moved to their hyperplanes (their quadrature weights are set
    to zero).
    """
    problem = system.problem
    bases = space.whole
    n = points_for(system, parameters or space.columns)
    directions = [basis.varying for basis in bases if basis.varying is not None]
    # Functions that vary in few directions have all their variety on a face, which wants as many
    # points.
    varying = min(directions, default=len(system.domain.coordinates))
    split = in_cells(system.residuals, sample_points(problem, n, seed, varying=varying), seed)
    sampled = zip(split, problem.conditions, strict=True)
    points = tuple(
        _spread(p, bases, system, seed + k) if dimension(c.region) else p
        for k, (p, c) in enumerate(sampled)
    )
    gathered = [
        _gathered(p, bases, system, seed + k) if fills_domain(c.region) else p
        for k, (p, c) in enumerate(zip(points, problem.conditions, strict=True))
    ]
    every, tips = with_rare(system.residuals, gathered, seed, rare_rows), tips_of(bases)
    return tuple(at_tips(r, p, tips) for r, p in zip(system.residuals, every, strict=True))


def points_for(system: System, parameters: int) -> int:
    """Points in the domain for so many parameters: with one equation, three for each, two in space;
    with more, fewer.
    """
    problem, probe = system.problem, 4096
    inside = [c.region for c in problem.conditions if fills_domain(c.region)]
    rows_a_point = sum(points_wanted(region, problem.domain, probe) for region in inside) / probe
    # Each equation has a row a point: a system wants fewer points for as many rows.
    rows = SAMPLING.rows_for(len(problem.domain.coordinates))
    return int(np.ceil(rows * parameters / max(rows_a_point, 1.0)))


def most_columns(system: System) -> float:
    """How many columns the rows determine: no limit where points can be sampled, a share of them
    where all are given.
    """
    regions = [c.region for c in system.problem.conditions]
    if any(dimension(region) for region in regions):
        return np.inf
    return max(
        1, sum(len(sample_region(region, 1, 0).x) for region in regions) / SAMPLING.least_rows
    )


def _spread(p: Points, bases: Sequence[Basis], system: System, seed: int) -> Points:
    """Half of the points moved to where they lie as evenly in the stretched coordinates, if they
    stay on their region.
    """
    maps = gathers(bases)
    if not maps:
        return p
    # Drawn, not every second: a Sobol sequence's points of even index lie in one half of the box.
    turns = np.random.default_rng(seed).integers(2 * len(maps), size=len(p.x))
    x, weights = p.x.copy(), p.weights.copy()
    like = bases[0].like
    for turn, gather in enumerate(maps):
        drawn = np.flatnonzero(turns == turn)
        if not len(drawn):
            continue
        moved = array_of(gather(*p.taken(drawn).tensors(like)))
        unit = system.domain.extent
        distance, original = (
            system.domain.signed_distance(place, unit) for place in (moved, x[drawn])
        )
        stays = np.where(np.abs(original) < CLOSE, np.abs(distance) < CLOSE, distance <= 0)
        x[drawn[stays]], weights[drawn[stays]] = moved[stays], 0.0
    return replace(p, x=x, weights=weights)


def gathers(bases: Sequence[Basis]) -> list[Gather]:
    """Maps from points uniform in the box (and their normals) to where each part with coordinates
    of its own wants them.
    """
    return [gather for basis in bases for gather in basis.gathers]


def _gathered(p: Points, bases: Sequence[Basis], system: System, seed: int) -> Points:
    """Move some of the points along a thin neuron's normal, to within its width of its
    hyperplane.
    """
    planes = [basis.planes() for basis in bases]
    planes = [each for each in planes if each[0].numel()]
    if not planes:
        return p
    weight, bias = (
        np.concatenate([array_of(w) for w, _ in planes], axis=1),
        np.concatenate([array_of(b) for _, b in planes]),
    )
    sides = np.ptp(system.domain.bounds, axis=1)
    steepest = len(p.x) / SAMPLING.points_across
    thin = np.flatnonzero(np.linalg.norm(weight * sides[:, None], axis=0) > steepest)
    if len(thin) == 0:
        return p
    generator = np.random.default_rng(seed)
    moved = np.flatnonzero(generator.random(len(p.x)) < len(thin) / len(bias))
    neuron = generator.choice(thin, len(moved))
    w, x = weight.T[neuron], p.x[moved]
    across = w * sides**2  # normal to the hyperplane, where the domain's sides are 1
    value = generator.standard_normal(len(moved))
    target = (
        x
        + ((value - (x * w).sum(axis=1) - bias[neuron]) / (w * across).sum(axis=1))[:, None]
        * across
    )
    inside = system.domain.contains(target, 0.0)
    x, weights = p.x.copy(), p.weights.copy()
    # What was moved is no quadrature any more, and has no weight in one.
    x[moved[inside]], weights[moved[inside]] = target[inside], 0.0
    return replace(p, x=x, weights=weights)


def bounds_by_name(problem: Problem) -> dict[str, tuple[float, float]]:
    """The domain's bounding box, as a basis wants it."""
    return box_of(problem.domain)
