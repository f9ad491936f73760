"""Null functions of a fit: fields of its basis that satisfy all homogeneous equations, found and confirmed.

A missing boundary condition, a pure Neumann problem or a Helmholtz equation at an eigenvalue leave functions v, not
small in the domain, for which every row of the least-squares matrix is nearly zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.sample.points import Points, sample_region
from pinnsolve.train.assemble import assemble
from pinnsolve.train.collocate import collocation_points
from pinnsolve.train.draw import drawn
from pinnsolve.train.fit import Fit
from pinnsolve.train.measure import relative_residuals, values_at, values_of

SMALL = 1e-6  # rows against values; well-posed problems of the catalogue have 1e-4 and more, null functions below 1e-8
DENSE, SPARSE = 4, 16  # points a neuron on which candidates are confirmed; and the part of them that is asked first
CONFIRMED = 1e-4  # a relative residual below which a field solves the homogeneous equations
BLOCK = 8  # null functions that are counted at most
COMPARED, ASKED = 1024, 16  # points on which residuals of two draws are compared; and the fewest of one condition
ALIKE = 0.95  # the correlation of two residuals that are the equations' own: those of bases are below 0.9
SIMILAR = 0.3  # the ratio of their sizes; those of bases fall by much more from width to width


class Null(NamedTuple):
    """Coefficients `(n_unknowns, size)` of a null function, and its relative residual in the homogeneous equations."""

    coefficients: Tensor
    left: float


def null_functions(system: System, found: Fit, below: float = CONFIRMED) -> list[Null]:
    """All independent fields of the fit's basis that leave less than `below` of the homogeneous (linear) equations."""
    coefficients, fields = _candidates(system, found)
    return _confirmed(system, found, coefficients, fields, below) if coefficients.shape[1] else []


def _candidates(system: System, found: Fit) -> tuple[Tensor, Tensor]:
    """Coefficients of fields whose rows are small, and their values at points, a column each.

    The ratios |A c| / |V c|, V the basis on points of the domain, are the inverse singular values of V R^-1, with the factor
    R that the solve left behind; a few steps of subspace iteration find the extreme ones, which lie far apart.
    """
    basis, solved = found.basis, found.solved
    points = sample_region(system.domain, 2 * basis.size, found.seed).x
    v, r = values_of(basis, points).div_(len(points) ** 0.5), solved.factor
    norms = solved.norms.reshape(system.n_unknowns, basis.size, 1)
    n = len(r)
    c = torch.randn(n, min(BLOCK, n), generator=torch.Generator().manual_seed(0), dtype=v.dtype)
    for _ in range(4):  # the unknowns share their functions: V is a block for each of them
        c = solved.rows**0.5 * torch.linalg.solve_triangular(r, torch.linalg.qr(c).Q, upper=True)
        found_c, field = c, v @ (c.reshape(system.n_unknowns, basis.size, -1) / norms)
        c = torch.linalg.solve_triangular(r.T, (v.T @ field / norms).reshape(c.shape), upper=False)
    field = field.flatten(0, 1)
    gains, mixing = torch.linalg.svd(field, full_matrices=False)[1:]
    small = mixing[gains * SMALL > 1].T
    return found_c @ small / solved.norms[:, None], field @ small


def _confirmed(system: System, found: Fit, coefficients: Tensor, fields: Tensor, below: float) -> list[Null]:
    """The candidates that solve the homogeneous equations on fresh points, judged by their own terms.

    Small rows alone do not prove a null function: those of a slowly varying one are small in an operator of high order,
    and the rows may have overlooked a neuron.
    """
    fresh = assemble(system, collocation_points(system, found.basis, found.seed + 1), found.basis)
    rows = torch.from_numpy(fresh.matrix) @ coefficients
    factor = torch.linalg.qr(fields).R
    combinations = torch.linalg.svd(torch.linalg.solve_triangular(factor, rows, upper=True, left=False))[2].T
    independent = coefficients @ torch.linalg.solve_triangular(factor, combinations, upper=True)
    each = [c.reshape(system.n_unknowns, found.basis.size) for c in independent.T]
    nulls = [Null(c, _homogeneous_residual(system, found, c, below)) for c in each]
    return [null for null in nulls if null.left < below]


def _homogeneous_residual(system: System, found: Fit, coefficients: Tensor, below: float) -> float:
    """The largest relative residual of a field whose root mean square was 1 on some points, if it is as large on others.

    Infinite, if not. Few points refuse most; many are asked of the rest.
    """
    left = np.inf
    x = sample_region(system.domain, DENSE * found.basis.size, found.seed + 3).x
    for n in (len(x) // SPARSE, len(x)):
        values = values_at(found.basis, coefficients, x[:n])
        if float(values.square().sum() / max(n, 1)) < 0.1:
            return np.inf
        left = max(relative_residuals(system, found.basis, coefficients, found.seed + 2, n, source=0.0))
        if not left < below:
            return np.inf
    return left


def stay(system: System, before: tuple[Fit, Sequence[Null]], after: tuple[Fit, Sequence[Null]]) -> list[bool]:
    """Which null functions of another, richer fit leave the very residual that those before leave.

    That is no null function, however small it is, but the singular vector of an ill-conditioned problem: its residual is
    the equations' own. What a null function leaves is its basis' error, or round-off, and other in every draw.
    """
    points, x = drawn(system, COMPARED, after[0].seed), sample_region(system.domain, COMPARED, after[0].seed).x
    values, residuals = [], []
    for found, nulls in (before, after):
        matrix = torch.from_numpy(assemble(system, points, found.basis, row_scales=[1.0] * len(points)).matrix)
        values.append(torch.stack([values_at(found.basis, n.coefficients, x).flatten() for n in nulls], dim=1))
        residuals.append(matrix @ torch.stack([n.coefficients.flatten() for n in nulls], dim=1))
    expected = residuals[0] @ torch.linalg.lstsq(*values).solution
    return [alike(*pair, points, SIMILAR) for pair in zip(expected.T, residuals[1].T, strict=True)]


def alike(a: Tensor, b: Tensor, points: Sequence[Points], similar: float) -> bool:
    """Whether two residuals on the same points are one function, condition by condition, but for their sizes and a little.

    How a least residual is shared among conditions, each basis decides by its rows' weights. Those at single points, which
    are alike by chance, are not asked.
    """
    sizes = [len(p.x) for p in points]
    pairs = [pair for pair in zip(torch.split(a, sizes), torch.split(b, sizes), strict=True) if len(pair[0]) >= ASKED]
    agree = sum(float(first @ second) for first, second in pairs)
    small, large = sorted((float(a.norm()), float(b.norm())))
    both = sum(float(first.norm() * second.norm()) for first, second in pairs)
    return agree > ALIKE * both > 0 and small > similar * large
