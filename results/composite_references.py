"""What composite problems are compared with, where no formula is declared: series and finite
elements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import jn, jvp, yn, yvp

from pinnsolve.fields.field import Field
from results.writing import FOLDER

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Reference:
    """Values `(n, n_unknowns)` of some unknowns at points `(n, dim)`, and what they may be wrong
    by, relative.
    """

    points: Array
    values: Array
    kind: str
    uncertainty: float
    unknowns: tuple[str, ...] = ("u",)


def wave_at(x: Array, k: float = 8.0, inner: float = 0.25, outer: float = 1.0) -> Complex:
    """A plane wave around a hard disk, inside of an absorbing circle, at points `(n, 2)`: the modes
    of the ring, each of two Bessel functions.
    """
    r, angle = np.hypot(*x.T), np.arctan2(x[:, 1], x[:, 0])
    total = np.zeros(len(r), dtype=complex)
    for n in range(40):
        # Slope on the hole that of the incoming mode, negative; none of u_r - i k u on the wall.
        matrix = np.array(
            [
                [k * jvp(n, k * inner), k * yvp(n, k * inner)],
                [
                    k * jvp(n, k * outer) - 1j * k * jn(n, k * outer),
                    k * yvp(n, k * outer) - 1j * k * yn(n, k * outer),
                ],
            ]
        )
        incoming = (1 if n == 0 else 2) * 1j**n * k * jvp(n, k * inner)
        scale = np.abs(matrix).max(axis=0)
        a, b = np.linalg.solve(matrix / scale, [-incoming, 0]) / scale
        total += (a * jn(n, k * r) + b * yn(n, k * r)) * np.cos(n * angle)
    return total


@cache
def scattered(inner: float = 0.25, outer: float = 1.0) -> Reference:
    """The wave around a hard disk, at random points."""
    rng = np.random.default_rng(1)
    r = np.sqrt(rng.uniform((1.01 * inner) ** 2, (0.99 * outer) ** 2, 4000))
    angle = rng.uniform(0, 2 * np.pi, len(r))
    x = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)
    wave = wave_at(x)
    return Reference(x, np.stack([wave.real, wave.imag], axis=1), "series", 1e-13, ("p", "q"))


# Of drag and lift, by a spectral method: Nabh, On high order methods for the stationary
# incompressible Navier-Stokes equations (1998).
FORCE = (5.57953523384, 0.010618948146)


def force_error(field: Field, names: Sequence[str], viscosity: float = 1 / 300) -> float:
    """The error of drag and lift coefficients of the cylinder, relative to the drag."""
    n, radius, mean_velocity = 800, 0.05, 2 / 3
    angle = 2 * np.pi * (np.arange(n) + 0.5) / n
    normal = np.stack([np.cos(angle), np.sin(angle)])
    at = 0.2 + radius * normal
    found = field.derivatives(at.T, [(0, 0), (1, 0), (0, 1)]).numpy()
    a, b, p = (found[names.index(name)] for name in "abp")
    shear = a[2] + b[1]
    drag = viscosity * (2 * a[1] * normal[0] + shear * normal[1]) - p[0] * normal[0]
    lift = viscosity * (2 * b[2] * normal[1] + shear * normal[0]) - p[0] * normal[1]
    unit = 2 * (2 * np.pi * radius) / (mean_velocity**2 * 2 * radius)
    force = np.array([drag.mean(), lift.mean()]) * unit
    return float(np.linalg.norm(force - FORCE) / np.linalg.norm(FORCE))


# On the centre lines of the driven cavity at Re = 100: the lowest horizontal velocity, the highest
# and the lowest vertical one, to seven digits, by Chebyshev polynomials beside the corners' own
# terms: Botella and Peyret, Benchmark spectral results on the lid-driven cavity flow (1998).
EXTREMES = (-0.2140424, 0.1795728, -0.2538030)


def extremes_error(field: Field) -> float:
    """The error of those velocities of a stream function, relative to their norm."""
    line = np.linspace(0, 1, 10_001)
    half = np.full_like(line, 0.5)
    u = field.derivatives(np.stack([half, line], axis=1), [(0, 1)]).numpy()[0, 0]
    v = -field.derivatives(np.stack([line, half], axis=1), [(1, 0)]).numpy()[0, 0]
    found = np.array([u.min(), v.max(), v.min()])
    return float(np.linalg.norm(found - EXTREMES) / np.linalg.norm(EXTREMES))


def from_elements(name: str) -> Callable[[], Reference]:
    """Values that `results/peer_runs/composite_elements.py` has written."""

    @cache
    def read() -> Reference:
        with np.load(FOLDER / "composite_elements.npz") as file:
            points, values, coarse = (
                file[f"{name}_{part}"] for part in ("points", "values", "coarse")
            )
        apart = float(np.linalg.norm(values - coarse) / np.linalg.norm(values))
        unknowns = ("u",) if values.shape[1] == 1 else ("a", "b", "p")
        return Reference(points, values, "finite elements", apart, unknowns)

    return read


@cache
def balls() -> Reference:
    """Values that `results/peer_runs/composite_balls.py` has written."""
    with np.load(FOLDER / "composite_balls.npz") as file:
        points, values, coarse = (file[name] for name in ("points", "values", "coarse"))
    apart = float(np.linalg.norm(values - coarse) / np.linalg.norm(values))
    return Reference(points, values, "finite elements", apart, ("w",))


REFERENCES: dict[str, Callable[[], Reference]] = {
    "sound_hard_disk": scattered,
    "four_balls": balls,
    **{
        name: from_elements(name)
        for name in (
            "poisson_classic",
            "poisson_boltzmann",
            "stokes_cylinder",
            "stokes_step",
            "backward_step",
        )
    },
}
