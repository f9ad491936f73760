"""Weighted residuals of a system's rows and their slopes, as functions of a network's parameters,
which are the module's, and of the coefficients, which are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.networks import ResidualBasis
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.space import Space
from pinnsolve.training.jacobian import slopes

Some = TypeVar("Some", bound="WeightedResiduals")


@dataclass(frozen=True, eq=False)
class WeightedResiduals:
    """r_i = w_k factor_i R_k(x_i) / |b| of the rows i of all conditions k, `(n_rows,)`.

    What is fixed: the weights w_k, `scales`, and |b|, the `norm` of the target at so many rows as
    were `given`. What is a value: the `points`; `on` others there is another value. What moves: the
    parameters of the space's basis, which is a module.
    """

    system: System
    space: Space
    points: tuple[Points, ...]
    scales: Sequence[float]
    norm: float
    given: int

    @property
    def basis(self) -> Basis:
        """The one that is trained."""
        return self.space.basis

    @cached_property
    def parameters(self) -> list[torch.nn.Parameter]:
        """What a training moves."""
        return self.basis.moved

    @property
    def linear(self) -> bool:
        """Whether all equations are linear in the unknowns."""
        return self.system.linear

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(len(p.x) for p in self.points)

    @property
    def size(self) -> float:
        """|b|, for as many rows as there are, so that losses stay as large at other points."""
        return self.norm * math.sqrt(self.rows / self.given)

    def on(self: Some, points: Sequence[Points] | None) -> Some:
        """The same at other points; as it is, where there are none."""
        same = points is None or points is self.points
        return self if same else replace(self, points=tuple(points or ()))

    def move(self, x: Tensor) -> None:
        """Put a flat vector of parameters `(n_parameters,)` into the basis."""
        vector_to_parameters(x.detach(), self.parameters)

    def variables(self) -> Tensor:
        """The parameters as they are, as a flat vector `(n_parameters,)`."""
        return parameters_to_vector(self.parameters).detach().clone()

    def weight(self, number: int) -> float:
        """Of a condition's rows, over |b|."""
        return self.scales[number] / self.size

    def misfit(self, coefficients: Tensor, points: Sequence[Points] | None = None) -> Tensor:
        """Weighted residuals of all rows over |b|, `(n_rows,)`, or at other points; differentiable
        in parameters and coefficients `(columns,)`.
        """
        parts = []
        for number, p in enumerate(points or self.points):
            x, normals = p.tensors(self.space.like)
            values = residual_of(self.system, self.space, number)(x, normals, coefficients)
            parts.append(row_factors(p, self.space.like) * (self.weight(number) * values))
        return torch.cat(parts)

    def slopes(self, coefficients: Tensor, room: int = 0) -> Tensor:
        """The misfit's slopes in the parameters, `(n_rows, n_parameters)`, with the coefficients
        frozen.

        With `room` for more columns behind them: the matrix is large, and copies cost as much as
        its entries.
        """
        parameters = self.parameters
        count, low = sum(p.numel() for p in parameters), 0
        matrix = self.space.like.new_empty(self.rows, count + room)
        # These blocks may take four times as much as others; but what is derived takes several
        # copies.
        numbers = max(1, count // 4, 2 * self.basis.size)
        for number, p in enumerate(self.points):
            for rows, x, normals in blocks(p.x, p.normals, numbers, 4096, self.space.like):
                weights = self.weight(number) * row_factors(p, self.space.like)[rows]
                residual = self.system.residuals[number]
                block = slopes(
                    self.space, parameters, residual, coefficients, x, normals, weights
                ).detach()
                matrix[low : low + len(block), :count] = block
                low += len(block)
        return matrix

    def matrix(self, coefficients: Tensor) -> Tensor:
        """The misfit's slopes in the coefficients, `(n_rows, n_columns)`."""
        matrix = assemble(self.system, self.points, self.space, coefficients, self.scales).matrix
        return tensor_of(matrix, self.space.like).div_(self.size)


def residual_of(
    system: System, space: Space, number: int
) -> Callable[[Tensor, Tensor | None, Tensor], Tensor]:
    """A condition's residual `(n,)` at points `(n, dim)`, normals or None, and coefficients."""
    residual = system.residuals[number]

    def values(x: Tensor, normals: Tensor | None, coefficients: Tensor) -> Tensor:
        u = space.values(residual, space.slots(residual, x), coefficients)
        return residual.value(x, normals, u)

    return values


def of_last_state(
    rows: WeightedResiduals,
    number: int,
    x: Tensor,
    normals: Tensor | None,
    coefficients: Tensor,
) -> Callable[[Tensor], Tensor] | None:
    """A condition's residual `(n,)` as a function of the last state `(rows, points, width)` of
    layers that are run in parallel; None, if they are not, or if it takes several states a row.
    """
    residual, basis = rows.system.residuals[number], rows.basis
    if [trace.count for trace in residual.traces] != [1] or not isinstance(basis, ResidualBasis):
        return None
    if not basis.propagate.parallel:
        return None

    def of_state(state: Tensor) -> Tensor:
        with torch.no_grad():
            phi = rows.space.slots(
                residual, x, lambda _, at, indices: basis.read(state, indices, at.shape[1])
            )
            return residual.value(x, normals, rows.space.values(residual, phi, coefficients))

    return of_state


def row_factors(p: Points, like: Tensor) -> Tensor:
    """Of single rows `(n,)`: ones, unless the points bring some along; like another tensor."""
    return like.new_ones(len(p.x)) if p.factors is None else tensor_of(p.factors, like)


def batch(
    points: Sequence[Points], n: int, generator: np.random.Generator
) -> tuple[tuple[Points, ...], float]:
    """About n rows, drawn from every condition in proportion, and the factor that makes their loss
    that of all.
    """
    total = sum(len(p.x) for p in points)
    some = []
    for p in points:
        # From every condition: a batch without a row of the boundary would have another minimum.
        count = min(len(p.x), max(1, round(n * len(p.x) / total)))
        some.append(p.taken(generator.choice(len(p.x), count, replace=False)))
    return tuple(some), total / sum(len(p.x) for p in some)
