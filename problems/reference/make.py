"""Make the reference solutions, by methods that share nothing with pinnsolve's: `python -m
pinnsolve.problems.reference.make`.

Cole's and Hopf's integral by quadrature; Fourier and Chebyshev collocation in space with scipy's
integrators at their tightest tolerances in time. Each is computed twice, with other numbers of
points; the difference is printed, relative to the largest value.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from .diffusion import american_put, cosines, infiltration, radiating

Array = Any
FOLDER = Path(__file__).parent
Solver = Callable[[int], tuple[list[Array], dict[str, Array]]]


def cole_hopf(viscosity: float) -> Solver:
    """u = -I(sin(pi y)) / I(1), I(g) = int g f(y) exp(-s^2 / 4 nu t) ds, y = x - s, f(y) =
    exp(-cos(pi y) / 2 pi nu).
    """

    def solve(accuracy: int) -> tuple[list[Array], dict[str, Array]]:
        x, t = np.linspace(-1, 1, 401), np.linspace(0, 1, 11)
        furthest = 8 + np.sqrt(1 / (np.pi * viscosity))  # log f varies by 1 / (pi nu)
        s = np.linspace(
            -furthest, furthest, 4000 * accuracy + 1
        )  # in units of sqrt(4 nu t); converges geometrically
        rows = [-np.sin(np.pi * x)]
        for time in t[1:]:
            row = []
            for place in x:
                y = place - s * np.sqrt(4 * viscosity * time)
                exponent = -np.cos(np.pi * y) / (2 * np.pi * viscosity) - s**2
                weight = np.exp(exponent - exponent.max())
                row.append(-(np.sin(np.pi * y) * weight).sum() / weight.sum())
            rows.append(np.array(row))
        return [x, t], {"u": np.stack(rows, axis=1)}

    return solve


def fourier(
    bounds: tuple[float, float],
    end: float,
    linear: Callable[[Array], list[Array]],
    force: Callable[[list[Array], Callable[[Array], Array]], list[Array]],
    start: Callable[[Array], list[Array]],
    names: str,
) -> Solver:
    """u_t = L u + N(u), periodic: exact in L by an integrating factor, explicit in N (Dormand and
    Prince, order 8).

    `linear(k)` are the symbols of L at wavenumbers k, `force(fields, derivative)` is N.
    """

    def solve(accuracy: int) -> tuple[list[Array], dict[str, Array]]:
        points = 256 + 256 * accuracy
        low, high = bounds
        x = low + (high - low) * np.arange(points) / points
        k = 2 * np.pi / (high - low) * np.fft.rfftfreq(points, 1 / points)
        symbols = np.stack(linear(k))
        keep = np.arange(len(k)) < points // 3  # products do not alias into these

        def derivative(f: Array) -> Array:
            return np.fft.irfft(1j * k * np.fft.rfft(f), points)

        def advanced(state: Array, left: float, right: float) -> Array:
            def rate(t: float, flat: Array) -> Array:
                factors = np.exp(symbols * (t - left))
                fields = list(
                    np.fft.irfft(flat.view(complex).reshape(state.shape) * factors, points)
                )
                parts = np.fft.rfft(np.stack(force(fields, derivative))) * keep / factors
                return parts.ravel().view(float)

            atol = 1e-15 * abs(state).max()
            found = solve_ivp(
                rate,
                (left, right),
                state.ravel().view(float),
                method="DOP853",
                rtol=1e-12,
                atol=atol,
            )
            return found.y[:, -1].copy().view(complex).reshape(state.shape) * np.exp(
                symbols * (right - left)
            )

        times = np.linspace(0, end, 11)
        states = [np.fft.rfft(np.stack(start(x))) * keep]
        for before, after in pairwise(times):
            pieces = np.linspace(before, after, 201)  # short, so that the factors stay near 1
            states.append(reduce(lambda s, ends: advanced(s, *ends), pairwise(pieces), states[-1]))
        stride = points // 256
        fields = [np.fft.irfft(state, points)[:, ::stride] for state in states]
        return [x[::stride], times], {
            name: np.stack([f[i] for f in fields], axis=1) for i, name in enumerate(names)
        }

    return solve


def stiff(
    bounds: tuple[float, float],
    end: float,
    linear: Callable[[Array], Array],
    force: Callable[[Array, Callable[[Array], Array]], Array],
    start: Callable[[Array], Array],
) -> Solver:
    """The same for one unknown and strong damping: Fourier collocation and Radau's method."""

    def solve(accuracy: int) -> tuple[list[Array], dict[str, Array]]:
        points = 256 * accuracy
        low, high = bounds
        x = low + (high - low) * np.arange(points) / points
        k = 2 * np.pi / (high - low) * np.fft.rfftfreq(points, 1 / points)
        symbol = linear(k)

        def derivative(f: Array) -> Array:
            return np.fft.irfft(1j * k * np.fft.rfft(f), points)

        def rate(t: float, u: Array) -> Array:
            return np.fft.irfft(symbol * np.fft.rfft(u), points) + force(u, derivative)

        times = np.linspace(0, end, 11)
        states = [start(x)]
        for before, after in pairwise(times):
            states.append(
                solve_ivp(
                    rate, (before, after), states[-1], method="Radau", rtol=1e-11, atol=1e-12
                ).y[:, -1]
            )
        return [x[::accuracy], times], {
            "u": np.stack([state[::accuracy] for state in states], axis=1)
        }

    return solve


def even(
    half: float,
    end: float,
    law: Callable[[Array, Array], Array],
    start: Callable[[Array], Array],
    names: str,
    finer: int = 1,
    edge: float | None = None,
) -> Solver:
    """Even solutions on [-half, half]: Chebyshev collocation on [0, half] with slope zero at both
    ends, Radau's method.

    `law(fields, second derivatives)` is the rate, all of shape `(n_unknowns, n)`. With `edge`, that
    is the value at `half`.
    """

    def solve(accuracy: int) -> tuple[list[Array], dict[str, Array]]:
        n = 128 * (1 + accuracy) * finer
        nodes, d = chebyshev(n)
        x, d = half * (nodes + 1) / 2, 2 / half * d
        extend, held = (
            np.zeros((n + 1, n - 1)),
            np.zeros(n + 1),
        )  # end values follow the inner ones, or are given
        extend[1:-1] = np.eye(n - 1)
        free = [0, -1] if edge is None else [-1]
        held[0] = edge or 0.0
        extend[free] = -np.linalg.solve(d[np.ix_(free, free)], d[free, 1:-1])
        held[free] = -np.linalg.solve(d[np.ix_(free, free)], d[free] @ held)
        second = (d @ d)[1:-1]

        def rate(t: float, flat: Array) -> Array:
            fields = flat.reshape(len(names), -1)
            return law(fields, (fields @ extend.T + held) @ second.T).ravel()

        times = (
            end * (np.arange(10) + 0.5) / 10
        )  # midpoints, in space too: the start has a kink, and no more weight than it has
        states = [start(x)[:, 1:-1].ravel()]
        for before, after in pairwise([0.0, *times]):
            states.append(
                solve_ivp(
                    rate, (before, after), states[-1], method="Radau", rtol=1e-11, atol=1e-13
                ).y[:, -1]
            )
        grid = half * (np.arange(200) + 0.5) / 200
        sample = interpolation(x, grid)
        right = np.stack(
            [sample @ (state.reshape(len(names), -1) @ extend.T + held).T for state in states[1:]],
            axis=1,
        )  # (places, times, unknowns)
        values = {
            name: np.concatenate([right[::-1, :, i], right[:, :, i]])
            for i, name in enumerate(names)
        }
        return [np.concatenate([-grid[::-1], grid]), times], values

    return solve


def chebyshev(n: int) -> tuple[Array, Array]:
    """Points cos(k pi / n) and the differentiation matrix (Trefethen, Spectral Methods in MATLAB,
    2000, program cheb).
    """
    x = np.cos(np.pi * np.arange(n + 1) / n)
    c = np.r_[2, np.ones(n - 1), 2] * (-1.0) ** np.arange(n + 1)
    d = np.outer(c, 1 / c) / (x[:, None] - x + np.eye(n + 1))
    return x, d - np.diag(d.sum(axis=1))


def interpolation(x: Array, grid: Array) -> Array:
    """The matrix from values at Chebyshev points x to values on a grid (barycentric)."""
    weights = (-1.0) ** np.arange(len(x)) * np.r_[0.5, np.ones(len(x) - 2), 0.5]
    gaps = grid[:, None] - x
    hit = np.abs(gaps) < 1e-15
    quotients = weights / np.where(hit, 1.0, gaps)
    rows = quotients / quotients.sum(axis=1, keepdims=True)
    found = hit.any(axis=1)
    rows[found] = hit[found]
    return rows


def ordinary(
    law: Callable[[float, Array], list[float]],
    start: list[float],
    end: float,
    names: str,
    method: str,
) -> Solver:
    """An ordinary differential equation, at scipy's tightest tolerance and at a hundred times
    that.
    """

    def solve(accuracy: int) -> tuple[list[Array], dict[str, Array]]:
        t = np.linspace(0, end, 501)
        states = [np.array(start)]
        for left, right in pairwise(t):
            rtol = 1e-13 if accuracy > 1 else 1e-11
            states.append(
                solve_ivp(law, (left, right), states[-1], method=method, rtol=rtol, atol=1e-14).y[
                    :, -1
                ]
            )
        return [t], {name: np.array([s[i] for s in states]) for i, name in enumerate(names)}

    return solve


def _gray_scott(f: list[Array]) -> list[Array]:
    u, v = f
    return [-u * v**2 + 0.04, u * v**2]


def _schroedinger(f: list[Array], derivative: Callable[[Array], Array]) -> list[Array]:
    (u, v), size = f, f[0] ** 2 + f[1] ** 2
    return [-derivative(derivative(v)) / 2 - size * v, derivative(derivative(u)) / 2 + size * u]


SOLVERS: dict[str, Solver] = {
    "burgers": cole_hopf(0.01 / np.pi),
    "burgers_thin": cole_hopf(0.001 / np.pi),
    "allen_cahn": even(
        1.0,
        1.0,
        lambda u, second: 1e-4 * second - 5 * u**3 + 5 * u,
        lambda x: (x**2 * np.cos(np.pi * x))[None],
        "u",
        2,
    ),
    "allen_cahn_demo": even(
        1.0,
        1.0,
        lambda u, second: 1e-3 * second - 5 * u**3 + 5 * u,
        lambda x: (x**2 * np.cos(np.pi * x))[None],
        "u",
        edge=-1.0,
    ),
    "schroedinger": fourier(
        (-10, 10),
        np.pi / 2,
        lambda k: [0 * k, 0 * k],
        _schroedinger,
        lambda x: [2 / np.cosh(x), 0 * x],
        "uv",
    ),
    "korteweg_de_vries": fourier(
        (-1, 1),
        1.0,
        lambda k: [1j * 0.022**2 * k**3],
        lambda f, d: [-d(f[0] ** 2) / 2],
        lambda x: [np.cos(np.pi * x)],
        "u",
    ),
    "kuramoto_sivashinsky": stiff(
        (0, 2 * np.pi),
        1.0,
        lambda k: 100 / 16**2 * k**2 - 100 / 16**4 * k**4,
        lambda u, d: -100 / 16 * d(u**2) / 2,
        lambda x: np.cos(x) * (1 + np.sin(x)),
    ),
    "gray_scott": fourier(
        (-1, 1),
        200.0,
        lambda k: [-2e-5 * k**2 - 0.04 + 0j, -1e-5 * k**2 - 0.1 + 0j],
        lambda f, d: _gray_scott(f),
        lambda x: [1 - np.exp(-80 * x**2) / 2, np.exp(-80 * x**2) / 4],
        "uv",
    ),
    "van_der_pol": ordinary(
        lambda t, y: [y[1], 100 * (1 - y[0] ** 2) * y[1] - y[0]], [2.0, 0.0], 100.0, "x", "Radau"
    ),
    "robertson": ordinary(
        lambda t, y: [
            -0.04 * y[0] + 1e4 * y[1] * y[2],
            0.04 * y[0] - 1e4 * y[1] * y[2] - 3e7 * y[1] ** 2,
            3e7 * y[1] ** 2,
        ],
        [1.0, 0.0, 0.0],
        40.0,
        "xyz",
        "Radau",
    ),
    "oregonator": ordinary(
        lambda t, y: [
            77.27 * (y[1] + y[0] * (1 - 8.375e-6 * y[0] - y[1])),
            (y[2] - (1 + y[0]) * y[1]) / 77.27,
            0.161 * (y[0] - y[2]),
        ],
        [1.0, 2.0, 3.0],
        303.0,
        "xyz",
        "Radau",
    ),
    "porous_medium": cosines(
        lambda u: u**3 / 3, lambda u: u**2, 0, lambda x: 1 + np.cos(np.pi * x) / 2, 0.5, (32, 48)
    ),
    "cahn_hilliard": cosines(
        lambda u: u**3 - u,
        lambda u: 3 * u**2 - 1,
        1 / 400,
        lambda x: np.cos(2 * np.pi * x) / 2 + np.cos(np.pi * x) / 5,
        0.5,
        (64, 80),
    ),
    "radiating_rod": radiating(6 / 625, lambda x: 1 - x**2 / 5, 0.5),
    "infiltration": infiltration,
    "american_put": american_put,
    "lotka_volterra": ordinary(
        lambda t, y: [y[0] * (1 - y[1]), y[1] * (y[0] - 1)], [2.0, 1.0], 10.0, "xy", "DOP853"
    ),
    "lorenz": ordinary(
        lambda t, y: [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 * y[2] / 3],
        [1.0, 1.0, 1.0],
        3.0,
        "xyz",
        "DOP853",
    ),
}


def main(names: list[str]) -> None:
    """Make those named, or all."""
    for name in names or list(SOLVERS):
        (axes, rough), (_, fine) = SOLVERS[name](1), SOLVERS[name](2)
        apart = max(np.abs(rough[k] - fine[k]).max() / np.abs(fine[k]).max() for k in fine)
        np.savez_compressed(
            FOLDER / f"{name}.npz", **{f"axis{i}": a for i, a in enumerate(axes)}, **fine
        )
        print(f"{name:<22} self-convergence {apart:.1e}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
