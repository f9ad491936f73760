"""Integrals of what is known of a solution, by a rule on a region, and how well they are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sympy import Expr, Symbol

from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.derivative_sizes import derivative_sizes
from pinnsolve.discretize.points import Points, sample_region
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.field import Field
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.rules import rule_of
from pinnsolve.jets.indices import JetIndex, MultiIndex, is_sum, members, unit
from pinnsolve.solution.evaluated import Evaluated
from pinnsolve.solution.inputs import read
from pinnsolve.solution.outputs import changes_like


def nodes_on(
    coordinates: tuple[Symbol, ...], region: Region, at: Mapping[Symbol, float], finer: float
) -> Points:
    """Nodes of a rule on a region, at values of the coordinates that it lacks.

    Raises ValueError where a coordinate has no value, or two.
    """
    missing = [c for c in coordinates if c not in region.coordinates]
    if set(missing) != set(at):
        wanted = ", ".join(f"{c}: ..." for c in missing)
        if not missing:
            given = ", ".join(map(str, at))
            raise ValueError(
                f"{region} holds {given} itself: give the region without {given}, a body or a"
                " boundary, integrate(u, body, at={t: 0.5}) in body * Interval(t, 0, 1)"
            )
        raise ValueError(f"{region} leaves {wanted} open: integrate(..., at={{{wanted}}})")
    rule = rule_of(region, finer)
    x = _over(coordinates, region, rule.x, at)
    normals = None
    if rule.normals is not None:
        normals = _over(coordinates, region, rule.normals, dict.fromkeys(missing, 0.0))
    return Points(x, normals, rule.weights, coordinates=coordinates)


def integral_of(solution: Evaluated, expression: Expr, nodes: Sequence[Points]) -> float:
    """The integral of an expression by rules, one for each part. Raises TypeError for complex
    values.
    """
    each = [(points.weights, solution(points, expression)) for points in nodes]
    if any(np.iscomplexobj(values) for _, values in each):
        raise TypeError("an integral of complex values: of re(u), im(u) or Abs(u)?")
    return float(sum(weights @ values for weights, values in each))


def off_by_rule(first: float, second: float, third: float) -> float:
    """How far the last of three integrals is off, each by a rule with so many times the nodes of
    that before: their last difference, or what it leaves of a geometric series, which it is where
    derivatives have no bound.
    """
    before, last = abs(second - first), abs(third - second)
    rate = min(0.9, last / max(before, 1e-300))
    return last * max(1.0, rate / (1 - rate))


@dataclass(frozen=True)
class Allowed:
    """How far derivatives of a field may be off that is so by its `estimate`, and whose equations
    are by their `residual`, both relative.

    Of a derivative of order k in an equation of order m that is e^(1 - k/m) r^(k/m) of its root
    mean square: norms of derivatives are convex in their order (Gagliardo, Nirenberg). On a wall a
    function is no larger than sqrt(|f|^2 + 2 |f| |f'|) inside (the theorem of traces).
    """

    system: System
    field: Field
    seed: int
    estimate: float
    residual: float

    def change(self, problem: Problem, expression: Expr, nodes: Sequence[Points]) -> float:
        """Of the integral of an expression by rules, one for each part."""
        total = 0.0
        for points in nodes:
            off = partial(self._off, across=_across(points))
            inputs = read((points,), problem)
            changes = changes_like(expression, self.field, problem, inputs, off)
            weights = np.abs(points.weights)
            total += float(np.sqrt(weights.sum() * (weights @ changes**2)))
        return total

    def _off(self, compiled: Residual, across: Sequence[MultiIndex]) -> list[float]:
        """By slots, on a region that is crossed along axes."""
        taken = [(s.unknown, s.index) for s in compiled.slots]
        raised = [(k, _raised(i, by)) for by in across for k, i in taken]
        inside, *beyond = self._inside([*taken, *raised]).reshape(1 + len(across), len(taken))
        if not across:
            return list(inside)
        wall: list[float] = np.sqrt(inside**2 + 2 * inside * np.max(beyond, axis=0)).tolist()
        return wall

    def _inside(self, taken: Sequence[tuple[int, JetIndex]]) -> Array:
        least = np.finfo(float).eps
        e, r = max(self.estimate, least), max(self.residual, least)
        orders = np.array([self._order(k, index) for k, index in taken])
        inside = sample_region(self.system.domain, 4096, self.seed)
        sizes = derivative_sizes(self.system, self.field, inside, taken)
        each = np.array([sizes.size(k, index) for k, index in taken])
        return np.asarray(e ** (1 - orders) * r**orders * each)

    def _order(self, unknown: int, index: JetIndex) -> float:
        """Of a derivative, in those of the equations along each coordinate: 1 of u_t and of u_xx
        in the heat equation.
        """
        slots = [s for r in self.system.residuals for s in r.slots if s.unknown == unknown]
        none = (0,) * len(self.system.domain.coordinates)
        most = np.max([none, *(m for s in slots for m in members(s.index))], axis=0)
        most = np.where(most > 0, most, max(1, most.max()))
        return float(max((np.array(m) / most).sum() for m in members(index)))


def _across(points: Points) -> list[MultiIndex]:
    """The first derivatives across the region that nodes lie on, if that is a wall or a slice."""
    flat = np.ptp(points.x, axis=0) == 0
    if points.normals is not None:
        flat |= (points.normals != 0).any(axis=0)
    return [unit(len(flat), axis) for axis in np.flatnonzero(flat).tolist()]


def _raised(index: JetIndex, by: MultiIndex) -> JetIndex:
    raised = [tuple(np.add(m, by).tolist()) for m in members(index)]
    return frozenset(raised) if is_sum(index) else raised[0]


def _over(
    coordinates: tuple[Symbol, ...], region: Region, columns: Array, at: Mapping[Symbol, float]
) -> Array:
    """Columns `(n, n_region)` among those of all coordinates, `(n, dim)`."""
    own = region.coordinates
    each = [
        columns[:, own.index(c)] if c in own else np.full(len(columns), at[c]) for c in coordinates
    ]
    return np.stack(each, axis=1)
