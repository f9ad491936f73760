"""Layers along circles: functions that decay within a small distance of a round wall.

Beside a wall solutions of -eps^2 lap u + u = f decay as exp(-s / eps), where s is the distance from
it, times smooth functions along the wall and powers of s / eps, which its bend asks for (Vishik and
Lyusternik, Amer. Math. Soc. Transl. 20 (1962) 239). Each is z^k F(|z|^2), or the conjugate of it:
derivatives with respect to z and its conjugate are in closed form.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import torch
from torch import Tensor

from pinnsolve.basis.adapted.corners import wirtinger
from pinnsolve.basis.basis import Basis, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex

# Of exp(-s / eps) s^m / eps^m / r^p: {(m, p): factor}
Radial = dict[tuple[int, int], float]
# Of the radius: nearer to the middle, where no layer comes, places are taken for this far
IN_MIDDLE = 0.02


@dataclass(frozen=True)
class Rim:
    """A circle around `at`, along which layers of a `thickness` lie inside or `outside`; waves up
    to the `order` along it, powers up to the `depth` across.

    >>> from pinnsolve.basis.adapted.rim_layers import Rim
    >>> Rim((0.0, 0.0), 1.0, 0.01, outside=False).functions
    84
    """

    at: tuple[float, float]
    radius: float
    thickness: float
    outside: bool
    order: int = 10
    depth: int = 3

    @property
    def functions(self) -> int:
        """How many."""
        return (2 * self.order + 1) * (self.depth + 1)


@dataclass(frozen=True)
class RimLayers(Sums):
    """The layers of some circles, to be added to a network's basis; for domains of two coordinates.
    Raises ValueError, when built, for others.

    >>> from pinnsolve.basis.adapted.rim_layers import Rim, RimLayers
    >>> layers = RimLayers((Rim((0.0, 0.0), 1.0, 0.01, False, order=1, depth=0),))
    >>> layers.build({"x": (-1, 1), "y": (-1, 1)}, seed=0).size
    3
    """

    rims: tuple[Rim, ...]

    def build(self, domain: Domain, seed: int) -> RimBasis:
        """The functions, the same for every seed. Raises ValueError unless there are two
        coordinates.
        """
        if len(domain) != 2:
            raise ValueError(f"rims are for two coordinates: the domain has {len(domain)}")
        return RimBasis(self.rims)


class RimBasis(Basis):
    """Real and imaginary parts of exp(i k th) exp(-s / eps) (s / eps)^m along each circle."""

    def __init__(self, rims: Sequence[Rim]) -> None:
        super().__init__()
        self.rims = tuple(rims)
        self.size = sum(rim.functions for rim in rims)

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """Into the layers."""
        return tuple(partial(_into, rim) for rim in self.rims)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, 2)`: `(n_indices, n, size)`."""
        return torch.cat([_along(rim, x, indices) for rim in self.rims], dim=2)


def _along(rim: Rim, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
    """Those of a circle: `(n_indices, n, functions)`."""
    first, second = ((x - x.new_tensor(rim.at)) / rim.radius).T
    z, thin = torch.complex(first, second), rim.thickness / rim.radius
    z = torch.where(z.abs() < IN_MIDDLE, z.new_tensor(IN_MIDDLE), z)
    r, inward = z.abs(), -1.0 if rim.outside else 1.0
    across = inward * (1 - r) / thin
    decay = torch.exp(-across)
    held: dict[tuple[int, int, int], Tensor] = {}

    def radial(k: int, m: int, order: int) -> Tensor:
        # The derivative in |z|^2 of what is z^k over its size, across
        if (k, m, order) not in held:
            terms = _derived({(m, k): 1.0}, -inward / thin, order)
            parts = [c * across**a / r**p for (a, p), c in terms.items()]
            held[k, m, order] = decay * torch.stack(parts).sum(dim=0)
        return held[k, m, order]

    rows = []
    for index in indices:
        operator = wirtinger(index, [1 / rim.radius + 0j, 1j / rim.radius])
        columns = []
        for m, k in product(range(rim.depth + 1), range(rim.order + 1)):
            total = torch.zeros_like(z)
            for (j, c), factor in operator.items():
                # d^j dbar^c of z^k F is d^j of z^(k + c) F^(c): Leibniz's rule
                for i in range(j + 1):
                    count = math.comb(j, i) * math.perm(k + c, j - i)
                    if count:
                        power = z ** (k + c - j + i) * z.conj() ** i
                        total = total + factor * count * power * radial(k, m, c + i)
            columns += [total.real, total.imag] if k else [total.real]
        rows.append(torch.stack(columns, dim=1))
    return torch.stack(rows)


def _derived(terms: Radial, slope: float, order: int) -> Radial:
    """The derivative in r^2, d / d(r^2) = d / dr / (2 r), so many times."""
    for _ in range(order):
        new: Radial = {}
        for (m, p), c in terms.items():
            for key, factor in (
                ((m, p + 1), -slope / 2),
                ((m - 1, p + 1), m * slope / 2),
                ((m, p + 2), -p / 2),
            ):
                if factor:
                    new[key] = new.get(key, 0.0) + c * factor
        terms = new
    return terms


def _into(rim: Rim, x: Tensor, normals: Tensor | None) -> Tensor:
    """Points `(n, 2)` moved along their rays, so that distances from the wall are those of a decay
    over three thicknesses; on walls they stay.
    """
    if normals is not None:
        return x
    away = x - x.new_tensor(rim.at)
    r = away.norm(dim=1, keepdim=True).clamp(min=1e-12)
    share = ((r - rim.radius) if rim.outside else (rim.radius - r)) / rim.radius
    share = share.clamp(min=0.0, max=1 - 1e-9)
    deep = -3 * rim.thickness * torch.log1p(-share)
    moved = rim.radius + deep if rim.outside else rim.radius - deep
    placed: Tensor = x.new_tensor(rim.at) + away * (moved.clamp(min=0.0) / r)
    return placed
