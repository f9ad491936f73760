"""A first glance at the candidates of the blind choice: most are ruled out in a basis half as wide,
at a third of the cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.search.families.family import Family


@dataclass(frozen=True)
class Glance:
    """Which candidates are worth a scan, by a glance at each."""

    # Candidates that are kept in any case
    always: int = 8
    # Times the smallest residual; winners at four times the width had up to 10, or were among the
    # first 8
    hopeless: float = 30.0
    # On which a glance judges: it ranks, it does not choose
    points: int = 128


GLANCE = Glance()


def worth_scanning(
    system: System, families: Sequence[Family], width: int, seed: int
) -> list[Family]:
    """The families that a basis of half the width does not rule out, best first; all of them, where
    it resolves nothing.

    Ridges do not compete here, and the residual is that of a few fresh points: it ranks, it does
    not choose. Of a nonlinear problem, or of a few candidates, all are worth it.
    """
    if not system.linear or len(families) <= GLANCE.always or width // 2 < 1:
        return list(families)
    residuals = [_residual(system, family, width // 2, seed) for family in families]
    ranked = sorted(zip(residuals, families, strict=True), key=lambda pair: pair[0])
    return [
        family
        for k, (r, family) in enumerate(ranked)
        if k < GLANCE.always or r <= GLANCE.hopeless * ranked[0][0]
    ]


def _residual(system: System, family: Family, width: int, seed: int) -> float:
    space = build_space(system, family.of_width(width), seed)
    problem = assemble(system, collocation_points(system, space, seed), space)
    field = Expansion(space, tensor_of(least_squares(problem.augmented).coefficients, space.like))
    residual = max(relative_residuals(system.validation or system, field, seed + 1, GLANCE.points))
    return residual if math.isfinite(residual) else math.inf
