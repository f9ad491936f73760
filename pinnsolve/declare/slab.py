"""The first slab of a problem in time: the same equations, on a domain that ends earlier."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from sympy import Symbol

from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.interface import Shared
from pinnsolve.geometry.region import Boundary, Region, charts_of
from pinnsolve.geometry.solids import Box


def first_slab(problem: Problem, time: Symbol, length: float) -> Problem:
    """The problem up to `length` after its first instant; regions are the same objects wherever
    they were.

    Raises ValueError for a time that is no side of a box in the domain, measured data, or a
    condition at the final time.
    """
    if time not in problem.domain.coordinates:
        known = ", ".join(map(str, problem.domain.coordinates))
        raise ValueError(f"March in {time}: the coordinates are {known}")
    done: dict[int, Region] = {}
    domain = _cut(problem.domain, time, length, done)
    axis = domain.coordinates.index(time)
    end = problem.domain.bounds[axis, 1]
    if domain is problem.domain:
        raise ValueError(
            f"March in {time}: {time} is not a side of a box in {problem.domain}; declare region *"
            " Interval(...)"
        )
    for condition in problem.conditions:
        if condition.region.is_listed:
            raise ValueError(
                f"March in {time}: measured data are not dealt out to slabs: {condition}"
            )
        if condition.region is not problem.domain and _touches(condition.region, axis, end):
            raise ValueError(
                f"March in {time} goes from initial values to later times: {condition} holds at the"
                " final time too; place it on the sides and on the first instant alone"
            )
    return problem.on(domain, [_cut(c.region, time, length, done) for c in problem.conditions])


def is_initial(region: Region, axis: int) -> bool:
    """Whether a region lies at the first instant of a coordinate, its number `axis`."""
    low, high = region.bounds[axis]
    return bool(low == high)


def _cut(region: Region, time: Symbol, length: float, done: dict[int, Region]) -> Region:
    if id(region) not in done:
        made: Any = region
        if isinstance(region, Box) and time in region.limits:
            low = region.limits[time][0]
            made = Box({**region.limits, time: (low, low + length)})
        elif is_dataclass(region):
            parts = {
                f.name: part
                for f in fields(region)
                if isinstance(part := getattr(region, f.name), Region)
            }
            cut = {name: _cut(part, time, length, done) for name, part in parts.items()}
            if any(cut[name] is not part for name, part in parts.items()):
                made = replace(region, **cut)
                # The slab ends within the domain: its last instant is no part of its boundary.
                if isinstance(region, Boundary):
                    made = Shared(made, region)
        done[id(region)] = made
    return done[id(region)]


def _touches(region: Region, axis: int, end: float) -> bool:
    """Whether a part of a region lies in the final instant."""
    touches = False
    for chart in charts_of(region):
        s = np.random.default_rng(0).random((64, len(chart.parameters)))
        x, normals = chart.points(s)
        distance = np.abs(x[chart.keep(x, normals)][:, axis] - end)
        touches |= bool((distance <= CLOSE * region.extent[axis]).any())
    return touches
