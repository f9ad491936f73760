"""Start functions of a box: how walls of several dimensions begin whose sides do not agree with the
initial values.

Near one wall the solution is X^m f_k of the distance and the time (`starts`), times what varies
along the wall, a polynomial; near an edge where two such walls meet it is the product of what
either has, since products of solutions of the heat equation along coordinates of their own solve it
(Carslaw and Jaeger, Conduction of Heat in Solids, 1959, section 1.15).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import torch
from torch import Tensor

from pinnsolve.basis.adapted.separable import legendre
from pinnsolve.basis.adapted.starts import INSTANT, Start, derivatives, iterated
from pinnsolve.basis.basis import DOUBLE, Basis, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, members
from pinnsolve.jets.propagation import columns_of, summed

# A function's factor along one coordinate of space: X^m f_k of a start by its number, or, of none,
# Legendre's polynomial of degree k
Factor = tuple[int | None, int, int]


@dataclass(frozen=True)
class WallFunctions(Sums):
    """The functions of walls, to be added to a network's basis: `time` is the number of time's
    coordinate, the others are of space.

    Of one wall alone, all X^m f_k up to its start's own `top`, times Legendre's polynomials along
    it up to total degree `along`; of walls that meet, products of degree up to `meeting` in all,
    times such polynomials.
    """

    walls: tuple[Start, ...]
    time: int
    along: int = 6
    meeting: int = 4

    def build(self, domain: Domain, seed: int) -> WallBasis:
        """The functions, the same for every seed. Raises ValueError without two coordinates of
        space at least.
        """
        if len(domain) < 3:
            raise ValueError(
                "the functions of walls are for two coordinates of space or more, and time: "
                f"the domain has {len(domain)} coordinates"
            )
        return WallBasis(self, tuple(domain.values()))

    def functions(self, dim: int) -> list[tuple[Factor, ...]]:
        """The factors of each function along every coordinate of space, of `dim` with time."""
        return [each for met in self._meetings() for each in self._of(met, dim)]

    def _meetings(self) -> Iterator[tuple[int, ...]]:
        """Numbers of walls that meet; each alone at first."""
        axes = [wall.axis for wall in self.walls]
        for count in range(1, len(set(axes)) + 1):
            for met in combinations(range(len(axes)), count):
                if len({axes[number] for number in met}) == count:
                    yield met

    def _of(self, met: tuple[int, ...], dim: int) -> Iterator[tuple[Factor, ...]]:
        """Products of the functions of some walls, and polynomials along the rest."""
        space = [axis for axis in range(dim) if axis != self.time]
        free = [axis for axis in space if axis not in {self.walls[w].axis for w in met}]
        most = self.walls[met[0]].top if len(met) == 1 else self.meeting
        for terms in product(*(self.walls[w].terms() for w in met)):
            if sum(m + k for m, k in terms) > most:
                continue
            for degrees in product(range(self.along + 1), repeat=len(free)):
                if sum(degrees) <= self.along:
                    factors: dict[int, Factor] = {
                        axis: (None, 0, degree) for axis, degree in zip(free, degrees, strict=True)
                    }
                    for wall, (m, k) in zip(met, terms, strict=True):
                        factors[self.walls[wall].axis] = (wall, m, k)
                    yield tuple(factors[axis] for axis in space)


def _place(factor: Factor) -> tuple[int, int, int]:
    """Polynomials first, then the functions of one wall after the other."""
    number, m, k = factor
    return -1 if number is None else number, m, k


class WallBasis(Basis):
    """Products of X^m f_k and polynomials; X in units of the domain's length."""

    box: Tensor

    def __init__(self, declared: WallFunctions, box: Sequence[tuple[float, float]]) -> None:
        super().__init__()
        self.declared = declared
        self.register_buffer("box", DOUBLE.new_tensor(box))
        functions = declared.functions(len(box))
        self.size = len(functions)
        self.space = [axis for axis in range(len(box)) if axis != declared.time]
        # Of each coordinate of space the factors that there are, and every function's among them
        self.factors = [sorted(set(each), key=_place) for each in zip(*functions, strict=True)]
        self.numbers = [
            torch.tensor([known.index(function[place]) for function in functions])
            for place, known in enumerate(self.factors)
        ]

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """To the walls near the start, and to where they meet."""
        met = [[self.declared.walls[n] for n in each] for each in self.declared._meetings()]
        return tuple(_Gather(tuple(walls), self.declared.time, self.box) for walls in met)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        time = self.declared.time
        most = max(m[time] for index in indices for m in members(index))
        held: dict[tuple[int, int, int], Tensor] = {}
        values = [
            _Values(self, place, x, max(m[axis] for i in indices for m in members(i)), most)
            for place, axis in enumerate(self.space)
        ]

        def factor(place: int, p: int, q: int) -> Tensor:
            if (place, p, q) not in held:
                held[place, p, q] = columns_of(values[place].of(p, q), self.numbers[place])
            return held[place, p, q]

        def single(index: MultiIndex) -> Tensor:
            total = x.new_zeros(len(x), self.size)
            for split in _splits(index[time], len(self.space)):
                ways = math.factorial(index[time]) / math.prod(map(math.factorial, split))
                parts = [
                    factor(place, index[axis], split[place])
                    for place, axis in enumerate(self.space)
                ]
                total = total + ways * math.prod(parts[1:], start=parts[0])
            return total

        return summed(indices, single)


def _splits(order: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to share derivatives among factors."""
    return (each for each in product(range(order + 1), repeat=parts) if sum(each) == order)


class _Values:
    """The factors along one coordinate of space at points, up to `p` derivatives by it and `q` by
    time.
    """

    def __init__(self, basis: WallBasis, place: int, x: Tensor, p: int, q: int) -> None:
        declared, axis, time = basis.declared, basis.space[place], basis.declared.time
        self.factors = basis.factors[place]
        low, high = basis.box[axis].to(x)
        self.length, whole = high - low, basis.box[time, 1] - basis.box[time, 0]
        degree = max([k for wall, _, k in self.factors if wall is None], default=0)
        self.polynomials = legendre(2 * (x[:, axis] - low) / self.length - 1, degree, p)
        self.starts = {}
        for number, wall in enumerate(declared.walls):
            if wall.axis == axis:
                since = wall.forward * (x[:, time] - wall.begin)
                spread = 4 * wall.diffusivity * since.clamp(min=INSTANT * whole) / self.length**2
                distance = wall.inward * (x[:, axis] - wall.at) / self.length
                lowest = min(k for _, k in wall.terms()) - p - 2 * q
                self.starts[number] = wall, distance, iterated(distance, spread, lowest, wall.top)

    def of(self, p: int, q: int) -> Tensor:
        """d^p/dx^p d^q/dt^q of all: `(n, n_factors)`."""
        table = (2 / self.length) ** p * self.polynomials[p] * (1.0 if q == 0 else 0.0)
        parts = [table[:, [k for wall, _, k in self.factors if wall is None]]]
        for number, (wall, distance, f) in self.starts.items():
            terms = [(m, k) for wall, m, k in self.factors if wall == number]
            scale = (wall.inward / self.length) ** p
            scale = scale * (wall.forward * wall.diffusivity / self.length**2) ** q
            parts.append(scale * derivatives(f, distance, terms, p, q))
        return torch.cat(parts, dim=1)


@dataclass(frozen=True, eq=False)
class _Gather:
    """Points near walls that meet, from points `(n, dim)` that are uniform in the box: evenly in
    the fourth root of time, and along a few widths of what has spread until then.
    """

    walls: tuple[Start, ...]
    time: int
    box: Tensor

    def __call__(self, x: Tensor, normals: Tensor | None = None) -> Tensor:
        low, high = self.box.to(x).unbind(dim=1)
        share = (x - low) / (high - low)
        since = share[:, self.time] ** 4 * (high[self.time] - low[self.time])
        moved = x.clone()
        for wall in self.walls:
            axis = wall.axis
            moved[:, self.time] = wall.begin + wall.forward * since
            widths = 3 * (4 * wall.diffusivity * since).sqrt()
            from_ = (wall.at - widths).clamp(min=low[axis])
            to = (wall.at + widths).clamp(max=high[axis])
            near = from_ + share[:, axis] * (to - from_)
            moved[:, axis] = torch.where(since > 0, near, x[:, axis])
        return moved
