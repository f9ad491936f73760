"""Is the solution unique? Functions that satisfy all homogeneous equations, counted; those that
nearly do, told apart.

Near an eigenvalue, or where a layer's exponential stands between the data and the solution, a
function satisfies the homogeneous equations up to a small, but real residual: the solution is
unique, and depends on data with as many digits lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum, summands
from pinnsolve.compile.system import System
from pinnsolve.discretize.consistency import open_coordinates
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.building import fields_of_fewer
from pinnsolve.fields.declared import Bases, BasisEach, of_basis, of_each, one_basis
from pinnsolve.fields.space import Space
from pinnsolve.jets.indices import order_of
from pinnsolve.running.budget import FOREVER, Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search.families.layers import LAYERS
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.layered import LAYERED, layered
from pinnsolve.search.null_functions import NULLITY, null_functions, stay
from pinnsolve.search.scales import natural_wavenumbers


@dataclass(frozen=True)
class Resonance:
    """In which waves null functions are looked for, and what they may cost."""

    # Waves spent on it at most
    most_waves: int = 1200
    # Times the seconds of a quarter of the waves, that all of them take at most
    cost: float = 64.0
    # Radians a side, and waves, where a coordinate has no data at its ends
    open_scale: float = 6.0
    open_waves: int = 400
    # Waves elsewhere, at least: on a line, and in several coordinates
    waves_on_a_line: int = 100
    waves: int = 200


RESONANCE = Resonance()


@dataclass(frozen=True)
class Asking:
    """How often null functions are asked for again, in richer bases, before they are believed."""

    # How often a basis is drawn again
    tries: int = 3
    # Functions, beyond which a basis is drawn again, but not doubled
    doubled_up_to: int = 400
    # A residual of a null function that is no more than round-off
    round_off: float = 1e-14
    # Times the residual of what is nearly null: above that, others are so too, if the basis holds
    # them less well
    as_null: float = 0.1


ASKING = Asking()


@dataclass(frozen=True)
class Kernel:
    """The dimension of the null space; and the digits that are lost to functions which are nearly
    null, if there are any.
    """

    dimension: int
    lost: float = 0.0


UNIQUE = Kernel(0)


def vanishing_order(system: System, space: Space) -> int:
    """The order of derivatives that an equation of the domain holds and that no function of the
    space has; 0 if there is none.

    Piecewise linear functions have no second derivatives, wherever they are asked for.
    """
    for residual in system.residuals:
        orders = [order_of(slot.index) for slot in residual.slots]
        if fills_domain(residual.condition.region) and max(orders, default=0):
            # A few points are enough: what has such derivatives has them almost everywhere.
            places = sample_region(residual.condition.region, 64, 0)
            x = tensor_of(places.x, space.like)
            with torch.no_grad():
                functions = space.slots(residual, x)
            highest = [
                f for f, order in zip(functions, orders, strict=True) if order == max(orders)
            ]
            if not any(bool(f.any()) for f in highest):
                return max(orders)
    return 0


def null_space_dimension(system: System, fitted: Fit, budget: Budget = FOREVER) -> int:
    """The dimension of the `kernel`."""
    return kernel(system, fitted, budget).dimension


def kernel(
    system: System,
    fitted: Fit,
    budget: Budget = FOREVER,
    below: float = NULLITY.confirmed,
    tries: int = ASKING.tries,
) -> Kernel:
    """How many independent fields satisfy the homogeneous equations, at most `NULLITY.most`; and
    what those cost that nearly do.

    Of a nonlinear system, the tangent at the solution is asked. A null function that the basis does
    not resolve is not seen; candidates are confirmed on fresh rows, and asked for again in a richer
    basis, if the `budget` allows it: what is left of a null function is other there, that of an
    ill-conditioned problem the same. Where Newton's method has not converged, there is no tangent
    worth asking; and a system of ordinary differential equations with initial values has no null
    functions, however its solutions grow.
    """
    if fitted.stopped == Stop.NOT_CONVERGED or _begins(system):
        return UNIQUE
    tangent = linearized(system, fitted.field)
    nulls = null_functions(tangent, fitted, below)
    # Where nothing is prescribed at an end, or there are many, no richer basis has to confirm it.
    if not nulls or len(nulls) >= NULLITY.most or open_coordinates(system):
        return Kernel(len(nulls))
    for _ in range(tries):
        if max(null.left for null in nulls) < ASKING.round_off or not budget.allows(*_cost(fitted)):
            break
        # What is left of a null function is other in each basis; the rows of a problem that is
        # merely ill-conditioned stay the same.
        richer = fit(tangent, _richer(fitted), fitted.seed + 1, like=fitted.field.like)
        more = null_functions(tangent, richer, below)
        if not more:
            return UNIQUE
        kept = stay(tangent, (fitted, nulls), (richer, more))
        if any(kept):
            left = min(null.left for null, stays in zip(more, kept, strict=True) if stays)
            dimension = sum(null.left < ASKING.as_null * left for null in more)
            return Kernel(dimension, -math.log10(left))
        fitted, nulls = richer, more
    return Kernel(len(nulls))


def _cost(fitted: Fit) -> tuple[int, float]:
    """Columns and seconds of a richer fit."""
    grows = 1 if fitted.field.functions > ASKING.doubled_up_to else 2
    return grows * len(fitted.solved.norms), grows**3 * fitted.seconds


def _begins(system: System) -> bool:
    return len(system.domain.coordinates) == 1 and evolution_form(system) is not None


def _richer(fitted: Fit) -> Bases:
    """Twice as many functions of the same kinds; other ones, where they are many."""
    declared = of_basis(fitted.declared)
    if fitted.field.functions > ASKING.doubled_up_to:
        return declared
    each = of_each(declared)
    if each is not None:
        return BasisEach(tuple((name, _twice(part)) for name, part in each))
    return _twice(one_basis(declared))


def _twice(declared: Declaration) -> Sum:
    return Sum((*summands(declared), *summands(declared)))


def resonance(system: System, seed: int, budget: Budget = FOREVER) -> Kernel:
    """The kernel in a basis that is rich enough to see it: Helmholtz's equation at an eigenvalue,
    missing data, layers.

    The basis that solves the problem need not resolve its null functions (the smoothest of many
    solutions may be found first). Waves at the equations' natural wavenumber, or of
    `RESONANCE.open_scale` where nothing is prescribed at either end of a coordinate; on a line also
    functions with layers at both ends, and where a coefficient changes its sign. Not looked for
    where there is neither, where more than `RESONANCE.most_waves` would be needed, where unknowns
    lack coordinates, or where the budget has no time for it.
    """
    natural, known = natural_wavenumbers(system), UNIQUE
    if fields_of_fewer(system.problem):
        return known
    if natural.max() >= np.pi or open_coordinates(system):
        known = smooth_kernel(system, seed, budget)
    thin = len(natural) == 1 and natural.max() > LAYERS.thin
    if known == UNIQUE and thin and not _begins(system):
        functions = partial(layered, system, RESONANCE.open_scale)
        known = _kernel_in(
            system, functions, LAYERED.functions, seed, budget, LAYERED.confirmed, tries=1
        )
    return known


def smooth_kernel(system: System, seed: int, budget: Budget = FOREVER) -> Kernel:
    """The kernel in waves: of the equations' natural wavenumber, or of whole domains."""
    waves, width = smooth_waves(system)
    few = width <= RESONANCE.most_waves
    return _kernel_in(system, waves, width, seed, budget) if few else UNIQUE


def smooth_waves(system: System, steeper: float = 1.0) -> tuple[Callable[[int], Dense], int]:
    """Waves of any width, in which null functions are looked for, and how many are enough."""
    undetermined = bool(open_coordinates(system))
    natural = natural_wavenumbers(system)
    plain = undetermined or natural.max() < np.pi
    scales = np.maximum(natural, RESONANCE.open_scale if plain else 0.0)
    width = int(np.ceil(8 * np.prod(1 + scales / np.pi)))
    by_name = {
        c.name: 0.7 * steeper * float(s)
        for c, s in zip(system.domain.coordinates, scales, strict=True)
    }
    least = RESONANCE.waves if len(by_name) > 1 else RESONANCE.waves_on_a_line
    least = RESONANCE.open_waves if undetermined else least
    return partial(Dense, depth=1, activation="sin", initialize=Waves(by_name)), max(width, least)


def _kernel_in(
    system: System,
    of_width: Callable[[int], Declaration],
    width: int,
    seed: int,
    budget: Budget,
    below: float = NULLITY.confirmed,
    tries: int = ASKING.tries,
) -> Kernel:
    """The kernel in functions of a kind, if the budget allows a fit in them: one of a quarter of
    them tells.
    """
    if width * system.n_unknowns > budget.widest() or budget.left() <= 0:
        return UNIQUE
    if math.isfinite(budget.seconds):
        # The cost goes with the cube of the width: a quarter tells it for a sixty-fourth.
        tried = fit(system, of_width(-(-width // 4)), seed, budget=budget)
        if budget.left() <= RESONANCE.cost * tried.seconds:
            return UNIQUE
    return kernel(system, fit(system, of_width(width), seed, budget=budget), budget, below, tries)
