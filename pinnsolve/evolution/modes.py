"""Modes of a linear evolution whose coefficients do not move in time: the matrix of all products is
taken apart once, and every mode is a number's motion from then on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import System
from pinnsolve.discretize.recognize import Form, Law, order_along
from pinnsolve.evolution.products import (
    GRIDS,
    Equations,
    Force,
    Grid,
    counts,
    grid_of,
    slopes_at,
)
from pinnsolve.evolution.rates import linear_of, own_orders
from pinnsolve.fields.lines import Lines, columns_of


@dataclass(frozen=True)
class Stiffness:
    """When a matrix counts as symmetric, or as one that has eigenvectors."""

    # Of its size
    symmetric: float = 1e-7
    # Condition of the eigenvectors, above which digits are lost
    condition: float = 1e8
    # Products, at most, of which a matrix is taken apart: a minute, and a gigabyte
    products: int = 2600


STIFFNESS = Stiffness()


@dataclass(frozen=True, eq=False)
class Modes:
    """q = vectors z and z = inverse q, with z'' or z' = values z + into f of forces f: `(n,)`, and
    `(n, n)` each.
    """

    values: Tensor
    vectors: Tensor
    inverse: Tensor
    into: Tensor


def modes_of(system: System, form: Form, lines: Lines) -> tuple[Equations, Modes] | None:
    """The equations, of which data alone are forces, and their modes; None, where they are not
    linear, or move in time, have no eigenvectors, or are too many.
    """
    columns = columns_of(lines)
    linear = [linear_of(system, form, law) for law in form.laws]
    if not all(each.steady for each in linear) or sum(columns) > STIFFNESS.products:
        return None
    damping = []
    for law, each in zip(form.laws, linear, strict=True):
        known = _damping(form, law, each.constant)
        if known is None:
            return None
        damping.append(known)
    if len(set(damping)) > 1:
        return None
    fine = fine_grid(system, form, lines)
    weights, matrix, mass = _nearly_symmetric(form, lines, fine)
    modes = _apart(matrix, mass)
    if modes is None:
        return None
    grid = grid_of(system, form, lines, [2 * n for n in counts(lines)])
    x = grid.at(form.start)
    forces = []
    for law in form.laws:
        u = x.new_ones(len(law.residual.slots), len(x))
        slopes = slopes_at(law, x, u)
        forces.append(Force(law, (), slopes[law.top] / _weight(form, law, slopes, weights)))
    nothing = DOUBLE.new_zeros(sum(columns))
    equations = Equations(form, lines, grid, tuple(forces), nothing, nothing + damping[0])
    return equations, modes


def fine_grid(system: System, form: Form, lines: Lines) -> Grid:
    """A grid for what is done once."""
    each = math.ceil(GRIDS.once ** (1 / len(lines[0])))
    return grid_of(system, form, lines, [max(each, 2 * n) for n in counts(lines)])


def _damping(form: Form, law: Law, constant: dict[int, float]) -> float | None:
    """The factor of the velocity, in an equation of second order; None, where it is no number."""
    total = 0.0
    for number, slot in enumerate(law.residual.slots):
        if number == law.top or not order_along(slot.index, form.axis):
            continue
        plain = slot.unknown == law.unknown and not any(map(sum, own_orders(slot, form.axis)))
        if number not in constant or not plain:
            return None
        total += constant[number]
    return total


def _weight(form: Form, law: Law, slopes: Tensor, power: int) -> Tensor:
    """By which a law is multiplied, `(n,)`: one, or what makes its highest derivatives' slopes in
    space one.
    """
    one = torch.ones_like(slopes[0])
    space = [max(map(sum, own_orders(s, form.axis))) for s in law.residual.slots]
    highest = [slopes[i].abs() for i, n in enumerate(space) if i != law.top and 0 < n == max(space)]
    if not power or not highest or not bool((highest[0] > 0).all()):
        return one
    return 1 / highest[0]


def _nearly_symmetric(form: Form, lines: Lines, grid: Grid) -> tuple[int, Tensor, Tensor]:
    """Matrix and mass, `(n, n)` each, with the weight that makes the matrix more symmetric: that of
    an energy, which waves shall keep.
    """
    found = []
    for power in (0, 1):
        matrix, mass = _matrices(form, lines, grid, power)
        found.append((float((matrix - matrix.T).norm() / matrix.norm()), power, matrix, mass))
        if found[-1][0] <= STIFFNESS.symmetric:
            break
    _, power, matrix, mass = min(found, key=lambda each: each[:2])
    return power, matrix, mass


def _matrices(form: Form, lines: Lines, grid: Grid, power: int) -> tuple[Tensor, Tensor]:
    columns = columns_of(lines)
    rows = []
    masses = []
    x = grid.at(form.start)
    for law in form.laws:
        u = x.new_ones(len(law.residual.slots), len(x))
        slopes = slopes_at(law, x, u)
        weight = _weight(form, law, slopes, power)
        row = [DOUBLE.new_zeros(columns[law.unknown], n) for n in columns]
        for number, slot in enumerate(law.residual.slots):
            if number == law.top or order_along(slot.index, form.axis):
                continue
            for own in own_orders(slot, form.axis):
                coefficient = weight * slopes[number]
                row[slot.unknown] += _between(grid, law.unknown, slot.unknown, own, coefficient)
        rows.append(torch.cat(row, dim=1))
        flat = (0,) * len(grid.shape)
        masses.append(_between(grid, law.unknown, law.unknown, flat, weight))
    return torch.cat(rows), torch.block_diag(*masses)  # type: ignore[no-untyped-call]


def _between(grid: Grid, k: int, other: int, own: Sequence[int], coefficient: Tensor) -> Tensor:
    """Means of a coefficient `(n,)` times functions of unknown k, times derivatives of those of
    another: `(columns, columns)`.
    """
    held, sizes = coefficient.reshape(grid.shape), []
    for i, order in enumerate(own):
        # Of each coordinate, functions times functions, summed along it.
        rows, table = grid.projections[k][i], grid.tables[other][i][order]
        pairs = torch.einsum("am,mb->abm", rows, table)
        held = torch.tensordot(held, pairs.flatten(0, 1), dims=([0], [1]))
        sizes += [len(rows), table.shape[1]]
    dim = len(own)
    held = held.reshape(sizes).permute(*range(0, 2 * dim, 2), *range(1, 2 * dim, 2))
    count = math.prod(sizes[0::2])
    return held.reshape(count, -1).contiguous()


def _apart(matrix: Tensor, mass: Tensor) -> Modes | None:
    """Eigenvectors: orthonormal in the mass, where the matrix is symmetric. None, where there are
    none, or numbers are not finite.
    """
    if not bool(matrix.isfinite().all() and mass.isfinite().all()):
        return None
    asymmetry = float((matrix - matrix.T).norm() / matrix.norm().clamp(min=1e-300))
    if asymmetry <= STIFFNESS.symmetric:
        lower = torch.linalg.cholesky((mass + mass.T) / 2)
        half = torch.linalg.solve_triangular(lower, (matrix + matrix.T) / 2, upper=False)
        whole = torch.linalg.solve_triangular(lower, half.T.contiguous(), upper=False)
        values, vectors = torch.linalg.eigh((whole + whole.T) / 2)
        vectors = torch.linalg.solve_triangular(lower.T, vectors, upper=True)
        return Modes(values, vectors, vectors.T @ mass, vectors.T.contiguous())
    values, vectors = torch.linalg.eig(torch.linalg.solve(mass, matrix))
    inverse = torch.linalg.inv(vectors)
    condition = float(vectors.norm() * inverse.norm()) / len(values)
    if not condition < STIFFNESS.condition:
        return None
    into = torch.linalg.solve(mass.T.to(vectors.dtype), inverse.mT, left=True).mT
    return Modes(values, vectors, inverse, into)
