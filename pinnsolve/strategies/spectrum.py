"""Eigenvalues of a problem: which basis, how wide, and whether two draws agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from sympy import Expr, Float, chebyshevt_poly, prod
from torch import Tensor

from pinnsolve.basis.adapted.biharmonic import FlowCornerFunctions
from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum, summands
from pinnsolve.coefficients.eigen import Complex, matched, nearest_eigenvalues
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.declare.pencil import Pencil
from pinnsolve.discretize.changes import rms
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.flow_corners import known_flow_corners
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.pencil_rows import CompiledPencil
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.running.stop import Stop
from pinnsolve.search.choose import choose
from pinnsolve.search.families.corners import CORNERS, reentrant
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import streams
from pinnsolve.search.task import Task


@dataclass(frozen=True)
class Sounding:
    """How the eigenvalues are looked for."""

    # Waves that tell the size of eigenvalues, and their radians a side
    rough: int = 60
    slow: float = 3.0
    # The shift, of that size: an eigenvalue may be zero, and then no source has a solution
    shift: float = -0.05
    # Of the sources by which a basis is chosen, for one mode a side
    degrees: float = 2.0
    # Powers at corners, and of what the eigenvalue adds to each
    top: float = 12.0
    orders: int = 6
    # Scales that are tried around the chosen one, by the residual of the last mode
    factors: tuple[float, ...] = (0.7, 1.0, 1.4, 2.0, 2.8)
    later: tuple[float, ...] = (1.0, 1.4)
    # Columns a mode at least, and at most in all
    columns: int = 12
    most: int = 2400
    # Points on which modes are measured
    points: int = 2048


SOUNDING = Sounding()


@dataclass(frozen=True)
class Modes:
    """Eigenvalues `values (count,)`, by their distance from where they were looked for, with
    estimates `(count,)` of their errors, and a function for each.

    `residual` is the largest relative one of the first and the last.
    """

    declared: Declaration
    seed: int
    values: Complex
    estimates: Array
    fields: tuple[Expansion, ...]
    residual: float
    stopped: Stop

    @property
    def estimate(self) -> float:
        """The largest relative one."""
        return float((self.estimates / np.maximum(np.abs(self.values), 1e-300)).max())


def modes(task: Task, pencil: Pencil, near: float, count: int) -> Modes:
    """The eigenvalues nearest to a number: a basis is chosen by sources, its scale by the modes'
    own residual at every width, and the width is doubled until two draws agree to the tolerance.
    """
    size = _size(pencil, near, task.seed)
    sounding = _Sounding(task, pencil, near + SOUNDING.shift * size, count, size)
    family, width = sounding.chosen()
    best, factors = None, SOUNDING.factors
    while True:
        family = sounding.scaled(family, width, factors)
        found = sounding.of_width(family, width)
        best = found if best is None or found.estimate < best.estimate else best
        if found.stopped == Stop.MET:
            return found
        if 2 * width > SOUNDING.most:
            return best
        if not task.budget.allows(2 * width, 0.0):
            return replace(best, stopped=Stop.BUDGET)
        width, factors = 2 * width, SOUNDING.later


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

    def chosen(self) -> tuple[Family, int]:
        """A family, by solving for sources, and the width from which it grows."""
        sources = _sources(self.pencil, self.count, self.task.seed)
        system = compile_problem(self.pencil.at(self.about, sources))
        chosen = choose(replace(self.task, system=system))
        width = max(chosen.width, SOUNDING.columns * self.count)
        return _with_corners(chosen.families[0], system), width

    def scaled(self, family: Family, width: int, factors: Sequence[float]) -> Family:
        """The family, steeper by the one of some factors whose last mode leaves least."""
        if not family.shape:
            return family
        steeper = [family.steeper(factor) for factor in factors]
        return min(steeper, key=lambda own: self._residual(own.of_width(width)))

    def of_width(self, family: Family, width: int) -> Modes:
        """Two draws: values of the first, estimates by the second."""
        declared, seed = family.of_width(width), self.task.seed
        space, m, c = self._found(declared, seed)
        _, other, _ = self._found(declared, seed + 1)
        values, again = self.about + m, self.about + other
        estimates = np.abs(values - matched(values, again)) + np.finfo(float).eps * self.size
        fields = tuple(_of_size_one(space, column, self.inside) for column in c.T)
        residual = self._largest(values, fields)
        found = Modes(declared, seed, values, estimates, fields, residual, Stop.STAGNATED)
        sizes = np.maximum(np.abs(values), self.size)
        good = float((estimates / sizes).max()) <= self.task.goal
        # The error of an eigenvalue is of second order in that of its function
        enough = residual <= math.sqrt(self.task.goal)
        return replace(found, stopped=Stop.MET) if good and enough else found

    def _residual(self, declared: Declaration) -> float:
        space, m, c = self._found(declared, self.task.seed)
        last = _of_size_one(space, c[:, -1], self.inside)
        return self._largest(self.about + m[-1:], (last,))

    def _largest(self, values: Complex, fields: Sequence[Expansion]) -> float:
        """Of the first and the last mode; complex ones are judged by their estimates alone."""
        ends = {0, len(values) - 1}
        kept = [k for k in ends if values[k].imag == 0]
        each = [self._left(float(values[k].real), fields[k]) for k in kept]
        return max(each, default=0.0)

    def _left(self, value: float, field: Expansion) -> float:
        system = compile_problem(self.pencil.at(value))
        return max(relative_residuals(system, field, self.task.seed + 2))

    def _found(self, declared: Declaration, seed: int) -> tuple[Space, Complex, Array]:
        self.task.budget.require()
        of_neurons, of_points, _ = streams(seed)
        space = build_space(self.held.system, declared, of_neurons)
        points = collocation_points(self.held.system, space, of_points)
        return space, *nearest_eigenvalues(*self.held.rows(points, space), self.count)


def _with_corners(family: Family, system: System) -> Family:
    """The family, with functions of clamped corners, and with more at re-entrant ones: what an
    eigenvalue adds to a power is no small term, where modes vary fast.
    """
    flows, found = known_flow_corners(system), reentrant(system)
    if flows:
        return family.with_extra(CORNERS, FlowCornerFunctions(flows))
    if found is None:
        return family
    richer = CornerFunctions(tuple(_with_more_terms(corner) for corner in found.corners))
    others = [] if family.extra is None else summands(family.extra)
    kept = [part for part in others if not isinstance(part, CornerFunctions)]
    bare = replace(family, extra=Sum(tuple(kept)) if kept else None)
    return bare.with_extra(CORNERS, richer)


def _with_more_terms(corner: Corner) -> Corner:
    if corner.opening < math.pi:
        return corner
    return replace(corner, top=SOUNDING.top, orders=SOUNDING.orders)


def _size(pencil: Pencil, near: float, seed: int) -> float:
    """How large eigenvalues are: what the conditions that mention it have, in slow waves, against
    what it multiplies.
    """
    held = CompiledPencil.of(pencil, near)
    slow = Dense(SOUNDING.rough, 1, "sin", Waves(SOUNDING.slow))
    space = build_space(held.system, slow, seed)
    points = collocation_points(held.system, space, seed)
    rows, powers = held.rows(points, space)
    each = zip(points, pencil.mentions, strict=True)
    own = np.concatenate([np.full(len(p.x), mentions) for p, mentions in each])
    large = np.linalg.norm(rows[own])
    first, last = np.linalg.norm(powers[0]), np.linalg.norm(powers[-1])
    by_power = [large / first if first else 0.0, (large / last) ** (1 / len(powers))]
    return float(max(by_power))


def _sources(pencil: Pencil, count: int, seed: int) -> list[Expr]:
    """Polynomials that vary as fast as the last of so many modes, one for each condition that
    mentions the eigenvalue: no wave, no front, nothing that a basis would be made for.
    """
    random, domain = np.random.default_rng(seed), pencil.problem.domain
    middle = domain.bounds.mean(axis=1).tolist()
    unit = [
        2 * (c - Float(m)) / Float(side)
        for c, m, side in zip(domain.coordinates, middle, domain.extent.tolist(), strict=True)
    ]
    degree = math.ceil(SOUNDING.degrees * count ** (1 / len(unit)))
    powers = [p for p in product(range(degree + 1), repeat=len(unit)) if sum(p) <= degree]
    found = []
    for _ in range(sum(pencil.mentions)):
        parts = [
            Float(random.standard_normal())
            * prod(chebyshevt_poly(n, c) for n, c in zip(own, unit, strict=True))
            for own in powers
        ]
        found.append(sum(parts, Float(0)))
    return found


def _of_size_one(space: Space, coefficients: Array, x: Array) -> Expansion:
    """The field, of root mean square one over all unknowns at points `(n, dim)`, the largest value
    positive.
    """
    field = Expansion(space, tensor_of(np.ascontiguousarray(coefficients)))
    values: Tensor = field.values(x)
    size = float(rms(values).norm())
    sign = float(values.flatten()[values.abs().argmax()].sign()) or 1.0
    return Expansion(space, field.coefficients * (sign / size))
