"""Multipoles in balls: how solutions of second-order elliptic equations vary around a round hole of
space.

Outside of a ball a harmonic function is a series in the irregular solid harmonics
I_n^m = (n - m)! P_n^m(cos theta) exp(i m phi) / r^(n + 1), without the sign (-1)^m; with it for
negative m, I_n^-m = (-1)^m conj(I_n^m). Their derivatives are among them (Hobson, The theory of
spherical and ellipsoidal harmonics, 1931): d/dz I_n^m = -I_(n+1)^m, and (d/dx + i d/dy) I_n^m =
-I_(n+1)^(m+1), (d/dx - i d/dy) I_n^m = I_(n+1)^(m-1). What lower-order terms of an equation add to
them has the form r^(2q) I_n^m.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product

import torch
from torch import Tensor

from pinnsolve.basis.adapted.holes import AroundHoles
from pinnsolve.jets.indices import JetIndex, MultiIndex, leibniz, members, order_of
from pinnsolve.jets.propagation import columns_of

# Of I_n^m becomes c I_(n+s)^(m+t): {(s, t): c}.
Shifts = dict[tuple[int, int], complex]


class MultipoleBasis(AroundHoles):
    """Real and imaginary parts of r^(2q) I_n^m around each hole, n + q up to its order, q up to its
    depth; r is 1 on its sphere.
    """

    def _around(self, number: int, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        hole, unit = self.holes[number], float(self.unit[number])
        at = (x - x.new_tensor(hole.at)) / unit
        highest = max(map(order_of, indices), default=0)
        table = _of_all_orders(irregular(at, hole.order + highest))
        rows = []
        for index in indices:
            levels = [
                _level(at, table, index, q, hole.order - q) / self._sizes(number, q, at)
                for q in range(min(hole.depth, hole.order) + 1)
            ]
            rows.append(torch.cat(levels, dim=1))
        scale = [unit ** -order_of(index) for index in indices]
        return torch.stack(rows) * x.new_tensor(scale)[:, None, None]

    def _sizes(self, number: int, q: int, like: Tensor) -> Tensor:
        """r^(2q) I_n^m grows like r^(2q - n - 1)."""
        reach, order = self.reaches[number], self.holes[number].order - q
        sizes = [reach ** max(0, 2 * q - n - 1) * norm(n, m) for n, m, _ in _functions(order)]
        return like.new_tensor(sizes)


@cache
def _functions(order: int) -> tuple[tuple[int, int, int], ...]:
    """(n, m, part) of all real functions up to a degree: part 0 is the real one."""
    return tuple(
        (n, m, part)
        for n in range(order + 1)
        for m in range(n + 1)
        for part in range(1 if m == 0 else 2)
    )


@cache
def _numbers(order: int) -> Tensor:
    """The same, `(3, functions)`."""
    return torch.tensor(_functions(order)).T


def norm(n: int, m: int) -> float:
    """About the size of I_n^m on the unit sphere."""
    return math.sqrt(math.factorial(n + m) * math.factorial(n - m) / (2 * n + 1))


def irregular(x: Tensor, order: int) -> list[Tensor]:
    """I_n^m at points `(n_points, 3)`, complex: one `(n_points, n + 1)` for each degree n up to the
    order, m = 0 ... n. By the recurrence of Legendre's functions, which is stable upwards.
    """
    first, second, third = x.T
    r2 = x.square().sum(dim=1).clamp(min=1e-60)
    z, turn = (third / r2)[:, None], (torch.complex(first, second) / r2)[:, None]
    start = torch.complex(r2.rsqrt(), torch.zeros_like(r2))[:, None]
    rows, before = [start], torch.zeros_like(start)
    for n in range(order):
        now = rows[-1]
        m = torch.arange(n + 1, dtype=x.dtype, device=x.device)
        up = (2 * n + 1) * z * now - (n**2 - m**2) * before / r2[:, None]
        rows.append(torch.cat([up, (2 * n + 1) * turn * now[:, -1:]], dim=1))
        before = torch.cat([now, torch.zeros_like(start)], dim=1)
    return rows


@cache
def _shifts(index: MultiIndex) -> Shifts:
    """D^index as a sum of shifts of degree and order: d/dx = (d+ + d-) / 2, d/dy = (d+ - d-) / 2i,
    where d+ = d/dx + i d/dy and d- = d/dx - i d/dy.
    """
    total: Shifts = {(0, 0): 1.0 + 0j}
    up, down = (1, 1), (1, -1)
    steps: tuple[Shifts, ...] = (
        {up: -0.5 + 0j, down: 0.5 + 0j},
        {up: 0.5j, down: 0.5j},
        {(1, 0): -1.0 + 0j},
    )
    for step, times in zip(steps, index, strict=True):
        for _ in range(times):
            total = _sum(
                ((s + a, t + b), c * d) for (s, t), c in total.items() for (a, b), d in step.items()
            )
    return total


def _sum(terms: Iterable[tuple[tuple[int, int], complex]]) -> Shifts:
    """Terms of one shift together; none that cancel each other."""
    total: Shifts = {}
    for key, c in terms:
        total[key] = total.get(key, 0j) + c
    return {key: c for key, c in total.items() if abs(c) > 0}


def _level(x: Tensor, table: Tensor, index: JetIndex, q: int, order: int) -> Tensor:
    """The derivatives that an index adds up, of r^(2q) I_n^m, n up to the order: `(n_points,
    functions)`, by Leibniz's rule. Shifts that cancel each other do so exactly: I_n^m is harmonic.
    """
    by_power: dict[MultiIndex, list[tuple[tuple[int, int], complex]]] = {}
    for whole in members(index):
        for count, part, rest in leibniz(whole):
            if _monomials(q, part):
                terms = by_power.setdefault(part, [])
                terms += [(key, count * c) for key, c in _shifts(rest).items()]
    total = x.new_zeros(x.shape[0], len(_functions(order)))
    for part, terms in by_power.items():
        factor = x.new_zeros(x.shape[0])
        for powers, c in _monomials(q, part).items():
            factor = factor + c * (x ** x.new_tensor(powers)).prod(dim=1)
        total = total + factor[:, None] * _shifted(table, _sum(terms), order)
    return total


def _of_all_orders(rows: Sequence[Tensor]) -> Tensor:
    """I_n^m for m from -n to n, degree by degree: `(n_points, (N + 1)^2)`; those of negative order
    by their symmetry.
    """
    columns = []
    for row in rows:
        signs = row.real.new_tensor([(-1.0) ** m for m in range(row.shape[1] - 1, 0, -1)])
        columns += [signs * row[:, 1:].flip(1).conj(), row]
    return torch.cat(columns, dim=1)


def _shifted(table: Tensor, shifts: Shifts, order: int) -> Tensor:
    """Real and imaginary parts of sums of shifted I_n^m, `(n_points, functions)`."""
    n, m, part = _numbers(order).to(table.device)
    total = table.new_zeros(len(table), len(n))
    for (s, t), c in shifts.items():
        total = total + c * columns_of(table, (n + s) * (n + s + 1) + m + t)
    return torch.where(part == 0, total.real, total.imag)


@cache
def _monomials(q: int, index: MultiIndex) -> dict[MultiIndex, float]:
    """D^index r^(2q) = (x^2 + y^2 + z^2)^q: the factors of monomials, by their powers."""
    found = {}
    for a, b in product(range(q + 1), repeat=2):
        if a + b <= q:
            powers = (2 * a, 2 * b, 2 * (q - a - b))
            if all(p >= k for p, k in zip(powers, index, strict=True)):
                count = math.comb(q, a) * math.comb(q - a, b)
                rest = tuple(p - k for p, k in zip(powers, index, strict=True))
                found[rest] = float(count * math.prod(map(math.perm, powers, index)))
    return found
