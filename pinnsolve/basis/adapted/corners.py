"""Corner functions: how solutions of second-order elliptic equations behave at a corner of a
polygon.

At a corner of opening w the solution contains r^a sin(a th), a = k pi / w (a cosine between Neumann
sides, k - 1/2 in place of k between unlike ones), and where a is an integer m, r^m (log r sin m th
+ th cos m th) (Grisvard, Elliptic problems in nonsmooth domains, section 4.4). They are real or
imaginary parts of z^a and z^m log z, z = r exp(i th), and what lower-order terms add to them is
conj(z)^q z^(a + q): all derivatives are in closed form.

Where values give way to slopes on a straight wall, w is pi, and a = k - 1/2. What bends the sides,
or has lower order in their conditions, adds both parts of z^(a + n), n = 1, 2, ..., and where a + n
is another corner power, of that times powers of log z (Lehman, J. Math. Mech. 8 (1959) 727).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Domain, Tip
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, members

Row = tuple[float, float]


@dataclass(frozen=True)
class Term:
    """conj(z)^raised z^power (log z)^log: that part of it that meets the conditions of straight
    sides, or `both`.
    """

    power: float
    raised: int
    log: int
    both: bool = False


@dataclass(frozen=True)
class Corner:
    """A corner at `at` and what is known there.

    `axes` are the rows of the linear map to coordinates in which the equation's principal part is
    the Laplacian and the first side is the positive axis; `opening` the angle there; `dirichlet`
    says for the first and last side whether values are given (else: normal derivatives). Functions
    up to the power `top`, each with `orders` - 1 of those that lower-order terms add, and with
    those of `shifts` higher powers and up to so many `logs` more, for sides that bend. They jump
    along a ray opposite to the middle of the sector, which lies outside of the domain up to the
    distance `reach`.

    >>> from pinnsolve import Corner
    >>> Corner(at=(0.0, 0.0), axes=((0.0, 1.0), (-1.0, 0.0)), opening=4.712389).dirichlet
    (True, True)
    """

    at: Row
    axes: tuple[Row, Row]
    opening: float
    dirichlet: tuple[bool, bool] = (True, True)
    top: float = 6.0
    reach: float = math.inf
    orders: int = 2
    shifts: int = 0
    logs: int = 0

    @property
    def cut(self) -> Row:
        """The direction in which the functions jump, of length one."""
        (a, b), (c, d) = self.axes
        angle = self.opening / 2 + math.pi
        # The inverse of the axes, but for its determinant.
        along = d * math.cos(angle) - b * math.sin(angle), a * math.sin(angle) - c * math.cos(angle)
        length = math.hypot(*along)
        return along[0] / length, along[1] / length

    @property
    def lowest(self) -> float:
        """The lowest power that solutions have there, whatever the data."""
        unlike = self.dirichlet[0] != self.dirichlet[1]
        return (0.5 if unlike else 1.0) * math.pi / self.opening

    @property
    def rough(self) -> bool:
        """Whether no solution is smooth there, whatever the data."""
        return self.lowest < 0.999

    def terms(self) -> list[Term]:
        """Those of each power, and of what lower-order terms add to it, up to the top."""
        return [
            replace(term, power=term.power + q, raised=q)
            for term in self._harmonic()
            for q in range(self.orders)
            if term.power + 2 * q <= self.top
        ]

    def _harmonic(self) -> list[Term]:
        """Without a power of conj(z); what has both parts replaces what has one."""
        powers, terms = self._powers(), dict[tuple[float, int], Term]()
        for power in powers:
            own = 1 if _is_whole(power) else 0
            terms.setdefault((power, own), Term(power, 0, own))
            for n in range(1, self.shifts + 1):
                others = sum(any(_same(power + m, b) for b in powers) for m in range(1, n + 1))
                shifted = next((b for b in powers if _same(power + n, b)), power + n)
                for log in range(own + min(others, self.logs) + 1):
                    if log or not own:
                        terms[shifted, log] = Term(shifted, 0, log, both=True)
        return list(terms.values())

    def _powers(self) -> list[float]:
        """k pi / w, or k - 1/2 in place of k, to a power above the top; integers are so to the last
        bit.
        """
        shift = 0.0 if self.dirichlet[0] == self.dirichlet[1] else 0.5
        # Between given values k = 0 is the angle itself, for data that jump at the corner.
        first = 0 if all(self.dirichlet) else 1
        powers = [
            (k - shift) * math.pi / self.opening
            for k in range(first, 2 + math.ceil(self.top * self.opening / math.pi))
        ]
        return [float(round(a)) if _is_whole(a) else a for a in powers]


def _is_whole(power: float) -> bool:
    return _same(power, round(power))


def _same(one: float, other: float) -> bool:
    """Whether powers are one, to the rounding of angles."""
    return abs(one - other) < 1e-6


@dataclass(frozen=True)
class CornerFunctions(Sums):
    """The singular functions of some corners, to be added to a network's basis; for domains of two
    coordinates. Raises ValueError, when built, for others.

    >>> from pinnsolve import Corner, CornerFunctions, Dense
    >>> corner = Corner((0.0, 0.0), ((0.0, 1.0), (-1.0, 0.0)), 4.712389, top=2.0, reach=1.4)
    >>> basis = Dense(100) + CornerFunctions((corner,))
    >>> basis.build({"x": (-1, 1), "y": (-1, 1)}, seed=0).size
    105
    """

    corners: tuple[Corner, ...]

    def build(self, domain: Domain, seed: int) -> CornerBasis:
        """The functions, with lengths in units of the domain's longest side. Raises ValueError if
        it is not plane.
        """
        if len(domain) != 2:
            raise ValueError(
                f"corner functions are for two coordinates: the domain has {len(domain)}"
            )
        return CornerBasis(self.corners, max(high - low for low, high in domain.values()))


class CornerBasis(Basis):
    """Real or imaginary parts of conj(z)^q z^p (log z) around each corner."""

    unit: Tensor

    def __init__(self, corners: Sequence[Corner], unit: float) -> None:
        super().__init__()
        self.corners = tuple(corners)
        self.register_buffer("unit", DOUBLE.new_tensor(unit))
        self.terms = tuple(tuple(corner.terms()) for corner in corners)
        self.size = sum(1 + term.both for terms in self.terms for term in terms)

    @property
    def tips(self) -> tuple[Tip, ...]:
        """The corners."""
        return tuple(corner.at for corner in self.corners)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, 2)`: `(n_indices, n, size)`."""
        pairs = zip(self.corners, self.terms, strict=True)
        return torch.cat([self._around(*pair, x, indices) for pair in pairs], dim=2)

    def _around(
        self, corner: Corner, terms: tuple[Term, ...], x: Tensor, indices: Sequence[JetIndex]
    ) -> Tensor:
        matrix = torch.tensor(corner.axes, dtype=x.dtype, device=x.device) / self.unit
        first, second = matrix @ (x - x.new_tensor(corner.at)).T
        # The cut of the logarithm lies opposite to the middle of the sector, outside of it.
        half = corner.opening / 2
        turned = torch.complex(first, second) * complex(math.cos(half), -math.sin(half))
        log = torch.log(torch.where(turned == 0, turned.new_tensor(1e-300), turned)) + 1j * half
        columns = [complex(*matrix[:, axis].tolist()) for axis in range(2)]
        sine = corner.dirichlet[0]
        both = [k for k, term in enumerate(terms) if term.both]
        rows = []
        for index in indices:
            values = differentiated(wirtinger(index, columns), log, terms)
            own, other = (values.imag, values.real) if sine else (values.real, values.imag)
            rows.append(torch.cat([own, other[:, both]], dim=1))
        return torch.stack(rows)


def wirtinger(index: JetIndex, columns: Sequence[complex]) -> dict[tuple[int, int], complex]:
    """D^index as a sum of c d^j dbar^k: d/dx = a d + conj(a) dbar, with z = a x + b y.

    A Laplacian in the corner's own coordinates is 4 d dbar, to the last bit: d^2 of a singular
    function is infinite.
    """
    total: dict[tuple[int, int], complex] = {}
    x, y = columns
    for a, b in members(index):
        for j in range(a + 1):
            for k in range(b + 1):
                count = math.comb(a, j) * math.comb(b, k)
                term = count * x ** (a - j) * x.conjugate() ** j * y ** (b - k) * y.conjugate() ** k
                order = (a + b - j - k, j + k)
                total[order] = total.get(order, 0j) + term
    largest = max(map(abs, total.values()))
    return {order: c for order, c in total.items() if abs(c) > 1e-14 * largest}


def differentiated(
    operator: dict[tuple[int, int], complex], log: Tensor, terms: tuple[Term, ...]
) -> Tensor:
    """The operator applied to each term, `(n, terms)`; `log (n,)` is log z."""
    total, log = log.new_zeros(len(log), len(terms)), log[:, None]
    for (j, k), factor in operator.items():
        numbers, rows = _derived(terms, j, k)
        if numbers:
            power, raised, *of_logs = log.real.new_tensor(rows)
            bracket = sum(c * log**n if n else c for n, c in enumerate(of_logs))
            total[:, numbers] += factor * bracket * torch.exp(power * log + raised * log.conj())
    return total


@lru_cache(maxsize=1024)
def _derived(terms: tuple[Term, ...], j: int, k: int) -> tuple[list[int], list[list[float]]]:
    """d^j dbar^k of terms: the numbers of those of which it leaves something; the powers of z and
    of conj(z) of each, and what the powers of log z are multiplied by, one row each.
    """
    numbers = [i for i, term in enumerate(terms) if term.raised >= k]
    logs = max((terms[i].log for i in numbers), default=0)
    columns = list[list[float]]()
    for i in numbers:
        p, q = terms[i].power, terms[i].raised
        held = [float(n == terms[i].log) * math.perm(q, k) for n in range(logs + 1)]
        for step in range(j):
            rising = [*(n * held[n] for n in range(1, logs + 1)), 0.0]
            held = [(p - step) * c + more for c, more in zip(held, rising, strict=True)]
        columns.append([p - j, q - k, *held])
    return numbers, [list(row) for row in zip(*columns, strict=True)]
