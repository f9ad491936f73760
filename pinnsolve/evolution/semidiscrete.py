"""The ordinary differential equation y' = f(t, y) for the free coefficients, with its Jacobian from
the symbolic slopes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.discretize.own_features import Instants, narrow_instants
from pinnsolve.discretize.recognize import Form, Law, order_along
from pinnsolve.discretize.sizes import natural_sizes
from pinnsolve.evolution.curvatures import curvatures
from pinnsolve.evolution.orthonormal import Orthonormal


@dataclass(frozen=True)
class MovingData:
    """When data of the sides that move in time are known well enough by a Chebyshev series."""

    # Degrees of the series that are tried in turn
    degrees: tuple[int, ...] = (16, 64, 256, 1024)
    # Of a series' last coefficients, relative to the largest
    resolved: float = 1e-13


MOVING_DATA = MovingData()


@dataclass(frozen=True, eq=False)
class Series:
    """A function of time, `(..., degree + 1)` Chebyshev coefficients on [start, end]."""

    start: float
    end: float
    coefficients: Tensor

    def __call__(self, t: Tensor) -> Tensor:
        """Values `(...)` at one time."""
        z = (2 * t - self.start - self.end) / (self.end - self.start)
        n = self.coefficients.shape[-1]
        held = torch.stack([torch.ones_like(z), z])
        while len(held) < n:  # T_(m + k) = 2 T_m T_k - T_(m - k)
            held = torch.cat([held, 2 * held[-1] * held[1:] - held.flip(0)[1:]])
        return self.coefficients @ held[:n]

    def derivative(self) -> Series:
        """Its derivative in time."""
        rows = self.coefficients.numpy()
        found = np.polynomial.chebyshev.chebder(rows, scl=2 / (self.end - self.start), axis=-1)
        return Series(self.start, self.end, torch.from_numpy(np.ascontiguousarray(found)))

    def through(self, matrix: Tensor) -> Series:
        """A matrix times the function: `(..., n) @ (n,)`."""
        return Series(self.start, self.end, matrix @ self.coefficients)


@dataclass(frozen=True, eq=False)
class Forces:
    """One law on the points: its slots are `matrix (n_slots, n, size of y) @ y`, plus those of the
    moving side data.
    """

    law: Law
    matrix: Tensor
    moving: Series
    project: Tensor

    def slots(self, t: Tensor, y: Tensor) -> Tensor:
        """The numbers `(n_slots, n)` that the law takes; none for its highest derivative in
        time.
        """
        return self.matrix @ y + self.moving(t)


class Semidiscrete:
    """y' = f(t, y): the laws, projected on the space's free functions.

    y holds the free coefficients of all unknowns, and where the unknowns are of second order in
    time, those of their velocities after them. `narrow` holds instants, and widths, of what the
    data do in a short time, and those that are given. Raises ValueError if the data of the sides
    are not smooth in time.
    """

    def __init__(
        self, system: System, form: Form, space: Orthonormal, instants: Instants = ()
    ) -> None:
        self.form, self.space, self.n_unknowns = form, space, system.n_unknowns
        self.natural = natural_sizes(system)
        self.narrow = (*narrow_instants(system, form.axis), *instants)
        self.second = form.orders[0] == 2
        self.free = space.free.reshape(self.n_unknowns, space.rank, -1)
        self.m = self.free.shape[2]
        self.size = self.m * (2 if self.second else 1)
        self.lifted = [self._series()]
        for _ in range(2 + self.second):
            self.lifted.append(self.lifted[-1].derivative())
        functions = space.values()
        self.laws = [self._forces(law, (space.weights[:, None] * functions).T) for law in form.laws]
        self.rest = self.lifted[2 if self.second else 1].through(space.free.T)

    def _series(self) -> Series:
        """The coefficients that the moving side data ask for, `(n_unknowns * r,)`, as a series in
        time.
        """
        space, form = self.space, self.form
        if not space.sides:
            return Series(
                form.start, form.end, torch.zeros(len(space.free), 1, dtype=torch.float64)
            )
        for degree in MOVING_DATA.degrees:
            # At the roots of a Chebyshev polynomial the coefficients of its series are cosine sums.
            angles = np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1)
            times = form.start + (form.end - form.start) * (np.cos(angles) + 1) / 2
            held = torch.stack([space.side_data(float(t)) for t in times], dim=1)
            found = (
                (2 / (degree + 1))
                * held
                @ torch.from_numpy(np.cos(np.outer(angles, np.arange(degree + 1))))
            )
            found[:, 0] /= 2
            size = float(found.abs().max())
            used = np.flatnonzero(found.abs().max(dim=0).values.numpy() > 1e-15 * max(size, 1e-300))
            small = MOVING_DATA.resolved * max(size, self._initial_size())
            if float(found[:, -3:].abs().max()) <= small:
                return Series(
                    form.start, form.end, found[:, : 1 + (int(used[-1]) if len(used) else 0)]
                ).through(space.lift)
        raise ValueError(
            "the side conditions' data are not smooth in time: split the interval of time at the"
            " jump"
        )

    def _initial_size(self) -> float:
        """The size of the initial data, beside which tails on the sides are small."""
        return max(float(r.data(self.space.points, None).abs().max()) for r in self.form.initial)

    def _forces(self, law: Law, project: Tensor) -> Forces:
        space, axis = self.space, self.form.axis
        functions = space.slots(law.residual, space.points)
        n = len(space.points)
        matrix = torch.zeros(len(functions), n, self.size, dtype=torch.float64)
        moving = torch.zeros(
            len(functions), n, self.lifted[0].coefficients.shape[1], dtype=torch.float64
        )
        for i, (slot, phi) in enumerate(zip(law.residual.slots, functions, strict=True)):
            if i == law.top:
                continue
            order = order_along(slot.index, axis)
            matrix[i, :, order * self.m : (order + 1) * self.m] = phi @ self.free[slot.unknown]
            held = self.lifted[order].coefficients.reshape(self.n_unknowns, space.rank, -1)[
                slot.unknown
            ]
            moving[i, :, : held.shape[1]] = phi @ held
        return Forces(
            law,
            matrix,
            Series(self.form.start, self.form.end, moving),
            self.free[law.unknown].T @ project,
        )

    def _places(self, t: Tensor) -> Tensor:
        axis, points = self.form.axis, self.space.points
        return torch.cat([points[:, :axis], t.expand(len(points), 1), points[:, axis + 1 :]], dim=1)

    def rate(self, t: Tensor, y: Tensor) -> Tensor:
        """f(t, y), `(size,)`."""
        x, found = self._places(t), -self.rest(t)
        for forces in self.laws:
            u, residual = forces.slots(t, y), forces.law.residual
            found = found - forces.project @ (
                residual.value(x, None, u) / residual.slopes(x, None, u)[forces.law.top]
            )
        return torch.cat([y[self.m :], found]) if self.second else found

    def jacobian(self, t: Tensor, y: Tensor) -> Tensor:
        """df/dy, `(size, size)`, from the slopes of the laws."""
        x, found = self._places(t), torch.zeros(self.m, self.size, dtype=torch.float64)
        for forces in self.laws:
            u, residual, top = forces.slots(t, y), forces.law.residual, forces.law.top
            # Of c(u) u_t + F(u) also c'(u) u_t counts.
            u[top] = -residual.value(x, None, u) / residual.slopes(x, None, u)[top]
            slopes = residual.slopes(x, None, u)
            weights = -slopes / slopes[top]
            found = found + forces.project @ torch.einsum("sn,snm->nm", weights, forces.matrix)
        if not self.second:
            return found
        upper = torch.eye(self.m, self.size, dtype=torch.float64).roll(self.m, dims=1)
        return torch.cat([upper, found])

    def start(self) -> tuple[Tensor, float]:
        """The state `(size,)` that fits the initial data best, and what is left of them, relative
        to their size.
        """
        space = self.space
        t, root = torch.tensor(self.form.start, dtype=torch.float64), space.weights.sqrt()
        held = [part(t).reshape(self.n_unknowns, space.rank) for part in self.lifted[:2]]
        rows, right, sizes = [], [], []
        for residual in self.form.initial:
            x = space.points
            slopes = residual.coefficients(x, None)
            target = -residual.data(x, None)
            sizes.append(float((root * target).norm()))
            block = x.new_zeros(len(x), self.size)
            for slope, slot, phi in zip(
                slopes, residual.slots, space.slots(residual, x), strict=True
            ):
                order = order_along(slot.index, self.form.axis)
                block[:, order * self.m : (order + 1) * self.m] += slope[:, None] * (
                    phi @ self.free[slot.unknown]
                )
                target = target - slope * (phi @ held[order][slot.unknown])
            rows.append(root[:, None] * block)
            right.append(root * target)
        matrix, target = torch.cat(rows), torch.cat(right)
        y = torch.linalg.lstsq(matrix, target[:, None], driver="gelsd").solution[:, 0]
        return y, float((matrix @ y - target).norm()) / max(*sizes, 1e-300)

    def along(self, times: Tensor, coefficients: Tensor) -> tuple[Tensor, Tensor]:
        """The states and their rates, both `(m, size)`, of a path whose coefficients and their
        derivatives are `(3, m, n_unknowns, r)`.
        """
        parts = []
        for k in range(3 if self.second else 2):
            given = torch.stack([self.lifted[k](t) for t in times])
            parts.append((coefficients[k].flatten(1) - given) @ self.space.free)
        return torch.cat(parts[:-1], dim=1), torch.cat(parts[1:], dim=1)

    def path(self, times: Tensor, states: Tensor, rates: Tensor) -> Tensor:
        """Coefficients of all unknowns and their first two derivatives in time along a path of
        states and rates `(m, size)`: `(3, m, n_unknowns, r)`.
        """
        if self.second:
            parts = [states[:, : self.m], states[:, self.m :], rates[:, self.m :]]
        else:
            parts = [states, rates, curvatures(times, states, rates)]
        found = [
            torch.stack([lifted(t) for t in times]) + part @ self.space.free.T
            for lifted, part in zip(self.lifted[:3], parts, strict=True)
        ]
        return torch.stack(found).reshape(3, len(times), self.n_unknowns, self.space.rank)
