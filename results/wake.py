"""Navier's and Stokes' constants from a wake, as a problem (DeepXDE's): velocities in a window, the
pressure at one place, nothing on its sides.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sympy import Eq

from pinnsolve import Box, Data, PointCloud, Problem, coordinates, unknown
from pinnsolve.problems.numbers import measured
from pinnsolve.symbols.symbols import Unknown
from results import wake_reference
from results.wake_reference import TRUE, WINDOW, Window

x, y, t = coordinates("x y t")


def wake(
    noise: float, seed: int, window: Window = WINDOW, n: int = 7000
) -> tuple[Problem, Mapping[Unknown, float]]:
    """In a window, from n places and times; noise is a part of each velocity's root mean square."""
    places, values = wake_reference.measured(window, n, seed)
    random = np.random.default_rng(100 + seed)
    inertia, viscosity = unknown("C1"), unknown("C2")
    u, v, p = (unknown(name, x, y, t) for name in "uvp")
    cloud = PointCloud(dict(zip((x, y, t), places, strict=True)))
    momentum = [
        Eq(
            f.diff(t) + inertia * (u * f.diff(x) + v * f.diff(y)) + p.diff(s),
            viscosity * (f.diff(x, 2) + f.diff(y, 2)),
        )
        for f, s in ((u, x), (v, y))
    ]
    data: list[tuple[Unknown, Data]] = [
        (f, measured(of_it, noise, random)) for f, of_it in zip((u, v), values, strict=True)
    ]
    problem = Problem(
        Box(dict(zip((x, y, t), window, strict=True))),
        *momentum,
        Eq(u.diff(x) + v.diff(y), 0),
        *[Eq(f, given) @ cloud for f, given in data],
        Eq(p.subs({x: window[0][0], y: 0}), 0),
    )
    return problem, dict(zip((inertia, viscosity), TRUE, strict=True))
