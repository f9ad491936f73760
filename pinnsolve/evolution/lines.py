"""Does an evolution suit products of functions of one coordinate each? If space is a box, and each
side condition holds on whole faces, at the ends of one coordinate's functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from sympy import Integer
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.boxes import at_end, fills_a_box
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import Form, order_along
from pinnsolve.evolution.lifts import Side, data_of, exact_number
from pinnsolve.evolution.symmetries import parity_of, turns_of
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.lines import (
    End,
    Line,
    mirrored_line,
    periodic_line,
    polynomial_line,
    whole_line,
)
from pinnsolve.jets.indices import members, unit
from pinnsolve.search.scales import periodic_coordinates


@dataclass(frozen=True)
class Faces:
    """How it is seen what a condition is on a face."""

    # Points of a condition
    points: int = 256
    # Of the largest weight: a smaller one is none, and weights that differ by no more are the same
    same: float = 1e-10


FACES = Faces()


@dataclass(frozen=True)
class Ends:
    """The coordinates of `space`, by number, after how long functions of each come again (`turns`;
    None for polynomials), and the conditions at the ends of each unknown along each of them.
    """

    space: tuple[int, ...]
    turns: tuple[float | None, ...]
    rows: tuple[tuple[tuple[End, ...], ...], ...]

    @property
    def unmirrored(self) -> Ends:
        """With polynomials along all coordinates that have conditions."""
        walls = [any(own[i] for own in self.rows) for i in range(len(self.space))]
        turns = (None if wall else turn for wall, turn in zip(walls, self.turns, strict=True))
        return replace(self, turns=tuple(turns))

    def lines(self, system: System, counts: Sequence[int]) -> tuple[tuple[Line, ...], ...]:
        """So many functions along each coordinate of space, for each unknown."""
        bounds = system.domain.bounds[list(self.space)].tolist()
        return tuple(
            tuple(_line(*each) for each in zip(bounds, self.turns, counts, own, strict=True))
            for own in self.rows
        )

    def free_lines(self, system: System, counts: Sequence[int]) -> tuple[Line, ...]:
        """The same of the first unknown, without conditions at the ends of polynomials."""
        bounds = system.domain.bounds[list(self.space)].tolist()
        each = zip(bounds, self.turns, counts, self.rows[0], strict=True)
        return tuple(_line(b, turn, n, rows if turn else ()) for b, turn, n, rows in each)


def _line(bounds: Sequence[float], turn: float | None, size: int, rows: tuple[End, ...]) -> Line:
    """So many functions along a coordinate."""
    low, high = bounds
    if turn is None:
        return polynomial_line(low, high, size, rows) if rows else whole_line(low, high, size)
    parity = parity_of(rows)
    if parity:
        return mirrored_line(low, low + turn, size, parity)
    return periodic_line(low, low + turn, size)


def ends_of(system: System, form: Form) -> Ends | None:
    """The conditions at the ends; None, where it is no evolution that suits products, or one whose
    sides have data that are not zero.
    """
    sides = sides_of(system, form)
    if sides is None or any(side.data != 0 for side in sides):
        return None
    space = _space(system, form)
    names = periodic_coordinates(system)
    turns = tuple(system.domain.coordinates[i].name in names for i in space)
    rows = tuple(
        tuple(tuple(s.end for s in sides if (s.unknown, s.axis) == (k, i)) for i in space)
        for k in range(system.n_unknowns)
    )
    if not _determined(form, rows, space, turns):
        return None
    return Ends(space, turns_of(system, form, space, rows), rows)


def sides_of(system: System, form: Form) -> tuple[Side, ...] | None:
    """The conditions on whole faces of space, with their data, none of periodic ones; None, where
    there are others, or space is no box.
    """
    coordinates = system.domain.coordinates
    if not fills_a_box(system, form.axis):
        return None
    names, space = periodic_coordinates(system), _space(system, form)
    turning = [i for i in space if coordinates[i].name in names]
    found = list[Side]()
    for residual in form.sides:
        if residual.integrates:
            return None
        if len(residual.traces) > 1:
            if not any(_joins(residual, i) for i in turning):
                return None
            continue
        own = _of_faces(residual, system, space)
        if own is None:
            return None
        found += own
    return tuple(found)


def _space(system: System, form: Form) -> tuple[int, ...]:
    return tuple(i for i in range(len(system.domain.coordinates)) if i != form.axis)


def _determined(
    form: Form,
    rows: Sequence[Sequence[Sequence[End]]],
    space: Sequence[int],
    turns: Sequence[bool],
) -> bool:
    """Whether each unknown has as many conditions along each coordinate as derivatives."""
    orders = {(k, i): 0 for k in range(len(rows)) for i in space}
    for law in form.laws:
        for slot in law.residual.slots:
            for i in space:
                key = slot.unknown, i
                orders[key] = max(orders[key], order_along(slot.index, i))
    return all(
        (not own if turn else len(own) == orders[k, i])
        for k, each in enumerate(rows)
        for i, turn, own in zip(space, turns, each, strict=True)
    )


def _joins(residual: Residual, axis: int) -> bool:
    """Whether a condition says that both ends of a coordinate are the same."""
    if len({trace.arguments[axis] for trace in residual.traces}) != 2:
        return False
    x, normals = sample_region(residual.condition.region, FACES.points, 0).tensors()
    slopes = residual.coefficients(x, normals)
    size = float(slopes.abs().max())
    balanced = float(slopes.sum(dim=0).abs().max()) <= FACES.same * size
    return balanced and not bool(residual.data(x, normals).any())


def _of_faces(residual: Residual, system: System, space: Sequence[int]) -> Sequence[Side] | None:
    """What a condition asks at the ends; None for one that is not the same all over a face, mixes
    unknowns, or has data that are no formula.
    """
    p = sample_region(residual.condition.region, FACES.points, 0)
    x, normals = p.tensors()
    slopes = residual.coefficients(x, normals)
    data = data_of(residual)
    if not float(residual.data(x, normals).abs().max()) > 0:
        data = Integer(0)
    bounds, left = tensor_of(system.domain.bounds), torch.ones(len(x), dtype=torch.bool)
    found = list[Side]()
    for axis in space:
        for end in (0, 1):
            on = at_end(x, bounds, axis, end)
            on, left = on & left, left & ~on
            if not bool(on.any()):
                continue
            made = _at_end(residual, slopes[:, on], axis, len(bounds))
            if made is None or data is None:
                return None
            place = system.domain.coordinates[axis], exact_number(float(bounds[axis, end]))
            found.append(Side(made[0], axis, End(end, made[1]), data.subs(*place)))
    return None if bool(left.any()) else found


def _at_end(
    residual: Residual, slopes: Tensor, axis: int, dim: int
) -> tuple[int, tuple[float, ...]] | None:
    """The unknown, and the weights of its derivatives along a coordinate, of slopes `(n_slots,
    n)` on a face.
    """
    size = float(slopes.abs().max())
    weights: dict[int, float] = {}
    unknowns = set()
    for slot, slope in zip(residual.slots, slopes, strict=True):
        value = float(slope.mean())
        if float(slope.abs().max()) <= FACES.same * size:
            continue
        if float((slope - value).abs().max()) > FACES.same * size:
            return None
        (index, *others) = members(slot.index)
        order = index[axis]
        if others or index != tuple(order * n for n in unit(dim, axis)):
            return None
        weights[order] = weights.get(order, 0.0) + value
        unknowns.add(slot.unknown)
    if len(unknowns) != 1:
        return None
    return unknowns.pop(), tuple(weights.get(k, 0.0) for k in range(1 + max(weights)))
