"""Start functions of surfaces: how initial values of several coordinates spread that jump, or have
a kink, across one.

With Z(x) zero on the surface and c(grad Z) = kappa there, c the quadratic form of the equation's
second derivatives, f_k(Z, kappa T) solves the equation up to terms of lower order (see `starts`);
these, and what varies along the surface, are polynomials times f_k. Where c varies, Z is the
distance as the equation measures it: an eikonal's solution near the surface.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from pinnsolve.basis.adapted.lifted import Level
from pinnsolve.basis.adapted.polynomials import PolynomialBasis, powers_of
from pinnsolve.basis.adapted.starts import INSTANT, derivatives, iterated
from pinnsolve.basis.basis import DOUBLE, Basis, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import (
    JetIndex,
    MultiIndex,
    below,
    closure,
    composition,
    leibniz,
    members,
)
from pinnsolve.jets.propagation import columns_of, summed


@dataclass(frozen=True)
class Gathering:
    """How points are moved to a surface."""

    # Of the whole time: before it terms that cancel are round-off
    early: float = 1e-8
    # Of Newton's method, to a distance from it
    steps: int = 3


GATHERING = Gathering()


@dataclass(frozen=True)
class Surface:
    """Z = `level`(x) times a polynomial of total degree `degree` in space, whose coefficients are
    `factor`; `diffusivity` is kappa, per unit of time.

    Functions are f_k times polynomials, k >= `first`: 0 of data that jump, 1 of those with a kink,
    up to degree `top` in all.
    """

    level: Level
    factor: tuple[float, ...]
    degree: int
    diffusivity: float
    first: int = 1
    top: int = 8

    def functions(self, space: int) -> int:
        """How many there are, in so many coordinates of space."""
        return sum(math.comb(self.top - k + space, space) for k in range(self.first, self.top + 1))


@dataclass(frozen=True)
class SurfaceFunctions(Sums):
    """The functions of some surfaces, to be added to a network's basis: `time` is the number of
    time's coordinate, which runs `forward` from when it begins, by 1 or -1.
    """

    surfaces: tuple[Surface, ...]
    time: int
    begin: float
    forward: int = 1

    def build(self, domain: Domain, seed: int) -> SurfaceBasis:
        """The functions, the same for every seed. Raises ValueError without two coordinates of
        space at least.
        """
        if len(domain) < 3:
            raise ValueError(
                "the functions of surfaces are for two coordinates of space or more, and time: "
                f"the domain has {len(domain)} coordinates"
            )
        return SurfaceBasis(self, tuple(domain.values()))

    def of_size(self, size: int, space: int) -> SurfaceFunctions:
        """With as high a degree as no more than so many functions have, in coordinates of space;
        one above the first at least.
        """
        found, top = self, 1
        while True:
            tops = [replace(each, top=each.first + top) for each in self.surfaces]
            if top > 1 and sum(each.functions(space) for each in tops) > size:
                return found
            found, top = replace(self, surfaces=tuple(tops)), top + 1


def powers_in_space(degree: int, dim: int, time: int) -> list[tuple[int, ...]]:
    """All powers up to a total degree that have none in time, `dim` coordinates in all."""
    found = powers_of((max(1, degree),) * (dim - 1))
    kept = [k for k in found if sum(k) <= degree]
    return [(*k[:time], 0, *k[time:]) for k in kept]


class SurfaceBasis(Basis):
    """f_k(Z, kappa T) times Legendre's polynomials of space."""

    box: Tensor

    def __init__(self, declared: SurfaceFunctions, box: Sequence[tuple[float, float]]) -> None:
        super().__init__()
        self.declared = declared
        self.register_buffer("box", DOUBLE.new_tensor(box))
        self.sheets = [Sheet(each, declared, self.box) for each in declared.surfaces]
        self.size = sum(len(sheet.functions) for sheet in self.sheets)

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """To the surfaces near the start."""
        return tuple(sheet.gathered for sheet in self.sheets)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        return torch.cat([sheet(x, indices) for sheet in self.sheets], dim=2)


class Sheet:
    """The functions of one surface in a box."""

    def __init__(self, surface: Surface, declared: SurfaceFunctions, box: Tensor) -> None:
        self.surface, self.declared, self.box = surface, declared, box
        dim, time = len(box), declared.time
        self.factor = PolynomialBasis(box, powers_in_space(surface.degree, dim, time))
        self.along = PolynomialBasis(box, powers_in_space(surface.top - surface.first, dim, time))
        self.terms = [(0, k) for k in range(surface.first, surface.top + 1)]
        degrees = self.along.powers.sum(dim=1).tolist()
        self.functions = [
            (number, place)
            for number, (_, k) in enumerate(self.terms)
            for place, degree in enumerate(degrees)
            if degree <= surface.top - k
        ]

    @cached_property
    def _numbers(self) -> Tensor:
        return torch.tensor(self.functions).T

    def since(self, x: Tensor) -> Tensor:
        """The time since the start, `(n,)`."""
        declared = self.declared
        low, high = self.box[declared.time].to(x)
        since = declared.forward * (x[:, declared.time] - declared.begin)
        return since.clamp(min=INSTANT * (high - low))

    def distance(self, x: Tensor, rows: Sequence[MultiIndex]) -> dict[MultiIndex, Tensor]:
        """Derivatives of Z in space, `(n,)` each."""
        needed = sorted({low for row in rows for low in below(row)})
        table = self.factor(x, needed) @ self.factor.box.new_tensor(self.surface.factor).to(x)
        factor = dict(zip(needed, table, strict=True))
        return {
            row: sum(
                (
                    count * self.surface.level(x, low) * factor[rest]
                    for count, low, rest in leibniz(row)
                ),
                torch.zeros_like(x[:, 0]),
            )
            for row in rows
        }

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of the functions at points: `(n_indices, n, size)`."""
        time = self.declared.time
        asked = [m for index in indices for m in members(index)]
        spaces = sorted({_still(m, time) for m in asked})
        needed = sorted({low for space in spaces for low in below(space)})
        rows = [row for row in closure(needed, x.shape[1]) if isinstance(row, tuple)]
        z = self.distance(x, rows)
        along = dict(zip(needed, self.along(x, needed), strict=True))
        most = max(map(sum, spaces)), max(m[time] for m in asked)
        slope = self._slopes(x, z[(0,) * x.shape[1]], most)
        terms, places = self._numbers

        def composed(space: MultiIndex, q: int) -> Tensor:
            total = torch.zeros_like(slope(0, q))
            for term in composition(space):
                steep = [z[each] for each in term.factors if isinstance(each, tuple)]
                factor = math.prod(steep, start=torch.full_like(x[:, 0], term.count))
                total = total + factor[:, None] * slope(term.order, q)
            return total

        def single(index: MultiIndex) -> Tensor:
            space, total = _still(index, time), x.new_zeros(len(x), len(self.functions))
            for count, low, rest in leibniz(space):
                made = columns_of(composed(low, index[time]), terms)
                total = total + count * made * columns_of(along[rest], places)
            return total

        return summed(indices, single)

    def _slopes(self, x: Tensor, z: Tensor, most: tuple[int, int]) -> Callable[[int, int], Tensor]:
        """d^p/dZ^p d^q/dt^q of f_k by p and q, up to the `most` of each: `(n, n_terms)`."""
        kappa, held = self.surface.diffusivity, dict[tuple[int, int], Tensor]()
        orders = [k for _, k in self.terms]
        lowest = min(orders) - most[0] - 2 * most[1]
        f = iterated(z, 4 * kappa * self.since(x), lowest, max(orders))

        def slope(p: int, q: int) -> Tensor:
            if (p, q) not in held:
                scale = (self.declared.forward * kappa) ** q
                held[p, q] = scale * derivatives(f, z, self.terms, p, q)
            return held[p, q]

        return slope

    def gathered(self, x: Tensor, normals: Tensor | None = None) -> Tensor:
        """Points near the surface, from points `(n, dim)` that are uniform in the box: evenly in
        the fourth root of time, and as near as what has spread until then.
        """
        time = self.declared.time
        low, high = self.box.to(x).unbind(dim=1)
        begin = self.declared.begin
        share = ((x[:, time] - low[time]) / (high[time] - low[time])).clamp(0, 1)
        since = (
            torch.where(share > 0, share**4 + GATHERING.early, 0.0)
            / (1 + GATHERING.early)
            * (high[time] - low[time])
        )
        moved = x.clone()
        moved[:, time] = begin + self.declared.forward * since
        dim = x.shape[1]
        here, axes = (0,) * dim, [axis for axis in range(dim) if axis != time]
        steps = [tuple(int(i == axis) for i in range(dim)) for axis in axes]
        wanted = (3 * (4 * self.surface.diffusivity * since).sqrt()).clamp(max=1.0)
        wanted = wanted * self.distance(x, [here])[here]
        for _ in range(GATHERING.steps):
            found = self.distance(moved, [here, *steps])
            slopes = torch.stack([found[step] for step in steps], dim=1)
            if normals is not None:
                # On a side points stay there.
                outward = normals[:, axes]
                slopes = slopes - outward * (outward * slopes).sum(dim=1, keepdim=True)
            by = (found[here] - wanted) / slopes.square().sum(dim=1).clamp(min=1e-12)
            shift = torch.zeros_like(x)
            shift[:, axes] = by[:, None] * slopes
            moved = torch.minimum(torch.maximum(moved - shift, low), high)
        still = x.clone()
        still[:, time] = moved[:, time]
        return torch.where((since > 0)[:, None], moved, still)


def _still(index: MultiIndex, time: int) -> MultiIndex:
    return (*index[:time], 0, *index[time + 1 :])
