"""Where each unknown lives: on the whole domain, or on the part of it that its equations fill."""

from __future__ import annotations

from functools import reduce
from operator import or_

from pinnsolve.declare.checks import difference
from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.region import Region
from pinnsolve.symbols.occurrences import separate


def supports(problem: Problem) -> tuple[Region, ...]:
    """A region for each unknown: the union of those of full dimension whose equations hold it at
    their own points.

    The domain itself, where one of them is the domain, or none is a part of it.
    """
    filled: dict[object, dict[Region, None]] = {u.func: {} for u in problem.unknowns}
    for condition in problem.conditions:
        if condition.region.is_solid:
            for occurrence in separate(difference(condition))[1].values():
                if occurrence.arguments == occurrence.function.coordinates:
                    filled[occurrence.function][condition.region] = None
    parts = [list(filled[u.func]) for u in problem.unknowns]
    domain = problem.domain
    return tuple(reduce(or_, p) if p and domain not in p else domain for p in parts)
