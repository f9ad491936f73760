"""Functions of one coordinate: orthonormal polynomials, or harmonics where it is periodic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.adapted.separable import legendre
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.fields.arrays import tensor_of


@dataclass(frozen=True, eq=False)
class Line:
    """Functions of a coordinate in [low, high], orthonormal in the mean: `transform (size, count)`
    of Legendre's polynomials, or of `1, cos, sin, ...` where it is `periodic`. With fewer functions
    than harmonics these are sines or cosines alone, and a mirror is in the middle.
    """

    low: float
    high: float
    periodic: bool
    transform: Tensor

    @property
    def count(self) -> int:
        """How many functions there are."""
        return self.transform.shape[1]

    @property
    def mirrored(self) -> bool:
        """Whether one half tells the other."""
        return self.periodic and self.count < len(self.transform)

    def table(self, x: Tensor, orders: int) -> Tensor:
        """Derivatives up to an order at points `(n,)`: `(orders + 1, n, count)`."""
        size = len(self.transform)
        share = (x - self.low) / (self.high - self.low)
        if self.periodic:
            raw, unit = harmonics(share, size, orders), 1.0
        else:
            raw, unit = legendre(2 * share - 1, max(size - 1, 1), orders)[..., :size], 2.0
        powers = torch.arange(orders + 1, dtype=x.dtype)
        scales = (unit / (self.high - self.low)) ** powers
        return scales[:, None, None] * (raw @ self.transform)

    def rule(self, n: int) -> tuple[Tensor, Tensor]:
        """Points and weights of a mean along it, each `(n,)`: Gauss's, or evenly spaced ones."""
        if self.periodic:
            nodes, weights = (np.arange(n) + 0.5) / n, np.full(n, 1 / n)
            nodes = nodes / 2 if self.mirrored else nodes
        else:
            nodes, weights = np.polynomial.legendre.leggauss(n)
            nodes, weights = (nodes + 1) / 2, weights / 2
        at = self.low + (self.high - self.low) * nodes
        return tensor_of(at), tensor_of(weights)


# Of each unknown, along each coordinate of space.
Lines = tuple[tuple[Line, ...], ...]


def shapes_of(lines: Lines) -> tuple[tuple[int, ...], ...]:
    """How many functions each unknown has along each coordinate."""
    return tuple(tuple(line.count for line in own) for own in lines)


def columns_of(lines: Lines) -> list[int]:
    """How many products of them each unknown has."""
    return [math.prod(shape) for shape in shapes_of(lines)]


def places_of(lines: Lines) -> tuple[slice, ...]:
    """Of every unknown, the places of its products' coefficients."""
    ends = accumulate(columns_of(lines), initial=0)
    return tuple(slice(a, b) for a, b in pairwise(ends))


def harmonics(share: Tensor, size: int, orders: int) -> Tensor:
    """1, sqrt(2) cos(2 pi s), sqrt(2) sin(2 pi s), ... of s `(n,)` and their derivatives: `(orders
    + 1, n, size)`.
    """
    places = torch.arange(size)
    number = ((places + 1) // 2).to(share.dtype)
    # A sine is a cosine a quarter later.
    late = ((places % 2 == 0) & (places > 0)).to(share.dtype) * (-math.pi / 2)
    k = 2 * math.pi * number
    scale = (1 + (number > 0).to(share.dtype)).sqrt()
    angle = share[:, None] * k + late
    return torch.stack(
        [scale * k**order * torch.cos(angle + order * math.pi / 2) for order in range(orders + 1)]
    )


def of_harmonics(q: Tensor, n: int, order: int, length: float) -> Tensor:
    """Values, or a derivative, at n evenly spaced points of a mean, of coefficients of harmonics
    along the last axis, `(..., size)`: `(..., n)`. By a fast Fourier transform.
    """
    k = torch.arange(1, q.shape[-1] // 2 + 1, dtype=q.dtype)
    turn = torch.polar(torch.full_like(k, math.sqrt(0.5)), math.pi * k / n)
    factors = turn * (2j * math.pi * k / length) ** order
    waves = torch.complex(q[..., 1::2], -q[..., 2::2]) * factors
    mean = q[..., :1] if order == 0 else torch.zeros_like(q[..., :1])
    whole = torch.cat([mean.to(waves.dtype), waves], dim=-1)
    values: Tensor = torch.fft.irfft(whole, n=n, norm="forward")
    return values


def to_harmonics(values: Tensor, size: int) -> Tensor:
    """Coefficients of harmonics, `(..., size)`, of values at evenly spaced points of a mean along
    the last axis, `(..., n)`.
    """
    n = values.shape[-1]
    k = torch.arange(1, size // 2 + 1, dtype=values.dtype)
    waves = torch.fft.rfft(values, norm="forward")[..., : 1 + len(k)]
    turned = waves[..., 1:] * torch.polar(torch.full_like(k, math.sqrt(2.0)), -math.pi * k / n)
    pairs = torch.stack([turned.real, -turned.imag], dim=-1).flatten(-2)
    return torch.cat([waves[..., :1].real, pairs], dim=-1)


def periodic_line(low: float, high: float, size: int) -> Line:
    """Harmonics, `size` of them or one more, so that no cosine is without its sine."""
    size += 1 - size % 2
    return Line(low, high, periodic=True, transform=torch.eye(size).to(DOUBLE))


def mirrored_line(low: float, high: float, size: int, parity: int) -> Line:
    """Cosines, or of odd parity (-1) sines, about both ends and the middle: `size` of them."""
    every = periodic_line(low, high, 2 * size).transform
    sines, cosines = every[:, 2::2], torch.cat([every[:, :1], every[:, 1:-2:2]], dim=1)
    return Line(low, high, periodic=True, transform=cosines if parity > 0 else sines)


def whole_line(low: float, high: float, size: int) -> Line:
    """Legendre's polynomials themselves, `size` of them."""
    return Line(low, high, periodic=False, transform=torch.eye(size).to(DOUBLE))


def polynomial_line(low: float, high: float, size: int, rows: tuple[End, ...]) -> Line:
    """Polynomials of `size` coefficients that satisfy conditions at the ends: those combinations
    whose second derivatives are, in the mean, multiples of themselves, slowest first.
    """
    whole = whole_line(low, high, size)
    free = whole.transform
    if rows:
        held = torch.stack([row.of(whole) for row in rows])
        held = held / held.norm(dim=1, keepdim=True)
        free = torch.linalg.svd(held, full_matrices=True).Vh[len(rows) :].T
    x, weights = whole.rule(size + 1)
    table = whole.table(x, 2) @ free
    bent = table[0].T @ (weights[:, None] * table[2])
    values, vectors = torch.linalg.eigh(-(bent + bent.T) / 2)
    order = values.abs().argsort()
    return Line(low, high, periodic=False, transform=(free @ vectors[:, order]).contiguous())


@dataclass(frozen=True)
class End:
    """A condition at an end, 0 or 1, of a coordinate: `weights` of the derivatives of order 0, 1,
    ...
    """

    end: int
    weights: tuple[float, ...]

    def of(self, line: Line) -> Tensor:
        """What it makes of each function, `(count,)`."""
        x = DOUBLE.new_tensor([line.high if self.end else line.low])
        table = line.table(x, len(self.weights) - 1)[:, 0]
        return torch.einsum("o,oj->j", DOUBLE.new_tensor(self.weights), table)
