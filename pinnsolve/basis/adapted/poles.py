"""Poles in holes: how solutions of second-order elliptic equations vary around a round hole.

Outside of a disk a harmonic function is a series in log r and r^-k cos k th, r^-k sin k th (one of
Laurent, with its logarithm), outside of an ellipse one in powers of W, which maps it onto the
outside of a circle. What lower-order terms of an equation add to these has the form conj(z)^q W^-k:
all derivatives are in closed form. Waves on the box around a hole have to continue the solution
into it, where it has none, and lose many digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.adapted.corners import wirtinger
from pinnsolve.basis.adapted.holes import AroundHoles, Hole
from pinnsolve.basis.adapted.multipoles import MultipoleBasis
from pinnsolve.basis.adapted.outside import outside
from pinnsolve.basis.adapted.wave_poles import WavePoleBasis
from pinnsolve.basis.basis import Basis, Domain
from pinnsolve.basis.sums import SumBasis, Sums
from pinnsolve.jets.indices import JetIndex


@dataclass(frozen=True)
class Poles(Sums):
    """Poles in some holes, to be added to a network's basis; for domains of two or three
    coordinates. In a box that does not hold a hole, there are none of that; of those `beside` it,
    there are, as long as the box does not meet them; of those that it has `cut`, unless it lies
    inside. Raises ValueError, when built, for domains of other dimensions.

    >>> from pinnsolve import Dense, Hole, Poles
    >>> poles = Poles((Hole((0.0, 0.0), 0.5, order=4),))
    >>> (Dense(100) + poles).build({"x": (-1, 1), "y": (-1, 1)}, seed=0).size
    116
    """

    holes: tuple[Hole, ...]
    beside: tuple[Hole, ...] = ()
    cut: tuple[Hole, ...] = ()

    def build(self, domain: Domain, seed: int) -> Basis:
        """The functions. Raises ValueError if the holes have other coordinates than the domain."""
        dim, every = len(domain), (*self.holes, *self.beside, *self.cut)
        if dim not in (2, 3) or any(len(hole.at) != dim for hole in every):
            raise ValueError(f"poles are for two or three coordinates: the domain has {dim}")
        held = [hole for hole in self.holes if hole.lies_within(domain)]
        held += [hole for hole in self.beside if hole.lies_outside(domain)]
        held += [hole for hole in self.cut if not hole.surrounds(domain)]
        kind = PoleBasis if dim == 2 else MultipoleBasis
        others = [hole for hole in held if hole.square is None]
        own = [hole for hole in held if hole.square is not None]
        plain = kind(others, [hole.reach(domain) for hole in others])
        if not own:
            return plain
        waves = WavePoleBasis(own, [hole.nearest(domain) for hole in own])
        return SumBasis([plain, waves]) if others else waves


class PoleBasis(AroundHoles):
    """Real and imaginary parts of conj(z)^q W^-k around each hole, and some of log |W|; W is z, and
    1 on its circle, where the hole is round.
    """

    def _around(self, number: int, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        hole, unit = self.holes[number], float(self.unit[number])
        first, second = ((x - x.new_tensor(hole.at)) / unit).T
        z = torch.complex(first, second)
        operators = [wirtinger(index, [1 / unit + 0j, 1j / unit]) for index in indices]
        highest = max((max(each) for operator in operators for each in operator), default=0)
        powers, logs = outside(z, complex(*hole.focus) / unit, hole.order, highest)
        reach = self.reaches[number]
        # conj(z)^q W^-k grows like |z|^(q - k).
        sizes = [
            z.real.new_tensor([reach ** max(0, q - k) for k in range(1, hole.order - q + 1)])
            for q in range(min(hole.depth, hole.order - 1) + 1)
        ]
        rows = []
        for operator in operators:
            real = [
                part / reach ** (p + q)
                for p, q in hole.logarithms()
                for part in _logarithm(operator, z, logs, p, q)
            ]
            series = [
                _raised(operator, powers, z.conj(), q)[:, : hole.order - q] / size
                for q, size in enumerate(sizes)
            ]
            both = torch.view_as_real(torch.cat(series, dim=1)).flatten(1)
            rows.append(torch.cat([torch.stack(real, dim=1), both], dim=1))
        return torch.stack(rows)


def _logarithm(
    operator: dict[tuple[int, int], complex], z: Tensor, logs: Sequence[Tensor], p: int, q: int
) -> tuple[Tensor, ...]:
    """The operator applied to z^p conj(z)^q log |W|, by the derivatives of log W: real and
    imaginary part; of a real function, one.

    log |W| is half of log W and its conjugate: derivatives with respect to z see the one, those
    with respect to conj(z) the other.
    """
    whole = torch.zeros_like(z)
    for (j, k), factor in operator.items():
        if k <= q:
            whole = whole + factor / 2 * _product(z, logs, p, j) * _power(z.conj(), q, k)
        if j <= p:
            whole = whole + factor / 2 * _product(z, logs, q, k).conj() * _power(z, p, j)
    return (whole.real,) if p == q else (whole.real, whole.imag)


def _power(z: Tensor, p: int, j: int) -> Tensor:
    """d^j of z^p, j at most p."""
    return math.perm(p, j) * z ** (p - j)


def _product(z: Tensor, logs: Sequence[Tensor], p: int, j: int) -> Tensor:
    """d^j of z^p log W, by Leibniz's rule."""
    parts = [math.comb(j, i) * _power(z, p, j - i) * logs[i] for i in range(max(0, j - p), j + 1)]
    return torch.stack(parts).sum(dim=0)


def _raised(
    operator: dict[tuple[int, int], complex], powers: Sequence[Tensor], conjugate: Tensor, q: int
) -> Tensor:
    """The operator applied to conj(z)^q W^-k: `(n, order)`, by the derivatives of the powers."""
    total = torch.zeros_like(powers[0])
    for (j, k), factor in operator.items():
        if k <= q:
            total = total + factor * _power(conjugate, q, k)[:, None] * powers[j]
    return total
