"""Can an equation be solved for its highest derivative in time?"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Dummy, Symbol

from pinnsolve.compile.collapse import in_domain_order
from pinnsolve.compile.system import Residual
from pinnsolve.declare.checks import difference
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.geometry.region import Condition
from pinnsolve.jets.indices import JetIndex
from pinnsolve.symbols.occurrences import separate

# Whether an equation can be solved for a derivative whose slope mentions these symbols.
Explicit = Callable[[Dummy, set[Symbol]], bool]


def is_singular(residual: Residual, top: int, axis: int, problem: Problem) -> bool:
    """Whether the highest derivative is multiplied by zero at the start, r u_rr + 2 u_r: no
    integrator leaves from there.
    """
    x = sample_region(problem.domain, 64, 0).x
    found = []
    for at in (problem.domain.bounds[axis, 0], problem.domain.bounds[axis].mean()):
        x[:, axis] = at
        found.append(residual.coefficients(tensor_of(x), None)[top].abs())
    # Of the zero field they may vanish everywhere, if unknowns multiply it.
    return bool(((found[0] <= 1e-9 * found[1]) & (found[1] > 0)).any())


def is_explicit(
    condition: Condition, problem: Problem, unknown: int, index: JetIndex, explicit: Explicit
) -> bool:
    """Whether the slope in the highest derivative is as wanted."""
    side, occurrences = separate(difference(condition))
    function = problem.unknowns[unknown].func
    for symbol, o in occurrences.items():
        if (
            o.function == function
            and in_domain_order(o.index, o.function.coordinates, problem.domain.coordinates)
            == index
        ):
            mentioned = side.diff(symbol).expand().free_symbols & set(occurrences)
            return explicit(symbol, mentioned)
    return False


def mentions_none(symbol: Dummy, mentioned: set[Symbol]) -> bool:
    """Whether it is multiplied by no unknown."""
    return not mentioned


def mentions_not_itself(symbol: Dummy, mentioned: set[Symbol]) -> bool:
    """Whether it is multiplied by whatever does not contain it."""
    return symbol not in mentioned
