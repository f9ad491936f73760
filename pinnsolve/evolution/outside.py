"""The elliptic problems of an evolution u_t = a lap u + b u + f in the plane, outside of round
holes: with a complex number s in the place of the derivative in time, solutions of lap u = k^2 u
alone, whose coefficients the conditions on rims and walls decide, beside a particular one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import torch
from scipy.linalg import lstsq
from torch import Tensor

from pinnsolve.basis.adapted.damped import DAMPING, Damped
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.cells.particular import EXPANSION, coefficients
from pinnsolve.discretize.lines import degree_of, lines_along
from pinnsolve.discretize.points import Points, sample_region
from pinnsolve.evolution.diffusion import Terms
from pinnsolve.evolution.loads import Loads, conditions_of, given_at, padded
from pinnsolve.evolution.stages import Stages
from pinnsolve.fields.arrays import Array, Complex, complex_array_of, complex_tensor_of, tensor_of
from pinnsolve.fields.resolved import polynomials, solutions
from pinnsolve.jets.indices import in_others, order_of


@dataclass(frozen=True)
class Deciding:
    """How coefficients are decided."""

    # Rows a function of a rim, or of a wall
    rows: float = 3.0
    # Points that are drawn for one that is kept; and of a side of the box, how near to a corner
    # twice as many are
    drawn: int = 16
    beside: float = 0.05
    # Of its radius, how near to a rim a point is on it
    on_rim: float = 1e-6
    # Of the largest singular value: what is below it is not decided
    cut: float = 1e-13
    # Functions around a hole, of either turn, and waves of a wall, at most
    most: tuple[int, int] = (32, 96)
    # And at least
    least: int = 4
    # Degrees inside of a rim, for each digit: what rims are given is smooth along them
    degrees: int = 4


DECIDING = Deciding()


@dataclass(frozen=True, eq=False)
class Decided:
    """Of a number k coefficients `own (loads, functions)` and `given (loads, ., .)`; and what is
    left of conditions on fresh points, relative to the solution there.
    """

    k: complex
    own: Tensor
    given: Tensor
    left: float


@dataclass(frozen=True, eq=False)
class Outside:
    """The elliptic problems of an evolution with these loads, in the functions `damped`, beside
    polynomials of a `shape`, where the law is given something; no hole is nearer to a wall than
    `apart`.
    """

    stages: Stages
    terms: Terms
    loads: Loads
    damped: Damped
    shape: tuple[int, ...]
    apart: float
    seed: int = 0

    @property
    def duration(self) -> float:
        """The whole time."""
        return self.stages.form.end - self.stages.form.start

    @property
    def box(self) -> Array:
        """That of space `(2, 2)`."""
        return np.array(self.damped.box)

    def finer(self, small: float, seed: int) -> Outside:
        """The same with as many functions as leave this part of the solution, and points of another
        draw.
        """
        holes = tuple(_with_order(hole, small) for hole in self.damped.holes)
        waves = math.log(1 / small) / self.apart * DAMPING.longer / (2 * math.pi)
        most = DECIDING.most[1]
        counts = tuple(
            max(DECIDING.least, min(most, math.ceil(waves * side)))
            for side in np.ptp(self.box, axis=1).tolist()
        )
        order = min(DECIDING.most[0], math.ceil(DECIDING.degrees * math.log10(1 / small)))
        rims = tuple(replace(rim, order=order) for rim in self.damped.rims)
        damped = replace(self.damped, holes=holes, counts=counts, rims=rims)
        return replace(self, damped=damped, seed=seed)

    def decided(self, s: complex) -> Decided:
        """The solutions of all loads with a number s, by least squares on rims and walls."""
        k = self.terms.root(s)
        given = self._given(k)
        rows, targets, _ = self._equations(k, given, self._fitted)
        norms = np.linalg.norm(rows, axis=0)
        norms[norms == 0] = 1.0
        found = lstsq(
            rows / norms, targets, cond=DECIDING.cut, lapack_driver="gelsy", check_finite=False
        )[0]
        own = (found / norms[:, None]).T
        rows, targets, values = self._equations(k, given, self._fresh)
        size = np.linalg.norm(values @ own.T)
        left = float(np.linalg.norm(rows @ own.T - targets) / size)
        left = max(left, self._left_by(k, given))
        return Decided(k, complex_tensor_of(own), given, left)

    def values(self, found: Decided, x: Array) -> Tensor:
        """The solutions of all loads at places `(n, 2)`: `(loads, n)`, complex."""
        at = tensor_of(x)
        with torch.no_grad():
            return solutions(self.damped, found.k, found.own, found.given, at, [(0, 0)])[:, 0]

    @cached_property
    def _fitted(self) -> list[Points]:
        return self._points(self.seed)

    @cached_property
    def _fresh(self) -> list[Points]:
        return self._points(self.seed + 1)

    def _points(self, seed: int) -> list[Points]:
        """Of every side, so many that each rim, and the walls, have rows for their functions; more
        of them beside the corners of the box, where waves along a wall end.
        """
        sides = self.stages.at_rest.residuals[len(self.stages.form.laws) :]
        corners = np.stack(np.meshgrid(*self.box), axis=-1).reshape(-1, 2)
        many, found = DECIDING.drawn, []
        for number, side in enumerate(sides):
            region, draw = side.condition.region, seed + number
            count = self._count(sample_region(region, 1024, draw))
            p = sample_region(region, many * count, draw)
            apart = np.linalg.norm(p.x[:, None] - corners, axis=2).min(axis=1)
            near = np.ptp(self.box, axis=1).min() * DECIDING.beside / apart.clip(min=1e-300)
            share = np.minimum(1.0, (1 + near) / many)
            kept = np.flatnonzero(np.random.default_rng(draw).random(len(p.x)) < share)
            taken = p.taken(kept)
            found.append(replace(taken, weights=taken.weights / share[kept]))
        return found

    def _count(self, few: Points) -> int:
        """How many points a region asks for, by some of it."""
        whole, beside, count = few.weights.sum(), np.ones(len(few.x), dtype=bool), 0.0
        for hole in (*self.damped.holes, *self.damped.rims):
            on = np.abs(np.linalg.norm(few.x - hole.at, axis=1) - hole.radius)
            on_rim = on < DECIDING.on_rim * hole.radius
            beside &= ~on_rim
            if on_rim.any():
                dense = DECIDING.rows * (2 * hole.order + 1) / (2 * math.pi * hole.radius)
                count = max(count, dense * whole)
        if beside.any():
            sides = np.ptp(self.box, axis=1)
            dense = DECIDING.rows * float(np.max((2 * np.array(self.damped.counts) + 1) / sides))
            count = max(count, dense * whole)
        return math.ceil(count)

    def _equations(
        self, k: complex, given: Tensor, points: Sequence[Points]
    ) -> tuple[Complex, Complex, Complex]:
        """Rows and targets of all sides at their points, each over its size where u is one, and the
        functions' values there, weighted as the boundary's mean square is.
        """
        stages, found = self.stages, []
        sides = zip(stages.form.sides, points, strict=True)
        total = sum(each.weights.sum() for each in points)
        for side, each in sides:
            at, normals = stages.at(tensor_of(each.x), stages.form.start), each.normals
            factors = side.coefficients(at, padded(stages, normals))
            orders = [in_others(slot.index, stages.form.axis) for slot in side.slots]
            powers = factors.new_tensor([abs(k) ** order_of(index) for index in orders])
            share = tensor_of(np.sqrt(each.weights / total))
            scale = share / (factors.abs() * powers[:, None]).sum(dim=0)
            x, wanted = tensor_of(each.x), [*orders, (0, 0)]
            table = self.damped(k, x, wanted)
            rows = torch.einsum("in,ink->nk", (factors * scale).to(table.dtype), table[:-1])
            data = np.stack(
                [given_at(stages, side, each.x, normals, t) for t in self.loads.instants]
            )
            target = -tensor_of(data).to(table.dtype) * scale
            if given.numel():
                known = polynomials(self.damped.box, given, x, orders)
                target = target - torch.einsum("in,min->mn", (factors * scale).to(known), known)
            found.append((rows, target.T, table[-1] * share[:, None]))
        stacked = [complex_array_of(torch.cat(parts)) for parts in zip(*found, strict=True)]
        return stacked[0], stacked[1], stacked[2]

    def _given(self, k: complex) -> Tensor:
        """A particular solution for each load, `(loads, ., .)`."""
        if not self.shape:
            return torch.zeros(len(self.loads.instants), 0, 0, dtype=torch.complex128)
        each = [
            coefficients(partial(self._source, t=t), -k * k, self.box, self.shape)
            for t in self.loads.instants
        ]
        return complex_tensor_of(np.stack(each))

    def _source(self, x: Array, t: float) -> Array:
        return source_of(self.stages, self.terms, x, t)

    def _left_by(self, k: complex, given: Tensor) -> float:
        """What particular solutions leave of their equation in the box, relative."""
        if not given.numel():
            return 0.0
        unit = np.random.default_rng(1).random((EXPANSION.fresh, 2))
        x = self.box[:, 0] + np.ptp(self.box, axis=1) * unit
        curved = polynomials(self.damped.box, given, tensor_of(x), [(2, 0), (0, 2), (0, 0)])
        wanted = np.stack([self._source(x, t) for t in self.loads.instants])
        left = complex_array_of(curved[:, 0] + curved[:, 1] - k * k * curved[:, 2]) - wanted
        return float(np.linalg.norm(left) / np.linalg.norm(wanted))


def _with_order(hole: Hole, small: float) -> Hole:
    """With as many functions as leave a part, of as many as leave 1e-10 (see `holes_with_orders`)
    of the same power.
    """
    order = math.ceil(hole.order * math.log(small) / math.log(1e-10))
    return replace(hole, order=max(DECIDING.least, min(DECIDING.most[0], order)))


def source_of(stages: Stages, terms: Terms, x: Array, t: float) -> Array:
    """What the Laplacian of a solution is beside k^2 u, at places `(n, 2)` and a time: `(n,)`."""
    law = conditions_of(stages)[0]
    return -given_at(stages, law, x, None, t) / terms.second


def shape_of_source(stages: Stages, terms: Terms, loads: Loads) -> tuple[int, ...] | None:
    """How many of Legendre's polynomials a particular solution wants along each coordinate of the
    box, none, where the law is given nothing; None, where that is no smooth function there.
    """
    box, degrees, largest = stages.at_rest.domain.bounds, [], 0.0
    for axis in range(len(box)):
        x = lines_along(box, axis, EXPANSION.lines, EXPANSION.nodes)
        each = np.stack([source_of(stages, terms, x, t) for t in loads.instants])
        if not np.isfinite(each).all():
            return None
        largest = max(largest, float(np.abs(each).max()))
        degrees.append(degree_of(each.reshape(-1, EXPANSION.nodes), EXPANSION.left))
    if largest == 0:
        return ()
    fits = max(degrees) <= EXPANSION.nodes // 2
    return tuple(degree + EXPANSION.more + 1 for degree in degrees) if fits else None
