"""Where the homogeneous equations have solutions: do the data have any?

A pure Neumann problem whose load is not the flux through its boundary has none, nor has resonance
with a load that is not orthogonal to the mode. Least squares hides it: a huge multiple of a null
function, times its own small error, makes up for what is missing. Without multiples of null
functions the residual is what it is: that part of the data which lies in the null space of the
adjoint. Smooth loads, drawn at random, show that space: nothing else of them is left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import LeastSquaresProblem, assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.consistency import bare_faces, open_coordinates
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.building import fields_of_fewer
from pinnsolve.running.budget import Budget
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.null_functions import LIKENESS, NULLITY, Null, null_functions, values_of_each
from pinnsolve.search.null_space import RESONANCE, smooth_waves


@dataclass(frozen=True)
class Disproof:
    """When data are said to have no solution, and by which loads that is known."""

    # Of the data: less is missed by rounding them
    rounded_away: float = 1e-6
    # Times the median, beyond which a residual says more of the basis
    peak: float = 3.0
    # Times the waves in which null functions of several coordinates are seen
    more_waves: int = 2
    # Radians a side, of random loads
    wavenumber: float = 2.0


DISPROOF = Disproof()


def contradiction(system: System, seed: int, budget: Budget) -> float:
    """The part of a linear problem's data, relative, that no function satisfies; 0, if it is not
    known that there is any.

    Asked in waves that show null functions. Where they do not resolve the data, their residual is
    not that of smooth loads.
    """
    if not system.linear or open_coordinates(system) or bare_faces(system):
        return 0.0
    if fields_of_fewer(system.problem):
        return 0.0
    waves, width = smooth_waves(system)
    width *= DISPROOF.more_waves if len(system.domain.coordinates) > 1 else 1
    if width > RESONANCE.most_waves or budget.left() <= 0:
        return 0.0
    fitted = fit(system, waves(width), seed + 1)
    nulls = null_functions(system, fitted)
    if not 0 < len(nulls) < NULLITY.most:
        return 0.0
    space = fitted.expansion.space
    points = collocation_points(system, space, fitted.seed)
    problem = assemble(system, points, space)
    without = _orthogonal_to(system, fitted, nulls, len(problem.target))
    data = _left(problem, without, problem.target, points)
    missed = float(data.norm()) / (float(np.linalg.norm(problem.target)) or 1.0)
    if not missed > DISPROOF.rounded_away:
        return 0.0
    generator = np.random.default_rng(seed)
    # More loads than null functions, so that one that happens to be orthogonal loses nothing.
    loads = [
        _left(problem, without, _smooth(system, points, generator), points)
        for _ in range(len(nulls) + 1)
    ]
    # What smooth loads leave spans the null functions of the adjoint: data that no solution
    # satisfies leave the same (Fredholm's alternative).
    adjoint = torch.linalg.svd(torch.stack(loads, dim=1), full_matrices=False)[0][:, : len(nulls)]
    least = LIKENESS.correlation * float(data.norm())
    return missed if float((adjoint.T @ data).norm()) > least else 0.0


def _smooth(system: System, points: Sequence[Points], generator: np.random.Generator) -> Array:
    """A random load on the rows: one slow wave a condition."""
    low, sides = system.domain.bounds[:, 0], system.domain.extent
    parts = []
    for p in points:
        phases = (p.x - low) / sides @ generator.normal(size=len(sides)) * DISPROOF.wavenumber
        parts.append(generator.normal() * np.cos(phases + generator.uniform(0, 2 * np.pi)))
    return np.concatenate(parts)


def _orthogonal_to(system: System, fitted: Fit, nulls: Sequence[Null], rows: int) -> Array:
    """A row for each null function, of which a field holds none."""
    space = fitted.expansion.space
    v = values_of_each(system, space, fitted.seed)
    each = [
        torch.cat(
            [
                null.field.coefficients[own].to(DOUBLE) @ v_k.T @ v_k
                for v_k, own in zip(v, space.slices, strict=True)
            ]
        )
        for null in nulls
    ]
    more: Array = array_of(torch.stack(each))
    return more * math.sqrt(rows)


def _left(
    problem: LeastSquaresProblem, without: Array, target: Array, points: Sequence[Points]
) -> Tensor:
    """The residual on the rows that the best field without null functions leaves of a target,
    without peaks.

    Cut, by conditions, to a few times what is usual: near corners every basis leaves peaks of its
    own.
    """
    whole = np.column_stack(
        [np.vstack([problem.matrix, without]), np.pad(target, (0, len(without)))]
    )
    left = tensor_of(target - problem.matrix @ least_squares(np.asfortranarray(whole)).coefficients)
    parts = torch.split(left, [len(p.x) for p in points])
    usual = [DISPROOF.peak * float(part.abs().median()) for part in parts]
    return torch.cat([part.clamp(-most, most) for part, most in zip(parts, usual, strict=True)])
