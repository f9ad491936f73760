"""Functions of walls, where a parabolic equation in two coordinates of space or more has initial
values that do not agree with its sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.adapted.polynomials import Polynomials
from pinnsolve.basis.adapted.starts import Start
from pinnsolve.basis.adapted.walls import WallFunctions
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.consistency import gives_values
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.geometry.solids import Box
from pinnsolve.jets.indices import members, unit
from pinnsolve.search.families.family import Family, Parameter
from pinnsolve.search.families.starts import DISAGREEMENT, only_at

WALLS = "walls"


@dataclass(frozen=True)
class Beside:
    """Which functions of walls there are, and what is beside them."""

    # Degree of all X^m f_k of a wall alone
    top: int = 6
    # Of the polynomials along a wall, where something varies along it or walls meet
    along: int = 6
    # Of the products where walls meet
    meeting: int = 4
    # More walls have too many functions
    most: int = 4
    # Of the data's size, on some wall: a start that is nearly zero there, as spots are, is no jump
    sudden: float = 1e-2
    # Degrees of polynomials in space, for each in time
    shares: tuple[float, ...] = (0.5, 0.8)
    # The same along coordinates in which nothing disagrees
    least: float = 0.1


BESIDE = Beside()


@dataclass(frozen=True)
class Heated:
    """A parabolic equation on a box of space and time, with its initial values: `forward` is 1
    where these are at time's lower end, else -1.
    """

    system: System
    equation: Residual
    initial: Residual
    time: int
    forward: int

    @cached_property
    def points(self) -> Tensor:
        """Points of the start of time, `(n, dim)`."""
        return DOUBLE.new_tensor(
            sample_region(self.initial.condition.region, DISAGREEMENT.points, 0).x
        )

    def diffusivity(self, place: Tensor, axis: int) -> float:
        """At a point `(1, dim)`, along one coordinate, as time runs."""
        held, dim = self.equation.by_derivative(place), place.shape[1]
        along = held[unit(dim, self.time)]
        across = tuple(2 * k for k in unit(dim, axis))
        return -self.forward * held[across] / along if along else 0.0

    def start(self, axis: int, end: int, first: int) -> Start | None:
        """Of the wall at the lower or upper `end` of a coordinate, 0 or 1; None without a
        diffusivity there.
        """
        at, begin = self.system.domain.bounds[axis][end], self.points[0, self.time]
        places = self.points.clone()
        on_wall = places.clone()
        on_wall[:, axis] = float(at)
        known = [self.diffusivity(place[None], axis) for place in (*on_wall, *places)]
        if not min(known) > 0:
            return None
        varies = not np.allclose(known, known[0], rtol=1e-9)
        # One function has one: where it varies along the wall, what that adds is of higher degree
        middle = float(np.median(known[: len(on_wall)]))
        return Start(
            float(at),
            float(begin),
            axis,
            middle,
            1 - 2 * end,
            self.forward,
            first,
            BESIDE.top,
            2 if varies else 0,
        )

    def gaps(self, side: Residual, axis: int, end: int) -> Tensor | None:
        """What a side lacks where initial values are put into it, in units of their size, along the
        wall: `(n,)`. None, if it is no condition on values or on slopes across it.
        """
        indices = [member for slot in side.slots for member in members(slot.index)]
        if len(indices) != len(side.slots):
            return None
        orders = [index[axis] for index in indices]
        if any(sum(index) != order for index, order in zip(indices, orders, strict=True)):
            return None
        if max(orders) > 1:
            return None
        low, high = self.system.domain.bounds[axis].tolist()
        inward, step = 1 - 2 * end, DISAGREEMENT.step * (high - low)
        x = self.points.clone()
        at = []
        for k in range(3):
            x[:, axis] = (high if end else low) + k * inward * step
            at.append(self.initial.given(x, None))
        by_order = at[0], inward * (4 * at[1] - 3 * at[0] - at[2]) / (2 * step)
        x[:, axis] = high if end else low
        normals = torch.zeros_like(x)
        normals[:, axis] = -inward
        gaps = side.value(x, normals, torch.stack([by_order[order] for order in orders]))
        size = self.initial.given(self.points, None).abs().max() * (1.0, 1 / step)[max(orders)]
        size = size + side.data(x, normals).abs().max()
        return gaps.abs() / size.clamp(min=1e-300)


def disagreeing(system: System) -> WallFunctions | None:
    """The functions of all walls where data do not agree; None, if they do, or the equation is
    another.
    """
    found = heated(system)
    if found is None:
        return None
    known = [wall for wall in _walls(found) if wall[0] is not None]
    if not 0 < len(known) <= BESIDE.most or max(gap for _, _, gap in known) < BESIDE.sudden:
        return None
    starts = tuple(start for start, _, _ in known if start is not None)
    alone = len({start.axis for start in starts}) == 1 and not any(varies for _, varies, _ in known)
    return WallFunctions(starts, found.time, 0 if alone else BESIDE.along, BESIDE.meeting)


def beside(system: System, functions: WallFunctions) -> list[Family]:
    """Polynomials: what the functions of walls leave is smooth, and steep in time alone."""
    names = [c.name for c in system.domain.coordinates]
    steep = {wall.axis for wall in functions.walls}
    if functions.along:
        steep = set(range(len(names)))
    families = []
    for share in BESIDE.shares:
        shares = [
            1.0 if axis == functions.time else share if axis in steep else BESIDE.least
            for axis in range(len(names))
        ]
        shape = tuple(
            Parameter(name, s, steep=False) for name, s in zip(names, shares, strict=True)
        )
        families.append(Family("polynomials", shape, _polynomials))
    return families


def _polynomials(shape: Mapping[str, float], width: int) -> Polynomials:
    most = max(shape.values())
    return Polynomials.of_size(width, [share / most for share in shape.values()])


def heated(system: System) -> Heated | None:
    """The problem as one of diffusion in two coordinates of space or more; None, if it is none."""
    dim = len(system.domain.coordinates)
    # Around holes other functions are needed, and others know how to solve
    if dim < 3 or system.n_unknowns != 1 or not isinstance(system.domain, Box):
        return None
    equations = [r for r in system.residuals if fills_domain(r.condition.region)]
    if len(equations) != 1 or len(equations[0].traces) != 1:
        return None
    orders = np.max([m for s in equations[0].slots for m in members(s.index)], axis=0).tolist()
    if sorted(orders) != [1, *[2] * (dim - 1)]:
        return None
    time = orders.index(1)
    bounds = system.domain.bounds[time]
    for residual in system.residuals:
        at = only_at(residual, time)
        if at in bounds and gives_values(residual):
            return Heated(system, equations[0], residual, time, 1 if at == bounds[0] else -1)
    return None


def _walls(found: Heated) -> Iterator[tuple[Start | None, bool, float]]:
    """Those whose sides disagree with the initial values, whether they do so by more in one place
    than in another, and by how much at most.
    """
    dim = len(found.system.domain.coordinates)
    for axis in (axis for axis in range(dim) if axis != found.time):
        for end, at in enumerate(found.system.domain.bounds[axis].tolist()):
            sides = [r for r in found.system.residuals if only_at(r, axis) == at]
            gaps = [(side, found.gaps(side, axis, end)) for side in sides]
            apart = [
                (side, gap)
                for side, gap in gaps
                if gap is not None and math.isfinite(gap.max()) and gap.max() > DISAGREEMENT.apart
            ]
            if apart:
                side, gap = apart[0]
                order = max(index[axis] for s in side.slots for index in members(s.index))
                varies = bool(gap.max() - gap.min() > DISAGREEMENT.apart)
                yield found.start(axis, end, order), varies, float(gap.max())
