"""Homotopies: chains of easier equations, each solved from the solution of the one before, to one
that Newton's method does not solve from afar.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from pinnsolve.coefficients.least_squares import Found
from pinnsolve.compile.system import System
from pinnsolve.discretize.linearize import blended, strengthened
from pinnsolve.running.stop import Stop

# Newton's method for a system, from what was found before or, at first, from its linear part.
Solve = Callable[[System, Found | None], Found]


@dataclass(frozen=True)
class Chain:
    """How far apart the equations of a chain are."""

    # Of the nonlinearity, that is added first, and the smallest share that is added at once.
    first_share: float = 0.25
    smallest_share: float = 1 / 64
    # A share of all but the highest derivatives at which layers are as wide as the domain, that of
    # an equation whose own are a hundredth; how many times as large the next one is, and at least.
    weakest: float = 1 / 256
    larger: float = 4.0
    least_larger: float = 1.1
    # What a share may leave, times what the one before did: a basis leaves more and more of layers
    # that become narrower, another branch leaves much more at once.
    branch: float = 3.0
    resolved: float = 0.01


CHAIN = Chain()


def by_nonlinearity(system: System, solve: Solve, failed: Found) -> Found:
    """From the linear part to the whole equation, in shares as large as Newton's method can take;
    what `failed` before, with the share that was reached, where these do not suffice.
    """
    share, step, reached = 0.0, CHAIN.first_share, None
    while share < 1 and step > CHAIN.smallest_share:
        part = min(1.0, share + step)
        found = solve(blended(system, part), reached)
        if found.stopped == Stop.SOLVED:
            share, reached, step = part, found, 2 * step
        else:
            step /= 2
    return reached if reached is not None and share == 1 else replace(failed, share=share)


def by_highest_derivatives(system: System, solve: Solve, failed: Found) -> Found:
    """From the highest derivatives to the whole equation, e^2/share u'' = f(u): fronts and layers
    become as narrow as they are step by step. What `failed` before, where that does not suit.
    """
    first = strengthened(system, CHAIN.weakest)
    reached = None if first is None else solve(first, None)
    if reached is None or reached.stopped != Stop.SOLVED:
        return failed
    share, larger = CHAIN.weakest, CHAIN.larger
    while share < 1 and larger > CHAIN.least_larger:
        part = min(1.0, larger * share)
        found = solve(strengthened(system, part) or system, reached)
        allowed = CHAIN.branch * max(reached.left_over, CHAIN.resolved)
        if found.stopped == Stop.SOLVED and found.left_over < allowed:
            share, reached = part, found
        else:
            larger = math.sqrt(larger)
    return reached if share == 1 else failed
