"""A reference for PINNacle's pulsating channel (NS 2D-LT), and how it was made: one spectral
element, velocities of degree N and pressures of degree N - 2 (Maday and Patera), and steps of order
three, implicit in what is linear (Ascher, Ruuth and Spiteri, Applied Numerical Mathematics 25
(1997) 151: ARS(4, 4, 3)).

At the outlet b = 0, and nothing is said of a: that is a_x = p / nu, so that both vanish with the
divergence. `python -m results.pinnacle_channel_reference` writes
problems/reference/pinnacle_ns2d_lt.npz: a, b and p on a grid, and `apart`, by how much two
resolutions differ at most. Some minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.polynomial.legendre import Legendre, leggauss, legvander
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, eigh

Array = NDArray[np.float64]
PATH = Path(__file__).parents[1] / "problems" / "reference" / "pinnacle_ns2d_lt.npz"
LENGTH, HEIGHT, VISCOSITY = 2.0, 1.0, 0.01
TIMES = np.linspace(0.2, 5, 25)
# Of all places that are written, along each coordinate: the middles of so many parts
PARTS = (32, 16)

GAMMA = 0.5
IMPLICIT = ((), (0.0,), (0.0, 1 / 6), (0.0, -1 / 2, 1 / 2), (0.0, 3 / 2, -3 / 2, 1 / 2))
EXPLICIT = ((), (1 / 2,), (11 / 18, 1 / 18), (5 / 6, -5 / 6, 1 / 2), (1 / 4, 7 / 4, 3 / 4, -7 / 4))
STAGES = (0.0, 1 / 2, 2 / 3, 1 / 2, 1.0)


@dataclass(frozen=True)
class Line:
    """One coordinate: nodes and weights of velocities, their derivative, and what they are at the
    nodes of the pressure, with its weights.
    """

    nodes: Array
    weights: Array
    slope: Array
    seen: Array
    shares: Array

    @property
    def stiffness(self) -> Array:
        """Integrals of slopes times slopes."""
        return (self.slope.T * self.weights) @ self.slope


def line(length: float, degree: int) -> Line:
    """Lobatto's nodes for velocities, Gauss's for pressures."""
    inner = np.sort(Legendre.basis(degree).deriv().roots().real)
    own = np.concatenate([[-1.0], inner, [1.0]])
    weights = 2 / (degree * (degree + 1) * Legendre.basis(degree)(own) ** 2)
    to_series = np.linalg.inv(legvander(own, degree))
    slopes = np.stack([Legendre.basis(k).deriv()(own) for k in range(degree + 1)], axis=1)
    at, shares = leggauss(degree - 1)
    return Line(
        (own + 1) / 2 * length,
        weights * length / 2,
        slopes @ to_series * 2 / length,
        legvander(at, degree) @ to_series,
        shares * length / 2,
    )


@dataclass(frozen=True)
class Diffusion:
    """(mass + size nu stiffness) u = r at the free nodes of a velocity, by eigenvectors along each
    coordinate.
    """

    free: tuple[slice, slice]
    vectors: tuple[Array, Array]
    scales: Array

    def solved(self, right: Array) -> Array:
        """Zero at all other nodes."""
        found, (a, b) = np.zeros_like(right), self.vectors
        inner = a.T @ right[self.free] @ b / self.scales
        found[self.free] = a @ inner @ b.T
        return found


def diffusion(lines: tuple[Line, Line], free: tuple[slice, slice], size: float) -> Diffusion:
    """Of steps of a size."""
    found = [
        eigh(own.stiffness[part, part], np.diag(own.weights[part]))
        for own, part in zip(lines, free, strict=True)
    ]
    (a, va), (b, vb) = found
    return Diffusion(free, (va, vb), 1 + size * VISCOSITY * (a[:, None] + b))


class Channel:
    """Velocities `(2, n, m)` and pressures, and steps of one length."""

    def __init__(self, degrees: tuple[int, int], h: float) -> None:
        self.lines = x, y = line(LENGTH, degrees[0]), line(HEIGHT, degrees[1])
        self.h = h
        self.mass = np.outer(x.weights, y.weights)
        inner = slice(1, -1)
        free = (slice(1, None), inner), (inner, inner)
        self.diffusions = tuple(diffusion(self.lines, own, GAMMA * h) for own in free)
        self.open = np.zeros((2, *self.mass.shape), dtype=bool)
        for k, own in enumerate(free):
            self.open[k][own] = True
        shape = (len(x.shares), len(y.shares))
        unit = np.eye(shape[0] * shape[1]).reshape(-1, *shape)
        columns = [self.divergence(self.diffused(self.pushed(p))).ravel() for p in unit]
        self.schur = cho_factor(np.stack(columns))

    def divergence(self, w: Array) -> Array:
        """Integrals of it times the pressures' functions."""
        x, y = self.lines
        found = x.seen @ x.slope @ w[0] @ y.seen.T + x.seen @ w[1] @ (y.seen @ y.slope).T
        weighted: Array = np.outer(x.shares, y.shares) * found
        return weighted

    def pushed(self, p: Array) -> Array:
        """What pressures do: the transpose of the divergence."""
        x, y = self.lines
        q = np.outer(x.shares, y.shares) * p
        along = (x.seen @ x.slope).T @ q @ y.seen, x.seen.T @ q @ (y.seen @ y.slope)
        return np.where(self.open, np.stack(along), 0.0)

    def diffused(self, right: Array) -> Array:
        """Both velocities of a stage, zero where they are given."""
        return np.stack([d.solved(r) for d, r in zip(self.diffusions, right, strict=True)])

    def viscous(self, w: Array) -> Array:
        """Minus what viscosity does, at all nodes."""
        x, y = self.lines
        pulled = x.stiffness @ w * y.weights + x.weights[:, None] * (w @ y.stiffness)
        return VISCOSITY * pulled

    def driven(self, w: Array, t: float) -> Array:
        """The force, less what the flow carries."""
        x, y = self.lines
        found = -w[0] * (x.slope @ w) - w[1] * (w @ y.slope.T)
        found[1] -= np.outer(np.sin(np.pi * x.nodes), np.sin(np.pi * y.nodes)) * np.sin(np.pi * t)
        weighted: Array = self.mass * found
        return weighted

    def inlet(self, t: float) -> Array:
        """The velocities that are given, and zero elsewhere."""
        found = np.zeros(self.open.shape)
        pulse = sum(np.sin(k * np.pi * t) for k in (1, 3, 5))
        found[0, 0] = np.sin(np.pi * self.lines[1].nodes) * pulse
        return found

    def stage(self, right: Array, t: float) -> tuple[Array, Array]:
        """(mass + size viscous) w - size pushed(p) = right, div w = 0: w and p."""
        size, given = GAMMA * self.h, self.inlet(t)
        left = right - self.mass * given - size * self.viscous(given)
        w = given + self.diffused(left)
        p = cho_solve(self.schur, -self.divergence(w).ravel()) / size
        p = p.reshape(len(self.lines[0].shares), -1)
        return w + size * self.diffused(self.pushed(p)), p

    def step(self, w: Array, t: float) -> tuple[Array, Array]:
        """One step later."""
        carried, pulled = [self.driven(w, t)], [np.zeros_like(w)]
        start, p = self.mass * w, np.zeros(0)
        for i in range(1, len(STAGES)):
            at = t + STAGES[i] * self.h
            right = start + self.h * sum(a * k for a, k in zip(EXPLICIT[i], carried, strict=True))
            right = right + self.h * sum(a * k for a, k in zip(IMPLICIT[i], pulled, strict=True))
            w, p = self.stage(right, at)
            carried.append(self.driven(w, at))
            pulled.append(self.pushed(p) - self.viscous(w))
        return w, p

    def sampled(self, w: Array, p: Array) -> Array:
        """a, b and p at the middles of all parts: `(3, *PARTS)`."""
        tables, pressures = [], []
        for own, parts in zip(self.lines, PARTS, strict=True):
            at, degree = 2 * (np.arange(parts) + 0.5) / parts - 1, len(own.nodes) - 1
            nodes = 2 * own.nodes / own.nodes[-1] - 1
            tables.append(legvander(at, degree) @ np.linalg.inv(legvander(nodes, degree)))
            inner = np.linalg.inv(legvander(leggauss(degree - 1)[0], degree - 2))
            pressures.append(legvander(at, degree - 2) @ inner)
        a, b = (tables[0] @ each @ tables[1].T for each in w)
        return np.stack([a, b, pressures[0] @ p @ pressures[1].T])


def flow(degrees: tuple[int, int], steps: int) -> Array:
    """a, b and p at all places and times, `(3, *PARTS, times)`: so many steps between times."""
    h = TIMES[0] / steps
    channel = Channel(degrees, h)
    w, found = channel.inlet(0.0), []
    for k in range(len(TIMES) * steps):
        w, p = channel.step(w, k * h)
        if (k + 1) % steps == 0:
            found.append(channel.sampled(w, p))
    return np.stack(found, axis=-1)


def run() -> None:
    """Steps of three lengths and one more resolution of space; write what is extrapolated from the
    two smallest steps: the pressure of a last stage has an error of first order.
    """
    coarse, middle, fine = (flow((60, 30), steps) for steps in (40, 80, 160))
    before, after = middle.copy(), fine.copy()
    before[2], after[2] = 2 * middle[2] - coarse[2], 2 * fine[2] - middle[2]
    other = flow((52, 26), 40)
    each = np.array(
        [
            [
                np.linalg.norm(d) / np.linalg.norm(whole)
                for d, whole in zip(left, after, strict=True)
            ]
            for left in (after - before, coarse - other)
        ]
    ).max(axis=0)
    axes = [
        (np.arange(n) + 0.5) / n * length for n, length in zip(PARTS, (LENGTH, HEIGHT), strict=True)
    ]
    values = dict(zip("abp", after.astype(np.float32), strict=True))
    np.savez_compressed(PATH, axis0=axes[0], axis1=axes[1], axis2=TIMES, apart=each.max(), **values)
    print("a, b and p differ by", [f"{x:.1e}" for x in each])


if __name__ == "__main__":
    run()
