"""Eigenvalues of a problem: which basis, how wide, and whether two draws agree."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pinnsolve.basis.basis import Declaration
from pinnsolve.coefficients.eigen import Complex, matched, nearest_eigenvalues
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.pencil import Pencil
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.pencil_rows import CompiledPencil
from pinnsolve.discretize.plate_corners import force_is_missing
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.weyl import Weyl, weyl_of
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.running.budget import EARLY, OutOfTimeError, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.choose import choose
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import streams
from pinnsolve.search.null_space import smooth_kernel
from pinnsolve.search.task import Task
from pinnsolve.strategies.modal_corners import with_corners
from pinnsolve.strategies.sounded import size_of, sources


@dataclass(frozen=True)
class Sounding:
    """How the eigenvalues are looked for."""

    # The shift, of that size: an eigenvalue may be zero, and then no source has a solution
    shift: float = -0.05
    # Scales that are tried around the chosen one, by the residual of the last mode
    factors: tuple[float, ...] = (0.7, 1.0, 1.4, 2.0, 2.8)
    later: tuple[float, ...] = (1.0, 1.4)
    # Columns a mode at least, and at most in all
    columns: int = 12
    most: int = 2400
    # The second draw is narrower: two of one width leave out the same, and agree on it
    narrower: float = 1.4
    # Points on which modes are measured
    points: int = 2048
    # Times their estimates, that two values differ by which may be one
    one: float = 10.0
    # Of the last value: below it one is zero, and all terms of its mode may vanish
    zero: float = 1e-6
    # Of an imaginary part, relative, where estimates are not yet known: as if it were real
    imaginary: float = 1e-7


SOUNDING = Sounding()


@dataclass(frozen=True)
class Modes:
    """Eigenvalues `values (count,)`, by their distance from where they were looked for, with
    estimates `(count,)` of their errors, and a function for each.

    `residual` is the largest relative one of the first and the last; `law` says how many there are,
    where that is known.
    """

    declared: Declaration
    seed: int
    values: Complex
    estimates: Array
    fields: tuple[Expansion, ...]
    residual: float
    stopped: Stop
    law: Weyl | None

    @property
    def expected(self) -> float:
        """How many Weyl's law expects up to the last; nan, where it does not hold."""
        return math.nan if self.law is None else float(self.law.expected(self.values.real).max())

    @property
    def estimate(self) -> float:
        """The largest relative one."""
        return float((self.estimates / np.maximum(np.abs(self.values), 1e-300)).max())


def modes(task: Task, pencil: Pencil, near: float, count: int) -> Modes:
    """The eigenvalues nearest to a number: a basis is chosen by sources, its scale by the modes'
    own residual at every width, and the width is doubled until two draws agree to the tolerance.

    Raises ValueError where a basis cannot have as many, where the problem has not, and where every
    number is an eigenvalue; TimeoutError where nothing was found in time.
    """
    most = SOUNDING.most // (SOUNDING.columns * len(pencil.real.problem.unknowns))
    if count > most:
        raise ValueError(
            f"count={count} is above the {most} eigenvalues that {SOUNDING.most} functions resolve:"
            " ask for fewer at a time, those near a number, eigenmodes(problem, 50, near=1e4)"
        )
    size = size_of(pencil, near, task.seed)
    sounding = _Sounding(task, pencil, near + SOUNDING.shift * size, count, size)
    best = None
    try:
        sounding.require_conditions()
        for found in sounding.growing():
            best = found if best is None or found.estimate < best.estimate else best
            if found.stopped == Stop.MET:
                return found
    except EARLY as error:
        return _ended_early(error, best)
    assert best is not None
    _require_all(count, int((best.estimates < np.abs(best.values - sounding.about)).sum()))
    return best


def _require_all(count: int, found: int) -> None:
    if found < count:
        raise ValueError(
            f"of count={count} eigenvalues there are {found}: all others are infinite, or vary"
            f" faster than {SOUNDING.most} functions; ask for count={max(1, found)}"
        )


def _ended_early(error: BaseException, best: Modes | None) -> Modes:
    if best is not None:
        return replace(best, stopped=why(error))
    if why(error) == Stop.INTERRUPTED:
        raise error
    raise TimeoutError("no eigenvalue was found in time: give the budget more seconds") from error


@dataclass(frozen=True, eq=False)
class _Sounding:
    task: Task
    pencil: Pencil
    about: float
    count: int
    size: float

    @cached_property
    def held(self) -> CompiledPencil:
        """The pencil, compiled about where it is looked at."""
        return CompiledPencil.of(self.pencil, self.about)

    @cached_property
    def inside(self) -> Array:
        """Points `(n, dim)` on which modes are measured."""
        domain = self.pencil.problem.domain
        return sample_region(domain, SOUNDING.points, self.task.seed).x

    @cached_property
    def law(self) -> Weyl | None:
        """How many eigenvalues there are, where that is known and those found are the lowest."""
        return weyl_of(self.pencil) if self.about <= 0 else None

    def require_conditions(self) -> None:
        """Raise ValueError where null functions, or corners of a plate, show that a condition is
        missing: for any number there are solutions then.
        """
        missing = force_is_missing(self.held.system)
        if missing:
            raise ValueError(f"every number is an eigenvalue of this plate, as {missing}")
        if smooth_kernel(self.held.system, self.task.seed, self.task.budget).dimension:
            raise ValueError(
                "every number is an eigenvalue of this problem, as its conditions leave functions"
                " open: declare those that are missing, Eq(u, 0) @ domain.boundary, or the mean of"
                " a pressure, Eq(integral(p, domain), 0)"
            )

    def growing(self) -> Iterator[Modes]:
        """Modes in ever wider bases, as far as columns and seconds go."""
        family, width = self.chosen()
        factors, budget = SOUNDING.factors, self.task.budget
        unknowns = self.held.system.n_unknowns
        while True:
            start, before = budget.spent(), width
            family = self.scaled(family, width, factors)
            yield self.of_width(family, width)
            width, factors = min(2 * width, SOUNDING.most // unknowns), SOUNDING.later
            if width <= before:
                return
            # Twice the columns take at least four times as long
            seconds = (width / before) ** 2 * (budget.spent() - start)
            if not budget.allows(width * unknowns, seconds):
                raise OutOfTimeError

    def chosen(self) -> tuple[Family, int]:
        """A family, by solving for sources, and the width from which it grows."""
        given = sources(self.pencil, self.count, self.task.seed)
        system = compile_problem(self.pencil.at(self.about, given))
        chosen = choose(replace(self.task, system=system))
        width = max(chosen.width, SOUNDING.columns * self.count)
        return with_corners(chosen.families[0], system), width

    def scaled(self, family: Family, width: int, factors: Sequence[float]) -> Family:
        """The family, steeper by the one of some factors whose last mode leaves least."""
        if not family.shape:
            return family
        steeper = [family.steeper(factor) for factor in factors]
        return min(steeper, key=lambda own: self._residual(own.of_width(width)))

    def of_width(self, family: Family, width: int) -> Modes:
        """Two draws: values of the first, estimates by the second, narrower one."""
        declared, seed = family.of_width(width), self.task.seed
        space, m, c = self._found(declared, seed)
        fewer = family.of_width(max(round(width / SOUNDING.narrower), self.count))
        _, other, _ = self._found(fewer, seed + 1)
        values, again = self.about + m, self.about + other
        estimates = np.abs(values - matched(values, again)) + np.finfo(float).eps * self.size
        estimates = with_spread(values, estimates)
        values, estimates = real_if_it_may_be(values, estimates)
        estimates = no_better_than_first(estimates, sizes_of(values, estimates, self.size))
        fields = tuple(self._of_size_one(space, column) for column in c.T)
        residual = self._largest(values, fields)
        found = Modes(declared, seed, values, estimates, fields, residual, Stop.STAGNATED, self.law)
        good = float((estimates / sizes_of(values, estimates, self.size)).max()) <= self.task.goal
        # The error of an eigenvalue is of second order in that of its function
        enough = residual <= math.sqrt(self.task.goal)
        full = self.law is None or not self.law.short(np.sort(values.real))
        return replace(found, stopped=Stop.MET) if good and enough and full else found

    def _residual(self, declared: Declaration) -> float:
        space, m, c = self._found(declared, self.task.seed)
        # Waves that are too steep have the last mode, and lose the first
        sizes = np.abs(self.about + m)
        ends = [int(np.argmax(sizes > SOUNDING.zero * sizes[-1])), -1]
        values = self.about + m[ends]
        tiny = np.abs(values.imag) <= SOUNDING.imaginary * np.abs(values)
        fields = [self._of_size_one(space, column) for column in c.T[ends]]
        return self._largest(np.where(tiny, values.real, values), fields)

    def _largest(self, values: Complex, fields: Sequence[Expansion]) -> float:
        """Of the first and the last mode; complex ones of real unknowns are judged by their
        estimates alone.
        """
        ends = {0, len(values) - 1}
        kept = [k for k in ends if values[k].imag == 0 or self.pencil.is_complex]
        return max((self._left(complex(values[k]), fields[k]) for k in kept), default=0.0)

    def _left(self, value: complex, field: Expansion) -> float:
        system = compile_problem(self.pencil.at(value))
        return max(relative_residuals(system, field, self.task.seed + 2))

    def _of_size_one(self, space: Space, coefficients: Array) -> Expansion:
        """The field, of root mean square one over all unknowns, the largest value positive."""
        values = self.held.whole(array_of(self.held.field(space, coefficients).values(self.inside)))
        size = math.sqrt(float((np.abs(values) ** 2).mean(axis=1).sum()))
        largest = values.flat[np.abs(values).argmax()]
        turn = largest.conj() / (abs(largest) * size) if size else 1.0
        return self.held.field(space, coefficients * turn)

    def _found(self, declared: Declaration, seed: int) -> tuple[Space, Complex, Array]:
        self.task.budget.require()
        of_neurons, of_points, _ = streams(seed)
        space = build_space(self.held.system, declared, of_neurons)
        points = collocation_points(self.held.system, space, of_points)
        m, c = nearest_eigenvalues(*self.held.rows(points, space), self.count)
        _require_all(self.count, len(m))
        return space, m, c


def real_if_it_may_be(values: Complex, estimates: Array) -> tuple[Complex, Array]:
    """Values `(n,)` without imaginary parts that are no more than their estimates `(n,)` leave
    open, as of a pair of two equal real ones, split by what the basis does not resolve; estimates
    are no less than what was dropped.
    """
    tiny = np.abs(values.imag) <= SOUNDING.one * estimates
    dropped = np.where(tiny, np.abs(values.imag), 0.0)
    return np.where(tiny, values.real, values), np.maximum(estimates, dropped)


def with_spread(values: Complex, estimates: Array) -> Array:
    """Estimates `(n,)` of values `(n,)`; of those that may be one, split by what the basis does not
    resolve, no less than what they differ by.
    """
    apart = np.abs(values[:, None] - values)
    may_be_one = apart <= SOUNDING.one * (estimates[:, None] + estimates)
    spread: Array = np.maximum(estimates, (may_be_one * apart).max(axis=1))
    return spread


def no_better_than_first(estimates: Array, sizes: Array) -> Array:
    """Estimates `(n,)` of values, the slowest mode first, relative to sizes `(n,)` no less than the
    first: two draws may agree on a faster mode by chance.
    """
    return np.asarray(np.maximum(estimates, sizes * estimates[0] / sizes[0]))


def sizes_of(values: Complex, estimates: Array, size: float) -> Array:
    """What estimates `(n,)` are relative to: each value, and where it may be zero, the size of
    others.
    """
    may_be_zero = np.abs(values) <= SOUNDING.one * estimates
    return np.where(may_be_zero, np.maximum(np.abs(values), size), np.abs(values))
