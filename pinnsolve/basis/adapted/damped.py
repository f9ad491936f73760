"""Solutions of lap u = k^2 u in the plane for a complex number k whose real part is positive: of
them is made whatever solves this outside of round holes in a convex region.

Around a hole they are K_n(k r) exp(i n th), for n of either sign. From the walls of a box exp(-v x)
decays inwards, for complex vectors with v v = k^2: of waves along the wall, on a somewhat longer
one, so that they need not come back at its ends; beside a corner of those between its two walls.
K_0 and K_1 are integrals of exp(-z cosh s), which the trapezoidal rule sums up to round-off
(NIST's Digital Library of Mathematical Functions, 10.32.9; Trefethen and Weideman, SIAM Review 56
(2014) 385), and the others follow upwards (10.29.1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.jets.indices import JetIndex, members, order_of

LAPLACIAN = {(2, 0), (0, 2)}


@dataclass(frozen=True)
class Damping:
    """How functions are summed up, and how many waves a wall has."""

    # Nodes of the integral of K_n, to where its integrand is exp(-38): 1e-16 of it
    nodes: int = 48
    least: float = 38.0
    # Of the radius, from which on functions stay as they are: no solution is in a hole
    innermost: float = 0.5
    # Powers of e, from which on a function is zero: what is smaller slows products down
    none: float = 80.0
    # Of a wall, how long that is on which its waves are periodic
    longer: float = 1.3
    # Directions between the two walls of a corner
    corner: int = 6

    # Of the largest function on a rim: what is smaller is round-off
    seen: float = 1e-8


DAMPING = Damping()


@dataclass(frozen=True)
class Damped:
    """Those around `holes`, of degrees up to their orders, and those from the walls of a `box`, of
    so many waves along each coordinate; inside of round `rims`, those of these in their place.

    >>> from pinnsolve import Hole
    >>> Damped((Hole((0.0, 0.0), 0.5, order=4),), ((-1.0, 1.0), (-1.0, 1.0)), (3, 3)).size
    61
    """

    holes: tuple[Hole, ...]
    box: tuple[tuple[float, float], ...]
    counts: tuple[int, ...]
    rims: tuple[Hole, ...] = ()

    @property
    def size(self) -> int:
        """How many functions there are."""
        walls = 2 * sum(2 * count + 1 for count in self.counts) + 4 * DAMPING.corner
        around = sum(2 * hole.order + 1 for hole in (*self.holes, *self.rims))
        return around if self.rims else around + walls

    def __call__(self, k: complex, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions for a number k at points `(n, 2)`: `(n_indices, n, size)`,
        complex.
        """
        found = [_around(hole, k, x, indices) for hole in self.holes]
        found += [_inside(rim, k, x, indices) for rim in self.rims]
        if not self.rims:
            found.append(_exponentials(*self._exponents(k), x, indices))
        return torch.cat(found, dim=2)

    def _exponents(self, k: complex) -> tuple[Tensor, Tensor]:
        """Vectors of the exponents, and where each function is one: `(functions, 2)`."""
        vectors, anchors = list[Tensor](), list[Tensor]()
        for axis, count in enumerate(self.counts):
            low, high = self.box[axis]
            numbers = torch.arange(-count, count + 1, dtype=DOUBLE.dtype)
            turns = numbers * (2 * math.pi / (DAMPING.longer * (high - low)))
            inwards = torch.sqrt(k * k + turns.square())
            for end, sign in zip(self.box[1 - axis], (-1, 1), strict=True):
                both = [1j * turns, sign * inwards]
                places = [torch.full_like(turns, (low + high) / 2), torch.full_like(turns, end)]
                vectors.append(torch.stack(both if axis == 0 else both[::-1], dim=1))
                anchors.append(torch.stack(places if axis == 0 else places[::-1], dim=1))
        turn = (torch.arange(DAMPING.corner, dtype=DOUBLE.dtype) + 0.5) / DAMPING.corner
        along = torch.stack([torch.cos(turn * math.pi / 2), torch.sin(turn * math.pi / 2)], dim=1)
        for first, one in zip(self.box[0], (-1, 1), strict=True):
            for second, other in zip(self.box[1], (-1, 1), strict=True):
                vectors.append(k * along * along.new_tensor([one, other]))
                anchors.append(along.new_tensor([first, second]).expand(len(along), 2))
        return torch.cat(vectors), torch.cat(anchors)


def _exponentials(
    vectors: Tensor, anchors: Tensor, x: Tensor, indices: Sequence[JetIndex]
) -> Tensor:
    """Derivatives of exp(v (x - a)) of vectors and anchors `(functions, 2)`, at points: `(
    n_indices, n, functions)`.
    """
    powers = (x.to(vectors.dtype) @ vectors.T) - (vectors * anchors).sum(dim=1)
    values = torch.where(powers.real > -DAMPING.none, torch.exp(powers), 0.0)
    found = []
    for index in indices:
        factor = sum(
            vectors[:, 0] ** first * vectors[:, 1] ** second for first, second in members(index)
        )
        found.append(values * factor)
    return torch.stack(found)


def _inside(rim: Hole, k: complex, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
    """Derivatives of I_n(k r) exp(i n th) at points `(n, 2)`, each over its size on the rim: `(
    n_indices, n, 2 order + 1)`. They are means of exp(k d x) exp(i n p) over the directions d of
    all angles p, so that the trapezoidal rule is exact, up to what is aliased. Of small k high
    degrees drown in round-off: they are left out.
    """
    wide = math.sqrt(2 * DAMPING.least * abs(k) * rim.radius)
    nodes = 2 * math.ceil(wide + rim.order + DAMPING.nodes / 2)
    angles = torch.arange(nodes, dtype=DOUBLE.dtype) * (2 * math.pi / nodes)
    along = torch.stack([torch.cos(angles), torch.sin(angles)], dim=1)
    vectors, anchors = k * along, along * rim.radius + along.new_tensor(rim.at)
    degrees = torch.arange(-rim.order, rim.order + 1, dtype=DOUBLE.dtype)
    means = torch.exp(1j * angles[:, None] * degrees) / nodes
    at_end = anchors[:1].to(x)
    sizes = (_exponentials(vectors, anchors, at_end, [(0, 0)])[0] @ means).abs()[0]
    seen = sizes > DAMPING.seen * sizes.max()
    means = torch.where(seen, means / sizes.clamp(min=1e-300), 0.0)
    return _exponentials(vectors, anchors, x, indices) @ means


def _around(hole: Hole, k: complex, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
    """Derivatives of K_n(k r) exp(i n th) at points `(n, 2)`, each over its size on the rim:
    `(n_indices, n, 2 order + 1)`.
    """
    order, most = hole.order, hole.order + max(1, *map(order_of, indices))
    first, second = (x - x.new_tensor(hole.at)).T
    turn = torch.complex(first, second)
    r = turn.abs()
    turn = turn / r.clamp(min=1e-300)
    r = r.clamp(min=DAMPING.innermost * hole.radius)
    decay = -k * (r - hole.radius)
    decay = torch.where(decay.real > -DAMPING.none, torch.exp(decay), 0.0)
    radial = modified(k * r, most) * decay
    sizes = modified(k * r.new_full((1,), hole.radius), most).abs()[: order + 1, 0]
    turns = torch.stack([turn**n for n in range(most + 1)])
    table = torch.cat([(radial * turns.conj())[1:].flip(0), radial * turns])
    sizes = torch.cat([sizes[1:].flip(0), sizes])
    # (d/dx + i d/dy) makes -k F_(n+1) of F_n, (d/dx - i d/dy) makes -k F_(n-1).
    found = list[Tensor]()
    for index in indices:
        if set(members(index)) == LAPLACIAN:  # without what cancels
            parts = [k * k * _middle(table, order)]
        else:
            parts = [_middle(_derived(table, k, member), order) for member in members(index)]
        each = torch.stack(parts).sum(dim=0)
        found.append((each / sizes[:, None]).T)
    return torch.stack(found)


def _derived(table: Tensor, k: complex, index: Sequence[int]) -> Tensor:
    """Derivatives of what neighbours in a table `(degrees, n)` are; its ends are left out."""
    for axis, times in enumerate(index):
        for _ in range(times):
            up, down = table[2:], table[:-2]
            table = -k / 2 * (up + down) if axis == 0 else 0.5j * k * (up - down)
    return table


def _middle(table: Tensor, order: int) -> Tensor:
    """Degrees up to the order, of either sign."""
    middle = len(table) // 2
    return table[middle - order : middle + order + 1]


def modified(z: Tensor, order: int) -> Tensor:
    """K_n(z) exp(z) for n up to an order, 1 at least, at complex places `(n,)` with positive real
    parts: `(order + 1, n)`.

    >>> z = DOUBLE.new_tensor([2.0]) + 0j
    >>> round(float((modified(z, 1)[0] * (-z).exp()).real), 12)
    0.113893872749
    """
    end = torch.acosh(1 + DAMPING.least / z.real)
    rises = torch.cosh(torch.linspace(0, 1, DAMPING.nodes + 1, dtype=end.dtype)[:, None] * end)
    # Real and imaginary parts by themselves: complex exponentials take five times as long.
    sizes = torch.exp(-z.real * (rises - 1)) * (end / DAMPING.nodes)
    sizes[0] = sizes[0] / 2
    turned = z.imag * (rises - 1)
    both = sizes * torch.cos(turned), -sizes * torch.sin(turned)
    rows = [torch.complex(*(part.sum(dim=0) for part in both))]
    rows.append(torch.complex(*((part * rises).sum(dim=0) for part in both)))
    for n in range(1, order):
        rows.append(rows[n - 1] + 2 * n / z * rows[n])
    return torch.stack(rows)
