"""Navier's and Stokes' constants from a wake, by a method that shares nothing with the package.

In u_t + C1 (u.grad)u + grad p = C2 laplacian(u) they are C1 = 1 and C2 = 0.01; velocities are known
at 7,000 places and times of a window, without errors. The wake evolves in a periodic square, by
Fourier's series (half the step: 4e-11).

A stream function of polynomials is fitted to the data alone. Then the vorticity's equation is
multiplied by functions that vanish with their slopes around the window, and integrated by parts
until no derivative of the data is left: two numbers by least squares. With the equations in rows
beside the data, third and fourth derivatives of what is not resolved bend the fit instead (docs/
decisions/0077). `python -m results.wake_reference` prints errors.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

from results.writing import markdown_table

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Window = Sequence[tuple[float, float]]  # of x, y and t
TRUE = (1.0, 0.01)
SIDE, MODES, STEP = 10.0, 128, 0.01
WAVES = 2 * np.pi / SIDE * np.fft.fftfreq(MODES, 1 / MODES)
WINDOW = ((1.0, 4.0), (-2.0, 2.0), (0.0, 2.0))
# Powers of what the functions vanish with at the sides, how many of them a side, Gauss's points
VANISHING, FUNCTIONS, POINTS = 4, 3, 24


def wake() -> tuple[Complex, float]:
    """The vorticity at first, by its Fourier coefficients `(MODES, MODES)`, and the mean of u."""
    at = np.arange(MODES) * SIDE / MODES
    x, y = np.meshgrid(at, at - SIDE / 2, indexing="ij")
    bump = np.exp(-(y**2))
    stream = 0.1 * np.sin(0.4 * np.pi * x) * bump + 0.05 * np.cos(0.2 * np.pi * x) * y * bump
    squares = WAVES[:, None] ** 2 + WAVES**2
    vorticity = np.fft.fft2(-1.6 * y * bump) + squares * np.fft.fft2(stream)
    vorticity[0, 0] = 0
    return vorticity, float((1 - 0.8 * bump).mean())


def velocity(vorticity: Complex, mean: float) -> Complex:
    """Fourier coefficients `(2, MODES, MODES)`."""
    squares = WAVES[:, None] ** 2 + WAVES**2
    squares[0, 0] = 1
    stream = vorticity / squares
    both = np.array([1j * WAVES * stream, -1j * WAVES[:, None] * stream])
    both[0, 0, 0] = mean * MODES**2
    return both


def rate(vorticity: Complex, mean: float) -> Complex:
    """Its derivative in time, without the waves that products would alias to."""
    low = np.abs(WAVES) < 2 / 3 * np.abs(WAVES).max()
    u, v = np.fft.ifft2(velocity(vorticity, mean)).real
    slopes = np.array([1j * WAVES[:, None] * vorticity, 1j * WAVES * vorticity])
    along, across = np.fft.ifft2(slopes).real
    carried = np.fft.fft2(u * along + v * across) * np.outer(low, low)
    return np.asarray(-carried - TRUE[1] * (WAVES[:, None] ** 2 + WAVES**2) * vorticity)


def stepped(w: Complex, mean: float, h: float) -> Complex:
    """A step of Runge's and Kutta's method."""
    a = rate(w, mean)
    b = rate(w + h / 2 * a, mean)
    c = rate(w + h / 2 * b, mean)
    return np.asarray(w + h / 6 * (a + 2 * b + 2 * c + rate(w + h * c, mean)))


def measured(window: Window, count: int, seed: int) -> tuple[Array, Array]:
    """Places and times `(3, n)`, evenly drawn at 40 instants, and velocities there `(2, n)`."""
    random, (w, mean) = np.random.default_rng(seed), wake()
    steps = round(window[2][1] / STEP)
    often = max(1, steps // 40)
    places, values = [], []
    for k in range(steps + 1):
        if k % often == 0 and k * STEP >= window[2][0]:
            low, high = np.transpose(window[:2])
            x, y = random.uniform(low, high, (count // 40, 2)).T
            waves = np.exp(1j * np.outer(x, WAVES)), np.exp(1j * np.outer(y + SIDE / 2, WAVES))
            held = (waves[0] @ velocity(w, mean) * waves[1]).sum(axis=2).real / MODES**2
            places.append([x, y, np.full_like(x, k * STEP)])
            values.append(held)
        w = stepped(w, mean, STEP)
    return np.concatenate(places, axis=1), np.concatenate(values, axis=1)


@dataclass(frozen=True)
class Stream:
    """A stream function in the window: products of Chebyshev's polynomials of a total degree."""

    window: Window
    powers: NDArray[np.int64]
    coefficients: Array

    @classmethod
    def fitted(cls, window: Window, degree: int, places: Array, values: Array) -> Stream:
        """To velocities alone, by least squares."""
        powers = [p for p in product(range(degree + 1), repeat=3) if p[0] + p[1] > 0]
        held = np.array([p for p in powers if sum(p) <= degree])
        bare = cls(window, held, np.zeros(len(held)))
        rows = np.vstack([bare.slopes(places, 1), -bare.slopes(places, 0)])
        sizes = np.linalg.norm(rows, axis=0)
        q, r = qr(rows / sizes, mode="economic")
        return cls(window, held, solve_triangular(r, q.T @ values.ravel()) / sizes)

    def slopes(self, places: Array, axis: int) -> Array:
        """Derivatives of its functions at `(3, n)` along x or y, `(n, functions)`."""
        parts = []
        for k, ((low, high), x) in enumerate(zip(self.window, places, strict=True)):
            top = int(self.powers[:, k].max())
            s = np.clip((2 * x - low - high) / (high - low), -1, 1)
            values = np.polynomial.chebyshev.chebvander(s, top)
            if k == axis:
                slopes = np.polynomial.chebyshev.chebder(np.eye(top + 1), axis=0)
                values = values[:, :-1] @ slopes * 2 / (high - low)
            parts.append(values[:, self.powers[:, k]])
        return np.asarray(parts[0] * parts[1] * parts[2])

    def velocity(self, places: Array) -> Array:
        """At `(3, n)`: `(2, n)`."""
        pieces = np.array_split(places, 1 + places.shape[1] // 4000, axis=1)
        each = [[self.slopes(p, 1), -self.slopes(p, 0)] for p in pieces]
        return np.concatenate([[f @ self.coefficients for f in both] for both in each], axis=1)


def constants(stream: Stream) -> tuple[float, float]:
    """C1 and C2, from integrals of velocities and their products alone."""
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    halves = [(high - low) / 2 for low, high in stream.window]
    middles = [(high + low) / 2 for low, high in stream.window]
    axes = [m + h * nodes for m, h in zip(middles, halves, strict=True)]
    places = np.array(np.meshgrid(*axes, indexing="ij")).reshape(3, -1)
    u, v = stream.velocity(places).reshape(2, POINTS, POINTS, POINTS)
    bump = np.polynomial.Polynomial([1, 0, -1]) ** VANISHING
    ones = [bump * np.polynomial.Polynomial([0, 1]) ** k for k in range(FUNCTIONS)]
    held = [np.array([f.deriv(order)(nodes) * weights for f in ones]) for order in range(4)]

    def against(values: Array, *orders: int) -> Array:
        x, y, t = (held[n] / h ** (n - 1) for n, h in zip(orders, halves, strict=True))
        return np.asarray(np.einsum("xyt,ax,by,ct->abc", values, x, y, t, optimize=True)).ravel()

    changed = against(v, 1, 0, 1) - against(u, 0, 1, 1)
    products = against(u * v, 2, 0, 0) - against(u * v, 0, 2, 0) + against(v * v - u * u, 1, 1, 0)
    bent = against(u, 2, 1, 0) + against(u, 0, 3, 0) - against(v, 3, 0, 0) - against(v, 1, 2, 0)
    found = np.linalg.lstsq(np.column_stack([products, -TRUE[1] * bent]), -changed, rcond=None)[0]
    return float(found[0]), float(TRUE[1] * found[1])


def errors(window: Window, degree: int, data: tuple[Array, Array]) -> tuple[float, float]:
    """Relative, of both."""
    found = constants(Stream.fitted(window, degree, *data))
    first, second = (abs(c / true - 1) for c, true in zip(found, TRUE, strict=True))
    return first, second


def table() -> str:
    """Errors by the degree, three draws of the places."""
    lines = []
    for seed in range(3):
        data = measured(WINDOW, 7000, seed)
        for degree in (12, 16, 20):
            start = time.process_time()
            each = errors(WINDOW, degree, data)
            cpu = time.process_time() - start
            lines.append((str(seed), str(degree), *(f"{e:.1e}" for e in each), f"{cpu:.1f}"))
    return markdown_table(("seed", "degree", "C1", "C2", "CPU s"), lines)


if __name__ == "__main__":
    print(table())
