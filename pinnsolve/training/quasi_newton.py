"""Descents that learn curvature from gradients: L-BFGS and the self-scaled Broyden family, with a
strong Wolfe search.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Integral

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.training.objective import Objective
from pinnsolve.training.weighted_loss import Iterate

Array = NDArray[np.float64]
DECREASE, CURVATURE = 1e-4, 0.9  # of the strong Wolfe conditions
Directions = Callable[[Tensor], Tensor]
Learn = Callable[[Tensor, Tensor, float], None]  # s, y and s^T B s


@dataclass(frozen=True)
class LBFGS:
    """Limited-memory BFGS (Nocedal 1980): the last `memory` pairs of steps and gradient changes, by
    the two-loop recursion.

    Raises TypeError for a memory that is no whole number, ValueError for one below 1.
    """

    memory: int = 50

    def __post_init__(self) -> None:
        if isinstance(self.memory, bool) or not isinstance(self.memory, Integral):
            raise TypeError(
                f"memory must be a whole number of pairs, LBFGS(memory=50): got {self.memory!r}"
            )
        if self.memory < 1:
            raise ValueError(f"memory must be at least 1: got {self.memory}")

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One line search an iterate."""
        pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(
            maxlen=self.memory
        )  # with their inner product
        own = objective.own  # pairs are of this rank's variables

        def direction(gradient: Tensor) -> Tensor:
            q, weights = own.of(gradient).clone(), []
            for s, y, sy in reversed(pairs):
                weights.append(own.dot(s, q) / sy)
                q -= weights[-1] * y
            if pairs:
                s, y, sy = pairs[-1]
                q *= sy / own.dot(y, y)
            for (s, y, sy), weight in zip(pairs, reversed(weights), strict=True):
                q += (weight - own.dot(y, q) / sy) * s
            return own.whole(-q)

        def learn(s: Tensor, y: Tensor, sbs: float) -> None:
            s, y = own.of(s), own.of(y)
            pairs.append((s, y, own.dot(s, y)))

        return _search(objective, start, direction, learn, pairs.clear)


@dataclass(frozen=True)
class SelfScaledBroyden:
    """Al-Baali's self-scaled Broyden update of the inverse Hessian, as Urban, Stefanou and Pons use
    it for PINNs.

    J. Comput. Phys. 523 (2025) 113656, eqs. 13 to 23; also Kiyani et al. (2025). The matrix is
    dense: for up to a few thousand parameters.
    """

    def numbers(self, rows: int, variables: int, columns: int) -> float:
        """How many are held at a time: the matrix, the next one and a copy, beside a problem for
        the coefficients.
        """
        return 3 * variables**2 + 2 * rows * columns

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One line search an iterate."""
        inverse = torch.eye(len(start.x), dtype=start.x.dtype)

        def learn(s: Tensor, y: Tensor, sbs: float) -> None:
            nonlocal inverse
            inverse = self_scaled_update(inverse, s, y, sbs)

        def reset() -> None:
            nonlocal inverse
            inverse = torch.eye(len(start.x), dtype=start.x.dtype)

        return _search(objective, start, lambda gradient: -inverse @ gradient, learn, reset)


def self_scaled_update(inverse: Tensor, s: Tensor, y: Tensor, sbs: float) -> Tensor:
    """The next inverse Hessian, which satisfies the secant equation H y = s; `sbs` is s^T B s with
    the last B = H^-1.
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
    return torch.addmm(
        inverse, vectors * weights, vectors.T, beta=1 / tau
    )  # one pass over the matrix


def _search(
    objective: Objective,
    now: Iterate,
    direction: Directions,
    learn: Learn,
    reset: Callable[[], None],
) -> Iterator[Iterate]:
    """Line searches along the directions; where one fails, the curvature is forgotten, where that
    fails too, it ends.
    """
    objective.sharpen()  # curvature is learned from differences of gradients
    gradient, before, fresh = _gradient(objective, now), None, True
    while bool(gradient.norm() > 0):
        renewed = objective.renewed(now)
        if renewed is not now:  # curvature learned at other points is still the best guess
            now, before = renewed, None
            gradient = _gradient(objective, now)
        d = direction(gradient)
        if not float(d @ gradient) < 0:  # round-off has spoilt the curvature
            reset()
            fresh, d = True, -gradient
        # Where nothing is known of lengths yet, a tenth of the parameters' own.
        share = min(1.0, 0.1 * float(now.x.norm()) or 1.0) / float(d.norm()) if fresh else 1.0
        d = share * d
        found = _strong_wolfe(objective, now, gradient, d, before)
        if found is None:
            if fresh:
                return
            reset()
            fresh, before = True, None
            continue
        trial, slope, length = found
        s, y = trial.x - now.x, slope - gradient
        sbs = -share * length * float(s @ gradient)  # B d = -share * gradient, and s = length * d
        if float(s @ y) > 1e-12 * float(s.norm() * y.norm()) and sbs > 0:
            learn(s, y, sbs)
            fresh = False
        before, now, gradient = now.loss, trial, slope
        yield now


def _strong_wolfe(
    objective: Objective, now: Iterate, gradient: Tensor, direction: Tensor, before: float | None
) -> tuple[Iterate, Tensor, float] | None:
    """An iterate along the direction, its gradient and the step length; None if no length satisfies
    the conditions.
    """
    from scipy.optimize import line_search

    tried: dict[bytes, Iterate] = {now.x.numpy().tobytes(): now}
    slopes: dict[bytes, Tensor] = {now.x.numpy().tobytes(): gradient}

    def value(x: Array) -> float:
        if (key := x.tobytes()) not in tried:
            tried[key] = objective.evaluate(torch.from_numpy(x.copy()), now)
        return tried[key].loss

    def slope(x: Array) -> Array:
        value(x)
        if (key := x.tobytes()) not in slopes:
            slopes[key] = _gradient(objective, tried[key])
        return slopes[key].numpy()

    x, d = now.x.numpy(), direction.numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of failure, which is handled
        length, _, _, loss, _, _ = line_search(
            value,
            slope,
            x,
            d,
            gradient.numpy(),
            now.loss,
            before,
            c1=DECREASE,
            c2=CURVATURE,
            maxiter=20,
        )
    if length is None or loss is None or not loss < now.loss:
        falling = min(tried.values(), key=lambda t: t.loss)
        if falling is now or not falling.loss < now.loss:
            return None
        return (
            falling,
            _gradient(objective, falling),
            float((falling.x - now.x) @ direction / (direction @ direction)),
        )
    new = x + length * d
    slope(new)
    return tried[new.tobytes()], slopes[new.tobytes()], float(length)


def _gradient(objective: Objective, at: Iterate) -> Tensor:
    """In all variables: a line search takes its slope along the step."""
    return objective.own.whole(objective.gradient(at))
