"""The passes in order: separate the unknowns, collapse Laplacians, take slopes, decide linearity,
lower.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from sympy import Dummy, Expr, Symbol, expand
from torch import Tensor

from pinnsolve.compile.collapse import collapse_laplacians, in_domain_order
from pinnsolve.compile.features import Features, features
from pinnsolve.compile.lower import lower
from pinnsolve.compile.poles import without_poles
from pinnsolve.compile.quadrature import GAUSS, rule_of
from pinnsolve.compile.traces import Slot, Trace
from pinnsolve.declare.checks import difference
from pinnsolve.declare.decompose import solved_pairs, solved_problem
from pinnsolve.declare.kinks import Kink, kinks
from pinnsolve.declare.problem import Problem, problem_of
from pinnsolve.declare.supports import supports
from pinnsolve.geometry.filters import Inside
from pinnsolve.geometry.region import Condition, Region, charts_of
from pinnsolve.geometry.solids import Box
from pinnsolve.jets.indices import JetIndex, MultiIndex, members
from pinnsolve.symbols.integrals import Measure
from pinnsolve.symbols.occurrences import Occurrence, separate
from pinnsolve.symbols.symbols import normal

Program = Callable[[Iterable[Tensor], int], Tensor]  # a `Lowered`, or one that is made of it


@dataclass(frozen=True)
class Residual:
    """A condition as functions of points `X (n, dim)`, normals `(n, dim)` and slot values `U
    (n_slots, n)`.

    On a cloud, normals are `(n, dim + n_data)`: NaN, then the measured data.

    `value` is left minus right side, `(n,)`; `slopes` its partial derivatives in the slots (the
    Gateaux derivative's coefficients), `(n_slots, n)`. The equation is linear iff the slopes do not
    depend on U, decided on the symbols. `features` are narrow ones of its data, by the charts of
    its region.
    """

    condition: Condition
    traces: tuple[Trace, ...]
    slots: tuple[Slot, ...]
    linear: bool
    lowered_value: Program
    lowered_slopes: Program
    features: tuple[Features, ...] = field(default=(), kw_only=True)
    kinks: tuple[Kink, ...] = field(default=(), kw_only=True)

    @property
    def integrates(self) -> bool:
        """Whether it takes an integral of an unknown."""
        return any(trace.rule is not None for trace in self.traces)

    def value(self, x: Tensor, normals: Tensor | None, u: Tensor) -> Tensor:
        """Left minus right side of the equation: `(n,)`."""
        return self.lowered_value(self._arguments(x, normals, u), len(x))[0]

    def slopes(self, x: Tensor, normals: Tensor | None, u: Tensor) -> Tensor:
        """Partial derivatives of `value` in the slots: `(n_slots, n)`."""
        return self.lowered_slopes(self._arguments(x, normals, u), len(x))

    def data(self, x: Tensor, normals: Tensor | None) -> Tensor:
        """The residual of the zero field, `(n,)`: minus the right-hand side, for a linear
        equation.
        """
        return self.value(x, normals, x.new_zeros(len(self.slots), len(x)))

    def coefficients(self, x: Tensor, normals: Tensor | None) -> Tensor:
        """The slopes at the zero field, `(n_slots, n)`: all that a linear equation has."""
        return self.slopes(x, normals, x.new_zeros(len(self.slots), len(x)))

    def given(self, x: Tensor, normals: Tensor | None) -> Tensor:
        """What a linear condition says its only slot is, `(n,)`; NaN where it says nothing."""
        return -self.data(x, normals) / self.coefficients(x, normals)[0]

    def by_derivative(self, x: Tensor, normals: Tensor | None = None) -> dict[MultiIndex, float]:
        """The coefficient of every derivative at a point `(1, dim)`, of all unknowns together."""
        found: dict[MultiIndex, float] = defaultdict(float)
        coefficients = self.coefficients(x, normals).detach()[:, 0].tolist()
        for slot, coefficient in zip(self.slots, coefficients, strict=True):
            for member in members(slot.index):
                found[member] += coefficient
        return found

    @staticmethod
    def _arguments(x: Tensor, normals: Tensor | None, u: Tensor) -> list[Tensor]:
        return [*x.T, *(torch.full_like(x, torch.nan) if normals is None else normals).T, *u]


@dataclass(frozen=True)
class System:
    """A compiled problem: one residual a condition. `validation` is the system that fits are judged
    by, if it is another, `units` what unknowns are measured in, where that is known. `pairs` are
    the numbers of real and imaginary parts, with the names of what these make.
    """

    problem: Problem
    residuals: tuple[Residual, ...]
    validation: System | None = None
    units: tuple[float, ...] | None = None
    pairs: tuple[tuple[str, int, int], ...] = ()

    @property
    def domain(self) -> Region:
        """The problem's domain."""
        return self.problem.domain

    @property
    def n_unknowns(self) -> int:
        """How many scalar fields are sought."""
        return len(self.problem.unknowns)

    @cached_property
    def supports(self) -> tuple[Region, ...]:
        """Where each unknown lives: the domain, or the part that its equations fill."""
        return supports(self.problem)

    @property
    def integrates(self) -> bool:
        """Whether any equation takes an integral of an unknown."""
        return any(residual.integrates for residual in self.residuals)

    @property
    def linear(self) -> bool:
        """Whether all of its residuals are linear in the unknowns."""
        return all(residual.linear for residual in self.residuals)


def compile_problem(problem: Problem) -> System:
    """Compile every condition, with its data's narrow features and kinks; in pieces, where formulas
    differ by region. Raises ValueError for an operation that cannot be lowered.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, compile_problem, coordinates, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u**2), Eq(u(0), 1))
    >>> [residual.linear for residual in compile_problem(growth).residuals]
    [False, True]
    """
    if problem_of(problem) is None:
        raise TypeError(
            "compile_problem wants a Problem, compile_problem(Problem(domain, Eq(...), ...)): got"
            f" {problem}"
        )
    pairs, problem = solved_pairs(problem), solved_problem(problem)
    compiled = [compile_condition(condition, problem) for condition in problem.conditions]
    residuals = tuple(with_known_data(residual, residual.condition) for residual in compiled)
    system = System(problem, residuals, pairs=pairs)
    return replace(system, validation=_with_finer_rules(system)) if system.integrates else system


def _with_finer_rules(system: System) -> System:
    """The same with other nodes in all integrals: what a rule misses is seen by another."""
    conditions = system.problem.conditions
    finer = [compile_condition(c, system.problem, GAUSS.judging) for c in conditions]
    pairs = zip(finer, system.residuals, strict=True)
    known = tuple(replace(f, features=r.features, kinks=r.kinks) for f, r in pairs)
    return replace(system, residuals=known)


def with_known_data(
    residual: Residual, condition: Condition, moved: Mapping[Symbol, Expr] | None = None
) -> Residual:
    """A residual on the region of a condition, with what its data hide and where they jump;
    coordinates may be `moved`.
    """
    narrow = narrow_features(condition, moved)
    return replace(
        residual, condition=condition, features=narrow, kinks=inner_kinks(condition, moved)
    )


def with_held_out_data(system: System, share: float = 0.2, fewest: int = 5) -> System:
    """A system that leaves a share of measured data to judge by; itself, if there are none.

    Other equations on a cloud, and data of less than the `fewest` points, are all kept: each of
    them counts.
    """
    regions = [r.condition.region for r in system.residuals]
    if not any(region.measured >= fewest for region in regions):
        return system
    parts = [
        region.split(1 - share) if region.measured >= fewest else (region, region)
        for region in regions
    ]
    kept, left_out = (tuple(side) for side in zip(*parts, strict=True))
    judging = _restricted(system.validation or system, left_out)
    return replace(_restricted(system, kept), validation=judging)


def _restricted(system: System, regions: tuple[Region, ...]) -> System:
    problem = system.problem.restricted(regions)
    pairs = zip(system.residuals, problem.conditions, strict=True)
    own = tuple(replace(r, condition=c) for r, c in pairs)
    return System(problem, own, pairs=system.pairs)


def compile_condition(condition: Condition, problem: Problem, finer: float = 1.0) -> Residual:
    """Compile one equation, or an expression in its place, over the problem's coordinates and
    unknowns; integrals have `finer` times as many nodes.
    """
    coordinates = problem.domain.coordinates
    residual, occurrences = separate(difference(condition))
    residual = without_poles(residual, occurrences, condition.region)
    # Before slopes are taken: afterwards, equal slopes would have to be found again by each pass.
    residual, summed = collapse_laplacians(residual, occurrences)
    symbols = tuple(summed)
    slopes = [residual.diff(d) for d in symbols]
    linear = not any(_mentions(s, symbols) for s in slopes)
    if linear:  # x*u - x*(u + 1) has slopes that only look as if they depended on u
        slopes = [expand(s) if set(symbols) & s.free_symbols else s for s in slopes]
    traces, slots = _slots(summed, occurrences, problem, finer)
    given = (*coordinates, *normal(*coordinates), *condition.region.data)
    inputs: tuple[Symbol, ...] = (*given, *symbols)
    return Residual(
        condition, traces, slots, linear, lower([residual], inputs), lower(slopes, inputs)
    )


def narrow_features(
    condition: Condition, moved: Mapping[Symbol, Expr] | None = None
) -> tuple[Features, ...]:
    """The narrow features of a condition's functions of the coordinates, some of which may be
    `moved`; none on given points.

    In a region of full dimension over its bounding box, so that places are those of coordinates;
    on one that is known by numbers alone likewise.
    """
    region = condition.region
    if region.is_listed:
        return ()
    expression = separate(difference(condition))[0].xreplace(dict(moved or {}))
    charts = charts_of(region)
    whole = charts[0].dimension == len(region.coordinates) and not isinstance(region, Box)
    if whole or not charts[0].formulas:
        limits = zip(region.coordinates, region.bounds.tolist(), strict=True)
        charts = tuple(c.filtered(Inside(region)) for c in Box(dict(limits)).charts())
    by_chart = tuple(features(expression, chart) for chart in charts)
    return tuple(f for f in by_chart if f.trees or f.hidden)


def inner_kinks(
    condition: Condition, moved: Mapping[Symbol, Expr] | None = None
) -> tuple[Kink, ...]:
    """Where the data of an equation of the whole domain, or a part of full dimension, jump or have
    a kink; else none.
    """
    region = condition.region
    if region.is_listed or charts_of(region)[0].dimension < len(region.coordinates):
        return ()
    return kinks(difference(condition), region, moved)


def _mentions(slope: Expr, symbols: tuple[Dummy, ...]) -> bool:
    own = set(symbols)
    return bool(own & slope.free_symbols) and bool(own & expand(slope).free_symbols)


def _slots(
    summed: dict[Dummy, tuple[Occurrence, tuple[Dummy, ...]]],
    occurrences: dict[Dummy, Occurrence],
    problem: Problem,
    finer: float,
) -> tuple[tuple[Trace, ...], tuple[Slot, ...]]:
    coordinates = problem.domain.coordinates
    functions = [u.func for u in problem.unknowns]
    places: dict[tuple[tuple[Expr, ...], Measure | None], int] = {}
    slots = []
    for occurrence, parts in summed.values():
        own = occurrence.function.coordinates
        place = tuple(occurrence.arguments[own.index(c)] if c in own else c for c in coordinates)
        indices = [in_domain_order(occurrences[d].index, own, coordinates) for d in parts]
        index: JetIndex = indices[0] if len(indices) == 1 else frozenset(indices)
        number = places.setdefault((place, occurrence.measure), len(places))
        slots.append(Slot(functions.index(occurrence.function), number, index))
    traces = tuple(_trace(*place, coordinates, finer) for place in places)
    return traces, tuple(slots)


def _trace(
    arguments: tuple[Expr, ...],
    measure: Measure | None,
    coordinates: tuple[Symbol, ...],
    finer: float,
) -> Trace:
    if measure is not None:
        return Trace(arguments, None, rule_of(measure, arguments, coordinates, finer))
    return Trace(arguments, None if arguments == coordinates else lower(arguments, coordinates))
