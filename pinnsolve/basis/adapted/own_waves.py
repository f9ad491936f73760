"""Solutions of lap u + k u = 0 for a number k, in a box of any dimension: waves with a direction of
growth.

Re exp((a + i b) . (x - c) + i phase) solves it, where b is a real vector, a is orthogonal to b, and
|a|^2 = |b|^2 - k; where that is negative, b is as long as makes it zero: a plane wave. As many of
them as span what a solution does on the sides of the box hold it in the box: the square of a
degree in space, where functions of any kind are its cube (Trefftz's method; Hiptmair, Moiola,
Perugia, A survey of Trefftz methods for the Helmholtz equation, 2016).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Domain
from pinnsolve.basis.initialize import normal_numbers, uniform_numbers
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, members, unit
from pinnsolve.jets.propagation import summed


@dataclass(frozen=True)
class OwnWaves(Sums):
    """`width` random solutions of lap u + `square` u = 0, each of size one at most in the box.

    Raises ValueError, when built, for one coordinate, in which there are two solutions.
    """

    width: int
    square: float

    @property
    def radians(self) -> float:
        """The deviation of b, a side of the box: waves on its sides are as many as functions."""
        return 0.27 * math.sqrt(self.width)

    def build(self, domain: Domain, seed: int) -> OwnWavesBasis:
        """The functions; the same seed draws the same ones."""
        if len(domain) < 2:
            raise ValueError("waves of an equation's own are for two or more coordinates")
        box, generator = DOUBLE.new_tensor(list(domain.values())), Generator().manual_seed(seed)
        size = (len(box), self.width)
        sides = (box[:, 1] - box[:, 0])[:, None]
        turning = self.radians * normal_numbers(*size, generator=generator) / sides
        growing = normal_numbers(*size, generator=generator)
        lengths = turning.square().sum(dim=0)
        turning = turning * (self.square / lengths).clamp(min=1.0).sqrt()
        growing = growing - turning * (growing * turning).sum(dim=0) / turning.square().sum(dim=0)
        excess = (lengths - self.square).clamp(min=0.0)
        growing = growing / growing.norm(dim=0) * excess.sqrt()
        phase = 2 * math.pi * uniform_numbers(self.width, generator=generator)
        return OwnWavesBasis(box, growing, turning, phase, self.square)


class OwnWavesBasis(Basis):
    """Those with `growing` and `turning (dim, size)` vectors and a `phase (size,)` in a box `(dim,
    2)`.
    """

    box: Tensor
    growing: Tensor
    turning: Tensor
    phase: Tensor

    def __init__(
        self, box: Tensor, growing: Tensor, turning: Tensor, phase: Tensor, square: float
    ) -> None:
        super().__init__()
        self.size, self.square = len(phase), square
        for name, value in (("box", box), ("growing", growing), ("turning", turning)):
            self.register_buffer(name, value)
        self.register_buffer("phase", phase)

    @property
    def harmonic(self) -> int:
        """All of them."""
        return self.size

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`. The Laplacian
        is so many times the value, to the last bit.
        """
        dim, (low, high) = x.shape[1], self.box.T
        largest = torch.maximum(self.growing * low[:, None], self.growing * high[:, None])
        size = x @ self.growing - largest.sum(dim=0)
        turn = (x - low) @ self.turning + self.phase
        waves = torch.exp(torch.complex(size, turn))
        slopes = torch.complex(self.growing, self.turning)
        laplacian = {tuple(2 * order for order in unit(dim, axis)) for axis in range(dim)}

        def single(index: MultiIndex) -> Tensor:
            factor = torch.ones_like(slopes[0])
            for axis, order in enumerate(index):
                factor = factor * slopes[axis] ** order
            return (factor * waves).real

        return torch.cat(
            [
                -self.square * waves.real[None]
                if set(members(index)) == laplacian
                else summed([index], single)
                for index in indices
            ]
        )
