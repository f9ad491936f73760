"""Round holes: where functions around them are singular, and how many there are."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Domain
from pinnsolve.jets.indices import JetIndex


@dataclass(frozen=True)
class Hole:
    """A disk or ball around `at` that is no part of where functions are wanted; poles up to the
    `order`, and what lower-order terms add to them up to the power r^(2 depth). Where the equation
    is lap u + k u = f with one number k beside zero, its `square`, all that its own poles hold.

    >>> from pinnsolve import Hole
    >>> Hole(at=(0.0, 0.0), radius=0.5, order=4).depth
    1
    """

    at: tuple[float, ...]
    radius: float
    order: int = 8
    depth: int = 1
    square: float | None = None
    focus: tuple[float, float] = (0.0, 0.0)

    def lies_within(self, domain: Domain) -> bool:
        """Whether the ball lies strictly inside of a box: else it is no hole of what the box
        holds.
        """
        return all(
            low < c - self.radius and c + self.radius < high
            for c, (low, high) in zip(self.at, domain.values(), strict=True)
        )

    def lies_outside(self, domain: Domain) -> bool:
        """Whether the disk does not meet a box."""
        return any(
            c + self.radius <= low or c - self.radius >= high
            for c, (low, high) in zip(self.at, domain.values(), strict=True)
        )

    def surrounds(self, domain: Domain) -> bool:
        """Whether a box lies within the ball."""
        return self.reach(domain) <= 1.0

    def reach(self, domain: Domain) -> float:
        """How far from its center, in radii, a box goes."""
        sides = zip(self.at, domain.values(), strict=True)
        return math.hypot(*(max(c - low, high - c) for c, (low, high) in sides)) / self.radius

    def nearest(self, domain: Domain) -> float:
        """How far from its center, in radii, what a box holds outside of it begins."""
        sides = zip(self.at, domain.values(), strict=True)
        apart = math.hypot(*(max(low - c, c - high, 0.0) for c, (low, high) in sides))
        return max(1.0, apart / self.radius)

    def logarithms(self) -> tuple[tuple[int, int], ...]:
        """(p, q) for the functions z^p conj(z)^q log |z| of the plane: the powers of |z|^2, and of
        higher depth some that have an angle.
        """
        turning = range(1, 4 if self.depth > 1 else 1)
        straight = [(q, q) for q in range(self.depth + 1)]
        return (*straight, *((q + n, q) for n in turning for q in range(self.depth)))

    @property
    def functions(self) -> int:
        """How many: in the plane logarithms, and real and imaginary parts of conj(z)^q z^-k, k + q
        up to the order; in space those of r^(2q) I_n^m, n + q up to the order; q up to the depth.
        With a `square` those of degrees up to the order alone.
        """
        if self.square is not None:
            return self.harmonic
        if len(self.at) == 3:
            return sum(max(0, self.order - q + 1) ** 2 for q in range(self.depth + 1))
        logs = sum(1 if p == q else 2 for p, q in self.logarithms())
        return logs + 2 * sum(max(0, self.order - q) for q in range(self.depth + 1))

    @property
    def harmonic(self) -> int:
        """How many of them solve Laplace's equation, or that of the `square`: the poles, and the
        logarithm of the plane.
        """
        return (self.order + 1) ** 2 if len(self.at) == 3 else 1 + 2 * self.order


class AroundHoles(Basis):
    """Functions around each of some holes, side by side. What grows is divided by its size at
    `reaches`, in radii, which are the `unit`.
    """

    unit: Tensor

    def __init__(self, holes: Sequence[Hole], reaches: Sequence[float]) -> None:
        super().__init__()
        self.holes, self.reaches = tuple(holes), tuple(reaches)
        self.register_buffer("unit", DOUBLE.new_tensor([hole.radius for hole in holes]))
        self.size = sum(hole.functions for hole in holes)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        parts = [self._around(k, x, indices) for k in range(len(self.holes))]
        return torch.cat(parts, dim=2) if parts else x.new_zeros(len(indices), x.shape[0], 0)

    @property
    def harmonic(self) -> int:
        """Those around all holes."""
        return sum(hole.harmonic for hole in self.holes)

    @abstractmethod
    def _around(self, number: int, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Those of one hole."""
