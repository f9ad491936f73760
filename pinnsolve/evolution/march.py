"""Marching: a problem in time, slab by slab, each in a basis of space and time of its own.

The initial values of a slab are the last ones of the slab before: in the residual of an initial
condition, N(u) - N(v), v the slab before at its end, takes the place of the data. A second march,
in other draws of the same bases, goes along; the difference of the two is the estimate, whatever
the equations make of errors that are handed on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sympy import Symbol

from pinnsolve.compile.system import System
from pinnsolve.declare.slab import first_slab
from pinnsolve.evolution.chain import DoneSlab, OpenSlab, joined, slab_system
from pinnsolve.evolution.pace import PACE
from pinnsolve.evolution.slab import SlabTask, Solver, another_draw
from pinnsolve.fields.slabs import Slabs
from pinnsolve.running.budget import EARLY, Budget, ended, reached, why
from pinnsolve.running.latest import Latest
from pinnsolve.running.stop import EARLY_ENDS, Stop
from pinnsolve.search.fit import Fit
from pinnsolve.search.resume import Begun
from pinnsolve.search.task import Keep, Outcome, Record, ignored
from pinnsolve.symbols.given import are_symbols, whole_of

GOOD = (Stop.MET, Stop.SOLVED, Stop.TRAINED)


@dataclass(frozen=True)
class March:
    """Slabs of the coordinate `time`, one after the other: `slabs` equal ones, or, if not said, of
    lengths that are found.

    A slab that is not met is halved; after two that were easy, the next is twice as long. `after`
    is the solution of a march that was interrupted or ran out of its budget: it is gone on with.
    Raises ValueError for slabs below 1.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, March, Problem, coordinates, solve, unknown
    >>> (t,) = coordinates("t")
    >>> y = unknown("y", t)
    >>> falling = Problem(Interval(t, 0, 2), Eq(y.diff(t), -(y**2)), Eq(y(0), 1))
    >>> solution = solve(falling, march=March(t, slabs=2))
    >>> f"{solution(2.0):.4f}"
    '0.3333'
    """

    time: Symbol
    slabs: int | None = None
    after: Any = None

    def __post_init__(self) -> None:
        counted = self.slabs is None or whole_of(self.slabs) is not None
        if not (counted and are_symbols([self.time])):
            raise TypeError(
                f"March wants a coordinate and a number of slabs, March(t, 8): got {self.time!r},"
                f" {self.slabs!r}"
            )
        if self.slabs is not None and self.slabs < 1:
            raise ValueError(f"March wants at least one slab: got {self.slabs}")
        if self.after is not None and not isinstance(getattr(self.after, "field", None), Slabs):
            raise ValueError("March(..., after=solution) wants the solution of a march")


@dataclass(frozen=True, eq=False)
class _Progress:
    """Slabs that are done, the next one, and why the last of them ended."""

    done: tuple[DoneSlab, ...]
    slab: OpenSlab
    stopped: Stop = Stop.MET

    def followed_by(self, slab: DoneSlab, stopped: Stop, step: OpenSlab) -> _Progress:
        """After a good slab."""
        return _Progress((*self.done, slab), step, stopped)

    def begun_at(self, begun: Begun | None) -> _Progress:
        """With what the next slab has come to, if that is known."""
        return self if begun is None else replace(self, slab=replace(self.slab, begun=begun))

    def at_most(self, length: float) -> _Progress:
        """With a slab that ends with time."""
        ends = self.slab.length > 0.999 * length
        return replace(self, slab=replace(self.slab, length=length)) if ends else self


@dataclass(frozen=True, eq=False)
class _Walk:
    """What stays the same from slab to slab."""

    system: System
    march: March
    solver: Solver
    budget: Budget
    seed: int
    keep: Keep

    @property
    def whole(self) -> float:
        """The length of time."""
        axis = self.system.domain.coordinates.index(self.march.time)
        return float(self.system.domain.bounds[axis, 1] - self.system.domain.bounds[axis, 0])

    def left(self, progress: _Progress) -> float:
        """How much of time is left; 0 for what is round-off."""
        rest = self.whole - sum(each.length for each in progress.done)
        return rest if rest > 1e-9 * self.whole else 0.0

    def own(self, progress: _Progress) -> Budget:
        """What the next slab may cost."""
        alone = len(self.system.domain.coordinates) == 1
        columns = PACE.columns_without_space if alone else PACE.columns
        return PACE.share(self.budget, columns, progress.slab.length / self.left(progress))

    def attempt(self, progress: _Progress, own: Budget) -> tuple[Outcome, DoneSlab | None]:
        """The next slab, solved; and what it hands on, if it is good.

        What ends it early carries along what it has come to.
        """
        slab, done, march = progress.slab, progress.done, self.march
        system = slab_system(self.system, march.time, slab.length, done)
        before = done[-1].basis if done else None
        latest = Latest[Callable[[], Begun | None]](lambda: None)

        def told(offer: Callable[[], Begun]) -> None:
            latest.tell(offer)
            self.keep(lambda: self.so_far(progress.begun_at(offer()), Stop.INTERRUPTED))

        last: Outcome | None = None
        try:
            last = self.solver(
                SlabTask(system, own, self.seed + len(done), before, slab.begun, told)
            )
            if last.stopped not in GOOD:
                return last, None
            second = another_draw(self.system, march.time, slab.length, done, last, self.budget)
        except EARLY as error:
            found = reached(error, Fit) if last is None else last.fit
            begun = latest.value() or (None if found is None else Begun.of(found))
            raise ended(why(error), begun, getattr(error, "words", "")) from error
        found = last.fit
        return last, DoneSlab(slab.length, found.field, found.declared, found.seed, second)

    def next_slab(self, slab: OpenSlab, was_easy: bool) -> OpenSlab:
        """The slab after a good one: longer, after several that were easy."""
        easy = slab.easy + 1 if was_easy else 0
        longer = PACE.lengthening if self.march.slabs is None and easy > 1 else 1.0
        return OpenSlab(slab.done + 1, slab.length * longer, easy)

    def outcome(self, progress: _Progress, stopped: Stop) -> Outcome:
        """All slabs as one field."""
        after = self.march.after
        unseen = after is not None and _midst(after) is None
        before = after.change if unseen and math.isfinite(after.change) else 0.0
        return joined(self.system, self.march.time, progress.done, self.seed, stopped, before)

    def so_far(self, progress: _Progress, stopped: Stop) -> Outcome:
        """The same, with the slab that is not done; alone, if it is the first."""
        slab, begun = progress.slab, progress.slab.begun
        early = begun if stopped in EARLY_ENDS else None
        others = tuple(each.other for each in progress.done)
        if not progress.done and begun is not None:
            alone = DoneSlab(slab.length, begun.field, begun.declared, begun.seed, None)
            progress = replace(progress, done=(alone,))
        midst = replace(slab, begun=early, others=others)
        return replace(self.outcome(progress, stopped), unfinished=midst)


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
    # refuses, before anything is solved, what cannot be marched through
    first_slab(system.problem, march.time, 1.0)
    walk = _Walk(system, march, solver, budget, seed, keep)
    slab = _slab_of(march, walk.whole / (march.slabs or PACE.first_slabs))
    progress = _Progress(_resumed(system, march), slab)
    try:
        while left := walk.left(progress):
            progress = progress.at_most(left)
            own = walk.own(progress)
            last, good = walk.attempt(progress, own)
            if good is not None:
                was_easy = last.fit.expansion.space.columns < PACE.easy * own.columns
                after = walk.next_slab(progress.slab, was_easy)
                progress = progress.followed_by(good, last.stopped, after)
                record("march", last.fit, math.nan)
                keep(partial(walk.so_far, progress, Stop.INTERRUPTED))
            elif _halved(walk, progress, last):
                halved = OpenSlab(len(progress.done), progress.slab.length / 2)
                progress = replace(progress, slab=halved)
            else:
                return _failed(walk, progress, last, own)
    except EARLY as error:
        progress = progress.begun_at(reached(error, Begun))
        if progress.done or progress.slab.begun:
            return walk.so_far(progress, why(error))
        raise
    return walk.outcome(progress, progress.stopped)


def _halved(walk: _Walk, progress: _Progress, last: Outcome) -> bool:
    long = progress.slab.length > PACE.shortest * walk.whole
    return long and _shortens(walk.march, last, progress.done, walk.budget)


def _failed(walk: _Walk, progress: _Progress, last: Outcome, own: Budget) -> Outcome:
    """What a slab that is not good leaves, beside those before it."""
    outgrown = progress.done and _outgrown(walk.march, walk.system, last, walk.budget, own)
    stopped = Stop.BLOW_UP if outgrown else last.stopped
    return walk.so_far(progress.begun_at(Begun.of(last.fit)), stopped)


def _outgrown(march: March, system: System, last: Outcome, budget: Budget, own: Budget) -> bool:
    """Whether a slab failed, however short, by what it holds: not for want of seconds, and not of a
    linear problem.
    """
    nonlinear = not system.linear
    return (
        nonlinear
        and _shortens(march, last, (last,), budget)
        and own.left() > PACE.one_more * last.fit.seconds
    )


def _shortens(march: March, last: Outcome, done: Sequence[Any], budget: Budget) -> bool:
    """Whether a slab that failed should be tried at half its length; that it is not unique says so
    only of the first.
    """
    failed = last.stopped not in (*GOOD, Stop.INTERRUPTED) and (
        bool(done) or last.stopped != Stop.NOT_UNIQUE
    )
    return failed and march.slabs is None and budget.left() > 0


def _resumed(system: System, march: March) -> tuple[DoneSlab, ...]:
    """The slabs of the solution that is gone on with; other draws that are not known are taken to
    be the first.
    """
    if march.after is None:
        return ()
    declared, midst = march.after.declared, _midst(march.after)
    if march.after.field.n_unknowns != system.n_unknowns:
        raise ValueError("March(..., after=solution) wants a solution of the same problem")
    fields = list(march.after.field.parts)
    others = fields if midst is None else [o and o.field for o in midst.others]
    parts = zip(declared.lengths, fields, declared.parts, declared.seeds, others, strict=False)
    return tuple(DoneSlab(*each) for each in parts)


def _midst(after: Any) -> OpenSlab | None:
    """The slab that the march of a solution was in the midst of, if it was in one."""
    return after.unfinished if isinstance(after.unfinished, OpenSlab) else None


def _slab_of(march: March, length: float) -> OpenSlab:
    """The first slab to be solved, of that length if nothing else is known."""
    midst = None if march.after is None else _midst(march.after)
    if midst is None:
        return OpenSlab(0 if march.after is None else len(march.after.declared.lengths), length)
    as_long = march.slabs is None or abs(midst.length - length) <= 1e-9 * length
    return midst if as_long else OpenSlab(midst.done, length)
