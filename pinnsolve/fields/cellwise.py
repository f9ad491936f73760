"""The field that many cells make together, each with functions of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.basis import Basis, Declaration
from pinnsolve.compile.system import Residual
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Block, Space
from pinnsolve.fields.tree import Numbers, Tree
from pinnsolve.geometry.region import Region
from pinnsolve.jets.indices import JetIndex

# Of the domain's sides: how far from a face it is seen on which side of it a region lies.
BESIDE = 1e-7


@dataclass(frozen=True)
class CellBases:
    """A basis for every cell of a tree, by its `cuts` (see `cuts_of`); `parts` are declared for
    each cell, in order. Made by `solve`.
    """

    cuts: tuple[tuple[int, float], ...]
    parts: tuple[Declaration, ...]

    def __str__(self) -> str:
        kinds = list(dict.fromkeys(map(str, self.parts)))
        more = f" and {len(kinds) - 1} other kinds" if len(kinds) > 1 else ""
        return f"{len(self.parts)} cells of {kinds[0]}{more}"


class Nothing(Basis):
    """The basis of no functions, of an unknown that does not live in a cell."""

    size = 0

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """No functions, `(n_indices, n, 0)`."""
        return x.new_zeros(len(indices), len(x), 0)


NOTHING = Block(Nothing())


@dataclass(frozen=True, eq=False)
class Cells:
    """A tree of cells with a space in each, and where unknowns live: `alive (n_unknowns,
    n_cells)`, `supports` their regions.
    """

    tree: Tree
    spaces: tuple[Space, ...]
    alive: NDArray[np.bool_]
    supports: tuple[Region, ...]

    @cached_property
    def columns(self) -> int:
        """How many coefficients there are in all cells."""
        return sum(space.columns for space in self.spaces)

    def owners(self, x: Array, unknown: int) -> Numbers:
        """The cell that an unknown is taken from at points `(n, dim)`: `(n,)`.

        On a face, the one on whose side the unknown's region lies: a side of the region may be a
        face, beyond which a thin arm of it goes on. Where the unknown does not live, the nearest.
        """
        numbers: Numbers = self.owners_of(x, [unknown])[0]
        return numbers

    def owners_of(self, x: Array, unknowns: Sequence[int]) -> Numbers:
        """The same of several unknowns at points `(n, dim)`: `(len(unknowns), n)`."""
        step = BESIDE * (self.tree.bounds[:, 1] - self.tree.bounds[:, 0])
        above = self.tree.owners(x + step)
        # Where both ends of a step lie in one cell, so does what is between them.
        near = np.flatnonzero(self.tree.owners(x - step) != above)
        at = x[near]
        on_faces = self.tree.owners(at)
        owners: Numbers = np.tile(above, (len(unknowns), 1))
        for numbers, unknown in zip(owners, unknowns, strict=True):
            numbers[near] = self._beside(at, on_faces.copy(), self.supports[unknown], step)
            astray = np.flatnonzero(~self.alive[unknown][numbers])
            if len(astray):
                numbers[astray] = self._nearest(x[astray], np.flatnonzero(self.alive[unknown]))
        return owners

    def _nearest(self, x: Array, living: Numbers) -> Numbers:
        """Of some cells, the nearest one to each of the points `(n, dim)`: `(n,)`."""
        boxes, at = np.stack([self.tree.cells[k] for k in living]), x[:, None, :]
        apart = np.maximum(np.maximum(boxes[:, :, 0] - at, at - boxes[:, :, 1]), 0.0)
        nearest: Numbers = living[np.argmin((apart**2).sum(axis=2), axis=1)]
        return nearest

    def _beside(self, x: Array, numbers: Numbers, region: Region, step: Array) -> Numbers:
        """The cells of points `(n, dim)` on faces: of the first one around each, above before
        below, where the region is; those of before, where it is nowhere.
        """
        undecided = np.arange(len(x))
        if not len(x):
            return numbers
        for signs in product((1.0, -1.0), repeat=len(step)):
            at = x[undecided] + step * signs
            within = region.signed_distance(at, self.tree.bounds[:, 1] - self.tree.bounds[:, 0]) < 0
            numbers[undecided[within]] = self.tree.owners(at[within])
            undecided = undecided[~within]
        return numbers


@dataclass(frozen=True, eq=False)
class Cellwise(Field):
    """In every cell the expansion in its own functions: `parts`, in the order of the cells."""

    cells: Cells
    parts: tuple[Expansion, ...]

    @classmethod
    def of(cls, cells: Cells, coefficients: Sequence[Tensor]) -> Cellwise:
        """The field of every cell's coefficients, `(columns,)`."""
        pairs = zip(cells.spaces, coefficients, strict=True)
        return cls(cells, tuple(Expansion(space, c) for space, c in pairs))

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return len(self.cells.supports)

    @property
    def functions(self) -> int:
        """Functions of all cells; at a point, only one cell's are evaluated."""
        return sum(part.functions for part in self.parts)

    @property
    def like(self) -> Tensor:
        """The coefficients of the first cell."""
        return self.parts[0].coefficients

    @property
    def sizes(self) -> dict[str, int]:
        """Cells, and the functions of them all."""
        return {"cells": len(self.parts), "functions": self.functions}

    def support(self, x: Array) -> Tensor | None:
        """Which unknowns live at points `(n, dim)`, `(n_unknowns, n)`; None, if all do
        everywhere.
        """
        if len(set(self.cells.supports)) == 1:
            return None
        return torch.from_numpy(np.stack([r.contains(x) for r in self.cells.supports]))

    def blocks(
        self, x: Array, normals: Array | None, derivatives: int
    ) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
        """Points `(n, dim)` in pieces, of which every cell has a share that fits into caches."""
        richest = max(part.functions for part in self.parts)
        return blocks(x, normals, richest * derivatives // len(self.parts), like=self.like)

    def state(self) -> dict[str, Tensor]:
        """The coefficients and the functions' numbers of every cell, and where unknowns live."""
        numbers = {"alive": torch.from_numpy(self.cells.alive)}
        for k, part in enumerate(self.parts):
            numbers |= {f"parts.{k}.{name}": tensor for name, tensor in part.state().items()}
        return numbers

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""
        return self._of(x, indices, range(self.n_unknowns))

    def derivatives_where(
        self, x: Array, indices: Sequence[JetIndex], where: Tensor | None
    ) -> Tensor:
        """As for every field, at points `(n, dim)`: `(n_unknowns, n_indices, n)`; unknowns are zero
        where they do not live.
        """
        if where is None:
            return self.derivatives(x, indices)
        out = self.like.new_zeros(self.n_unknowns, len(indices), len(x))
        with torch.no_grad():
            for k, lives in enumerate(where):
                at = lives.nonzero()[:, 0]
                for rows, part, _ in self.blocks(x[at.tolist()], None, len(indices)):
                    out[k][:, at[rows]] = self._of(part, indices, [k])[0]
        return out

    def slots(self, residual: Residual, x: Tensor) -> Tensor:
        """The numbers `(n_slots, n)` that an equation takes: only its own unknowns are
        evaluated.
        """
        values = [x.new_empty(0)] * len(residual.slots)
        for number, trace in enumerate(residual.traces):
            mine = [(i, s) for i, s in enumerate(residual.slots) if s.trace == number]
            indices = list(dict.fromkeys(slot.index for _, slot in mine))
            unknowns = list(dict.fromkeys(slot.unknown for _, slot in mine))
            found = self._of(trace(x), indices, unknowns)
            for i, slot in mine:
                taken = found[unknowns.index(slot.unknown), indices.index(slot.index)]
                values[i] = trace.summed(x, taken)
        return torch.stack(values) if values else x.new_empty(0, len(x))

    def _of(self, x: Tensor, indices: Sequence[JetIndex], unknowns: Sequence[int]) -> Tensor:
        """Derivatives of some unknowns at points `(n, dim)`: `(len(unknowns), n_indices, n)`. In
        every cell, those that share functions there have them evaluated once.
        """
        out = x.new_zeros(len(unknowns), len(indices), len(x))
        numbers = self.cells.owners_of(array_of(x), unknowns)
        owners = torch.from_numpy(numbers).to(x.device)
        for number in np.unique(numbers).tolist():
            part, mine = self.parts[number], owners == number
            for block, sharing in part.space.groups:
                own = [i for i, k in enumerate(unknowns) if k in sharing]
                rows = mine[own].any(dim=0).nonzero()[:, 0]
                if not len(rows):
                    continue
                functions = block(x[rows], indices)
                for i in own:
                    values = functions @ part.coefficients[part.space.slices[unknowns[i]]]
                    here = mine[i, rows]
                    out[i][:, rows[here]] = values[:, here]
        return out
