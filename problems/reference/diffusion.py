"""References of nonlinear diffusion, by methods of their own: cosines, Chebyshev collocation,
binomial trees.
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


def infiltration(accuracy: int) -> Solved:
    """c(u) u_t = (K(u) (u_x + 1))_x with c = -2u / (1 + u^2)^2, K = 1 / (1 + u^2)^2, from u = -3,
    which a wall at 1 raises to -1: Chebyshev collocation.
    """
    n = 20 + 8 * accuracy
    x, t = np.linspace(0, 1, 101), np.linspace(0, 0.5, 11)
    at = (1 - np.cos(np.pi * np.arange(n + 1) / n)) / 2
    chebyshev, unit = np.polynomial.chebyshev, np.eye(n + 1)

    def tables(z: Array, order: int) -> Array:
        series = chebyshev.chebder(unit, order, scl=2) if order else unit
        return chebyshev.chebval(2 * z - 1, series).T

    inverse = np.linalg.inv(tables(at, 0))
    first, second = tables(at, 1) @ inverse, tables(at, 2) @ inverse

    def whole(time: float, inner: Array) -> Array:
        return np.concatenate([[-3.0], inner, [-3 + 2 * (1 - np.exp(-10 * time))]])

    def rate(time: float, inner: Array) -> Array:
        u = whole(time, inner)
        slope, wet = first @ u, 1 + u**2
        moved = (second @ u) / wet**2 - 4 * u * slope * (slope + 1) / wet**3
        return (moved * wet**2 / (-2 * u))[1:-1]

    path = solve_ivp(rate, (0, 0.5), np.full(n - 1, -3.0), t_eval=t, **TIGHT)
    held = np.stack([whole(*pair) for pair in zip(t, path.y.T, strict=True)], axis=1)
    return [x, t], {"u": tables(x, 0) @ inverse @ held}


def american_put(accuracy: int) -> Solved:
    """An option of up to a year, in units of its strike, with 5 % interest and a volatility of
    20 %, at the logarithms of prices: the mean of two binomial trees.
    """
    x, t, steps = np.linspace(-1, 1, 41), np.linspace(0.1, 1, 10), 2000 * accuracy

    def tree(price: float, years: float, n: int) -> float:
        up, grows = np.exp(0.2 * np.sqrt(years / n)), np.exp(0.05 * years / n)
        share = (grows - 1 / up) / (up - 1 / up)
        value = np.maximum(1 - price * up ** (2.0 * np.arange(n + 1) - n), 0)
        for m in range(n - 1, -1, -1):
            kept = (share * value[1:] + (1 - share) * value[:-1]) / grows
            value = np.maximum(kept, 1 - price * up ** (2.0 * np.arange(m + 1) - m))
        return float(value[0])

    values = [[(tree(p, s, steps) + tree(p, s, steps + 1)) / 2 for s in t] for p in np.exp(x)]
    return [x, t], {"u": np.array(values)}
