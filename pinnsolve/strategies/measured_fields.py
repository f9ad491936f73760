"""Coefficients that are fields, from data with errors: as smooth as the data allow, with bands.

States and coefficients are polynomials, and one linearized problem after the other is solved for
all of them: data divided by their deviations, equations far tighter than data are, a prior for each
coefficient (`coefficients.posterior`). How tight equations are is asked of the result: what their
rows leave open is a tenth of the error bars, at most. More functions follow until they move the
coefficients by less than a tenth of the bars.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from pinnsolve.basis.adapted.polynomials import PolynomialBasis, Polynomials
from pinnsolve.coefficients.cross_checks import strengths_of
from pinnsolve.coefficients.flat import projected
from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import System
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import BasisEach
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Space
from pinnsolve.running.budget import carrying
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.laplace import (
    Sought,
    begun,
    data_rows,
    moved_by_fresh,
    open_share,
    settled,
    stepped,
)
from pinnsolve.strategies.measured_chance import is_chance
from pinnsolve.strategies.measured_model import Model, drawn, model_of, rms
from pinnsolve.strategies.measured_rows import data_in, within_chance
from pinnsolve.symbols.priors import Smooth


@dataclass(frozen=True)
class Fields:
    """When coefficients are found."""

    # Functions of each coefficient at first, of one coordinate, two, or more; twice as many each
    # time
    coefficients: tuple[int, ...] = (12, 40, 80)
    # Of states, for each of a coefficient: with fewer they cannot answer it, and bands are too
    # small (docs/decisions/0051)
    states: tuple[float, ...] = (4.0, 10.0)
    # As many more of these, where the coefficients' are doubled
    wider: float = 1.5
    # Without a budget: a plane's coefficient has 1,280 functions then
    doublings: int = 5
    # Of the deviations, in the root mean square: what may differ between two bases, and what
    # fresh rows of equations may move; a tenth of what a band of 95 % has on either side
    of_bar: float = 0.2
    # Of the deviations, what the rows of equations leave open
    open: float = 0.15
    # Equations hold to this part of their terms at first, and to this at last
    loosest: float = 1e-2
    tightest: float = 1e-10
    # Part of the values that were used up, to which their use falls where equations know instead
    falls: float = 0.8
    # Of a solution, what does not count when its degrees are looked at
    small: float = 1e-3
    # Points on which coefficients are compared; added to the seed, others
    points: int = 2048
    fresh: int = 1_000_003


FIELDS = Fields()


def in_measured_fields(task: Task, smooth: dict[int, Smooth]) -> Outcome:
    """Coefficients, by number, with their posterior: "met", if twice as many functions, on other
    points, move them by less than a tenth of their deviations, and the equations are solved as far.
    """
    level, apart = _level(task, smooth, 0, None), 0.0
    for turn in range(1, FIELDS.doublings + 1):
        wanted = sum(_wanted(task.system, smooth, turn))
        cubes = (wanted / level.model.space.columns) ** 3
        if not task.budget.allows(int(wanted), cubes * level.settling):
            return _outcome(level, Stop.BUDGET, apart)
        before = level
        with carrying(_outcome(before, Stop.BUDGET, apart)):
            level = _level(task, smooth, turn, before)
        apart = level.apart(before)
        if level.resolved and apart <= FIELDS.of_bar:
            return _outcome(level, Stop.MET)
    return _outcome(level, Stop.STAGNATED, apart)


def are_open(task: Task, smooth: dict[int, Smooth]) -> bool:
    """Whether few functions show already that data tell of fields, not equations alone."""
    return _level(task, smooth, 0, None).share <= FIELDS.open


def found_roughly(task: Task, smooth: dict[int, Smooth]) -> Field:
    """What few functions say."""
    return _level(task, smooth, 0, None).fit.field


def _wanted(system: System, smooth: Mapping[int, Smooth], turn: int) -> list[float]:
    """How many functions each unknown gets after so many doublings."""
    most = max(_of(FIELDS.coefficients, _dimension(system, k)) for k in smooth)
    states = most * _of(FIELDS.states, len(system.domain.coordinates)) * FIELDS.wider**turn
    wanted = [states] * system.n_unknowns
    for k in range(system.n_unknowns):
        if k in smooth:
            wanted[k] = _of(FIELDS.coefficients, _dimension(system, k)) * 2**turn
        elif not _dimension(system, k):
            wanted[k] = 1
    return wanted


def _of(numbers: Sequence[float], dimension: int) -> float:
    """The number for a dimension; the last, for more."""
    return numbers[min(dimension, len(numbers)) - 1]


def _dimension(system: System, unknown: int) -> int:
    """How many coordinates an unknown has."""
    return len(system.problem.unknowns[unknown].args)


@dataclass(frozen=True, eq=False)
class Level:
    """What so many functions came to: the iterate, the fit, and whether the equations are solved in
    them; and how many seconds it took to settle for one tightness.
    """

    model: Model
    sought: Sought
    fit: Fit
    share: float
    left: float
    settling: float

    @property
    def resolved(self) -> bool:
        """Whether the equations are solved as far as the deviations ask for."""
        small = self.share <= FIELDS.open and self.left <= FIELDS.of_bar
        return small and self.sought.settled

    def apart(self, other: Level) -> float:
        """Their difference in what is sought, in units of the deviations, in the root mean
        square.
        """
        mine, theirs = self.sought.posterior, other.sought.posterior
        watched = zip(self.model.watched, other.model.watched, strict=True)
        return max(
            rms(values @ mine.mean[place] - there @ theirs.mean[old])
            / rms(mine.deviations(values, place))
            for (place, values), (old, there) in watched
        )

    def shares(self, unknown: int) -> list[float]:
        """The degrees that an unknown wants along each coordinate, the largest 1."""
        space = self.model.space
        mean = tensor_of(self.sought.posterior.mean[space.slices[unknown]])
        basis = cast(PolynomialBasis, space.blocks[unknown].basis)
        reach = [1 + k for k in basis.reach(mean, FIELDS.small)]
        return [k / max(reach) for k in reach]


def _level(task: Task, smooth: dict[int, Smooth], turn: int, before: Level | None) -> Level:
    """After so many doublings of the coefficients' functions."""
    start = task.budget.spent()
    declared, space = _space(task, _wanted(task.system, smooth, turn), before)
    mean, units = _begin(task, space, smooth, before)
    model = model_of(task.system, space, smooth, units, task.seed, FIELDS.points)
    tight = FIELDS.loosest
    if before is not None:
        old = before.sought
        pairs = zip(model.priors, old.priors, strict=True)
        priors = tuple(replace(new, strength=held.strength) for new, held in pairs)
        model, tight = replace(model, priors=priors), old.tight
    sought, share, turns = _tight_enough(task, model, mean, tight)
    settling = (task.budget.spent() - start) / turns
    fresh = replace(model, points=drawn(task.system, space, task.seed + FIELDS.fresh))
    left = moved_by_fresh(model, fresh, sought)
    fitted = _fit(task, model, declared, sought, task.budget.spent() - start)
    task.record("grow", fitted, math.nan)
    return Level(model, sought, fitted, share, left, settling)


def _space(task: Task, wanted: Sequence[float], before: Level | None) -> tuple[BasisEach, Space]:
    """Polynomials for each unknown, at least as many as are wanted, of degrees as the solution
    before wants them along each coordinate; one set for all states of the same coordinates.
    """
    parts: dict[str, Polynomials] = {}
    for k, u in enumerate(task.system.problem.unknowns):
        if dimension := _dimension(task.system, k):
            shares = [1.0] * dimension if before is None else before.shares(k)
            parts[str(u.func)] = Polynomials.of_size(wanted[k], shares)
    shared = {part: part for part in parts.values()}
    declared = BasisEach(tuple((name, shared[part]) for name, part in parts.items()))
    return declared, build_space(task.system, declared, task.seed)


def _begin(
    task: Task, space: Space, smooth: dict[int, Smooth], before: Level | None
) -> tuple[Array, Array]:
    """Coefficients `(columns,)` to begin from, and how large each unknown is: what was found
    before, or is guessed; else ones of what is sought, and states of zero.
    """
    system = task.system
    start = task.guess if before is None else before.fit.field
    x = sample_region(system.domain, FIELDS.points, 0).x
    if start is not None:
        values = array_of(start.values(x))
        units = np.sqrt((values**2).mean(axis=1))
        return array_of(projected(start, system, space)[0]), np.where(units > 0, units, 1.0)
    mean = np.zeros(space.columns)
    for k, u in enumerate(system.problem.unknowns):
        if k in smooth or not u.args:
            functions = array_of(space.blocks[k].values(x))
            mean[space.slices[k]] = np.linalg.lstsq(functions, np.ones(len(x)), rcond=None)[0]
    return mean, np.ones(len(system.problem.unknowns))


def _tight_enough(task: Task, model: Model, mean: Array, tight: float) -> tuple[Sought, float, int]:
    """With equations so tight that what their rows leave open is as small a part of the deviations
    as it gets, or small enough: loose rows leave more, and rows that are tighter than functions
    solve them are taken for data, and leave more of these than chance does. Where few directions
    are open, data know most of a loose equation's, and the part may grow before it falls. With that
    part, and how many were tried.
    """
    values = sum(len(d.values) for d in data_in(model.system))
    sought = closer = settled(model, begun(model, mean, tight))
    share, turns = open_share(model, sought), 1
    while share > FIELDS.open and closer.tight > FIELDS.tightest and task.budget.left() > 0:
        looser, closer = closer, settled(model, replace(closer, tight=closer.tight / 10))
        turns += 1
        left, used = open_share(model, closer), closer.posterior.used / looser.posterior.used
        more = closer.posterior.misfit / sought.posterior.misfit
        if not within_chance(more, values) or (left >= share and used > FIELDS.falls):
            break
        if left < share:
            sought, share = closer, left
    return sought, share, turns


def _fit(task: Task, model: Model, declared: BasisEach, sought: Sought, seconds: float) -> Fit:
    field = Expansion(model.space, tensor_of(sought.posterior.mean))
    rows = sum(len(r) for r in sought.rows)
    residuals = relative_residuals(task.system, field, task.seed)
    known = by_other_means(float(model.space.columns), rows)
    return Fit(declared, task.seed, field, residuals, known, seconds=seconds)


def _outcome(level: Level, stopped: Stop, apart: float = 0.0) -> Outcome:
    """The estimate is the relative deviation of what is sought, the largest.

    Where it is not met, what fewer functions came to is `apart`, in deviations: an error too.
    """
    known, met = _checked(level), stopped == Stop.MET
    fits = is_chance(level.model.system, level.fit.field, known.misfit, known.used)
    wider = 1.0 if met else math.hypot(1.0, apart)
    known = replace(known, factor=wider * known.factor, settled=met, fits=fits)
    bars = [
        rms(known.deviations(values, place)) / rms(values @ known.mean[place])
        for place, values in level.model.watched
    ]
    end = stopped if fits or not met else Stop.STAGNATED
    return Outcome(level.fit, max(bars), 0, end, posterior=known)


def _checked(level: Level) -> Posterior:
    """The posterior, with what other rules say of the priors' strength."""
    model, sought = level.model, level.sought
    # Once more, with the strengths as they are now: they have grown since this posterior was made
    now = stepped(model, sought).posterior
    strengths = strengths_of(now, sought.priors, data_rows(model, sought))
    best, gain = strengths.by_cross_validation()
    moved = model.moved(strengths.changes[:, best], now)
    data = data_in(model.system)
    known = all(d.sigma is not None for d in data)
    return replace(
        sought.posterior,
        discrepancy=strengths.by_discrepancy() if known else (),
        cross_validation=(float(strengths.factors[best]), moved, gain),
    )
