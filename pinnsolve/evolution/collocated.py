"""Functions of cells at the points of all equations, evaluated once: a step takes products with
coefficients, and no function anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.cells.eliminate import Trace
from pinnsolve.cells.kinds import same
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.rows import Rows, Shared
from pinnsolve.cells.spaces import inside
from pinnsolve.cells.teams import Key
from pinnsolve.compile.system import Residual
from pinnsolve.compile.traces import Slot
from pinnsolve.compile.traces import Trace as Place
from pinnsolve.discretize.points import Points
from pinnsolve.evolution.stages import Stages
from pinnsolve.fields.arrays import array_of
from pinnsolve.fields.cellwise import Cells
from pinnsolve.fields.space import Space

# A vector `(columns,)` a cell.
Coefficients = Sequence[Tensor]


@dataclass(frozen=True, eq=False)
class Group:
    """Cells that have the same functions at their points: for every slot `(n, size)`; `rows` are
    the places of every cell's points among all.
    """

    functions: tuple[Tensor, ...]
    cells: tuple[int, ...]
    rows: tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class Places:
    """All points of one equation: `x (n, dim)` and normals, those of cell k in `slices[k]`."""

    residual: Residual
    x: Tensor
    normals: Tensor
    groups: tuple[Group, ...]
    slices: dict[int, slice]

    def slots(self, spaces: Sequence[Space], coefficients: Coefficients) -> Tensor:
        """The numbers `(n_slots, n)` that the equation takes of coefficients."""
        u = self.x.new_zeros(len(self.residual.slots), len(self.x))
        for group in self.groups:
            together = torch.stack([coefficients[k] for k in group.cells], dim=1)
            columns, rows = spaces[group.cells[0]].slices, torch.cat(group.rows)
            for i, (phi, slot) in enumerate(zip(group.functions, self.residual.slots, strict=True)):
                u[i, rows] = (phi @ together[columns[slot.unknown]]).T.flatten()
        return u

    def fitted(
        self, spaces: Sequence[Space], number: int, values: Tensor, into: Coefficients
    ) -> None:
        """Write the coefficients whose slot of that number is nearest to the values `(n,)`, in
        every cell alone.
        """
        unknown = self.residual.slots[number].unknown
        for group in self.groups:
            right = torch.stack([values[rows] for rows in group.rows], dim=1)
            phi = group.functions[number]
            found = torch.linalg.lstsq(phi, right, rcond=1e-12, driver="gelsd").solution
            for k, z in zip(group.cells, found.T, strict=True):
                into[k][spaces[k].slices[unknown]] = z


@dataclass(frozen=True, eq=False)
class Jointly:
    """A condition whose places lie in several cells, at points `x (n, dim)`; the `first` of these
    holds what the others shall add up to, times `scale`.
    """

    residual: Residual
    x: Tensor
    known: Tensor
    first: int
    scale: float

    def target(self, t: float) -> Tensor:
        """What its rows ask for at a time, `(n,)`."""
        known = self.known.clone()
        known[:, self.x.shape[1]] = t
        return -self.scale * self.residual.data(self.x, known)


@dataclass(frozen=True, eq=False)
class Collocated:
    """Points and functions of all cells: `places` of every equation, what is `shared`, traces of
    every cell, and points on which states are measured, each a share of the whole.
    """

    stages: Stages
    rows: Rows
    places: tuple[Places, ...]
    shared: tuple[Jointly, ...]
    traces: tuple[dict[Key, Trace], ...]
    measured: Places
    shares: Tensor

    @property
    def spaces(self) -> tuple[Space, ...]:
        """The functions of every cell."""
        return self.rows.cells.spaces

    @property
    def columns(self) -> list[int]:
        """How many coefficients every cell has."""
        return [space.columns for space in self.spaces]

    def each(self, flat: Tensor) -> Coefficients:
        """The coefficients of every cell, of one vector `(columns,)` for all."""
        return torch.split(flat, self.columns)

    def sizes(self, flat: Tensor) -> Tensor:
        """Root mean squares of all unknowns over space, `(n_unknowns,)`."""
        u = self.measured.slots(self.spaces, self.each(flat))
        return (u.square() @ self.shares).sqrt()


def collocated(stages: Stages, cells: Cells, seed: int, units: Tensor) -> Collocated:
    """Points drawn by a seed; rows are those of unknowns in their units `(n_unknowns,)`."""
    rows = rows_of(stages.system, cells, seed, units)
    with torch.no_grad():
        places = tuple(places_of(r, _held(rows, r), cells) for r in stages.system.residuals)
        numbers = [_number(stages, each.residual) for each in rows.shared]
        timed = (_timed(each, k, stages) for each, k in zip(rows.shared, numbers, strict=True))
        rows = replace(rows, shared=tuple(timed))
        shared = tuple(_jointly(rows, each) for each in rows.shared)
        traces = tuple(rows.traces(k) for k in range(len(cells.spaces)))
        measured, shares = _measured(stages, cells, seed)
    return Collocated(stages, rows, places, shared, traces, measured, shares)


def _held(rows: Rows, residual: Residual) -> Iterable[tuple[int, Points]]:
    """The points of an equation in every cell that has some."""
    pairs = ((k, r, p) for k, local in enumerate(rows.local) for r, p in local)
    return [(k, p) for k, r, p in pairs if r is residual]


def _number(stages: Stages, residual: Residual) -> int:
    return next(k for k, other in enumerate(stages.system.residuals) if other is residual)


def places_of(residual: Residual, points: Iterable[tuple[int, Points]], cells: Cells) -> Places:
    """An equation at points of every cell; functions that are alike are held once."""
    groups: list[tuple[tuple[Tensor, ...], list[int], list[Tensor]]] = []
    nothing = DOUBLE.new_zeros(0, len(cells.tree.bounds))
    xs, normals, slices, start = [nothing], [nothing], dict[int, slice](), 0
    for number, p in points:
        x, n = p.tensors()
        with torch.no_grad():
            functions = tuple(cells.spaces[number].slots(residual, x))
        slices[number] = slice(start, start + len(x))
        rows = torch.arange(start, start + len(x))
        start += len(x)
        xs.append(x)
        normals.append(torch.full_like(x, torch.nan) if n is None else n)
        known = next((g for g in groups if all(map(same, g[0], functions))), None)
        if known is None:
            groups.append((functions, [number], [rows]))
        else:
            known[1].append(number)
            known[2].append(rows)
    made = tuple(Group(f, tuple(k), tuple(r)) for f, k, r in groups)
    return Places(residual, torch.cat(xs), torch.cat(normals), made, slices)


def _timed(each: Shared, number: int, stages: Stages) -> Shared:
    """A shared condition whose points know a time."""
    p = each.points
    normals = np.full_like(p.x, np.nan) if p.normals is None else p.normals
    data = stages.data(number, stages.form.start, 1.0, len(p.x))
    known = np.concatenate([normals, array_of(data)], axis=1)
    return replace(each, points=replace(p, normals=known))


def _jointly(rows: Rows, each: Shared) -> Jointly:
    x, known = each.points.tensors()
    assert known is not None
    return Jointly(each.residual, x, known, min(each.slots), rows.scale_of_shared(each))


def _measured(stages: Stages, cells: Cells, seed: int) -> tuple[Places, Tensor]:
    """The unknowns at points of every cell, and shares in a mean over space."""
    domain = stages.system.domain
    points = [(k, inside(domain, box, 64, seed)) for k, box in enumerate(cells.tree.cells)]
    shares = [
        DOUBLE.new_full(
            (len(x),), float(np.ptp(cells.tree.cells[k], axis=1).prod()) / max(len(x), 1)
        )
        for k, x in points
    ]
    together = torch.cat(shares)
    values = values_of(stages, range(stages.system.n_unknowns))
    held = [(k, Points(x, None, np.ones(len(x)))) for k, x in points]
    return places_of(values, held, cells), together / together.sum()


def values_of(stages: Stages, unknowns: Iterable[int]) -> Residual:
    """A condition that takes some of the unknowns, where it is asked for."""
    domain, law = stages.system.domain, stages.system.residuals[0]
    index = (0,) * len(domain.coordinates)
    slots = tuple(Slot(k, 0, index) for k in unknowns)
    return replace(law, traces=(Place(domain.coordinates, None),), slots=slots)
