"""Null functions of a fit: fields of its basis that satisfy all homogeneous equations, found and
confirmed.

A missing boundary condition, a pure Neumann problem or a Helmholtz equation at an eigenvalue leave
functions v, not small in the domain, for which every row of the least-squares matrix is nearly
zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.coefficients.least_squares import STREAMING
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.changes import of_each
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import Points, sample_region
from pinnsolve.discretize.streamed import Streamed
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.search.fit import Fit


@dataclass(frozen=True)
class Nullity:
    """What counts as a null function of a fit."""

    # Rows against values; well-posed problems of the catalogue have 1e-4 and more, null functions
    # below 1e-8
    candidate: float = 1e-6
    # A relative residual below which a field solves the homogeneous equations
    confirmed: float = 1e-4
    # Points a neuron on which candidates are confirmed; and the part of them that is asked first
    points: int = 4
    asked_first: int = 16
    # Of a root mean square of one, the mean square that has to be left on other points
    large: float = 0.1
    # Null functions that are counted
    most: int = 8


NULLITY = Nullity()


@dataclass(frozen=True)
class Likeness:
    """When residuals of two fits are one function: the equations' own, not those of bases."""

    # Points on which they are compared; and the fewest of one condition
    points: int = 1024
    fewest: int = 16
    # Their correlation; that of bases' residuals is below 0.9
    correlation: float = 0.95
    # The ratio of their sizes; those of bases fall by much more from width to width
    ratio: float = 0.3


LIKENESS = Likeness()


class Null(NamedTuple):
    """A null function, and its relative residual in the homogeneous equations."""

    field: Expansion
    left: float


def null_functions(system: System, fitted: Fit, below: float = NULLITY.confirmed) -> list[Null]:
    """All independent fields of the fit's basis that leave less than `below` of the homogeneous
    (linear) equations.
    """
    coefficients, fields = _candidates(system, fitted)
    return _confirmed(system, fitted, coefficients, fields, below) if coefficients.shape[1] else []


def _candidates(system: System, fitted: Fit) -> tuple[Tensor, Tensor]:
    """Coefficients of fields whose rows are small, and their values at points, a column each.

    The ratios |A c| / |V c|, V the basis on points of the domain, are the inverse singular values
    of V R^-1, with the factor R that the solve left behind; a few steps of subspace iteration find
    the extreme ones, which lie far apart. In float64 on the CPU, like the factor.
    """
    space, solved = fitted.expansion.space, fitted.solved
    v, r = values_of_each(system, space, fitted.seed), solved.factor
    norms, n = solved.norms[:, None], r.columns
    c = torch.randn(
        n, min(NULLITY.most, n), generator=torch.Generator().manual_seed(0), dtype=DOUBLE.dtype
    )
    for _ in range(4):  # V is a block for each unknown
        c = solved.rows**0.5 * r.backward(torch.linalg.qr(c).Q)
        found_c, scaled = c, c / norms
        parts = [v_k @ scaled[own] for v_k, own in zip(v, space.slices, strict=True)]
        back = torch.cat([v_k.T @ part for v_k, part in zip(v, parts, strict=True)])
        c = r.forward(back / norms)
    field = torch.cat(parts)
    gains, mixing = torch.linalg.svd(field, full_matrices=False)[1:]
    small = mixing[gains * NULLITY.candidate > 1].T
    return found_c @ small / solved.norms[:, None], field @ small


def values_of_each(system: System, space: Space, seed: int) -> list[Tensor]:
    """For each unknown its functions on points of where it lives, `(n, size)`, over the root of
    their number.
    """
    by_unknown: dict[int, Tensor] = {}
    for block, unknowns in space.groups:
        points = sample_region(block.region or system.domain, 2 * block.size, seed).x
        by_unknown |= dict.fromkeys(
            unknowns, block.values(points).to(DOUBLE).div_(len(points) ** 0.5)
        )
    return [by_unknown[k] for k in range(space.n_unknowns)]


def _confirmed(
    system: System, fitted: Fit, coefficients: Tensor, fields: Tensor, below: float
) -> list[Null]:
    """The candidates that solve the homogeneous equations on fresh points, judged by their own
    terms.

    Small rows alone do not prove a null function: those of a slowly varying one are small in an
    operator of high order, and the rows may have overlooked a neuron.
    """
    space = fitted.expansion.space
    rows = _applied(system, collocation_points(system, space, fitted.seed + 1), space, coefficients)
    factor = torch.linalg.qr(fields).R
    combinations = torch.linalg.svd(
        torch.linalg.solve_triangular(factor, rows, upper=True, left=False)
    )[2].T
    independent = coefficients @ torch.linalg.solve_triangular(factor, combinations, upper=True)
    fields_found = [Expansion(space, c.to(space.like)) for c in independent.T]
    nulls = [
        Null(field, _homogeneous_residual(system, fitted, field, below)) for field in fields_found
    ]
    return [null for null in nulls if null.left < below]


def _applied(
    system: System, points: Sequence[Points], space: Space, coefficients: Tensor
) -> Tensor:
    """The rows of the homogeneous equations, times coefficients `(columns, k)`."""
    if space.columns <= STREAMING.columns:
        return tensor_of(assemble(system, points, space).matrix) @ coefficients
    rows = Streamed.of(system, points, space)
    own = rows.norms[:, None] * coefficients
    return torch.cat([block[:, :-1] @ own for block in rows.blocks()])


def _homogeneous_residual(system: System, fitted: Fit, field: Expansion, below: float) -> float:
    """The largest relative residual of a field whose root mean square was 1 on some points, if it
    is as large on others.

    Infinite, if not. Few points refuse most; many are asked of the rest.
    """
    left = np.inf
    x = sample_region(system.domain, NULLITY.points * field.functions, fitted.seed + 3).x
    # Most candidates are refused by the few points, at a sixteenth of the cost.
    for n in (len(x) // NULLITY.asked_first, len(x)):
        values, where = field.values(x[:n]), field.support(x[:n])
        if float(of_each(values, where, lambda v: v.square().mean(dim=-1)).sum()) < NULLITY.large:
            return np.inf
        left = max(relative_residuals(system, field, fitted.seed + 2, n, source=0.0))
        if not left < below:
            return np.inf
    return left


def stay(
    system: System, before: tuple[Fit, Sequence[Null]], after: tuple[Fit, Sequence[Null]]
) -> list[bool]:
    """Which null functions of another, richer fit leave the very residual that those before leave.

    That is no null function, however small it is, but the singular vector of an ill-conditioned
    problem: its residual is the equations' own. What a null function leaves is its basis' error, or
    round-off, and other in every draw.
    """
    points = drawn(system, LIKENESS.points, after[0].seed)
    x = sample_region(system.domain, LIKENESS.points, after[0].seed).x
    values, residuals = [], []
    for fitted, nulls in (before, after):
        rows = assemble(system, points, fitted.expansion.space, row_scales=[1.0] * len(points))
        each = torch.stack([null.field.values(x).flatten() for null in nulls], dim=1)
        values.append(each.to(DOUBLE))
        columns = torch.stack([null.field.coefficients for null in nulls], dim=1).to(DOUBLE)
        residuals.append(tensor_of(rows.matrix) @ columns)
    expected = residuals[0] @ torch.linalg.lstsq(*values).solution
    return [
        alike(*pair, points, LIKENESS.ratio)
        for pair in zip(expected.T, residuals[1].T, strict=True)
    ]


def alike(a: Tensor, b: Tensor, points: Sequence[Points], similar: float) -> bool:
    """Whether two residuals `(n_rows,)` on the same points are one function, condition by
    condition, but for their sizes and a little.

    How a least residual is shared among conditions, each basis decides by its rows' weights. Those
    at single points, which are alike by chance, are not asked.
    """
    sizes = [len(p.x) for p in points]
    pairs = [
        pair
        for pair in zip(torch.split(a, sizes), torch.split(b, sizes), strict=True)
        if len(pair[0]) >= LIKENESS.fewest
    ]
    agree = sum(float(first @ second) for first, second in pairs)
    small, large = sorted((float(a.norm()), float(b.norm())))
    both = sum(float(first.norm() * second.norm()) for first, second in pairs)
    return agree > LIKENESS.correlation * both > 0 and small > similar * large
