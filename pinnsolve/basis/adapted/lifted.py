"""One more coordinate for curved fronts: waves of x and of s = asinh(phi(x) / d), phi a polynomial
that is zero on the front.

A front is steep in x; as a function of x and s it is smooth in all of them, whatever the curve.
`Stretched` and `Rotated` do this for straight ones, in place of a coordinate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import perm

import torch
from torch import Generator, Tensor, nn

from pinnsolve.basis.adapted.stretch import Stretch
from pinnsolve.basis.basis import DOUBLE, Basis, Domain, Gather
from pinnsolve.basis.initialize import Initializer
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.activations import Derivatives, activation
from pinnsolve.jets.indices import JetIndex, MultiIndex, closure, members, unit
from pinnsolve.jets.propagation import activate, affine, coordinates_jet

# The name by which an initializer knows the new coordinate.
FRONT = "front"


@dataclass(frozen=True)
class Level:
    """The polynomial sum_k c_k x^(e_k): `terms` are pairs of exponents, one a coordinate, and
    coefficients.

    >>> from pinnsolve import Level
    >>> circle = Level((((2, 0), 1.0), ((0, 2), 1.0), ((0, 0), -0.25)))  # x^2 + y^2 - 1/4
    >>> len(circle.terms)
    3
    """

    terms: tuple[tuple[MultiIndex, float], ...]

    def __call__(self, x: Tensor, index: MultiIndex) -> Tensor:
        """D^index at points `(n, dim)`."""
        total = torch.zeros_like(x[:, 0])
        for exponents, c in self.terms:
            if all(e >= k for e, k in zip(exponents, index, strict=True)):
                for column, e, k in zip(x.T, exponents, index, strict=True):
                    c = c * perm(e, k) * column ** (e - k)  # noqa: PLW2901  a float, then a tensor
                total = total + c
        return total

    def gradient(self, x: Tensor) -> Tensor:
        """`(n, dim)`."""
        dim = x.shape[1]
        return torch.stack([self(x, unit(dim, axis)) for axis in range(dim)], dim=1)


@dataclass(frozen=True)
class Lifted(Sums):
    """One hidden layer over the coordinates and s = asinh(`level`(x) / `thickness`), which the
    initializer knows as "front".

    Raises ValueError for a thickness that is not positive or an unknown activation.

    >>> from pinnsolve import Level, Lifted, Waves
    >>> circle = Level((((2, 0), 1.0), ((0, 2), 1.0), ((0, 0), -0.25)))  # x^2 + y^2 - 1/4
    >>> front = Lifted(200, circle, thickness=0.02, initialize=Waves(5))
    >>> front.build({"x": (-1, 1), "y": (-1, 1)}, seed=0).size
    200
    """

    width: int
    level: Level
    thickness: float
    initialize: Initializer
    activation: str = "sin"

    def __post_init__(self) -> None:
        activation(self.activation)
        if not self.thickness > 0:
            raise ValueError(f"Lifted wants a positive thickness: got {self.thickness}")

    def build(self, domain: Domain, seed: int) -> LiftedBasis:
        """Neurons on the domain's box, times the range of s in it."""
        box = DOUBLE.new_tensor(list(domain.values()))
        generator = Generator().manual_seed(seed)
        # By so many points the range of s is known.
        probe = box[:, 0] + (box[:, 1] - box[:, 0]) * torch.rand(
            4096, len(box), generator=generator, dtype=torch.float64
        )
        stretch = Stretch(0.0, self.thickness)
        s = stretch(self.level(probe, (0,) * len(box)))
        ends = torch.stack([s.min(), s.max()])
        weight, bias = self.initialize(
            torch.cat([box, ends[None]]), [*domain, FRONT], self.width, generator
        )
        return LiftedBasis(weight, bias, self.level, ends, self)


class LiftedBasis(Basis):
    """sigma(w.x + v s(x) + b); `weight (dim + 1, width)`, `bias (width,)`, `ends` the range of
    s.
    """

    ends: Tensor

    def __init__(
        self, weight: Tensor, bias: Tensor, level: Level, ends: Tensor, declared: Lifted
    ) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)
        self.register_buffer("ends", ends)
        self.level, self.stretch = level, Stretch(0.0, declared.thickness)
        self.sigma: Derivatives = activation(declared.activation)
        self.size = declared.width

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        rows = closure(indices, x.shape[1])
        phi = torch.stack(
            [sum((self.level(x, m) for m in members(i)), torch.zeros_like(x[:, 0])) for i in rows]
        )
        s = activate(phi[:, :, None], rows, self._asinh)
        jet = torch.cat([coordinates_jet(x, rows), s], dim=2)
        neurons = activate(affine(jet, self.weight, self.bias), rows, self.sigma)
        return neurons[[rows.index(i) for i in indices]]

    def _asinh(self, phi: Tensor, orders: Sequence[int]) -> list[Tensor]:
        return [self.stretch.derivative(phi, k) if k else self.stretch(phi) for k in orders]

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """To where the functions are steep."""
        return (self.gather,)

    def gather(self, x: Tensor, normals: Tensor | None = None) -> Tensor:
        """Points whose s are as even as phi is for points `(n, dim)` that are uniform in the box:
        moved along its gradient.

        Points with normals stay on their face, if that is flat.
        """
        zero = (0,) * x.shape[1]
        low, high = self.stretch.inverse(self.ends)
        share = (self.level(x, zero) - low) / (high - low)
        goal = self.stretch.inverse(self.ends[0] + share * (self.ends[1] - self.ends[0]))
        for _ in range(3):  # steps along the gradient to a level
            slope = self.level.gradient(x)
            if normals is not None:
                slope = slope - (slope * normals).sum(dim=1, keepdim=True) * normals
            square = slope.square().sum(dim=1).clamp(min=1e-12)
            x = x + ((goal - self.level(x, zero)) / square)[:, None] * slope
        return x
