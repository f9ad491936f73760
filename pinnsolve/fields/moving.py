"""Cells of space whose coefficients move in time: what steps of an evolution in cells leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate, pairwise

import numpy as np
import torch
from torch import Tensor

from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.cellwise import CellBases, Cells, Cellwise
from pinnsolve.fields.motion import Motion
from pinnsolve.fields.separated import along
from pinnsolve.jets.indices import JetIndex, in_others, members
from pinnsolve.jets.propagation import summed


@dataclass(frozen=True)
class MovingCells:
    """Cells of space, and the coordinate `time`, with which their coefficients move. Made by
    `solve`.
    """

    cells: CellBases
    time: str

    def __str__(self) -> str:
        return f"{self.cells}, moving with {self.time}"


@dataclass(frozen=True, eq=False)
class Moving(Motion):
    """In every cell of space the functions of that cell, for unknowns of the whole domain, with
    coefficients that are quintic polynomials between steps in time, coordinate number `axis`.

    `times (m,)` and `states (3, m, columns)`: the coefficients of all cells, and their first two
    derivatives in time, at the steps.
    """

    cells: Cells
    axis: int
    times: Tensor
    states: Tensor

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return len(self.cells.supports)

    @property
    def functions(self) -> int:
        """Functions of space of all cells; at a point, only one cell's are evaluated."""
        return sum(space.functions for space in self.cells.spaces)

    @property
    def sizes(self) -> dict[str, int]:
        """Cells, the functions of them all, and steps in time."""
        count = {"cells": len(self.cells.spaces), "functions of space": self.functions}
        return {**count, "steps": self.steps}

    @cached_property
    def _places(self) -> tuple[slice, ...]:
        """Of every cell, the places of its coefficients."""
        ends = accumulate((space.columns for space in self.cells.spaces), initial=0)
        return tuple(slice(a, b) for a, b in pairwise(ends))

    def at(self, t: float) -> Cellwise:
        """The field of space at a time."""
        moved = along(self.times, self.states, self.times.new_tensor([t]), 0)[0]
        return Cellwise.of(self.cells, [moved[place] for place in self._places])

    def state(self) -> dict[str, Tensor]:
        """The motion, and the numbers that make the functions of every cell."""
        first = Cellwise.of(self.cells, [self.states[0, 0, place] for place in self._places])
        return {**first.state(), "times": self.times, "states": self.states}

    def blocks(
        self, x: Array, normals: Array | None, derivatives: int
    ) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
        """Points `(n, dim)` in pieces, of which every cell has a share that fits into caches."""
        richest = max(space.columns for space in self.cells.spaces)
        each = richest * derivatives // len(self.cells.spaces)
        return blocks(x, normals, max(each, 1), like=self.like)

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""
        out = x.new_zeros(self.n_unknowns, len(indices), len(x))
        at = torch.cat([x[:, : self.axis], x[:, self.axis + 1 :]], dim=1)
        # Unknowns of an evolution live in the whole domain.
        owners = self.cells.owners(array_of(at), 0)
        for number in np.unique(owners).tolist():
            mine = np.flatnonzero(owners == number)
            for start in range(0, len(mine), 512):
                rows = mine[start : start + 512].tolist()
                values = self._in_cell(number, at[rows], x[rows, self.axis], indices)
                out[:, :, rows] = values
        return out

    def _in_cell(self, number: int, x: Tensor, t: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Those of one cell at points of space and times, `(n_unknowns, n_indices, n)`."""
        states = self.states[:, :, self._places[number]]
        orders = dict.fromkeys(m[self.axis] for index in indices for m in members(index))
        motion = {order: along(self.times, states, t, order) for order in orders}
        alike = [index for index in indices if len({m[self.axis] for m in members(index)}) == 1]
        if len(alike) < len(indices):
            single = partial(self._single, number, x, motion)
            return summed(indices, single).permute(2, 0, 1)
        return torch.stack([self._single(number, x, motion, index).T for index in indices], dim=1)

    def _single(self, number: int, x: Tensor, motion: dict[int, Tensor], index: JetIndex) -> Tensor:
        """Of one derivative, whose members are of one order in time: `(n, n_unknowns)`."""
        space = self.cells.spaces[number]
        moved, place = motion[members(index)[0][self.axis]], in_others(index, self.axis)
        parts = x.new_zeros(len(x), self.n_unknowns)
        for block, unknowns in space.groups:
            if block.size:
                functions = block(x, [place])[0]
                for k in unknowns:
                    parts[:, k] = (functions * moved[:, space.slices[k]]).sum(dim=1)
        return parts
