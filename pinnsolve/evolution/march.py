"""Marching: a problem in time, slab by slab, each in a basis of space and time of its own.

The initial values of a slab are the last ones of the slab before: in the residual of an initial
condition, N(u) - N(v), v the slab before at its end, takes the place of the data. A second march,
in other draws of the same bases, goes along; the difference of the two is the estimate, whatever
the equations make of errors that are handed on.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from sympy import Symbol
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.coefficients.factor import NONE
from pinnsolve.coefficients.least_squares import Solved
from pinnsolve.compile.system import Program, Residual, System, with_known_data
from pinnsolve.declare.slab import first_slab, is_initial
from pinnsolve.discretize.measure import difference, relative_residuals
from pinnsolve.discretize.points import sample_region
from pinnsolve.evolution.slab import SlabTask, Solver
from pinnsolve.fields.declared import of_basis
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.slabs import Later, SlabBases, Slabs
from pinnsolve.running.budget import EARLY, Budget, why
from pinnsolve.running.stop import EARLY_ENDS, Stop
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.resume import Begun
from pinnsolve.search.task import Keep, Outcome, Record, ignored

COLUMNS, COLUMNS_ALONE = (
    2400,
    240,
)  # of a slab's problem, with space and without: half the slab is cheaper than more
FIRST = 4  # slabs, into which time is divided at first
SHORTEST = 1 / 256  # of the whole time
LEAST_SHARE = 0.25  # of the seconds left, that a slab may take, however short it is
EASY, LONGER = (
    0.125,
    2.0,
)  # two slabs in a row that were met with so small a share of the columns make the next one longer
ONE_MORE = 3.0  # times a fit's seconds: what a little wider one takes
GOOD = (Stop.MET, Stop.SOLVED, Stop.TRAINED)


@dataclass(frozen=True)
class March:
    """Slabs of the coordinate `time`, one after the other: `slabs` equal ones, or, if not said, of
    lengths that are found.

    A slab that is not met is halved; after two that were easy, the next is twice as long. `after`
    is the solution of a march that was interrupted or ran out of its budget: it is gone on with.
    Raises ValueError for slabs below 1.
    """

    time: Symbol
    slabs: int | None = None
    after: Any = None

    def __post_init__(self) -> None:
        if not isinstance(self.time, Symbol) or not (
            self.slabs is None or isinstance(self.slabs, int)
        ):
            raise TypeError(
                f"March wants a coordinate and a number of slabs, March(t, 8): got {self.time!r},"
                f" {self.slabs!r}"
            )
        if self.slabs is not None and self.slabs < 1:
            raise ValueError(f"March wants at least one slab: got {self.slabs}")
        if self.after is not None and not isinstance(getattr(self.after, "field", None), Slabs):
            raise ValueError("March(..., after=solution) wants the solution of a march")


@dataclass(frozen=True, eq=False)
class OpenSlab:
    """The slab that a march was in the midst of: after how many, how long, after how many easy
    ones, and what it has come to.

    `others` are the slabs before it in another draw; None for one that was trained.
    """

    done: int
    length: float
    easy: int = 0
    begun: Begun | None = None
    others: tuple[Begun | None, ...] = ()


@dataclass(frozen=True, eq=False)
class _Done:
    """A slab: its length, its field, its declaration and seed, and, unless it was trained, the
    field in another draw.
    """

    length: float
    field: Field
    declared: Any
    seed: int
    second: Field | None

    @property
    def basis(self) -> Basis | None:
        """What training goes on from in the next slab."""
        return self.field.basis if isinstance(self.field, Expansion) else None

    @property
    def other(self) -> Begun | None:
        """The other draw, for a file."""
        return (
            None
            if self.second is None
            else Begun(self.declared, self.seed + SECOND_DRAW, self.second)
        )


def march_through(
    system: System,
    march: March,
    solver: Solver,
    budget: Budget,
    seed: int,
    record: Record,
    keep: Keep = ignored,
) -> Outcome:
    """The solution slab by slab, as one field.

    Ends "met" (or "solved", in a given basis) where every slab is, "blow-up" where no slab is short
    enough, else as the first slab that is not good, with the slabs before it; if that is the very
    first, with its fit, on its own length. `keep` is told, after each slab and in its midst, how
    the slabs so far are had, and what has become of the next.
    """
    first_slab(
        system.problem, march.time, 1.0
    )  # refuses, before anything is solved, what cannot be marched through
    axis = system.domain.coordinates.index(march.time)
    whole = float(system.domain.bounds[axis, 1] - system.domain.bounds[axis, 0])
    columns = min(budget.columns, COLUMNS if len(system.domain.coordinates) > 1 else COLUMNS_ALONE)
    done = _resumed(system, march)
    slab, last, own, good = _slab_of(march, whole / (march.slabs or FIRST)), None, budget, Stop.MET
    latest: deque[Callable[[], Begun]] = deque(maxlen=1)

    def so_far(stopped: Stop) -> Outcome:
        here = slab if slab.done == len(done) else replace(slab, done=len(done), begun=None)
        begun = latest[-1]() if latest else here.begun
        shown = (
            done
            if done or begun is None
            else [_Done(slab.length, begun.field, begun.declared, begun.seed, None)]
        )
        midst = replace(
            here,
            begun=begun if stopped in EARLY_ENDS else None,
            others=tuple(each.other for each in done),
        )
        return replace(_joined(system, march, shown, stopped, seed), unfinished=midst)

    def told(offer: Callable[[], Begun]) -> None:
        latest.append(offer)
        keep(lambda: so_far(Stop.INTERRUPTED))

    try:
        while (left := whole - sum(each.length for each in done)) > 1e-9 * whole:
            slab, last = replace(slab, length=left) if slab.length > 0.999 * left else slab, None
            own = _share(replace(budget, columns=columns), slab.length / left)
            before = done[-1].basis if done else None
            there = slab_system(system, march.time, slab.length, done)
            last = solver(SlabTask(there, own, seed + len(done), before, slab.begun, told))
            if last.stopped in GOOD:
                second = _another(system, march.time, slab.length, done, last, budget)
                done.append(
                    _Done(slab.length, last.fit.field, last.fit.declared, last.fit.seed, second)
                )
                latest.clear()
                was_easy = last.fit.expansion.space.columns < EASY * own.columns
                slab, found, good, last = _next(march, slab, was_easy), last.fit, last.stopped, None
                record("march", found, math.nan)
                keep(lambda: so_far(Stop.INTERRUPTED))
            elif slab.length > SHORTEST * whole and _shortens(march, last, done, budget):
                slab = OpenSlab(len(done), slab.length / 2)
                latest.clear()
            else:
                break
    except EARLY as error:
        held = last.fit if last is not None else getattr(error, "best", None)
        if isinstance(held, Fit) and not latest and slab.done == len(done):
            latest.append(partial(_begun_by, held))
        if done or latest or slab.begun:
            return so_far(why(error))
        raise
    if last is None:
        return _joined(system, march, done, good, seed)
    latest.append(partial(_begun_by, last.fit))
    return so_far(
        Stop.BLOW_UP if done and _outgrown(march, system, last, budget, own) else last.stopped
    )


def _next(march: March, slab: OpenSlab, was_easy: bool) -> OpenSlab:
    """The slab after a good one: longer, after several that were easy."""
    easy = slab.easy + 1 if was_easy else 0
    longer = LONGER if march.slabs is None and easy > 1 else 1.0
    return OpenSlab(slab.done + 1, slab.length * longer, easy)


def _begun_by(found: Fit) -> Begun:
    return Begun(found.declared, found.seed, found.field)


def _another(
    system: System,
    time: Symbol,
    length: float,
    done: Sequence[_Done],
    last: Outcome,
    budget: Budget,
) -> Field | None:
    """The slab in another draw, after the other draws of those before; None, if it was trained."""
    if last.stopped == Stop.TRAINED:
        return None
    budget.require(last.fit.seconds)
    there = slab_system(system, time, length, done, _second)
    return fit(
        there,
        of_basis(last.fit.declared),
        last.fit.seed + SECOND_DRAW,
        near=last.fit.field,
        budget=budget,
    ).field


def _outgrown(march: March, system: System, last: Outcome, budget: Budget, own: Budget) -> bool:
    """Whether a slab failed, however short, by what it holds: not for want of seconds, and not of a
    linear problem.
    """
    nonlinear = not system.linear
    return (
        nonlinear
        and _shortens(march, last, (last,), budget)
        and own.left() > ONE_MORE * last.fit.seconds
    )


def _shortens(march: March, last: Outcome, done: Sequence[Any], budget: Budget) -> bool:
    """Whether a slab that failed should be tried at half its length; that it is not unique says so
    only of the first.
    """
    failed = last.stopped not in (*GOOD, Stop.INTERRUPTED) and (
        bool(done) or last.stopped != Stop.NOT_UNIQUE
    )
    return failed and march.slabs is None and budget.left() > 0


def _share(budget: Budget, part: float) -> Budget:
    """What a slab may cost that is such a part of what is left, from now on."""
    return (
        budget.share(max(part, LEAST_SHARE)) if math.isfinite(budget.seconds) else budget.started()
    )


def _first(slab: _Done) -> Field:
    return slab.field


def _second(slab: _Done) -> Field:
    return slab.second or slab.field


def slab_system(
    system: System,
    time: Symbol,
    length: float,
    done: Sequence[_Done],
    chain: Callable[[_Done], Field] = _first,
) -> System:
    """The system on the slab after those that are done, its clock set to the first instant."""
    problem = first_slab(system.problem, time, length)
    axis = problem.domain.coordinates.index(time)
    passed = sum(slab.length for slab in done)
    residuals = []
    for residual, condition in zip(system.residuals, problem.conditions, strict=True):
        value, slopes = (
            _Later(program, axis, passed) if done else program
            for program in (residual.lowered_value, residual.lowered_slopes)
        )
        if done and is_initial(condition.region, axis):
            value = _Handed(value, residual, chain(done[-1]), axis, done[-1].length)
        known = with_known_data(residual, condition, {time: time + passed})
        residuals.append(replace(known, lowered_value=value, lowered_slopes=slopes))
    return System(problem, tuple(residuals))


@dataclass(frozen=True, eq=False)
class _Later:
    """A program of an equation, in which time is later than the slab's clock says."""

    program: Program
    axis: int
    passed: float

    def __call__(self, arguments: Iterable[Tensor], n: int) -> Tensor:
        held = list(arguments)
        held[self.axis] = held[self.axis] + self.passed
        return self.program(held, n)


@dataclass(frozen=True, eq=False)
class _Handed:
    """The value of an initial condition, minus that of the slab before at its end: the data
    cancel.
    """

    program: Program
    residual: Residual
    before: Field
    axis: int
    length: float

    def __call__(self, arguments: Iterable[Tensor], n: int) -> Tensor:
        held = list(arguments)
        x = torch.stack(held[: len(self.residual.condition.region.coordinates)], dim=1)
        with torch.no_grad():
            u = Later(self.before, self.axis, self.length).slots(self.residual, x)
        return self.program(held, n) - self.program([*held[: len(held) - len(u)], *u], n)


def _resumed(system: System, march: March) -> list[_Done]:
    """The slabs of the solution that is gone on with; other draws that are not known are taken to
    be the first.
    """
    if march.after is None:
        return []
    declared, midst = march.after.declared, march.after.unfinished
    if march.after.field.n_unknowns != system.n_unknowns:
        raise ValueError("March(..., after=solution) wants a solution of the same problem")
    fields = list(march.after.field.parts)
    others = (
        [None if o is None else o.field for o in midst.others]
        if isinstance(midst, OpenSlab)
        else fields
    )
    parts = zip(declared.lengths, fields, declared.parts, declared.seeds, others, strict=False)
    return [_Done(*each) for each in parts]


def _slab_of(march: March, length: float) -> OpenSlab:
    """The first slab to be solved, of that length if nothing else is known."""
    midst = None if march.after is None else march.after.unfinished
    if not isinstance(midst, OpenSlab):
        return OpenSlab(0 if march.after is None else len(march.after.declared.lengths), length)
    as_long = march.slabs is None or abs(midst.length - length) <= 1e-9 * length
    return midst if as_long else OpenSlab(midst.done, length)


def _joined(
    system: System, march: March, done: Sequence[_Done], stopped: Stop, seed: int
) -> Outcome:
    axis = system.domain.coordinates.index(march.time)
    first = float(system.domain.bounds[axis, 0])
    lengths = tuple(slab.length for slab in done)

    field, other = (
        Slabs(tuple(chain(slab) for slab in done), lengths, axis, first)
        for chain in (_first, _second)
    )
    so_far = slab_system(system, march.time, sum(lengths), ())
    x = sample_region(so_far.domain, 2048, seed + SECOND_DRAW).x
    estimate = (
        math.nan
        if any(slab.second is None for slab in done)
        else difference(system, other, field, x)
    )
    unseen = march.after is not None and not isinstance(march.after.unfinished, OpenSlab)
    before = march.after.change if unseen and math.isfinite(march.after.change) else 0.0
    parts, seeds = tuple(slab.declared for slab in done), tuple(slab.seed for slab in done)
    declared = SlabBases(str(march.time), lengths, parts, seeds, system.n_unknowns)
    residuals = relative_residuals(so_far, field, seed + 1)
    solved = Solved(np.empty(0), math.nan, math.nan, math.nan, math.nan, 0, NONE, torch.empty(0))
    found = Fit(declared, seed, field, residuals, solved, Stop.SOLVED)
    return Outcome(found, estimate + before, 0, stopped)
