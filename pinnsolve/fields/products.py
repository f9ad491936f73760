"""Products of functions of one coordinate of space each, with coefficients that move in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pinnsolve.fields.arrays import Array
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.lines import Line, Lines, columns_of, places_of, shapes_of
from pinnsolve.fields.motion import Motion
from pinnsolve.fields.separated import between
from pinnsolve.jets.indices import JetIndex, MultiIndex, members


@dataclass(frozen=True)
class Pieces:
    """How many points are evaluated at a time."""

    # So many times a block, at most: tables at its points are a hundred megabytes
    steps: int = 64


PIECES = Pieces()


@dataclass(frozen=True)
class MovingProducts:
    """So many functions of each coordinate of space, by name; those of `periodic` ones are
    harmonics, others polynomials. Products of them move with the coordinate `time`. `turns` are
    those after which harmonics come again, where that is not the side of the box. Made by `solve`.
    """

    counts: tuple[tuple[str, int], ...]
    periodic: tuple[str, ...]
    time: str
    turns: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        each = " x ".join(f"{count} of {name}" for name, count in self.counts)
        return f"products of {each}, moving with {self.time}"


@dataclass(frozen=True, eq=False)
class Products(Motion):
    """u_k = sum_ij.. q_kij..(t) phi_ki(x) psi_kj(y) .., for `lines` of each unknown along each
    coordinate of space; coordinate number `axis` is time.

    `times (m,)` and `states (3, m, columns)`: q of all unknowns, and its first two derivatives in
    time, at the steps; between them it is a quintic polynomial.
    """

    lines: Lines
    axis: int
    times: Tensor
    states: Tensor

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return len(self.lines)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """How many functions each unknown has along each coordinate of space."""
        return shapes_of(self.lines)

    @property
    def functions(self) -> int:
        """Products, of the unknown that has most of them."""
        return max(columns_of(self.lines))

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """Of every unknown, the places of its coefficients."""
        return places_of(self.lines)

    def state(self) -> dict[str, Tensor]:
        """The motion, and what makes the functions of every coordinate."""
        made = {
            f"lines.{k}.{i}": line.transform
            for k, own in enumerate(self.lines)
            for i, line in enumerate(own)
        }
        return {**made, "times": self.times, "states": self.states}

    def blocks(
        self, x: Array, normals: Array | None, derivatives: int
    ) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
        """Points `(n, dim)` in pieces, of which every step has a share that fits into caches: a
        step's states are read for a few points as for many.
        """
        each = sum(map(sum, self.shapes)) * derivatives // min(self.steps, PIECES.steps)
        return blocks(x, normals, max(each, 1), like=self.like)

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""
        t = x[:, self.axis].contiguous()
        step = (torch.searchsorted(self.times, t) - 1).clamp(0, len(self.times) - 2)
        wanted = sorted({m for index in indices for m in members(index)})
        ends = torch.stack([self.times[step], self.times[step + 1]])
        orders = sorted({m[self.axis] for m in wanted})
        weights = {order: between(ends, t, order) for order in orders}
        by_step = [(s, (step == s).nonzero()[:, 0]) for s in sorted(set(step.tolist()))]
        out = x.new_zeros(self.n_unknowns, len(indices), len(x))
        for lines in dict.fromkeys(self.lines):
            unknowns = [k for k, own in enumerate(self.lines) if own == lines]
            tables = self._tables(lines, x, wanted)
            for number, rows in by_step:
                held = self._held(unknowns, number)
                there = {order: weight[:, None, rows] for order, weight in weights.items()}
                found = self._within(held, [table[:, rows] for table in tables], there, wanted)
                each = [torch.stack([found[m] for m in members(i)]).sum(dim=0) for i in indices]
                for place, k in enumerate(unknowns):
                    out[k, :, rows] = torch.stack([values[place] for values in each])
        return out

    def _tables(
        self, lines: Sequence[Line], x: Tensor, wanted: Sequence[MultiIndex]
    ) -> list[Tensor]:
        """Of the functions of each coordinate of space, at points `(n, dim)`: `(orders + 1, n,
        N_i)`.
        """
        space = [i for i in range(x.shape[1]) if i != self.axis]
        pairs = zip(lines, space, strict=True)
        return [line.table(x[:, i], max(m[i] for m in wanted)) for line, i in pairs]

    def _held(self, unknowns: Sequence[int], step: int) -> Tensor:
        """Of unknowns that have the same functions, states at both ends of a step: `(6,
        len(unknowns), N_1, N_2, ..)`.
        """
        ends = [self.states[:, step : step + 2, self.places[k]].flatten(0, 1) for k in unknowns]
        return torch.stack(ends, dim=1).reshape(6, len(unknowns), *self.shapes[unknowns[0]])

    def _within(
        self,
        held: Tensor,
        tables: Sequence[Tensor],
        weights: Mapping[int, Tensor],
        wanted: Sequence[MultiIndex],
    ) -> dict[MultiIndex, Tensor]:
        """Derivatives of some unknowns, at points of one step: `(n_unknowns, n)` each."""
        parts: dict[MultiIndex, Tensor] = {}
        along_first: dict[int, Tensor] = {}
        found: dict[MultiIndex, Tensor] = {}
        for m in wanted:
            own = (*m[: self.axis], *m[self.axis + 1 :])
            if own not in parts:
                first, *others = (table[order] for table, order in zip(tables, own, strict=True))
                if own[0] not in along_first:
                    # A product of matrices along the first coordinate; points are rows from then on
                    along_first[own[0]] = first @ held.flatten(0, 1).flatten(2)
                moved = _contracted(along_first[own[0]], others)
                parts[own] = moved.reshape(*held.shape[:2], -1)
            found[m] = (weights[m[self.axis]] * parts[own]).sum(dim=0)
        return found


def _contracted(moved: Tensor, tables: Sequence[Tensor]) -> Tensor:
    """Sums of `moved (s, n, N_2 ..)` times the other functions' values, each `(n, N_i)`: `(s,
    n)`.
    """
    for table in tables:
        moved = moved.reshape(*moved.shape[:2], table.shape[1], -1)
        moved = torch.einsum("snjr,nj->snr", moved, table)
    return moved[..., 0]
