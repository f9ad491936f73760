"""Equations of a constrained evolution on grids of points: in the interior, and on each face of a
box, with products of polynomials of one coordinate for all unknowns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import torch
from sympy import Integer
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.boxes import at_end
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import Constrained, order_along
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.fields.lines import Line
from pinnsolve.jets.indices import JetIndex, in_others, members
from pinnsolve.symbols.occurrences import separate


@dataclass(frozen=True)
class Points:
    """How many points a grid has."""

    # A function, along a coordinate; and more
    denser: float = 1.25
    more: int = 2
    # By which it is seen on which faces a condition holds
    seen: int = 256


POINTS = Points()


@dataclass(frozen=True, eq=False)
class Sheet:
    """An equation on a grid: points `x (n, dim)` at no time yet, normals, roots of weights `(n,)`,
    derivatives `tables (orders + 1, n_i, count)` along each coordinate of space, and the equation's
    slopes at the zero field, `(n_slots, n)`.

    Where slopes are constant, rows are polynomials of as many functions as unknowns have: `tests
    (count, n_i)` along each coordinate turn those of all points, orthogonally, into as few.
    """

    residual: Residual
    axis: int
    x: Tensor
    normals: Tensor | None
    roots: Tensor
    tables: tuple[Tensor, ...]
    slopes: Tensor
    tests: tuple[Tensor, ...] = ()

    @cached_property
    def has_data(self) -> bool:
        """Whether its equation says more of the zero field than that it satisfies it."""
        rest, occurrences = separate(difference(self.residual.condition))
        return bool(rest.xreplace(dict.fromkeys(occurrences, Integer(0))) != 0)

    def at(self, t: float) -> Tensor:
        """The points at a time, `(n, dim)`."""
        x = self.x.clone()
        x[:, self.axis] = t
        return x

    def matrix(self, order: int, unknowns: int) -> Tensor:
        """What the slots of an order in time make of the coefficients of all unknowns: `(n,
        columns)`.
        """
        count = math.prod(table.shape[2] for table in self.tables)
        found = DOUBLE.new_zeros(len(self.x), unknowns, count)
        for slot, slope in zip(self.residual.slots, self.slopes, strict=True):
            if order_along(slot.index, self.axis) == order:
                for own in members(in_others(slot.index, self.axis)):
                    pairs = zip(self.tables, own, strict=True)
                    products = reduce(torch.kron, [table[o].contiguous() for table, o in pairs])
                    found[:, slot.unknown] += slope[:, None] * products
        return found.flatten(1)

    def weighed(self, values: Tensor) -> Tensor:
        """Rows of values at the points `(n, ...)`, whose squares sum up to their integral; tested,
        where there are tests: `(n or count, ...)`.
        """
        held = torch.einsum("n,n...->n...", self.roots, values)
        if not self.tests:
            return held
        held = held.reshape(*(test.shape[1] for test in self.tests), -1)
        for test in self.tests:
            held = torch.tensordot(held, test, dims=([0], [1]))
        return held.flatten(1).T.reshape(-1, *values.shape[1:])

    def slots(self, z: Tensor, order: int) -> Tensor:
        """What all slots are, of coefficients `(unknowns, count, ..)`; those of another order in
        time are zero: `(n_slots, n)`.
        """
        held: dict[tuple[int, JetIndex], Tensor] = {}
        found = []
        for slot in self.residual.slots:
            key = slot.unknown, in_others(slot.index, self.axis)
            if order_along(slot.index, self.axis) != order:
                found.append(DOUBLE.new_zeros(len(self.x)))
                continue
            if key not in held:
                parts = [self._along(z[slot.unknown], own) for own in members(key[1])]
                held[key] = torch.stack(parts).sum(dim=0)
            found.append(held[key])
        return torch.stack(found)

    def missed(self, t: float, z: Tensor, rates: Tensor) -> Tensor:
        """The residual at a time, `(n,)`, of coefficients `(unknowns, count, ..)` and rates."""
        u = self.slots(z, 0) + self.slots(rates, 1)
        return self.residual.value(self.at(t), self.normals, u)

    def _along(self, q: Tensor, own: Sequence[int]) -> Tensor:
        for table, order in zip(self.tables, own, strict=True):
            q = torch.tensordot(q, table[order], dims=([0], [1]))
        return q.flatten()


def sheets_of(
    system: System, form: Constrained, lines: Sequence[Line]
) -> tuple[list[Sheet], list[Sheet], list[Sheet]]:
    """Of the laws, the constraints, and the sides."""
    rules = [line.rule(math.ceil(POINTS.denser * line.count) + POINTS.more) for line in lines]
    laws, constraints = (
        [_sheet(r, form, lines, rules, None) for r in several]
        for several in (form.laws, form.constraints)
    )
    sides = [sheet for r in form.sides for sheet in _on_faces(r, system, form, lines, rules)]
    return laws, constraints, sides


def _on_faces(
    residual: Residual,
    system: System,
    form: Constrained,
    lines: Sequence[Line],
    rules: Sequence[tuple[Tensor, Tensor]],
) -> list[Sheet]:
    """A sheet for every face that the condition is on; points of a face where it is not weigh
    nothing.
    """
    seen = tensor_of(sample_region(residual.condition.region, POINTS.seen, 0).x)
    bounds, found = tensor_of(system.domain.bounds), []
    space = [i for i in range(seen.shape[1]) if i != form.axis]
    for k, i in enumerate(space):
        for end, normal in enumerate((-1.0, 1.0)):
            if bool(at_end(seen, bounds, i, end).any()):
                place = bounds[i, end : end + 1], DOUBLE.new_ones(1)
                own = [place if j == k else rule for j, rule in enumerate(rules)]
                found.append(_sheet(residual, form, lines, own, (i, normal)))
    return found


def _sheet(
    residual: Residual,
    form: Constrained,
    lines: Sequence[Line],
    rules: Sequence[tuple[Tensor, Tensor]],
    face: tuple[int, float] | None,
) -> Sheet:
    dim = len(lines) + 1
    space = [i for i in range(dim) if i != form.axis]
    places = torch.stack(torch.meshgrid(*[x for x, _ in rules], indexing="ij"), dim=-1)
    x = DOUBLE.new_full((places[..., 0].numel(), dim), form.start)
    x[:, space] = places.flatten(0, -2)
    weights = reduce(torch.kron, [w.contiguous() for _, w in rules])
    normals = None
    if face is not None:
        normals = torch.zeros_like(x)
        normals[:, face[0]] = face[1]
        inside = tensor_of(residual.condition.region.contains(array_of(x)).astype(float))
        weights = weights * inside
    several = [m for s in residual.slots for m in members(in_others(s.index, form.axis))]
    orders = [max(m[k] for m in several) for k in range(len(lines))]
    each = zip(lines, rules, orders, strict=True)
    tables = tuple(line.table(rule[0], order) for line, rule, order in each)
    slopes = residual.coefficients(x, normals)
    alike = bool((slopes == slopes[:, :1]).all() and weights.all())
    tests = tuple(map(_test, lines, rules)) if alike else ()
    return Sheet(residual, form.axis, x, normals, weights.sqrt(), tables, slopes, tests)


def _test(line: Line, rule: tuple[Tensor, Tensor]) -> Tensor:
    """Functions of a coordinate, orthonormal in the rule's sums, `(count, n)`; 1 of a place."""
    at, weights = rule
    table = line.table(at, 0)[0] if len(at) > 1 else DOUBLE.new_ones(1, 1)
    return table.T * weights.sqrt()
