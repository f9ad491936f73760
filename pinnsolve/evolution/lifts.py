"""Sides whose data are not zero: u = v + lift, where the lift satisfies the sides, by symbols, so
that v has sides without data.

Coordinate by coordinate, what the sides still lack is interpolated by polynomials of that
coordinate (Gordon and Hall, Numer. Math. 21 (1973) 109): where data agree at corners, later
coordinates change nothing of what earlier ones have.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from sympy import Add, Eq, Expr, Float, Integer, nan, zoo
from torch import Tensor

from pinnsolve.compile.lower import Lowered, lower
from pinnsolve.compile.system import Residual, System, compile_problem
from pinnsolve.declare.by_region import ByRegion
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.recognize import Form, evolution_form, order_along
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.lines import End
from pinnsolve.fields.separated import between
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.occurrences import separate, substitute
from pinnsolve.symbols.symbols import unknown


@dataclass(frozen=True)
class Lifting:
    """When a lift is what it should be."""

    # Of the largest datum: what sides and initial values may lack of it
    agreed: float = 1e-9
    # Points of a condition
    points: int = 256
    # Halvings of the whole time, at most, until quintic polynomials hold a lift
    halvings: int = 12


LIFTING = Lifting()


@dataclass(frozen=True)
class Side:
    """The data of a condition of unknown number `unknown`, at an end of coordinate `axis`."""

    unknown: int
    axis: int
    end: End
    data: Expr


@dataclass(frozen=True, eq=False)
class Lift:
    """What is taken off the unknowns, as `expressions`: the evolution `form` of the rest, in a
    `system` of its own.
    """

    system: System
    form: Form
    expressions: tuple[Expr, ...]

    @cached_property
    def _moments(self) -> Lowered:
        coordinates = self.system.domain.coordinates
        time = coordinates[self.form.axis]
        each = [e.diff(time, k) if k else e for k in range(3) for e in self.expressions]
        return lower(each, coordinates)

    @property
    def rests(self) -> bool:
        """Whether it is the same at all times."""
        time = self.system.domain.coordinates[self.form.axis]
        return not any(time in e.free_symbols for e in self.expressions)

    def longest(self, x: Tensor, rtol: float) -> float:
        """The longest step on which a quintic polynomial between its ends is the lift, to an error
        relative to its size, at points `(n, dim)`.
        """
        start, whole = self.form.start, self.form.end - self.form.start
        if self.rests:
            return math.inf
        for halvings in range(LIFTING.halvings):
            times = torch.linspace(start, self.form.end, 2 ** (halvings + 1) + 1, dtype=x.dtype)
            each = torch.stack([self.moments(_at_time(x, self.form.axis, float(t))) for t in times])
            h = math.ldexp(whole, -halvings)
            weights = between(x.new_tensor([0.0, h]), x.new_tensor([h / 2]), 0)[:, 0]
            ends = torch.stack([each[:-1:2], each[2::2]], dim=2).flatten(1, 2)
            missed = torch.einsum("s,tskn->tkn", weights, ends) - each[1::2, 0]
            if float(missed.abs().max()) <= rtol * float(each[:, 0].abs().max()):
                return h
        return h

    def moments(self, x: Tensor) -> Tensor:
        """Values and the first two derivatives in time at points `(n, dim)`: `(3, n_unknowns,
        n)`.
        """
        return self._moments(list(x.T), len(x)).reshape(3, len(self.expressions), len(x))


def lift_of(system: System, form: Form, sides: Sequence[Side]) -> Lift | None:
    """Of an evolution in a box; None, where sides do not agree with each other, or the start with
    them: then no smooth function has what they ask for.
    """
    coordinates = system.domain.coordinates
    expressions = [Integer(0)] * system.n_unknowns
    for axis in range(len(coordinates)):
        for k in range(system.n_unknowns):
            mine = [side for side in sides if (side.unknown, side.axis) == (k, axis)]
            lacking = [side.data - _at(side.end, expressions[k], system, axis) for side in mine]
            shapes = _shapes([side.end for side in mine], system, axis)
            terms = (shape * lack for shape, lack in zip(shapes, lacking, strict=True))
            expressions[k] = expressions[k] + Add(*terms)
    lift = _taken_off(system, form, tuple(expressions))
    return lift if lift is not None and _agrees(system, form, lift, sides) else None


def _at(end: End, expression: Expr, system: System, axis: int) -> Expr:
    """What a condition makes of an expression."""
    c, place = system.domain.coordinates[axis], system.domain.bounds[axis, end.end]
    terms = [
        Float(w) * (expression.diff(c, order) if order else expression)
        for order, w in enumerate(end.weights)
        if w
    ]
    return Add(*terms).subs(c, exact_number(float(place)))


def exact_number(value: float) -> Expr:
    """A number that formulas keep short."""
    return Integer(int(value)) if value == int(value) else Float(value)


def _shapes(ends: Sequence[End], system: System, axis: int) -> list[Expr]:
    """For every condition the flattest polynomial that it makes one of, and all others zero."""
    if not ends:
        return []
    c, (low, high) = system.domain.coordinates[axis], system.domain.bounds[axis].tolist()
    middle, half = (low + high) / 2, (high - low) / 2
    powers = np.polynomial.polynomial.Polynomial.basis

    def made_of(end: End, power: int) -> float:
        parts = enumerate(end.weights)
        at = 2 * end.end - 1
        return float(sum(w * powers(power).deriv(o)(at) / half**o for o, w in parts))

    rows = [[made_of(end, n) for n in range(len(ends) + 1)] for end in ends]
    made = np.linalg.pinv(np.array(rows, dtype=float))
    s = (c - exact_number(middle)) / exact_number(half)
    return [
        Add(*[Float(a) * s**n for n, a in enumerate(column) if abs(a) > 1e-14]) for column in made.T
    ]


def _taken_off(system: System, form: Form, expressions: tuple[Expr, ...]) -> Lift | None:
    problem = system.problem
    rest = [unknown(f"{u.func.__name__}_rest", *u.coordinates) for u in problem.unknowns]
    shifted = {u: v + e for u, v, e in zip(problem.unknowns, rest, expressions, strict=True)}
    sides = [residual.condition for residual in form.sides]
    conditions = []
    for condition in problem.conditions:
        expression = difference(condition)
        if any(condition is side for side in sides):
            expression = _without_data(expression)
            expression = substitute(expression, dict(zip(problem.unknowns, rest, strict=True)))
        else:
            expression = substitute(expression, shifted)
        if expression.has(zoo, nan):  # values on a side whose formula has none at the start
            return None
        conditions.append(Condition(Eq(expression, 0, evaluate=False), condition.region))
    made = compile_problem(problem.replaced(tuple(conditions), tuple(rest), None))
    moved = evolution_form(made)
    return None if moved is None else Lift(made, moved, expressions)


def _without_data(expression: Expr) -> Expr:
    """The homogeneous part of a linear expression."""
    whole, occurrences = separate(expression)
    return (expression - whole.subs(dict.fromkeys(occurrences, 0))).expand()


def data_of(residual: Residual) -> Expr | None:
    """What a linear condition asks for, by symbols; None, where more than coordinates says it."""
    whole, occurrences = separate(difference(residual.condition))
    data = -whole.subs(dict.fromkeys(occurrences, 0))
    known = data.free_symbols <= set(residual.condition.region.coordinates)
    return data if known and not data.has(Data, ByRegion) else None


def _solved(residual: Residual) -> Expr | None:
    """The only unknown of a linear condition, by symbols."""
    whole, occurrences = separate(difference(residual.condition))
    (symbol,), data = occurrences, data_of(residual)
    return None if data is None else data / whole.diff(symbol)


def _agrees(system: System, form: Form, lift: Lift, sides: Sequence[Side]) -> bool:
    """Whether sides have their data, also where they meet, and so has the start."""
    time, begun = system.domain.coordinates[form.axis], dict[int, Expr]()
    for residual in form.initial:
        (slot,) = residual.slots
        start = _solved(residual)
        if start is None:
            return False
        if not order_along(slot.index, form.axis):
            begun[slot.unknown] = start
    found = []
    for side in sides:
        lacks = side.data - _at(side.end, lift.expressions[side.unknown], system, side.axis)
        first = side.data - _at(side.end, begun[side.unknown], system, side.axis)
        found.append(_on(side, (side.data, lacks, first.subs(time, form.start)), system))
    data, *missed = torch.stack(found, dim=1).abs().flatten(1).amax(dim=1).tolist()
    return bool(max(missed) <= LIFTING.agreed * data)


def _on(side: Side, expressions: Sequence[Expr], system: System) -> Tensor:
    """Values of expressions at random points of a side, `(n_expressions, n)`."""
    bounds, generator = tensor_of(system.domain.bounds), torch.Generator().manual_seed(0)
    unit = torch.rand(LIFTING.points, len(bounds), generator=generator, dtype=bounds.dtype)
    x = bounds[:, 0] + unit * (bounds[:, 1] - bounds[:, 0])
    x[:, side.axis] = bounds[side.axis, side.end.end]
    return lower(list(expressions), system.domain.coordinates)(list(x.T), len(x))


def _at_time(x: Tensor, axis: int, t: float) -> Tensor:
    x = x.clone()
    x[:, axis] = t
    return x
