"""Inverse problems: what multiplies in an equation is sought, from values with errors.

`INVERSE["load"](seed)` is a problem with errors of that seed, beside what is sought, by its
name, as a formula.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sympy import Eq, Expr, pi, sin

from pinnsolve import Box, Data, Interval, PointCloud, Problem, coordinates, unknown

from .pinnacle_steady import poisson_inverse

x, t = coordinates("x t")
Case = tuple[Problem, dict[str, Expr]]


def errors(count: int, sigma: float, seed: int) -> NDArray[np.float64]:
    """Independent normal errors `(count,)` of a standard deviation."""
    return sigma * np.random.default_rng(seed).standard_normal(count)


def load(seed: int, sigma: float = 1e-3) -> Case:
    """A source: the load on a string, from values of its deflection."""
    u, f = unknown("u", x), unknown("f", x)
    at = np.linspace(0.02, 0.98, 49)
    shape = sin(pi * x) - sin(3 * pi * x) / 27
    values = np.sin(np.pi * at) - np.sin(3 * np.pi * at) / 27
    measured = Data(values + errors(len(at), sigma, seed), sigma=sigma)
    string = Interval(x, 0, 1)
    problem = Problem(
        string,
        Eq(-u.diff(x, 2), f),
        Eq(u, 0) @ string.boundary,
        Eq(u, measured) @ PointCloud({x: at}),
    )
    return problem, {"f": -shape.diff(x, 2)}


def decaying_rate(seed: int, sigma: float = 5e-3) -> Case:
    """A coefficient of one coordinate: how fast something decays, over time."""
    u, r = unknown("u", t), unknown("r", t)
    rate = 1 + sin(2 * t)
    at = np.linspace(0.05, 3, 60)
    values = np.exp(-(at + (1 - np.cos(2 * at)) / 2))
    measured = Data(values + errors(len(at), sigma, seed), sigma=sigma)
    problem = Problem(
        Box({t: (0, 3)}),
        Eq(u.diff(t), -r * u),
        Eq(u(0), 1),
        Eq(u, measured) @ PointCloud({t: at}),
    )
    return problem, {"r": rate}


def conductivity(seed: int) -> Case:
    """PINNacle's PInv: the conductivity of a plate."""
    problem = poisson_inverse(seed)
    return problem, {str(u.func): v for u, v in (problem.exact or {}).items() if str(u.func) == "a"}


INVERSE: dict[str, Callable[[int], Case]] = {
    entry.__name__: entry for entry in (load, decaying_rate, conductivity)
}
