"""Which cells cannot hold what the data do in them, seen before anything is solved.

A cell's residual vanishes only if the right side is the operator's image of its functions. Waves
go over into waves: what a projection onto them leaves of the right side, and of the coefficients,
is about what a solve in the cell would leave. What is so narrow that it lies between the points of
a cell is looked at in the rare boxes of the trees that enclose the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.cells.points import DENSITY
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.draw import joined, rare_points
from pinnsolve.discretize.points import Points, fills_domain, sample_region
from pinnsolve.discretize.sizes import units_of
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.jets.indices import members


@dataclass(frozen=True)
class Looking:
    """How data are looked at in a cell."""

    # Singular values of its functions, relative: directions below are round-off
    cut: float = 1e-12
    # Points of a condition on faces, of which every cell looks at its own
    on_faces: int = 1 << 14
    # Points of a cell, at which it is looked at what is left over
    fresh: int = 256
    # Points in a cell, of more, below which nothing is said: so few are met by chance
    fewest: int = 64
    # And on its faces, at most
    most: int = 256
    # Points in the rare boxes of each tree of the data
    rare: int = 1024
    # What may be left of data that go on smoothly beyond the region, relative
    smooth: float = 1e-6
    # Times what is left in the region: so much more is left beyond it where that is to blame
    rougher: float = 3.0


LOOKING = Looking()


@dataclass(frozen=True)
class Seen:
    """Of one cell, by volume as parts of the whole domain, squared: what its functions leave over
    of the data, `left`, how large the data are, `size`, both divided by the size of the operators
    there; what is left of coefficients, relative, `bent`. `raw` is what is left of all, divided by
    what does not change where a cell is cut; `on_faces`: most of it on faces.
    """

    left: float = 0.0
    size: float = 0.0
    bent: float = 0.0
    raw: float = 0.0
    on_faces: bool = False


@dataclass(frozen=True, eq=False)
class Foresight:
    """What so many waves of a wavenumber, in radians a side of a cell, hold of a system's data."""

    system: System
    functions: int
    wavenumber: float
    seen: dict[bytes, Seen] = field(default_factory=dict)

    def at(self, box: Array) -> Seen:
        """What is seen in a box `(dim, 2)`."""
        key = box.tobytes()
        if key not in self.seen:
            inside = [self._inside(k, r, box) for k, r in enumerate(self._equations)]
            faces = [self._on_faces(r, p, box) for r, p in self._conditions]
            worst = max([Seen(), *inside, *faces], key=lambda each: each.raw)
            size = max([0.0, *(each.size for each in (*inside, *faces))])
            self.seen[key] = replace(worst, size=size)
        return self.seen[key]

    @cached_property
    def _equations(self) -> list[Residual]:
        return [r for r in self.system.residuals if fills_domain(r.condition.region)]

    @cached_property
    def _conditions(self) -> list[tuple[Residual, Points]]:
        """Those on faces, with points of all cells."""
        return [
            (r, sample_region(r.condition.region, LOOKING.on_faces, 0))
            for r in self.system.residuals
            if not fills_domain(r.condition.region) and not r.condition.region.is_listed
        ]

    @cached_property
    def _rare(self) -> list[Points | None]:
        """Points of every equation where its data are narrow."""
        each = [rare_points(r, LOOKING.rare, 0) for r in self._equations]
        return [joined(found[0], found[1:]) if found else None for found in each]

    @cached_property
    def _unit(self) -> tuple[Array, Array]:
        """Points of the unit cell, `(n, dim)` each: to project on, denser towards the sides, beyond
        which nothing is known; and to look at what is left.
        """
        n, dim = math.ceil(DENSITY.rows * self.functions), len(self.system.domain.bounds)
        first, second = (sobol(k, dim, np.random.default_rng(k)) for k in (n, LOOKING.fresh))
        return (1 - np.cos(np.pi * first)) / 2, second

    @cached_property
    def _basis(self) -> Basis:
        names = [c.name for c in self.system.domain.coordinates]
        declared = Dense(self.functions, 1, "sin", Waves(self.wavenumber))
        return declared.build(dict.fromkeys(names, (0.0, 1.0)), 0)

    def _waves(self, at: Array) -> Tensor:
        """The waves at points `(n, dim)` of the unit cell: `(n, functions)`."""
        with torch.no_grad():
            waves: Tensor = self._basis(tensor_of(at), [(0,) * at.shape[1]])[0]
        return waves

    @cached_property
    def _everywhere(self) -> Projection:
        return Projection.of(self._waves(self._unit[0]))

    @cached_property
    def _between(self) -> Tensor:
        return self._waves(self._unit[1])

    def _inside(self, number: int, residual: Residual, box: Array) -> Seen:
        low, sides = box[:, 0], np.ptp(box, axis=1)
        of_box = [low + sides * unit for unit in self._unit]
        held = [np.flatnonzero(residual.condition.region.contains(x, 0.0)).tolist() for x in of_box]
        rare = self._rare[number]
        narrow = None if rare is None else rare.taken(_within(rare.x, box))
        # Of formulas of many terms, an evaluation takes as long for few points as for many.
        places = [*of_box, of_box[0][:0] if narrow is None else narrow.x]
        every = _data(residual, tensor_of(np.concatenate(places)), None)
        known, fresh, within = torch.split(every, [len(x) for x in places])
        own = torch.cat([known[held[0]], fresh[held[1]]])
        pairs = zip(held, of_box, strict=True)
        few = any(len(inside) < min(LOOKING.fewest, len(x)) for inside, x in pairs)
        if few or _constant(torch.cat([own, within])):
            return Seen()
        # What a hole cuts off does no harm where the data go on into it: most often one
        # factorization is enough for all cells.
        coefficients = self._everywhere.coefficients(known)
        over = fresh - self._between @ coefficients
        left = over[held[1]]
        cut_off = len(held[0]) < len(known)
        rough = cut_off and float(left.norm()) > LOOKING.smooth * float(own.norm())
        # In space a factorization takes longer than to find out by solving; but what is left all
        # over the cell is not the hole's.
        if rough and len(box) > 2 and _rougher_outside(over, held[1]):
            return Seen()
        if rough and len(box) <= 2:
            onto = Projection.of(self._waves(self._unit[0][held[0]]))
            coefficients = onto.coefficients(known[held[0]])
            left = (fresh - self._between @ coefficients)[held[1]]
        squares, size = left.square().mean(dim=0), own.square().mean(dim=0)
        if narrow is not None:
            there = self._waves((narrow.x - low) / sides) @ coefficients
            weights = tensor_of(narrow.weights / sides.prod())
            squares += weights @ (within - there).square()
            size += weights @ within.square()
        return self._seen(residual, box, size.sqrt(), squares.sqrt())

    def _on_faces(self, residual: Residual, p: Points, box: Array) -> Seen:
        mine = _within(p.x, box)
        if len(mine) < LOOKING.fewest:
            return Seen()
        own = p.taken(mine[: LOOKING.most])
        x, normals = own.tensors()
        # As if all faces looked one way: that normals jump at edges is no matter of the data.
        one_way = None if normals is None else torch.full_like(normals, normals.shape[1] ** -0.5)
        data, n = _data(residual, x, one_way), len(x) // 2
        if _constant(data):
            return Seen()
        waves = self._waves((own.x - box[:, 0]) / np.ptp(box, axis=1))
        left = data[n:] - waves[n:] @ Projection.of(waves[:n]).coefficients(data[:n])
        size, off = (each.square().mean(dim=0).sqrt() for each in (data, left))
        return replace(self._seen(residual, box, size, off), on_faces=True)

    def _seen(self, residual: Residual, box: Array, rms: Tensor, left: Tensor) -> Seen:
        """Of the root mean squares of the data and of each slope, and of what is left of them,
        `(1 + n_slots,)` each.
        """
        sides, domain = np.ptp(box, axis=1), self.system.domain.extent
        share = float((sides / domain).prod())
        of_slots = self._operators(residual, float(sides.max()))
        size = float((rms[1:] * of_slots).norm()) or 1.0
        of_all = float((rms[1:] * self._operators(residual, float(domain.max()))).norm()) or 1.0
        return Seen(
            left=share * (float(left[0]) / size) ** 2,
            size=share * (float(rms[0]) / size) ** 2,
            bent=share * (float((left[1:] * of_slots).norm()) / size) ** 2,
            raw=share * (float(left.max()) / of_all) ** 2,
        )

    def _operators(self, residual: Residual, side: float) -> Tensor:
        """How large the derivatives of waves are that a residual takes in a cell: `(n_slots,)`."""
        units, per_length = units_of(self.system), self.wavenumber / side
        return tensor_of(
            np.array(
                [
                    units[slot.unknown] * sum(per_length ** sum(m) for m in members(slot.index))
                    for slot in residual.slots
                ]
            )
        )


@lru_cache(maxsize=4)
def foresight_of(system: System, functions: int, wavenumber: float) -> Foresight:
    """What is seen once is known when it is asked for again."""
    return Foresight(system, functions, wavenumber)


@dataclass(frozen=True, eq=False)
class Projection:
    """Onto what functions span at points: by their singular vectors `(n, rank)`, values `(rank,)`,
    and `(functions, rank)`.
    """

    span: Tensor
    sizes: Tensor
    vectors: Tensor

    @classmethod
    def of(cls, functions: Tensor) -> Projection:
        """Of functions by their values `(n, functions)`."""
        u, s, vh = torch.linalg.svd(functions, full_matrices=False)
        rank = int((s > LOOKING.cut * s.max()).sum())
        return cls(u[:, :rank], s[:rank], vh[:rank].T)

    def coefficients(self, values: Tensor) -> Tensor:
        """Of the nearest combinations, `(functions, m)`."""
        return self.vectors @ ((self.span.T @ values) / self.sizes[:, None])


def _data(residual: Residual, x: Tensor, normals: Tensor | None) -> Tensor:
    """The right side, and slopes at zero, `(n, 1 + n_slots)`; zero where they are not finite."""
    with torch.no_grad():
        data, slopes = residual.data(x, normals), residual.coefficients(x, normals)
    return torch.cat([data[None], slopes]).T.nan_to_num(0.0, 0.0, 0.0)


def _rougher_outside(over: Tensor, held: list[int]) -> bool:
    """Whether what is left `(n, m)` at points of a cell is far larger at those that are not held by
    the region.
    """
    inside = over[held].square().mean()
    return bool(over.square().mean() > LOOKING.rougher**2 * inside)


def _constant(data: Tensor) -> bool:
    return bool((data == data[:1]).all())


def _within(x: Array, box: Array) -> NDArray[np.int64]:
    """The numbers of points `(n, dim)` that lie in a box `(dim, 2)`."""
    return np.flatnonzero(((x >= box[:, 0]) & (x <= box[:, 1])).all(axis=1))
