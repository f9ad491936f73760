"""Is an evolution a wave in a box, u_tt = c (u_xx + r u_yy + ..) + q u + d u_t + f, whatever c, q
and d are in space? And what holds on its sides.

Divided by c, what is left is symmetric: an energy, in which c is a weight alone. It may jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.boxes import at_end, fills_a_box
from pinnsolve.discretize.places import places
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import (
    Form,
    Law,
    evolution_form,
    moves_along,
    order_along,
)
from pinnsolve.evolution.products import is_fit, slopes_at
from pinnsolve.evolution.rates import linear_of, own_orders
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.jets.indices import unit


@dataclass(frozen=True)
class Seen:
    """How coefficients and sides are looked at."""

    # Points of the domain, or of a condition
    points: int = 512
    # Of a coefficient: ratios that differ by no more are the same
    same: float = 1e-10


SEEN = Seen()


@dataclass(frozen=True)
class Side:
    """A condition on the face at an `end`, 0 or 1, of a coordinate of space: number `place` among
    these.
    """

    place: int
    end: int
    residual: Residual


@dataclass(frozen=True, eq=False)
class Wavelike:
    """A wave: coordinates of `space`, by number, the `ratios` of the second derivatives along them
    to the first, and `sides`, one for every face.
    """

    form: Form
    space: tuple[int, ...]
    ratios: tuple[float, ...]
    sides: tuple[Side, ...]

    @property
    def law(self) -> Law:
        """Its equation."""
        return self.form.laws[0]

    def rates(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """c, q and d at points `(n, dim)`: `(n,)` each."""
        residual = self.law.residual
        slopes = slopes_at(self.law, x, x.new_zeros(len(residual.slots), len(x)))
        held = [torch.zeros_like(x[:, 0]) for _ in range(3)]
        for slot, slope in zip(residual.slots, slopes, strict=True):
            order = order_along(slot.index, self.form.axis)
            bent = [own for own in own_orders(slot, self.form.axis) if any(own)]
            if any(own[0] for own in bent):
                held[0] = held[0] + slope
            elif not bent and order < 2:
                held[1 + order] = held[1 + order] + slope
        return held[0], held[1], held[2]

    def load(self, x: Tensor) -> Tensor:
        """f at points `(n, dim)`: `(n,)`."""
        residual = self.law.residual
        return -residual.data(x, None) / residual.coefficients(x, None)[self.law.top]


def wavelike(system: System) -> Wavelike | None:
    """The problem as a wave in a box; None, if it is none, or data have features too narrow for
    elements that are all alike.
    """
    coordinates = system.domain.coordinates
    form = evolution_form(system, on_sides=1) if len(coordinates) > 2 else None
    if form is None or form.orders != (2,) or places(system):
        return None
    if not fills_a_box(system, form.axis):
        return None
    if not all(is_fit(r, form.axis) for r in form.initial):
        return None
    space = tuple(i for i in range(len(coordinates)) if i != form.axis)
    ratios = _ratios(system, form, len(space))
    sides = _sides(system, form, space)
    if ratios is None or sides is None:
        return None
    return Wavelike(form, space, ratios, sides)


def _ratios(system: System, form: Form, dim: int) -> tuple[float, ...] | None:
    (law,) = form.laws
    if not linear_of(system, form, law).steady:
        return None
    x = tensor_of(sample_region(system.domain, SEEN.points, 0).x)
    slopes = slopes_at(law, x, x.new_zeros(len(law.residual.slots), len(x)))
    along = [torch.zeros_like(x[:, 0]) for _ in range(dim)]
    for number, slot in enumerate(law.residual.slots):
        if number == law.top:
            continue
        for own in own_orders(slot, form.axis):
            if not any(own):
                continue
            if order_along(slot.index, form.axis) or sorted(own) != [0] * (dim - 1) + [2]:
                return None
            along[own.index(2)] = along[own.index(2)] + slopes[number]
    if not bool((torch.stack(along) > 0).all()):
        return None
    shares = torch.stack(along) / along[0]
    if float((shares - shares[:, :1]).abs().max()) > SEEN.same * float(shares.max()):
        return None
    return tuple(shares[:, 0].tolist())


def _sides(system: System, form: Form, space: tuple[int, ...]) -> tuple[Side, ...] | None:
    """One condition for every face; None, where one has none, or several, or derivatives along
    it.
    """
    found: dict[tuple[int, int], list[Residual]] = {}
    bounds = tensor_of(system.domain.bounds)
    for residual in form.sides:
        if len(residual.traces) != 1 or any(s.unknown for s in residual.slots):
            return None
        x, normals = sample_region(residual.condition.region, SEEN.points, 0).tensors()
        slopes = residual.coefficients(x, normals)
        for place, i in enumerate(space):
            for end in (0, 1):
                on = at_end(x, bounds, i, end)
                if not bool(on.any()):
                    continue
                if not _suits(residual, slopes[:, on], form.axis, i, len(bounds)):
                    return None
                found.setdefault((place, end), []).append(residual)
    faces = [(place, end) for place in range(len(space)) for end in (0, 1)]
    if any(len(found.get(face, [])) != 1 for face in faces):
        return None
    return tuple(Side(*face, found[face][0]) for face in faces)


def _suits(residual: Residual, slopes: Tensor, axis: int, across: int, dim: int) -> bool:
    """Whether a condition on a face holds the value, its rate, and the slope across it; or the
    value alone, that does not move.
    """
    size = float(slopes.abs().max())
    held = {s.index for s, own in zip(residual.slots, slopes, strict=True) if _is(own, size)}
    value, rate, slope = ((0,) * dim, unit(dim, axis), unit(dim, across))
    if slope in held:
        return held <= {value, rate, slope}
    return held == {value} and not moves_along(residual, axis)


def _is(slopes: Tensor, size: float) -> bool:
    return bool((slopes.abs() > SEEN.same * size).any())
