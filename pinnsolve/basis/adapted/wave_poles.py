"""Poles of Helmholtz's equation, lap u + k u = 0 for a number k of either sign: how its solutions
vary around a round hole.

Outside of a disk they are a series in Y_n(sqrt(k) r) exp(i n th), or K_n(sqrt(-k) r) where k is
negative, but for functions that are smooth in the disk, too. Outside of a ball those of degree n
are I_n^m G_n(k r^2), with the irregular solid harmonics of `multipoles` and G_0 = cos x or exp(-x),
G_1 = cos x + x sin x or (1 + x) exp(-x), G_(n+1) = G_n -+ x^2 G_(n-1) / (4 n^2 - 1), x = sqrt(|k|)
r (spherical Bessel functions of the second kind, times x^(n+1) / (2n - 1)!!; NIST's Digital Library
of Mathematical Functions, sections 10.29 and 10.51).

A derivative of one of them is a sum of those of the next higher and the next lower degree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor

from pinnsolve.basis.adapted.bessel import second_kind
from pinnsolve.basis.adapted.holes import AroundHoles, Hole
from pinnsolve.basis.adapted.multipoles import irregular, norm
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.jets.indices import JetIndex, MultiIndex, members, order_of, unit

# Functions of all degrees of space, complex: of each `(n_points, n + 1)`, orders 0 ... n. In the
# plane one tensor holds them, `(n_degrees, n_points)`.
Table = list[Tensor]
Held = TypeVar("Held", Table, Tensor)
# Nearer to the middle than this part of the radius, where no solution is, they stay as they are.
INNERMOST = 0.25
# Radians from the rim on, where they are looked at for their size: a wave that is zero on the rim
# is not small beside it.
BEYOND = (0.0, math.pi / 4, math.pi / 2, 3 * math.pi / 4)


class WavePoleBasis(AroundHoles):
    """Those around holes whose `square` is known, of degrees up to their order, and of size one at
    their `reaches`, in radii: where what they are wanted for begins.
    """

    def _around(self, number: int, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        hole = self.holes[number]
        assert hole.square is not None
        around = in_plane if len(hole.at) == 2 else in_space
        # What recurs grows beyond single precision, before it is divided by its size.
        begins = self.reaches[number]
        return around(hole, hole.square, begins, x.double(), indices).to(x.dtype)


def in_plane(
    hole: Hole, square: float, begins: float, x: Tensor, indices: Sequence[JetIndex]
) -> Tensor:
    """Derivatives at points `(n, 2)` of the real and imaginary parts of F_n exp(i n th), F of the
    second kind, of size one where they begin, in radii: `(n_indices, n, functions)`.
    """
    k, sign = math.sqrt(abs(square)), math.copysign(1.0, square)
    first, second = (x - x.new_tensor(hole.at)).T
    turn = torch.complex(first, second)
    distance = turn.abs()
    turn = turn / distance.clamp(min=1e-300)
    rows = _radial(k * distance.clamp(min=INNERMOST * hole.radius), sign, _degrees(hole, indices))
    turns = torch.cumprod(torch.stack([torch.ones_like(turn), *[turn] * (len(rows) - 1)]), dim=0)
    table = rows * turns

    def along(held: Tensor, axis: int) -> Tensor:
        # d/dx + i d/dy makes -k F_(n+1) of F_n, d/dx - i d/dy makes +-k F_(n-1).
        down = sign * k * torch.cat([-sign * held[1:2].conj(), held[:-2]])
        up = -k * held[1:]
        return (up + down) / 2 if axis == 0 else (up - down) / 2j

    sizes = x.new_tensor(_sizes_in_plane(hole, square, begins))

    def joined(held: Tensor) -> Tensor:
        return held[: hole.order + 1].T / sizes

    return _derived(hole, square, table, indices, along, joined)


@lru_cache(maxsize=4096)
def _sizes_in_plane(hole: Hole, square: float, begins: float) -> tuple[float, ...]:
    """How large each degree is where they begin: the same, however often it is asked for."""
    k, sign = math.sqrt(abs(square)), math.copysign(1.0, square)
    on_rim = _radial(k * hole.radius * begins + DOUBLE.new_tensor(BEYOND), sign, hole.order)
    return tuple(on_rim[: hole.order + 1].abs().amax(dim=1).tolist())


def in_space(
    hole: Hole, square: float, begins: float, x: Tensor, indices: Sequence[JetIndex]
) -> Tensor:
    """Derivatives at points `(n, 3)` of the real and imaginary parts of I_n^m G_n, of about size
    one where they begin, in radii: `(n_indices, n, functions)`.
    """
    at = (x - x.new_tensor(hole.at)) / hole.radius
    own = square * hole.radius**2
    k, sign = math.sqrt(abs(own)), math.copysign(1.0, own)
    far = at.square().sum(dim=1).sqrt()
    # The middle itself has no direction: any does.
    at = torch.where((far > 0)[:, None], at, at.new_tensor([1e-9, 0.0, 0.0]))
    at = at * (far.clamp(min=INNERMOST) / far.clamp(min=1e-9))[:, None]
    degrees = _degrees(hole, indices)
    growth = _growth(k * far.clamp(min=INNERMOST), sign, degrees)
    harmonics = irregular(at, degrees)
    table = [row * g[:, None] for row, g in zip(harmonics, growth, strict=True)]

    def along(held: Table, axis: int) -> Table:
        return [_shifted(held, n, axis, own) / hole.radius for n in range(len(held) - 1)]

    r = begins + x.new_tensor(BEYOND) / k
    on_rim = [
        float((g / r ** (n + 1)).abs().max())
        for n, g in enumerate(_growth(k * r, sign, hole.order))
    ]
    sizes = [norm(n, m) * on_rim[n] for n in range(hole.order + 1) for m in range(n + 1)]

    def joined(held: Table) -> Tensor:
        return torch.cat(held[: hole.order + 1], dim=1) / x.new_tensor(sizes)

    return _derived(hole, square, table, indices, along, joined)


def _degrees(hole: Hole, indices: Sequence[JetIndex]) -> int:
    """The highest degree that derivatives ask for."""
    return hole.order + max(1, *map(order_of, indices))


def _radial(x: Tensor, sign: float, degrees: int) -> Tensor:
    """Y_n, or K_n where the sign is negative, at places `(n_points,)`: by their recurrence, which
    is stable upwards. `(degrees + 1, n_points)`, or two rows.
    """
    of = torch.special
    screened = of.modified_bessel_k0, of.modified_bessel_k1
    rows, twice = [*second_kind(x)] if sign > 0 else [each(x) for each in screened], 2 / x
    for n in range(1, degrees):
        rows.append(n * twice * rows[n] - sign * rows[n - 1])
    return torch.stack(rows)


def _growth(x: Tensor, sign: float, degrees: int) -> Table:
    """G_n at places `(n_points,)`."""
    if sign > 0:
        rows = [torch.cos(x), torch.cos(x) + x * torch.sin(x)]
    else:
        rows = [torch.exp(-x), (1 + x) * torch.exp(-x)]
    for n in range(1, degrees):
        rows.append(rows[n] - sign * x.square() / (4 * n**2 - 1) * rows[n - 1])
    return rows


def _shifted(held: Table, n: int, axis: int, square: float) -> Tensor:
    """A derivative of those of degree n, `(n_points, n + 1)`, in units of the radius."""
    m = torch.arange(n + 1, dtype=held[0].real.dtype, device=held[0].device)
    share = square / (4 * n**2 - 1)
    if axis == 2:
        return share * (n**2 - m**2) * _of_orders(held, n - 1, 0, n) - held[n + 1][:, : n + 1]
    up = -_of_orders(held, n + 1, 1, n)
    up = up - share * (n - m) * (n - m - 1) * _of_orders(held, n - 1, 1, n)
    down = _of_orders(held, n + 1, -1, n)
    down = down + share * (n + m) * (n + m - 1) * _of_orders(held, n - 1, -1, n)
    return (up + down) / 2 if axis == 0 else (up - down) / 2j


def _of_orders(held: Table, degree: int, shift: int, n: int) -> Tensor:
    """Those of a degree and the orders `shift` ... n + `shift`, zero where there are none: of
    negative ones (-1)^m times the conjugate.
    """
    found = held[0].new_zeros(len(held[0]), n + 1)
    for place in range(n + 1):
        order = place + shift
        if abs(order) <= degree:
            value = held[degree][:, abs(order)]
            found[:, place] = value if order >= 0 else (-1) ** order * value.conj()
    return found


def _derived(
    hole: Hole,
    square: float,
    table: Held,
    indices: Sequence[JetIndex],
    along: Callable[[Held, int], Held],
    joined: Callable[[Held], Tensor],
) -> Tensor:
    """Real and imaginary parts of derivatives: `(n_indices, n, functions)`. A table is derived
    `along` an axis, and its functions are `joined`, each over its size.
    """
    dim = len(hole.at)
    held: dict[MultiIndex, Held] = {(0,) * dim: table}

    def of(index: MultiIndex) -> Held:
        if index not in held:
            axis = next(axis for axis, order in enumerate(index) if order)
            lower = tuple(order - (a == axis) for a, order in enumerate(index))
            held[index] = along(of(lower), axis)
        return held[index]

    laplacian = {tuple(2 * order for order in unit(dim, axis)) for axis in range(dim)}
    found = []
    for index in indices:
        if set(members(index)) == laplacian:  # without what cancels
            each = -square * joined(table)
        else:
            each = torch.stack([joined(of(member)) for member in members(index)]).sum(dim=0)
        found.append(_parts(each, dim, hole.order))
    return torch.stack(found)


def _parts(columns: Tensor, dim: int, order: int) -> Tensor:
    """Real and imaginary parts side by side; no imaginary ones of order zero."""
    both = torch.view_as_real(columns).flatten(1)
    ends = [n * (n + 1) // 2 for n in range(order + 2)] if dim == 3 else [0, order + 1]
    real = {2 * first + 1 for first, _ in pairwise(ends)}
    return both[:, [place for place in range(both.shape[1]) if place not in real]]
