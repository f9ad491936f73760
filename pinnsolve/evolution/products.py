"""An evolution in products of functions of one coordinate each: what its laws make of coefficients,
by a grid of points on which every coordinate is a matrix of its own.

What is linear in space with constant coefficients multiplies each product by a number, its stiff
rate; all the rest is a force.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from scipy.fft import next_fast_len
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.recognize import Form, Law, moves_along, order_along
from pinnsolve.fields.lines import Line, Lines, of_harmonics, places_of, shapes_of, to_harmonics
from pinnsolve.jets.indices import MultiIndex, members


@dataclass(frozen=True)
class Grids:
    """How many points a grid has, and what counts as constant."""

    # Points a function along a coordinate, so that products of two are integrated
    denser: float = 1.5
    # Points of all coordinates for what is done once, where functions are few: coefficients may be
    # rougher than they
    once: int = 100_000
    # Harmonics, from which on a fast transform beats a matrix
    fast: int = 48
    # Of the largest slope: slopes that differ by no more are the same
    same: float = 1e-10


GRIDS = Grids()


def _along(matrix: Tensor, q: Tensor) -> Tensor:
    """A matrix `(m, n_1)` along the first axis of a tensor, which comes last: `(n_2, .., m)`."""
    found: Tensor = torch.tensordot(q, matrix, dims=([0], [1]))
    return found


def _fast(line: Line) -> bool:
    """Whether a Fourier transform is faster than a matrix."""
    return line.periodic and not line.mirrored and line.count > GRIDS.fast


def counts(lines: Lines) -> list[int]:
    """How many functions there are along each coordinate, of the unknown that has most."""
    return [max(line.count for line in each) for each in zip(*lines, strict=True)]


def points_of(lines: Lines) -> list[int]:
    """How many points along each coordinate integrate products of two functions: of many, a product
    of small primes, of which Fourier transforms take half of the time that a prime takes.
    """
    each = ((math.ceil(GRIDS.denser * n) + 4, n > GRIDS.fast) for n in counts(lines))
    return [int(next_fast_len(n, real=True)) if many else n for n, many in each]


@dataclass(frozen=True, eq=False)
class Grid:
    """Points in a grid, `x (n, dim)` at no time yet, and for every unknown and coordinate the
    functions there: `tables (orders + 1, m_i, n_i)`, and `projections (n_i, m_i)` on them.
    """

    axis: int
    lines: Lines
    x: Tensor
    shape: tuple[int, ...]
    tables: tuple[tuple[Tensor, ...], ...]
    projections: tuple[tuple[Tensor, ...], ...]

    def at(self, t: float) -> Tensor:
        """The points at a time, `(n, dim)`."""
        x = self.x.clone()
        x[:, self.axis] = t
        return x

    def values(self, k: int, own: Sequence[int], q: Tensor) -> Tensor:
        """A derivative, of an order along each coordinate of space, of unknown k with coefficients
        `(n_1, n_2, ..)`: `(n,)`.
        """
        pairs = zip(self.lines[k], self.tables[k], own, self.shape, strict=True)
        for line, table, order, n in pairs:
            if _fast(line):
                q = of_harmonics(q.movedim(0, -1), n, order, line.high - line.low)
            else:
                q = _along(table[order], q)
        return q.flatten()

    def projected(self, k: int, values: Tensor) -> Tensor:
        """Coefficients of unknown k, `(columns,)`, of values `(n,)`."""
        q = values.reshape(self.shape)
        for line, projection in zip(self.lines[k], self.projections[k], strict=True):
            fast = _fast(line)
            q = to_harmonics(q.movedim(0, -1), line.count) if fast else _along(projection, q)
        return q.flatten()


def grid_of(system: System, form: Form, lines: Lines, points: Sequence[int]) -> Grid:
    """So many points along each coordinate of space."""
    dim = len(system.domain.coordinates)
    space = [i for i in range(dim) if i != form.axis]
    slots = [s for law in form.laws for s in law.residual.slots]
    rules = [line.rule(n) for line, n in zip(lines[0], points, strict=True)]
    places = torch.stack(torch.meshgrid(*[x for x, _ in rules], indexing="ij"), dim=-1)
    x = DOUBLE.new_zeros(places.flatten(0, -2).shape[0], dim)
    x[:, space] = places.flatten(0, -2)
    orders = [max(order_along(s.index, i) for s in slots) for i in space]
    tables = tuple(
        tuple(
            line.table(rule[0], order) for line, rule, order in zip(own, rules, orders, strict=True)
        )
        for own in lines
    )
    projections = tuple(
        tuple((table[0] * rule[1][:, None]).T for table, rule in zip(own, rules, strict=True))
        for own in tables
    )
    return Grid(form.axis, lines, x, tuple(points), tables, projections)


@dataclass(frozen=True, eq=False)
class Force:
    """A law on the grid: which of its slots it takes, each with its order in time and those in
    space; the others, and its highest derivative in time, whose slope is `top (n,)`, count as zero.
    """

    law: Law
    taken: tuple[tuple[int, int, tuple[MultiIndex, ...]], ...]
    top: Tensor


@dataclass(frozen=True, eq=False)
class Equations:
    """d^order q / dt^order = stiff q + damping q' + force(t, q, q'), for the coefficients of all
    unknowns, one after the other, `(columns,)`.
    """

    form: Form
    lines: Lines
    grid: Grid
    forces: tuple[Force, ...]
    stiff: Tensor
    damping: Tensor

    @property
    def order(self) -> int:
        """In time."""
        return self.form.orders[0]

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """How many functions each unknown has along each coordinate of space."""
        return shapes_of(self.lines)

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """Of every unknown, the places of its coefficients."""
        return places_of(self.lines)

    @property
    def given(self) -> bool:
        """Whether forces are data, whatever the state."""
        return not any(force.taken for force in self.forces)

    @cached_property
    def steady(self) -> Tensor | None:
        """Forces that are data, and do not mention time, `(columns,)`; None for others."""
        if not self.given:
            return None
        moves = any(moves_along(force.law.residual, self.form.axis) for force in self.forces)
        return None if moves else self._force(self.form.start, [])

    def force(self, t: float, parts: Sequence[Tensor]) -> Tensor:
        """At a time, of q and, where it is of second order, q': `(columns,)`."""
        return self._force(t, parts) if self.steady is None else self.steady

    def _force(self, t: float, parts: Sequence[Tensor]) -> Tensor:
        x, found = self.grid.at(t), []
        held: dict[tuple[int, int, MultiIndex], Tensor] = {}
        for force in self.forces:
            residual = force.law.residual
            u = x.new_zeros(len(residual.slots), len(x))
            for number, order, several in force.taken:
                k = residual.slots[number].unknown
                for own in several:
                    key = k, order, own
                    if key not in held:
                        q = parts[order][self.places[k]].reshape(self.shapes[k])
                        held[key] = self.grid.values(k, own, q)
                    u[number] += held[key]
            missed = residual.value(x, None, u) / force.top
            found.append(-self.grid.projected(force.law.unknown, missed))
        return torch.cat(found)

    def sizes(self, q: Tensor) -> Tensor:
        """Root mean squares of all unknowns over space, `(n_unknowns,)`."""
        return torch.stack([q[place].norm() for place in self.places])


def slopes_at(law: Law, x: Tensor, u: Tensor) -> Tensor:
    """Of a law's rate, in each slot: `(n_slots, n)`; at its highest derivative its own slope."""
    slopes = law.residual.slopes(x, None, u)
    rates = -slopes / slopes[law.top]
    rates[law.top] = slopes[law.top]
    return rates


def is_fit(residual: Residual, axis: int) -> bool:
    """Whether an initial condition gives one unknown, or its rate, at the points of space."""
    if len(residual.slots) != 1 or len(residual.traces) != 1:
        return False
    (slot,) = residual.slots
    (index, *others) = members(slot.index)
    region = residual.condition.region
    own = [c for i, c in enumerate(region.coordinates) if i != axis]
    here = [c for i, c in enumerate(residual.traces[0].arguments) if i != axis]
    return not others and sum(index) == index[axis] and own == here


def initial(form: Form, grid: Grid, n_unknowns: int) -> list[Tensor]:
    """q, and where it is of second order q', at first: each `(columns,)`."""
    x = grid.at(form.start)
    held: dict[tuple[int, int], Tensor] = {}
    for residual in form.initial:
        (slot,) = residual.slots
        q = grid.projected(slot.unknown, residual.given(x, None))
        held[order_along(slot.index, form.axis), slot.unknown] = q
    return [torch.cat([held[o, k] for k in range(n_unknowns)]) for o in range(form.orders[0])]
