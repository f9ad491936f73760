"""References for evolutions in the plane, by methods that share nothing with pinnsolve's.

`python -m results.plane_references [NAME ...]` writes problems/reference/pinnacle_NAME.npz: values
on a grid, and `apart`, by how much two resolutions differ. Fourier and sine collocation with the
exponential Runge-Kutta method of fourth order (Kassam and Trefethen, SIAM J. Sci. Comput. 26 (2005)
1214), whose weights are means over circles.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dstn, idstn, irfft2, rfft2

Array = NDArray[np.float64]
Waves = NDArray[Any]  # real or complex
FOLDER = Path(__file__).parents[1] / "problems" / "reference"
Solved = tuple[list[Array], dict[str, Array]]
Force = Callable[[float, Waves], Waves]


def etdrk4(
    rates: Array, force: Force, start: Waves, h: float, steps: int, kept: int
) -> Iterator[Waves]:
    """States of y' = rates y + force(t, y) at every `kept` steps, the first among them."""
    circle = np.exp(2j * np.pi * (np.arange(32) + 0.5) / 32)
    z = h * rates[..., None] + circle
    e, half, whole = np.exp(z), np.exp(h * rates / 2), np.exp(h * rates)
    middle = h * ((np.exp(z / 2) - 1) / z).mean(axis=-1).real
    first = h * ((-4 - z + e * (4 - 3 * z + z**2)) / z**3).mean(axis=-1).real
    second = h * ((2 + z + e * (z - 2)) / z**3).mean(axis=-1).real
    last = h * ((-4 - 3 * z - z**2 + e * (4 - z)) / z**3).mean(axis=-1).real
    y, t = start, 0.0
    for step in range(steps + 1):
        if step % kept == 0:
            yield y
        f = force(t, y)
        a = half * y + middle * f
        fa = force(t + h / 2, a)
        b = half * y + middle * fa
        fb = force(t + h / 2, b)
        fc = force(t + h, half * a + middle * (2 * fb - f))
        y, t = whole * y + first * f + 2 * second * (fa + fb) + last * fc, t + h


def heat2d_lt(points: int) -> Solved:
    """Sines: u is odd about x = 1/4, since sin(u^2) is even and its factor odd, so that a quarter
    of the plate is enough.
    """
    m, n = points, 4 * points
    px, py = np.arange(1, m) / (4 * m), np.arange(1, n) / n
    shape = 5 * np.outer(np.sin(4 * np.pi * px), np.sin(2 * np.pi * py))
    start = np.outer(np.sin(4 * np.pi * px), np.sin(3 * np.pi * py))
    k, j = 4 * np.pi * np.arange(1, m), np.pi * np.arange(1, n)
    rates = -(k[:, None] ** 2 + j**2) / 1000

    def force(t: float, y: Array) -> Array:
        pulse = 1 + 2 * np.sin(np.pi * t / 4)
        return np.asarray(dstn(pulse * shape * np.sin(idstn(y, type=1) ** 2), type=1))

    states = etdrk4(rates, force, dstn(start, type=1), 0.02, 5000, 200)
    fields = []
    for y in states:
        quarter = np.pad(idstn(y, type=1), 1)[:: m // 8, :: n // 32]
        half = np.concatenate([quarter, -quarter[-2::-1]])
        fields.append(np.concatenate([half, half[1:]]))
    line = np.linspace(0, 1, 33)
    return [line, line, np.linspace(0, 100, 26)], {"u": np.stack(fields, axis=2)}


def grayscott(points: int) -> Solved:
    """Two substances, Fourier collocation."""
    line = -1 + 2 * np.arange(points) / points
    px, py = np.meshgrid(line, line, indexing="ij")
    k = np.pi * np.fft.fftfreq(points, 1 / points)
    j = np.pi * np.arange(points // 2 + 1)
    waves = k[:, None] ** 2 + j**2
    rates = np.stack([-1e-5 * waves - 0.04, -5e-6 * waves - 0.1])
    hole, spot = (
        np.exp(-80 * ((px + sign * 0.05) ** 2 + (py + sign * 0.02) ** 2)) for sign in (1, -1)
    )

    def force(t: float, y: Waves) -> Waves:
        u, v = irfft2(y, s=(points, points))
        made = rfft2(u * v**2)
        found = np.stack([-made, made])
        found[0, 0, 0] += 0.04 * points**2
        return found

    states = etdrk4(rates, force, rfft2(np.stack([1 - hole, spot])), 0.5, 400, 40)
    stride = points // 64
    fields = [irfft2(y, s=(points, points))[:, ::stride, ::stride] for y in states]
    u, v = np.stack(fields, axis=3)
    return [line[::stride], line[::stride], np.linspace(0, 200, 11)], {"u": u, "v": v}


# How each is made, and its two resolutions.
MADE: dict[str, tuple[Callable[[int], Solved], int, int]] = {
    "heat2d_lt": (heat2d_lt, 48, 64),
    "grayscott": (grayscott, 448, 576),
}


def main(names: list[str]) -> None:
    """Make those named, or all."""
    for name in names or list(MADE):
        way, coarse, fine = MADE[name]
        (_, rough), (axes, values) = way(coarse), way(fine)
        each = [np.linalg.norm(values[u] - rough[u]) / np.linalg.norm(values[u]) for u in values]
        grid = {f"axis{i}": axis for i, axis in enumerate(axes)}
        held = {**grid, **values, "apart": np.array(max(each))}
        np.savez_compressed(FOLDER / f"pinnacle_{name}.npz", **held)  # type: ignore[arg-type]
        print(f"{name:<15} two resolutions differ by {max(each):.1e}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
