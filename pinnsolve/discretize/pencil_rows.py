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
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.expansion import Expansion
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
        pencil, system = pencil.real, compile_problem(pencil.at(about))
        powers = tuple(
            tuple(None if c is None else compile_condition(c, system.problem) for c in conditions)
            for conditions in pencil.powers(about)
        )
        return cls(system, powers)

    def rows(self, points: Sequence[Points], space: Space) -> tuple[Array, list[Array]]:
        """Of all conditions: the matrix at the number, `(n, columns)`, and those of each power; of
        complex unknowns, complex ones of half as many columns.
        """
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
        return self._folded(whole.matrix, space), [self._folded(p, space) for p in powers]

    def _folded(self, rows: Array, space: Space) -> Array:
        """Of the parts a and b of complex unknowns, what rows have of a + i b for b = - i a: then
        a - i b, for which they hold as well, is zero.
        """
        if not self.system.pairs:
            return rows
        real, imaginary = self._parts(space)
        return rows[:, real] - 1j * rows[:, imaginary]

    def _parts(self, space: Space) -> tuple[Array, Array]:
        """The numbers of the columns of real, and of imaginary parts, `(n,)` each."""
        every = np.arange(space.columns)
        parts = zip(*((a, b) for _, a, b in self.system.pairs), strict=True)
        real, imaginary = (np.concatenate([every[space.slices[k]] for k in part]) for part in parts)
        return real, imaginary

    def whole(self, values: Array) -> Array:
        """Values of unknowns `(n_unknowns, n)`, of complex ones as complex numbers."""
        pairs = [values[a] + 1j * values[b] for _, a, b in self.system.pairs]
        return np.stack(pairs) if pairs else values

    def field(self, space: Space, coefficients: Array) -> Expansion:
        """A field by its coefficients `(columns,)`, or by complex ones of complex unknowns."""
        if self.system.pairs:
            whole = np.zeros(space.columns)
            for columns, part in zip(
                self._parts(space), (coefficients.real, coefficients.imag), strict=True
            ):
                whole[columns] = part
            coefficients = whole
        return Expansion(space, tensor_of(np.ascontiguousarray(coefficients)))


def _columns(residual: Residual, p: Points, space: Space) -> Iterator[tuple[slice, Array]]:
    with torch.no_grad():
        for rows, parts, _ in pieces(residual, p, space):
            whole = space.like.new_zeros(rows.stop - rows.start, space.columns)
            for unknown, part in parts.items():
                whole[:, space.slices[unknown]] = part
            yield rows, array_of(whole)
