"""Is the solution unique? Functions that satisfy all homogeneous equations, counted.

A missing boundary condition, a pure Neumann problem or a Helmholtz equation at an eigenvalue leave functions v, not
small in the domain, for which every row of the least-squares matrix is nearly zero.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.indices import order_of
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum
from pinnsolve.compile.system import System
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.sample.points import fills_domain, sample_region
from pinnsolve.train.assemble import assemble
from pinnsolve.train.budget import FOREVER, Budget
from pinnsolve.train.collocate import collocation_points
from pinnsolve.train.conditions import open_coordinates
from pinnsolve.train.evolution.form import evolution_form
from pinnsolve.train.fit import Fit, fit
from pinnsolve.train.linearize import linearized
from pinnsolve.train.measure import of_each, relative_residuals
from pinnsolve.train.scales import natural_wavenumbers

SMALL = 1e-6  # rows against values; well-posed problems of the catalogue have 1e-4 and more, null functions below 1e-8
PROBE = 1200  # waves spent on a resonance at most
OPEN_SCALE, OPEN_WIDTH = 6.0, 400  # radians a side, and waves, where a coordinate has no data at its ends
DENSE, SPARSE = 4, 16  # points a neuron on which candidates are confirmed; and the part of them that is asked first
CONFIRMED = 1e-4  # a relative residual below which a field solves the homogeneous equations
STAYS = 0.1  # a relative change of a null function's residual, in a richer basis, that is none
EXACT = 1e-8  # such a residual, which round-off may keep as it is
RICHER_TRIES, LARGE = 4, 800  # how often a basis is doubled, at most; and functions, beyond which it is no more
PROBED = 64.0  # times the seconds of a quarter of the waves, that all of them take at most
BLOCK = 8  # null functions that are counted at most


def vanishing_order(system: System, space: Space) -> int:
    """The order of derivatives that an equation of the domain holds and that no function of the space has; 0 if there is none.

    Piecewise linear functions have no second derivatives, wherever they are asked for.
    """
    for residual in system.residuals:
        orders = [order_of(slot.index) for slot in residual.slots]
        if fills_domain(residual.condition.region) and max(orders, default=0):
            x = torch.from_numpy(sample_region(residual.condition.region, BLOCK * BLOCK, 0).x)
            with torch.no_grad():
                functions = space.slots(residual, x)
            highest = [f for f, order in zip(functions, orders, strict=True) if order == max(orders)]
            if not any(bool(f.any()) for f in highest):
                return max(orders)
    return 0


def null_space_dimension(system: System, found: Fit, budget: Budget = FOREVER) -> int:
    """How many independent fields of the basis have rows below `SMALL` times their values (at most `BLOCK`).

    The ratios |A c| / |V c|, V the basis on points of the domain, are the inverse singular values of V R^-1, with the factor
    R that the solve left behind; a few steps of subspace iteration find the extreme ones, which lie far apart.
    Of a nonlinear system, the tangent at the solution is asked.
    A null function that the basis does not resolve is not seen; candidates are confirmed on fresh rows, and where they are
    few in a richer basis, if the `budget` allows it: rows of a null function shrink there, those of an ill-conditioned
    problem stay as small as they are. Where Newton's method has not converged, there is no tangent worth asking: 0; and a
    system of ordinary differential equations with initial values has no null functions, however its solutions grow.
    """
    if found.stopped == "not converged" or _begins(system):
        return 0
    tangent = linearized(system, found.field)
    left = _null_residuals(tangent, found)
    if len(left) != 1 or open_coordinates(system):  # an ill-conditioned problem is so in one direction
        return len(left)
    for _ in range(RICHER_TRIES):
        if left[0] < EXACT or not budget.allows(2 * len(found.solved.norms), 8 * found.seconds):
            break
        found = fit(tangent, _doubled(found), found.seed)
        richer = _null_residuals(tangent, found)
        if not richer or abs(min(richer) - left[0]) < STAYS * left[0]:
            return 0
        if len(richer) > 1 or found.basis.size > LARGE:
            break
        left = richer
    return len(left)


def _begins(system: System) -> bool:
    return len(system.domain.coordinates) == 1 and evolution_form(system) is not None


def _doubled(found: Fit) -> Declaration:
    """Twice as many functions of the same kinds."""
    parts = found.declared.parts if isinstance(found.declared, Sum) else (found.declared,)
    return Sum((*parts, *parts))


def _null_residuals(system: System, found: Fit) -> list[float]:
    """What all fields that are confirmed to be null functions leave of the homogeneous equations."""
    coefficients, fields = _candidates(system, found)
    return _confirmed(system, found, coefficients, fields) if coefficients.shape[1] else []


def _candidates(system: System, found: Fit) -> tuple[Tensor, Tensor]:
    """Coefficients of fields whose rows are small, and their values at points, a column each."""
    space, solved = found.expansion.space, found.solved
    v, r = _values_of_each(system, space, found.seed), solved.factor
    norms = solved.norms[:, None]
    n = r.columns
    c = torch.randn(n, min(BLOCK, n), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for _ in range(4):  # the unknowns share their functions: V is a block for each of them
        c = solved.rows**0.5 * r.backward(torch.linalg.qr(c).Q)
        found_c, scaled = c, c / norms
        field = torch.cat([v_k @ scaled[own] for v_k, own in zip(v, space.slices, strict=True)])
        parts = torch.split(field, [len(v_k) for v_k in v])
        back = torch.cat([v_k.T @ part for v_k, part in zip(v, parts, strict=True)])
        c = r.forward(back / norms)
    gains, mixing = torch.linalg.svd(field, full_matrices=False)[1:]
    small = mixing[gains * SMALL > 1].T
    return found_c @ small / solved.norms[:, None], field @ small


def _values_of_each(system: System, space: Space, seed: int) -> list[Tensor]:
    """For each unknown its functions on points of where it lives, `(n, size)`, over the root of their number."""
    found: dict[int, Tensor] = {}
    for block, unknowns in space.groups:
        points = sample_region(block.region or system.domain, 2 * block.size, seed).x
        found |= dict.fromkeys(unknowns, block.values(points).div_(len(points) ** 0.5))
    return [found[k] for k in range(space.n_unknowns)]


def _confirmed(system: System, found: Fit, coefficients: Tensor, fields: Tensor) -> list[float]:
    """The residuals of the candidates that solve the homogeneous equations on fresh points, judged by their own terms.

    Small rows alone do not prove a null function: those of a slowly varying one are small in an operator of high order,
    and the rows may have overlooked a neuron.
    """
    space = found.expansion.space
    fresh = assemble(system, collocation_points(system, space, found.seed + 1), space)
    rows = torch.from_numpy(fresh.matrix) @ coefficients
    factor = torch.linalg.qr(fields).R
    combinations = torch.linalg.svd(torch.linalg.solve_triangular(factor, rows, upper=True, left=False))[2].T
    independent = coefficients @ torch.linalg.solve_triangular(factor, combinations, upper=True)
    left = [_homogeneous_residual(system, found, Expansion(space, c)) for c in independent.T]
    return [r for r in left if r < CONFIRMED]


def _homogeneous_residual(system: System, found: Fit, field: Expansion) -> float:
    """The largest relative residual of a field whose root mean square was 1 on some points, if it is as large on others.

    Infinite, if not. Few points refuse most; many are asked of the rest.
    """
    left = np.inf
    x = sample_region(system.domain, DENSE * field.functions, found.seed + 3).x
    for n in (len(x) // SPARSE, len(x)):
        values, where = field.values(x[:n]), field.support(x[:n])
        if float(of_each(values, where, lambda v: v.square().mean(dim=-1)).sum()) < 0.1:
            return np.inf
        left = max(relative_residuals(system, field, found.seed + 2, n, source=0.0))
        if not left < CONFIRMED:
            return np.inf
    return left


def resonance(system: System, seed: int, budget: Budget = FOREVER) -> int:
    """Null space in a basis of waves that is rich enough to see it: Helmholtz's equation at an eigenvalue, missing data.

    The basis that solves the problem need not resolve its null functions (the smoothest of many solutions may be found
    first). Waves at the equations' natural wavenumber, or of `OPEN_SCALE` where nothing is prescribed at either end of
    a coordinate. Not looked for, and 0, where there is neither, where more than `PROBE` waves would be needed, or where the
    budget has no time for it.
    """
    undetermined = bool(open_coordinates(system))
    scales = np.maximum(natural_wavenumbers(system), OPEN_SCALE if undetermined else 0.0)
    width = int(np.ceil(8 * np.prod(1 + scales / np.pi)))
    if scales.max() < np.pi or width > PROBE:
        return 0
    by_name = {c.name: 0.7 * float(s) for c, s in zip(system.domain.coordinates, scales, strict=True)}
    waves = Dense(max(width, OPEN_WIDTH if undetermined else 100), 1, "sin", Waves(by_name))
    if not _affords(system, waves, seed, budget):
        return 0
    return null_space_dimension(system, fit(system, waves, seed, budget=budget), budget)


def _affords(system: System, waves: Dense, seed: int, budget: Budget) -> bool:
    """Whether a fit in these waves is allowed, and done before the seconds are used: one of a quarter of them tells."""
    if waves.width * system.n_unknowns > budget.widest():
        return False
    if not math.isfinite(budget.seconds) or budget.left() <= 0:
        return budget.left() > 0
    tried = fit(system, replace(waves, width=-(-waves.width // 4)), seed, budget=budget)
    return budget.left() > PROBED * tried.seconds
