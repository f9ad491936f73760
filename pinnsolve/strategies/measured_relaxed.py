"""Numbers of which nothing is said: equations hold loosely at first, so that fields are what data
say, and numbers what these fields say; then closer and closer.

From any numbers it is a short way, where solutions of the equations for these numbers are far from
the data, and their misfit has many minima: parameters in a cascade (Ramsay, Hooker, Campbell and
Cao, J. R. Stat. Soc. B 69, 2007).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.basis.adapted.polynomials import Polynomials
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.declare.checks import difference
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import BasisEach
from pinnsolve.fields.expansion import Expansion
from pinnsolve.geometry.cloud import PointCloud
from pinnsolve.geometry.region import Condition
from pinnsolve.search.task import Task
from pinnsolve.strategies.laplace import Sought, begun, stepped
from pinnsolve.strategies.measured_model import model_of
from pinnsolve.strategies.measured_rows import data_in, data_of, numbers_of, within_chance
from pinnsolve.symbols.data import Data


@dataclass(frozen=True)
class Relaxing:
    """How loosely, and for how long."""

    # Functions of each field on a line, on a plane, and beyond: it is a beginning
    functions: tuple[int, ...] = (60, 150, 300)
    # Parts of the equations' terms to which they hold, one after the other
    tight: tuple[float, ...] = (0.3, 0.1, 0.03, 0.01)
    # Steps for each
    steps: int = 12
    # Of numbers in a step, their own deviation, one part of so many: equations that are loose would
    # rather have k and D vanish, which enter only as k / D
    held: float = 10.0
    # Errors of exact data, relative
    exact: float = 1e-3
    # Points on which numbers are watched
    points: int = 64


RELAXING = Relaxing()


def relaxed(task: Task, numbers: Sequence[float]) -> Expansion | None:
    """All unknowns, as data and equations together say, from numbers in turn. None, where
    data are left more the closer equations hold: functions, or numbers, are wrong then.
    """
    system = with_small_errors(task.system)
    dimension = len(system.domain.coordinates)
    size = RELAXING.functions[min(dimension, len(RELAXING.functions)) - 1]
    fields = [u for u in system.problem.unknowns if u.args]
    each = {str(u.func): Polynomials.of_size(size, [1.0] * len(u.args)) for u in fields}
    space = build_space(system, BasisEach(tuple(each.items())), task.seed)
    model = model_of(system, space, {}, np.ones(system.n_unknowns), task.seed, RELAXING.points)
    model = replace(model, held=RELAXING.held)
    mean = np.zeros(space.columns)
    for k, value in zip(numbers_of(system), numbers, strict=True):
        mean[space.slices[k]] = value
    values = sum(len(d.values) for d in data_in(system))
    sought, least = begun(model, mean, RELAXING.tight[0]), math.inf
    for tight in RELAXING.tight:
        sought = replace(sought, tight=tight)
        for _ in range(RELAXING.steps):
            if task.budget.left() <= 0 or not _finite(sought):
                return None
            sought = stepped(model, sought)
            if sought.settled:
                break
        least = min(least, sought.posterior.misfit)
    unit = least if any(d.sigma is None for d in data_in(system)) else 1.0
    if not within_chance(sought.posterior.misfit / unit, values):
        return None
    return Expansion(space, tensor_of(sought.posterior.mean))


def _finite(sought: Sought) -> bool:
    return all(np.isfinite(rows).all() for rows in sought.rows)


def with_small_errors(system: System) -> System:
    """The system, its exact data with small errors."""
    conditions = []
    for condition in system.problem.conditions:
        exact = [d for d in data_of(condition) if not d.has_errors]
        size = {d: float(np.sqrt((np.abs(d.values) ** 2).mean())) or 1.0 for d in exact}
        blurred = {d: Data(d.values, d.name, RELAXING.exact * size[d]) for d in exact}
        law, region = difference(condition).xreplace(blurred), condition.region
        if isinstance(region, PointCloud):
            region = replace(region, data=tuple(blurred.get(d, d) for d in region.data))
        conditions.append(Condition(law, region) if exact else condition)
    known = system.problem
    return compile_problem(known.replaced(tuple(conditions), known.unknowns, None))
