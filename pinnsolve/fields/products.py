"""Products of functions of one coordinate of space each, with coefficients that move in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pinnsolve.fields.arrays import Array
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.lines import Lines, columns_of, places_of, shapes_of
from pinnsolve.fields.motion import Motion
from pinnsolve.fields.separated import between
from pinnsolve.jets.indices import JetIndex, MultiIndex, members


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
        """Points `(n, dim)` in pieces. At each only its own step is looked at: large ones are
        best.
        """
        return blocks(x, normals, sum(map(sum, self.shapes)) * derivatives, like=self.like)

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""
        step = (torch.searchsorted(self.times, x[:, self.axis].contiguous()) - 1).clamp(
            0, len(self.times) - 2
        )
        out = x.new_zeros(self.n_unknowns, len(indices), len(x))
        for number in sorted(set(step.tolist())):
            rows = (step == number).nonzero()[:, 0]
            for k in range(self.n_unknowns):
                out[k, :, rows] = self._within(k, number, x[rows], indices)
        return out

    def _within(self, k: int, step: int, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Of one unknown, at points of one step: `(n_indices, n)`."""
        ends = self.states[:, step : step + 2, self.places[k]]
        held = ends.reshape(6, *self.shapes[k])
        space = [i for i in range(x.shape[1]) if i != self.axis]
        wanted = sorted({m for index in indices for m in members(index)})
        tables = [
            line.table(x[:, i], max(m[i] for m in wanted))
            for line, i in zip(self.lines[k], space, strict=True)
        ]
        times, t = self.times[step : step + 2], x[:, self.axis]
        weights = {order: between(times, t, order) for order in {m[self.axis] for m in wanted}}
        parts: dict[MultiIndex, Tensor] = {}
        found: dict[MultiIndex, Tensor] = {}
        for m in wanted:
            own = tuple(m[i] for i in space)
            if own not in parts:
                parts[own] = _contracted(held, [t[o] for t, o in zip(tables, own, strict=True)])
            found[m] = (weights[m[self.axis]] * parts[own]).sum(dim=0)
        each = [torch.stack([found[m] for m in members(index)]).sum(dim=0) for index in indices]
        return torch.stack(each)


def _contracted(held: Tensor, tables: Sequence[Tensor]) -> Tensor:
    """Sums of `held (6, N_1, N_2, ..)` times the functions' values, each `(n, N_i)`: `(6, n)`."""
    first, *others = tables
    # A product of matrices along the first coordinate; points are rows from then on.
    moved = first @ held.flatten(2)
    for table in others:
        moved = moved.reshape(*moved.shape[:2], table.shape[1], -1)
        moved = torch.einsum("snjr,nj->snr", moved, table)
    return moved[..., 0]
