"""References of nonlinear diffusion, and of a wave before it breaks, by methods of their own:
cosines, Chebyshev collocation, characteristics.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

Array = Any
Solved = tuple[list[Array], dict[str, Array]]
TIGHT = {"method": "Radau", "rtol": 1e-12, "atol": 1e-14}


def cosines(
    flux: Callable[[Array], Array],
    slope: Callable[[Array], Array],
    fourth: float,
    start: Callable[[Array], Array],
    end: float,
    numbers: tuple[int, int],
) -> Callable[[int], Solved]:
    """u_t = flux(u)_xx - fourth u_xxxx on the unit interval, even at both ends: coefficients of
    cos(k pi x), products on twice as many points.
    """

    def solve(accuracy: int) -> Solved:
        n = numbers[accuracy - 1]
        x, t = np.linspace(0, 1, 101), np.linspace(0, end, 11)
        points, k = np.arange(2 * n + 1) / (2 * n), np.pi * np.arange(n + 1)
        values = np.cos(np.outer(points, k))
        every = np.cos(np.outer(points, np.pi * np.arange(2 * n + 1)))
        project, stiff = np.linalg.inv(every)[: n + 1], -fourth * k**4
        path = solve_ivp(
            lambda _, q: stiff * q - k**2 * (project @ flux(values @ q)),
            (0, end),
            project @ start(points),
            jac=lambda _, q: (
                np.diag(stiff) - k[:, None] ** 2 * (project @ (slope(values @ q)[:, None] * values))
            ),
            t_eval=t,
            **TIGHT,
        )
        return [x, t], {"u": np.cos(np.outer(x, k)) @ path.y}

    return solve


def radiating(
    surroundings: float, start: Callable[[Array], Array], end: float
) -> Callable[[int], Solved]:
    """u_t = u_xx, u_x = 0 at 0 and u_x = surroundings - u^4 at 1: Chebyshev collocation of even
    polynomials, the value at the wall by Newton's method.
    """

    def solve(accuracy: int) -> Solved:
        n = 12 + 8 * accuracy
        x, t = np.linspace(0, 1, 101), np.linspace(0, end, 11)
        at = np.cos(np.pi * np.arange(n + 1) / (2 * n))[::-1]  # in (0, 1], the wall last
        degrees = 2 * np.arange(n + 1)
        unit = np.eye(2 * n + 1)[degrees].T
        chebyshev = np.polynomial.chebyshev

        def tables(z: Array, order: int) -> Array:
            return chebyshev.chebval(z, chebyshev.chebder(unit, order)).T

        inverse = np.linalg.inv(tables(at, 0))
        first, second = tables(at[-1:], 1)[0] @ inverse, tables(at, 2) @ inverse

        def whole(inner: Array) -> Array:
            u, known = inner[-1], first[:-1] @ inner
            for _ in range(50):
                u -= (known + first[-1] * u + u**4 - surroundings) / (first[-1] + 4 * u**3)
            return np.append(inner, u)

        def rate(_: float, inner: Array) -> Array:
            return (second @ whole(inner))[:-1]

        path = solve_ivp(rate, (0, end), start(at)[:-1], t_eval=t, **TIGHT)
        held = np.stack([whole(inner) for inner in path.y.T], axis=1)
        return [x, t], {"u": tables(x, 0) @ inverse @ held}

    return solve


def breaking(accuracy: int) -> Solved:
    """u = sin(2 pi (x - u t)) until nine tenths of the time at which it breaks, by bisection."""
    x, t = np.linspace(0, 1, 101), np.linspace(0, 0.9 / (2 * np.pi), 11)
    u = np.zeros((101, 11))
    low, high = u - 1.1, u + 1.1
    for _ in range(60 if accuracy > 1 else 40):
        u = (low + high) / 2
        above = u > np.sin(2 * np.pi * (x[:, None] - u * t))
        low, high = np.where(above, low, u), np.where(above, u, high)
    return [x, t], {"u": u}
