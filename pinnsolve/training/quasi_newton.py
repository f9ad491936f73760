"""Descents that learn curvature from gradients: L-BFGS and the self-scaled Broyden family, with a
strong Wolfe search.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.symbols.given import whole_of
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.objective import Objective
from pinnsolve.training.partition import Own

Array = NDArray[np.float64]


class Curvature(Protocol):
    """What gradients have told of the Hessian B so far; a value, as iterates are."""

    def direction(self, gradient: Tensor) -> Tensor:
        """-B^-1 g `(n,)`, nearly."""
        ...

    def after(self, s: Tensor, y: Tensor, sbs: float) -> Curvature:
        """With another step s and change of the gradient y, both `(n,)`; `sbs` is s^T B s."""
        ...


@dataclass(frozen=True, eq=False)
class Pairs:
    """The last `memory` pairs (s, y) with s^T y, of this rank's variables: L-BFGS' curvature."""

    own: Own
    memory: int
    pairs: tuple[tuple[Tensor, Tensor, Tensor], ...] = ()

    def direction(self, gradient: Tensor) -> Tensor:
        """By the two-loop recursion, `(n,)` as the gradient; without pairs, against it."""
        own = self.own
        q, weights = own.of(gradient).clone(), []
        for s, y, sy in reversed(self.pairs):
            weights.append(own.dot(s, q) / sy)
            q -= weights[-1] * y
        # The first inverse Hessian has the size of the last pair (Nocedal and Wright, eq. 7.20).
        if self.pairs:
            s, y, sy = self.pairs[-1]
            q *= sy / own.dot(y, y)
        for (s, y, sy), weight in zip(self.pairs, reversed(weights), strict=True):
            q += (weight - own.dot(y, q) / sy) * s
        return own.whole(-q)

    def after(self, s: Tensor, y: Tensor, sbs: float) -> Pairs:
        """The oldest pair gives way to a step s and a change of the gradient y, both `(n,)`."""
        s, y = self.own.of(s), self.own.of(y)
        return replace(self, pairs=(*self.pairs, (s, y, self.own.dot(s, y)))[-self.memory :])


@dataclass(frozen=True, eq=False)
class InverseHessian:
    """A dense matrix H = B^-1 `(n, n)`: self-scaled Broyden's curvature."""

    matrix: Tensor

    def direction(self, gradient: Tensor) -> Tensor:
        """-H g, `(n,)`."""
        return -self.matrix @ gradient

    def after(self, s: Tensor, y: Tensor, sbs: float) -> InverseHessian:
        """By `self_scaled_update`, with s and y `(n,)`."""
        return InverseHessian(self_scaled_update(self.matrix, s, y, sbs))


@dataclass(frozen=True)
class LBFGS:
    """Limited-memory BFGS (Nocedal, Math. Comp. 35 (1980) 773): d = -H g, with H from the last
    `memory` pairs of steps s and gradient changes y by the two-loop recursion; then a strong Wolfe
    line search.

    Raises TypeError for a memory that is no whole number, ValueError for one below 1.

    >>> from sympy import Eq
    >>> from pinnsolve import LBFGS, LSGD, Dense, Interval, Problem
    >>> from pinnsolve import coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> trained = solve(growth, Dense(10), LSGD(20, LBFGS(memory=20)))
    >>> trained.residual() < 1e-2  # 0.05, as it is drawn
    True
    """

    memory: int = 50

    def __post_init__(self) -> None:
        if whole_of(self.memory) is None:
            raise TypeError(
                f"memory must be a whole number of pairs, LBFGS(memory=50): got {self.memory!r}"
            )
        if self.memory < 1:
            raise ValueError(f"memory must be at least 1: got {self.memory}")

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One line search an iterate."""
        return _search(objective, start, lambda: Pairs(objective.own, self.memory))


@dataclass(frozen=True)
class SelfScaledBroyden:
    """Al-Baali's self-scaled Broyden update of the inverse Hessian, as Urban, Stefanou and Pons use
    it for PINNs: d = -H g, H_next = (H - H y y' H / y'H y + phi y'H y v v') / tau + s s' / y's with
    v = s / y's - H y / y'H y, then a strong Wolfe line search.

    J. Comput. Phys. 523 (2025) 113656, eqs. 13 to 23; also Kiyani et al. (2025). The matrix is
    dense, (n, n) for n parameters: for up to a few thousand of them.

    >>> from sympy import Eq
    >>> from pinnsolve import LSGD, Dense, Interval, Problem, SelfScaledBroyden
    >>> from pinnsolve import coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> trained = solve(growth, Dense(10), LSGD(20, SelfScaledBroyden()))
    >>> trained.residual() < 1e-2  # 0.05, as it is drawn
    True
    """

    def numbers(self, rows: int, variables: int, columns: int) -> float:
        """How many are held at a time: the matrix, the next one and a copy, beside a problem for
        the coefficients.
        """
        return 3 * variables**2 + 2 * rows * columns

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One line search an iterate."""

        def unknown() -> InverseHessian:
            return InverseHessian(torch.eye(len(start.x), dtype=start.x.dtype))

        return _search(objective, start, unknown)


def self_scaled_update(inverse: Tensor, s: Tensor, y: Tensor, sbs: float) -> Tensor:
    """The next inverse Hessian `(n, n)`, which satisfies the secant equation H y = s; `sbs` is s^T
    B s with the last B = H^-1.
    """
    ys, hy = float(y @ s), inverse @ y
    yhy = float(y @ hy)
    b, h = sbs / ys, yhy / ys
    a = max(b * h - 1, 1e-16)
    lowest = min(1.0, h * (1 - (a / (1 + a)) ** 0.5))
    theta = max((lowest - 1) / a, min(1 / max(lowest, 1e-16), (1 - b) / b))
    sigma, scale = 1 + a * theta, min(1.0, 1 / b)
    shrunk = abs(sigma) ** (-1 / max(len(s) - 1, 1))
    tau = scale * min(shrunk, 1 / theta) if theta > 0 else min(scale * shrunk, sigma)
    vectors = torch.stack([hy, s / ys - hy / yhy, s], dim=1)
    weights = s.new_tensor([-1 / (yhy * tau), (1 - theta) / sigma * yhy / tau, 1 / ys])
    # One pass over the matrix.
    return torch.addmm(inverse, vectors * weights, vectors.T, beta=1 / tau)


def _search(
    objective: Objective, iterate: Iterate, unknown: Callable[[], Curvature]
) -> Iterator[Iterate]:
    """Line searches along the directions; where one fails, the curvature is forgotten, where that
    fails too, it ends.
    """
    objective.sharpen()  # curvature is learned from differences of gradients
    gradient, before, fresh = _gradient(objective, iterate), None, True
    curvature = unknown()
    while bool(gradient.norm() > 0):
        renewed = objective.renewed(iterate)
        if renewed is not iterate:  # curvature learned at other points is still the best guess
            iterate, before = renewed, None
            gradient = _gradient(objective, iterate)
        d = curvature.direction(gradient)
        if not float(d @ gradient) < 0:  # round-off has spoilt the curvature
            curvature, fresh, d = unknown(), True, -gradient
        # Where nothing is known of lengths yet, a tenth of the parameters' own.
        share = min(1.0, 0.1 * float(iterate.x.norm()) or 1.0) / float(d.norm()) if fresh else 1.0
        reached = _strong_wolfe(objective, iterate, gradient, share * d, before)
        if reached is None:
            if fresh:
                return
            curvature, fresh, before = unknown(), True, None
            continue
        trial, slope, length = reached
        s, y = trial.x - iterate.x, slope - gradient
        sbs = -share * length * float(s @ gradient)  # B d = -share * gradient, and s = length * d
        # Without positive curvature along the step the next inverse Hessian would not be positive
        # definite.
        if float(s @ y) > 1e-12 * float(s.norm() * y.norm()) and sbs > 0:
            curvature, fresh = curvature.after(s, y, sbs), False
        before, iterate, gradient = iterate.loss, trial, slope
        yield iterate


@dataclass(frozen=True, eq=False)
class _Tried:
    """Iterates and gradients by their point: scipy asks for a loss and its slope apart."""

    objective: Objective
    start: Iterate
    iterates: dict[bytes, Iterate] = field(default_factory=dict)
    gradients: dict[bytes, Tensor] = field(default_factory=dict)

    def iterate(self, x: Array) -> Iterate:
        """The iterate at x `(n,)`."""
        if (key := x.tobytes()) not in self.iterates:
            self.iterates[key] = self.objective.evaluate(
                tensor_of(x.copy(), self.start.x), self.start
            )
        return self.iterates[key]

    def gradient(self, x: Array) -> Tensor:
        """The gradient there."""
        iterate = self.iterate(x)
        if (key := x.tobytes()) not in self.gradients:
            self.gradients[key] = _gradient(self.objective, iterate)
        return self.gradients[key]


def _strong_wolfe(
    objective: Objective,
    iterate: Iterate,
    gradient: Tensor,
    direction: Tensor,
    before: float | None,
) -> tuple[Iterate, Tensor, float] | None:
    """An iterate along the direction, its gradient and the step length; None if no length satisfies
    the conditions and none that was tried lowers the loss.
    """
    from scipy.optimize import line_search

    x, d = array_of(iterate.x), array_of(direction)
    tried = _Tried(objective, iterate, {x.tobytes(): iterate}, {x.tobytes(): gradient})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of failure, which is handled
        length, _, _, loss, _, _ = line_search(
            lambda x: tried.iterate(x).loss,
            lambda x: array_of(tried.gradient(x)),
            x,
            d,
            array_of(gradient),
            iterate.loss,
            before,
            c1=1e-4,  # both of the strong Wolfe conditions, as for quasi-Newton directions
            c2=0.9,  # (Nocedal and Wright, chapter 3)
            maxiter=20,
        )
    if length is not None and loss is not None and loss < iterate.loss:
        new = x + length * d
        return tried.iterate(new), tried.gradient(new), float(length)
    lowest = min(tried.iterates.values(), key=lambda iterate: iterate.loss)
    if not lowest.loss < iterate.loss:
        return None
    length = float((lowest.x - iterate.x) @ direction / (direction @ direction))
    return lowest, _gradient(objective, lowest), length


def _gradient(objective: Objective, at: Iterate) -> Tensor:
    """In all variables: a line search takes its slope along the step."""
    return objective.own.whole(objective.gradient(at))
