"""An evolution whose unknowns are held together by constraints, such as an incompressible flow, in
products of polynomials: more of them, and smaller steps, until two paths agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import torch

from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.boxes import fills_a_box
from pinnsolve.discretize.changes import largest_change, relative_change, shares_of
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.places import places, quadrature
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import Constrained, constrained_form, order_along
from pinnsolve.evolution.held import followed, held_of
from pinnsolve.evolution.products import is_fit
from pinnsolve.evolution.suited import tails_of
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.products import MovingProducts, Products
from pinnsolve.running.budget import EARLY, OutOfTimeError, carrying, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import CAUTION, SECOND_DRAW, confirmed
from pinnsolve.search.confirm import residual_that_is_enough
from pinnsolve.search.fit import Fit, streams
from pinnsolve.search.task import Outcome, Task, as_asked
from pinnsolve.strategies.in_products import more_of


@dataclass(frozen=True)
class Growing:
    """How many functions and steps there are."""

    # Along each coordinate at first, in two dimensions of space, or three
    first: tuple[int, ...] = (12, 7)
    # Times as many functions, at most, where last coefficients are not small; and along a
    # coordinate whose last ones are that much smaller than the largest
    most: tuple[float, float] = (1.5, 1.2)
    smaller: float = 0.2
    # Of the goal, so much may the last coefficients be
    tail: float = 0.3
    # Steps at first; times as many the next time, since what is explicit asks for shorter ones
    # beside more functions (a channel's of 41 x 22 had an error of 0.3 in 177 steps, of 5e-3 in
    # 320); and where a path grew without bound
    steps: int = 64
    finer: float = 1.7
    bounded: int = 2
    # The order by which errors of steps may fall, that of stages; and by which they are believed
    # to, where two differences say so. Beside data that move it is less: Beltrami's flow had 2.2 to
    # 2.8
    promised: float = 3.0
    order: float = 2.0
    # Falling less than this, they do not converge
    falling: float = 1.2
    # Times what differences promise, that is claimed; and times the difference of the first two
    # paths, if the second has more functions: beside these a pressure's error of steps is larger
    caution: float = 1.3
    begun: float = 4.0
    # Coefficients of all unknowns, at most: a factor takes their cube (of 2,916 in 4,860 rows 5 s;
    # four unknowns have 11 functions a side). Of those that fall apart, as many as have matrices of
    # that size together
    columns: int = 5400
    # A tolerance that is worth its time, where none is given
    worthwhile: float = 1e-6
    # Of the residual on few points, the seconds that it takes on many: 11 to 12 times as long
    confirming: float = 12.0


GROWING = Growing()


@dataclass(frozen=True)
class Seconds:
    """What a path took: its factor, its steps, and the residual on few points."""

    factor: float
    steps: float
    residual: float

    def again(self, grown: float) -> float:
        """Those of the next path, of so many times the functions, if it is to be met: a factor
        takes their cube; a step less than their square, since what is not its product counts; the
        residual as many points of more steps.
        """
        # Beltrami's flow, from 2,916 coefficients in 109 steps to 5,324 in 186: 65 s, 80 foreseen.
        judged = (1 + GROWING.confirming) * self.residual
        return grown**3 * self.factor + GROWING.finer * (math.pow(grown, 1.5) * self.steps + judged)


@dataclass(frozen=True, eq=False)
class Progress:
    """Functions and steps that are tried next, and the seconds that they are foreseen to take; the
    best so far, and what that differs by from the path before, NaN where there was none: by how
    much less than these differed, and whether it is `of_steps` alone. `share` is what matrices
    hold, of those of all columns: its root.
    """

    counts: tuple[int, ...]
    steps: int
    best: Outcome | None = None
    stopped: Stop | None = None
    change: float = math.nan
    fell: float = 1.0
    of_steps: bool = False
    share: float = 1.0
    foreseen: float = 0.0

    def promised(self, goal: float) -> bool:
        """Whether the next path may do: by smaller steps, or as differences have fallen."""
        if self.best is None or not math.isfinite(self.change):
            return False
        of_steps = math.pow(GROWING.finer, GROWING.promised) if self.of_steps else 1.0
        return self.best.estimate <= goal * max(of_steps, self.fell)


@dataclass(frozen=True, eq=False)
class InConstrained:
    """Steps that hold the constraints, in one basis of products."""

    form: Constrained

    def __call__(self, task: Task) -> Outcome:
        """The best that is reached, with an estimate by more functions and smaller steps. Raises
        OutOfTimeError where no path came to the end.
        """
        asked, task = task, replace(task, tolerance=task.tolerance or GROWING.worthwhile)
        dim = len(task.system.domain.coordinates) - 1
        progress = Progress((GROWING.first[dim - 2],) * dim, GROWING.steps)
        while progress.stopped is None:
            shared = _with_all(task) if progress.promised(task.goal) else task
            try:
                with carrying(progress.best):
                    progress = self._tried(shared, progress)
            except EARLY as error:
                progress = replace(progress, stopped=why(error))
            except MemoryError:
                progress = replace(progress, stopped=Stop.BUDGET)
        if progress.best is None:
            raise OutOfTimeError(None, "no constrained evolution came to the end in products")
        return as_asked(asked, replace(progress.best, stopped=progress.stopped))

    def _tried(self, task: Task, progress: Progress) -> Progress:
        system, counts, steps = task.system, progress.counts, progress.steps
        columns = system.n_unknowns * math.prod(counts)
        if progress.share * columns > GROWING.columns or task.budget.left() < progress.foreseen:
            return replace(progress, stopped=Stop.BUDGET)
        times = [task.budget.spent()]
        held = held_of(system, self.form, counts, steps)
        times.append(task.budget.spent())
        field = None if held is None else followed(held, system, steps, task.budget.require)
        if held is None:
            return replace(progress, stopped=Stop.STAGNATED)
        if field is None:
            return replace(progress, steps=GROWING.bounded * steps)
        times.append(task.budget.spent())
        residuals = relative_residuals(system, field, streams(task.seed)[2])
        times.append(task.budget.spent())
        seconds, whole = Seconds(*(b - a for a, b in pairwise(times))), times[-1] - times[0]
        facts = by_other_means(float(field.functions), steps)
        declared = self._declared(system, counts)
        fitted = Fit(declared, task.seed, field, residuals, facts, Stop.SOLVED, whole)
        tails, limit, share = _tails(field), GROWING.tail * task.goal, held.solution.share
        best, change, of_steps = self._judged(task, progress, fitted, max(tails))
        task.record("grow", fitted, best.estimate)
        task.keep(lambda: replace(best, stopped=Stop.INTERRUPTED))
        more = more_functions(counts, tails, limit, GROWING.columns / (share * system.n_unknowns))
        # What steps leave is not what functions leave that there is no room for.
        full = more == counts and max(tails) > limit
        stopped = Stop.MET if best.stopped is Stop.MET else Stop.BUDGET if full else None
        foreseen = seconds.again(math.prod(more) / math.prod(counts))
        fell = progress.change / change if math.isfinite(progress.change) else 1.0
        finer = math.ceil(GROWING.finer * steps)
        return Progress(more, finer, best, stopped, change, fell, of_steps, share, foreseen)

    def _declared(self, system: System, counts: tuple[int, ...]) -> MovingProducts:
        names = [c.name for c in system.domain.coordinates]
        time = names.pop(self.form.axis)
        return MovingProducts(tuple(zip(names, counts, strict=True)), (), time)

    def _judged(
        self, task: Task, progress: Progress, fitted: Fit, tail: float
    ) -> tuple[Outcome, float, bool]:
        """A path beside the one before, of fewer functions or larger steps, their difference, and
        whether it is of steps alone: that one's error, and no less than the other's. Of steps
        alone, it says nothing of functions: their last coefficients count, too.
        """
        best = Outcome(fitted, math.nan, 0, Stop.STAGNATED)
        if progress.best is None:
            return best, math.nan, False
        system, last = task.system, progress.best.fit
        p = quadrature(system, CAUTION.points, task.seed + SECOND_DRAW)
        before, after = (fit.field.values(p.x) for fit in (last, fitted))
        change = relative_change(system, before, after, None, shares_of(p))
        of_steps = last.declared == fitted.declared
        begun = math.isnan(progress.best.estimate) and not of_steps
        known = progress.change if of_steps and progress.of_steps else math.nan
        left = GROWING.begun if begun else left_of(change, known)
        largest = largest_change(system, before, after, None)
        beside = tail if of_steps else 0.0
        best = replace(best, estimate=left * change + beside, maximum=left * largest + beside)
        enough = residual_that_is_enough(task.goal)
        if best.estimate <= task.goal and fitted.residual <= enough:
            best = confirmed(system, best, enough)
        met = best.estimate <= task.goal and best.fit.residual <= enough
        return replace(best, stopped=Stop.MET) if met else best, change, of_steps


def _with_all(task: Task) -> Task:
    """The task with the whole of a budget that is shared with another way."""
    return replace(task, budget=task.whole or task.budget)


def left_of(change: float, before: float) -> float:
    """Times the difference of two paths, the error that is left in the one of smaller steps: the
    difference itself, unless the one `before` says how errors of steps fall.

    Where they fall by a factor each time, it is the last difference over that factor less one.
    """
    if not (math.isfinite(before) and change > 0):  # neither is NaN
        return 1.0
    factor = min(before / change, math.pow(GROWING.finer, GROWING.order))
    return GROWING.caution / (max(factor, GROWING.falling) - 1)


def _tails(field: Products) -> tuple[float, ...]:
    """The largest of some states."""
    each = [tails_of(field.lines, q) for q in field.states[0][1 :: max(1, len(field.times) // 16)]]
    return tuple(map(max, zip(*each, strict=True)))


def more_functions(
    counts: tuple[int, ...], tails: tuple[float, ...], limit: float, room: float
) -> tuple[int, ...]:
    """Functions that bring the last coefficients below a limit, as far as there is room for as many
    products of them; no fewer than before.
    """
    most = [GROWING.most[tail < GROWING.smaller * max(tails)] for tail in tails]
    each = zip(counts, tails, most, strict=True)
    more = [more_of(n, tail, limit, times) for n, tail, times in each]
    now, then = math.prod(counts), math.prod(more)
    # Of the growth along each coordinate that power, so that all of them fill the room
    power = min(1.0, max(0.0, math.log(room / now)) / math.log(then / now)) if then > now else 1.0
    pairs = zip(counts, more, strict=True)
    return tuple(n if m == n else math.floor(n * math.pow(m / n, power)) for n, m in pairs)


def suits_constrained(system: System) -> Constrained | None:
    """The form of a constrained evolution in a box; None, where it is none, or data have narrow
    features.
    """
    coordinates = system.domain.coordinates
    form = constrained_form(system) if len(coordinates) in {3, 4} else None
    if form is None or places(system):
        return None
    rules = any(
        len(r.traces) != 1 or r.traces[0].rule is not None or r.traces[0].points is not None
        for r in (*form.laws, *form.constraints)
    )
    known = {r.slots[0].unknown for r in form.initial if is_fit(r, form.axis)}
    on_faces = all(len(r.traces) == 1 for r in form.sides)
    if not (fills_a_box(system, form.axis) and on_faces) or rules or not form.moving <= known:
        return None
    return form if all(_is_linear_but_for(r, form) for r in form.laws) else None


def _is_linear_but_for(law: Residual, form: Constrained) -> bool:
    """Whether a law is linear in all but the moving unknowns themselves, with slopes that are the
    same at all times: in rates, and in what only constraints determine.
    """
    x = tensor_of(sample_region(law.condition.region, 64, 0).x)
    u = torch.rand(len(law.slots), len(x), generator=torch.Generator().manual_seed(0)).to(x)
    later = x.clone()
    later[:, form.axis] = form.end
    known, other = law.coefficients(x, None), law.slopes(later, None, u)
    return all(
        torch.allclose(a, b, rtol=1e-10, atol=0.0)
        for s, a, b in zip(law.slots, known, other, strict=True)
        if order_along(s.index, form.axis) or s.unknown not in form.moving
    )
