"""Rows of a problem with an eigenvalue: a matrix for each power of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from pinnsolve.compile.system import Residual, System, compile_condition, compile_problem
from pinnsolve.declare.pencil import Pencil
from pinnsolve.discretize.assemble import assemble, pieces
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.space import Space


@dataclass(frozen=True, eq=False)
class CompiledPencil:
    """A pencil about a number: the system there, and what its conditions are to each power of the
    distance from it; None, where one has nothing of it.
    """

    system: System
    powers: tuple[tuple[Residual | None, ...], ...]

    @classmethod
    def of(cls, pencil: Pencil, about: float) -> CompiledPencil:
        """Compiled once, for all draws."""
        system = compile_problem(pencil.at(about))
        powers = tuple(
            tuple(None if c is None else compile_condition(c, system.problem) for c in conditions)
            for conditions in pencil.powers(about)
        )
        return cls(system, powers)

    def rows(self, points: Sequence[Points], space: Space) -> tuple[Array, list[Array]]:
        """Of all conditions: the matrix at the number, `(n, columns)`, and those of each power."""
        whole = assemble(self.system, points, space)
        powers = []
        for residuals in self.powers:
            rows = np.zeros_like(whole.matrix)
            for k, residual in enumerate(residuals):
                if residual is not None:
                    own = rows[whole.slices[k]]
                    for part, columns in _columns(residual, points[k], space):
                        own[part] = columns
                    factors = points[k].factors
                    own *= whole.row_scales[k] * (1.0 if factors is None else factors[:, None])
            powers.append(rows)
        return whole.matrix, powers


def _columns(residual: Residual, p: Points, space: Space) -> Iterator[tuple[slice, Array]]:
    with torch.no_grad():
        for rows, parts, _ in pieces(residual, p, space):
            whole = space.like.new_zeros(rows.stop - rows.start, space.columns)
            for unknown, part in parts.items():
                whole[:, space.slices[unknown]] = part
            yield rows, array_of(whole)
