"""Poles along bores: how solutions of second-order elliptic equations vary around a round hole that
goes all the way through a body.

In planes across its axis they are those of a hole of the plane, log r and r^-k cos k th, r^-k sin k
th with what lower-order terms add (`poles`); along it Legendre's polynomials multiply them. That
these vary along the axis is such a term: f(s) log r has f''(s) r^2 log r / 4 beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import PoleBasis
from pinnsolve.basis.adapted.separable import legendre
from pinnsolve.basis.basis import DOUBLE, Basis, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, members


@dataclass(frozen=True)
class Bore:
    """A round `hole` of the plane across the coordinate of number `axis`, all along it; functions
    of that are polynomials up to the `degree`.

    >>> from pinnsolve.basis.adapted.bores import Bore
    >>> from pinnsolve.basis.adapted.holes import Hole
    >>> Bore(Hole((0.0, 0.0), 0.5), axis=2).degree
    6
    """

    hole: Hole
    axis: int
    degree: int = 6

    @property
    def functions(self) -> int:
        """How many."""
        return self.hole.functions * (self.degree + 1)


@dataclass(frozen=True)
class BoreFunctions(Sums):
    """The functions of some bores, to be added to a network's basis; for three coordinates. Raises
    ValueError, when built, for others.

    >>> from pinnsolve.basis.adapted.bores import Bore, BoreFunctions
    >>> from pinnsolve.basis.adapted.holes import Hole
    >>> bores = BoreFunctions((Bore(Hole((0.0, 0.0), 0.5, order=2), axis=2, degree=1),))
    >>> bores.build({"x": (-1, 1), "y": (-1, 1), "z": (0, 1)}, seed=0).size
    16
    """

    bores: tuple[Bore, ...]

    def build(self, domain: Domain, seed: int) -> BoreBasis:
        """The functions, the same for every seed. Raises ValueError unless there are three
        coordinates.
        """
        if len(domain) != 3:
            raise ValueError(f"bores are for three coordinates: the domain has {len(domain)}")
        return BoreBasis(self.bores, domain)


class BoreBasis(Basis):
    """Those around each bore, those of a hole times polynomials along it, the degrees fastest."""

    ends: Tensor

    def __init__(self, bores: Sequence[Bore], domain: Domain) -> None:
        super().__init__()
        self.bores = tuple(bores)
        self.size = sum(bore.functions for bore in bores)
        limits = list(domain.items())
        across = [dict(limits[: b.axis] + limits[b.axis + 1 :]) for b in self.bores]
        self.poles = torch.nn.ModuleList(
            PoleBasis([bore.hole], [bore.hole.reach(plane)])
            for bore, plane in zip(self.bores, across, strict=True)
        )
        ends = [limits[bore.axis][1] for bore in self.bores]
        self.register_buffer("ends", DOUBLE.new_tensor(ends).reshape(-1, 2))

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, 3)`: `(n_indices, n, size)`."""
        parts = [self._along(number, x, indices) for number in range(len(self.bores))]
        return torch.cat(parts, dim=2) if parts else x.new_zeros(len(indices), x.shape[0], 0)

    def _along(self, number: int, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        bore, (low, high) = self.bores[number], self.ends[number]
        split = [_split(index, bore.axis) for index in indices]
        plane = list(dict.fromkeys(across for each in split for across in each.values()))
        others = [axis for axis in range(3) if axis != bore.axis]
        around = dict(zip(plane, self.poles[number](x[:, others], plane), strict=True))
        most, slope = max(order for each in split for order in each), 2 / (high - low)
        unit = slope * (x[:, bore.axis] - low) - 1
        table = legendre(unit, max(1, bore.degree), most)
        rows = []
        for each in split:
            total = x.new_zeros(len(x), bore.hole.functions, bore.degree + 1)
            for order, across in each.items():
                along = slope**order * table[order][:, : bore.degree + 1]
                total = total + around[across][:, :, None] * along[:, None]
            rows.append(total.flatten(1))
        return torch.stack(rows)


def _split(index: JetIndex, axis: int) -> dict[int, JetIndex]:
    """By its order along an axis, what an index sums up across it."""
    parts: dict[int, set[tuple[int, ...]]] = {}
    for member in members(index):
        parts.setdefault(member[axis], set()).add((*member[:axis], *member[axis + 1 :]))
    return {
        order: frozenset(each) if len(each) > 1 else next(iter(each))
        for order, each in parts.items()
    }
