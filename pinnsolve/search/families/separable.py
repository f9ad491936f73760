"""Functions of low rank, for many coordinates: sums of products, where neurons that see all
coordinates are too few.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.compile.system import System
from pinnsolve.search.families.family import Family, Parameter
from pinnsolve.search.families.smooth import MANY_COORDINATES
from pinnsolve.search.fit import Fit

KIND = "low rank"


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """One family, for one unknown of at least `MANY_COORDINATES` coordinates."""
    dimension = len(system.domain.coordinates)
    if dimension < MANY_COORDINATES or system.n_unknowns > 1 or family.kind == KIND:
        return []
    return [
        Family(
            KIND,
            (Parameter("ratio", 2.0, steep=False),),  # of degree to rank
            partial(_low_rank, dimension=dimension),
            cost=30.0,  # plain solves in one fit
            checks=partial(_of_another_rank, dimension=dimension),
        )
    ]


def _low_rank(shape: Mapping[str, float], width: int, dimension: int) -> LowRank:
    """About `width` functions: dimension * rank * (degree + 1) of them."""
    terms = max(2, round(math.sqrt(shape["ratio"] * width / dimension)))
    return LowRank(max(1, width // (dimension * terms)), terms - 1)


def _of_another_rank(shape: Mapping[str, float], width: int, dimension: int) -> LowRank:
    """One product more, of one degree less: of fewer products most draws end in a bad minimum."""
    checked = _low_rank(shape, width, dimension)
    return LowRank(checked.rank + 1, max(1, checked.degree - 1))
