"""Whether what sides are given jumps, or has a kink."""

from __future__ import annotations

from functools import lru_cache

from pinnsolve.compile.system import System
from pinnsolve.declare.checks import difference
from pinnsolve.declare.kinks import kinks
from pinnsolve.discretize.points import fills_domain


@lru_cache(maxsize=8)
def sides_have_kinks(system: System) -> bool:
    """Of conditions on a part of the domain's boundary, initial values among them."""
    return any(
        kinks(difference(residual.condition), system.domain)
        for residual in system.residuals
        if not fills_domain(residual.condition.region)
    )
