"""What evolutions come to by methods that are not the library's: series, modes, and lines of
cosines or of harmonics with the steps of scipy, or of Cox and Matthews.

Fields are `(n_times, n_unknowns, n_points, ..)`, on the points and at the times that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.fft import dct, dctn, dst, dstn, idctn, idstn
from scipy.integrate import solve_ivp
from scipy.interpolate import barycentric_interpolate
from scipy.linalg import eigh, expm

Array = NDArray[np.float64]
Function = Callable[[Array], Array]


def cosines(x: Array, n: int) -> Array:
    """cos(k pi x), `(n_points, n)`."""
    return np.asarray(np.cos(np.pi * np.outer(x, np.arange(n))))


def sines(x: Array, n: int) -> Array:
    """sin((k + 1) pi x), `(n_points, n)`."""
    return np.asarray(np.sin(np.pi * np.outer(x, np.arange(1, n + 1))))


def by_cosines(
    rates: Callable[[Array, Array], Sequence[Array]],
    start: Callable[[Array], Sequence[Array]],
    times: Array,
    x: Array,
    n: int,
) -> Array:
    """Unknowns `(m, n)` on [0, 1] with slopes of zero at its ends, whose `rates` are of them and of
    their second derivatives: lines of n cosines, and scipy's BDF to 1e-10.
    """
    nodes = (np.arange(n) + 0.5) / n
    to_coefficients = np.linalg.inv(cosines(nodes, n))
    second = cosines(nodes, n) @ np.diag(-((np.pi * np.arange(n)) ** 2)) @ to_coefficients
    begun = np.array(start(nodes))

    def rate(_: float, q: Array) -> Array:
        held = q.reshape(begun.shape)
        return np.concatenate(rates(held, held @ second.T))

    span = (float(times[0]), float(times[-1]))
    found = solve_ivp(rate, span, begun.ravel(), "BDF", times, rtol=1e-10, atol=1e-12)
    path = found.y.T.reshape(len(times), *begun.shape)
    return np.asarray(path @ (cosines(x, n) @ to_coefficients).T)


def by_exponentials(
    decay: Array, force: Callable[[Array], Array], q: Array, end: float, steps: int, kept: int
) -> list[Array]:
    """q' = decay q + force(q) by ETDRK4 (Cox and Matthews; coefficients as Kassam and Trefethen):
    q at `kept + 1` evenly spaced times.
    """
    h = end / steps
    z = h * decay[..., None] + np.exp(1j * np.pi * (np.arange(1, 33) - 0.5) / 32)
    whole, half, e = np.exp(h * decay), np.exp(h * decay / 2), np.exp(z)
    means = (
        (np.exp(z / 2) - 1) / z,
        (-4 - z + e * (4 - 3 * z + z**2)) / z**3,
        (2 + z + e * (z - 2)) / z**3,
        (-4 - 3 * z - z**2 + e * (4 - z)) / z**3,
    )
    middle, first, second, last = (h * np.real(each.mean(axis=-1)) for each in means)
    found = [q]
    for step in range(1, steps + 1):
        now = force(q)
        a = half * q + middle * now
        at_a = force(a)
        at_b = force(half * q + middle * at_a)
        at_c = force(half * a + middle * (2 * at_b - now))
        q = whole * q + first * now + 2 * second * (at_a + at_b) + last * at_c
        if step % (steps // kept) == 0:
            found.append(q)
    return found


def plane_reaction(
    diffusion: float,
    force: Function,
    start: Callable[[Array, Array], Array],
    times: Array,
    x: Array,
    first: int,
) -> Array:
    """u_t = diffusion laplacian(u) + force(u) in the unit square, in 127 sines a side or cosines,
    whose `first` wavenumber is one or zero, and 1,000 steps of `by_exponentials`.
    """
    n, kind, forth, back = (127, 1, dstn, idstn) if first else (127, 2, dctn, idctn)
    nodes = np.arange(1, n + 1) / (n + 1) if first else (np.arange(n) + 0.5) / n
    k = np.pi * (np.arange(n) + first)
    decay = -diffusion * (k[:, None] ** 2 + k**2)
    begun = forth(start(nodes[:, None], nodes[None]), kind, norm="ortho")

    def pushed(q: Array) -> Array:
        return np.asarray(forth(force(back(q, kind, norm="ortho")), kind, norm="ortho"))

    table = np.sqrt(2 / (n + 1)) * sines(x, n) if first else np.sqrt(2 / n) * cosines(x, n)
    table[:, 0] /= 1.0 if first else np.sqrt(2)
    path = by_exponentials(decay, pushed, begun, float(times[-1]), 1000, len(times) - 1)
    return np.stack([(table @ q @ table.T)[None] for q in path])


def heat(
    diffusion: float, start: Function, load: Function | None, times: Array, x: Array, first: int
) -> Array:
    """u_t = diffusion u_xx + load on [0, 1], by 4,000 sines or cosines, of a `first` wavenumber of
    one or zero: exact up to those.
    """
    n, many = 4000, 40_000
    nodes = (np.arange(many) + 0.5) / many

    def coefficients(values: Array) -> Array:
        raw = (dst if first else dct)(values, 2)[:n] / many
        raw[0] /= 1 if first else 2
        return np.asarray(raw)

    rates = diffusion * (np.pi * (np.arange(n) + first)) ** 2
    table, begun = (sines if first else cosines)(x, n), coefficients(start(nodes))
    given = coefficients(np.zeros(many) if load is None else load(nodes))
    safe = np.where(rates > 0, rates, 1.0)
    found = []
    for t in times:
        reached = np.where(rates > 0, -np.expm1(-rates * t) / safe, t)
        found.append((table @ (begun * np.exp(-rates * t) + given * reached))[None])
    return np.stack(found)


def layered_waves(
    speeds: Sequence[float], cuts: Sequence[float], start: Function, times: Array, x: Array, m: int
) -> Array:
    """u_tt = c (u_xx - (m pi)^2 u), at rest at first, zero at the ends, where c is one of the
    `speeds` between two of the `cuts`: `(n_times, n_points)`. Modes of a spectral element of degree
    90 for each layer.
    """
    degree = 90
    inner = np.sort(np.real(legendre.Legendre.basis(degree).deriv().roots()))
    z = np.concatenate([[-1.0], inner, [1.0]])
    values = legendre.legvander(z, degree)
    weights = 2 / (degree * (degree + 1) * values[:, -1] ** 2)
    slopes = legendre.legval(z, legendre.legder(np.eye(degree + 1))).T @ np.linalg.inv(values)
    size = degree * len(speeds) + 1
    mass, stiffness, nodes = np.zeros(size), np.zeros((size, size)), np.zeros(size)
    for e, speed in enumerate(speeds):
        half, own = (cuts[e + 1] - cuts[e]) / 2, slice(e * degree, (e + 1) * degree + 1)
        mass[own] += weights * half / speed
        stiffness[own, own] += slopes.T @ np.diag(weights / half) @ slopes
        stiffness[own, own] += np.diag(weights * half) * (np.pi * m) ** 2
        nodes[own] = cuts[e] + half * (z + 1)
    squares, modes = eigh(stiffness[1:-1, 1:-1], np.diag(mass[1:-1]))
    begun = modes.T @ (mass[1:-1] * start(nodes[1:-1]))
    path = np.zeros((size, len(times)))
    path[1:-1] = modes @ (begun[:, None] * np.cos(np.outer(np.sqrt(squares), times)))
    found = np.zeros((len(times), len(x)))
    for e in range(len(speeds)):
        inside = (cuts[e] <= x) & (x <= cuts[e + 1])
        at = 2 * (x[inside] - cuts[e]) / (cuts[e + 1] - cuts[e]) - 1
        table = legendre.legvander(at, degree) @ np.linalg.inv(values)
        found[:, inside] = (table @ path[e * degree : (e + 1) * degree + 1]).T
    return found


def carried(
    diffusion: float, speed: float, start: Function, times: Array, x: Array, degree: int = 90
) -> Array:
    """u_t + speed u_x = diffusion u_xx on [0, 1], zero at the ends: Chebyshev's points, and the
    exponential of their matrix.
    """
    turn = np.arange(degree + 1)
    nodes = (1 - np.cos(np.pi * turn / degree)) / 2
    signs = np.where(turn % degree == 0, 2.0, 1.0) * (-1.0) ** turn
    slopes = np.outer(signs, 1 / signs) / (nodes[:, None] - nodes + np.eye(degree + 1))
    slopes -= np.diag(slopes.sum(axis=1))
    law = (diffusion * slopes @ slopes - speed * slopes)[1:-1, 1:-1]
    begun, zero = start(nodes[1:-1]), [0.0]
    path = [np.concatenate([zero, expm(law * t) @ begun, zero]) for t in times]
    return np.stack([barycentric_interpolate(nodes, values, x) for values in path])
