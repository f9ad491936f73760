"""Adaptive coordinates: a basis of functions of stretched coordinates, for layers.

Where a solution varies on a scale d around x = m, functions of s = asinh((x - m) / d) resolve it: s
is linear in x within the layer and logarithmic outside of it, so that smooth functions of s have
every scale in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, composition, members, order_of
from pinnsolve.jets.polynomials import Polynomial, derivative, horner, plus, times
from pinnsolve.jets.propagation import combined


@dataclass(frozen=True)
class Stretched(Sums):
    """`within`, as a basis over s_i = asinh((x_i - m_i) / d) in place of the coordinates named:
    `at={x: m}`, `thickness` d.

    For a boundary layer m is the end of the domain, for an interior one the front; several
    coordinates share d. Raises ValueError for a thickness that is not positive, or, when built, for
    a coordinate that the domain lacks.

    >>> from sympy import Eq
    >>> from pinnsolve import Dense, Interval, Problem, Stretched, coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> law = Eq(-u.diff(x, 2) / 1000 + u.diff(x), 1)
    >>> layer = Problem(Interval(x, 0, 1), law, Eq(u(0), 0), Eq(u(1), 0))
    >>> solution = solve(layer, Dense(60) + Stretched(Dense(60), 1e-3, at={x: 1}))
    >>> f"{solution(0.9):.4f}"
    '0.9000'
    """

    within: Declaration
    thickness: float
    at: Mapping[Any, float]

    def __post_init__(self) -> None:
        if not self.thickness > 0:
            raise ValueError(f"Stretched wants a positive thickness: got {self.thickness}")

    def build(self, domain: Domain, seed: int) -> StretchedBasis:
        """The basis for a domain's box; the inner one is built on the stretched box."""
        centers = {str(c): float(v) for c, v in self.at.items()}
        stray = sorted(set(centers) - set(domain))
        if stray:
            raise ValueError(
                f"Stretched names {', '.join(stray)}: the coordinates are {', '.join(domain)}"
            )
        maps = tuple(
            Stretch(centers[name], self.thickness) if name in centers else None for name in domain
        )
        box = {
            name: (bounds if f is None else tuple(f(DOUBLE.new_tensor(bounds)).tolist()))
            for (name, bounds), f in zip(domain.items(), maps, strict=True)
        }
        return StretchedBasis(self.within.build(box, seed), maps, domain)


@dataclass(frozen=True)
class Stretch:
    """The map s = asinh((x - center) / thickness), its derivatives and its inverse."""

    center: float
    thickness: float

    def __call__(self, x: Tensor) -> Tensor:
        return torch.asinh((x - self.center) / self.thickness)

    def inverse(self, s: Tensor) -> Tensor:
        """x of s, both `(...)`."""
        return self.center + self.thickness * torch.sinh(s)

    def derivative(self, x: Tensor, order: int) -> Tensor:
        """d^order s / dx^order, order at least 1: P(z) (1 + z^2)^(1/2 - order) / d^order with z =
        (x - center) / d. Of the shape `(...)` of x.
        """
        z = (x - self.center) / self.thickness
        return horner(_numerator(order), z) * (1 + z * z) ** (0.5 - order) / self.thickness**order


@cache
def _numerator(order: int) -> Polynomial:
    """P_1 = 1, P_(k+1) = (1 + z^2) P_k' - (2k - 1) z P_k."""
    if order == 1:
        return (1.0,)
    p = _numerator(order - 1)
    return plus(times((1.0, 0.0, 1.0), derivative(p)), times((0.0, 3.0 - 2 * order), p))


class StretchedBasis(Basis):
    """Functions phi(s(x)); derivatives in x by the chain rule, coordinate by coordinate (Faa di
    Bruno).
    """

    box: Tensor

    def __init__(self, inner: Basis, maps: tuple[Stretch | None, ...], domain: Domain) -> None:
        super().__init__()
        self.inner = inner
        self.maps = maps
        self.register_buffer("box", DOUBLE.new_tensor(list(domain.values())))
        self.size = inner.size

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        needed = list(
            dict.fromkeys(b for i in indices for a in members(i) for b in self._inner_indices(a))
        )
        s = torch.stack(
            [c if f is None else f(c) for c, f in zip(x.T, self.maps, strict=True)], dim=1
        )
        inner = dict(zip(needed, self.inner(s, needed), strict=True))

        def outer(index: JetIndex) -> Tensor:
            factors: dict[MultiIndex, Tensor] = {}
            for a in members(index):
                for b in self._inner_indices(a):
                    factors[b] = self._factor(x, a, b) + factors.get(b, 0.0)
            return combined((factor[:, None], inner[b]) for b, factor in factors.items())

        return torch.stack([outer(index) for index in indices])

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """To where the functions are steep."""
        return (self.gather,)

    def gather(self, x: Tensor, normals: Tensor | None = None) -> Tensor:
        """Points that are uniform in the stretched coordinates, from points `(n, dim)` that are
        uniform in the box.
        """
        columns = []
        for column, (low, high), f in zip(x.T, self.box, self.maps, strict=True):
            if f is None:
                columns.append(column)
            else:
                ends = f(torch.stack([low, high]))
                share = (column - low) / (high - low)
                columns.append(f.inverse(ends[0] + share * (ends[1] - ends[0])).clamp(low, high))
        return torch.stack(columns, dim=1)

    def _inner_indices(self, index: MultiIndex) -> list[MultiIndex]:
        orders = [
            range(1, k + 1) if f is not None and k else (k,)
            for k, f in zip(index, self.maps, strict=True)
        ]
        return list(product(*orders))

    def _factor(self, x: Tensor, outer: MultiIndex, inner: MultiIndex) -> Tensor:
        """The coefficient of D^inner phi in D^outer (phi o s): a product of partial Bell
        polynomials of s', s'', ...
        """
        factor = torch.ones_like(x[:, 0])
        for axis, f in enumerate(self.maps):
            if f is not None and outer[axis]:
                factor = factor * _bell(x[:, axis], f, outer[axis], inner[axis])
        return factor


def _bell(x: Tensor, f: Stretch, outer: int, inner: int) -> Tensor:
    total = torch.zeros_like(x)
    for term in composition((outer,)):
        if term.order == inner:
            block = torch.full_like(x, float(term.count))
            for factor in term.factors:
                block = block * f.derivative(x, order_of(factor))
            total = total + block
    return total
