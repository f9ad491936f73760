"""What is linear in an evolution with constant coefficients: numbers by which products grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from sympy import Symbol
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import System
from pinnsolve.compile.traces import Slot
from pinnsolve.discretize.places import places
from pinnsolve.discretize.recognize import Form, Law, order_along, slopes_mention
from pinnsolve.evolution.products import GRIDS, Equations, Force, Grid, grid_of, slopes_at
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.lines import Lines, columns_of
from pinnsolve.jets.indices import MultiIndex, in_others, members


@dataclass(frozen=True, eq=False)
class Linear:
    """Of one law, the slots of constant slopes `constant`, by number, whatever time and state; and
    whether all its slopes are the same at all times and states.
    """

    constant: dict[int, float]
    steady: bool


def linear_of(system: System, form: Form, law: Law) -> Linear:
    """Judged at random points, times and states; where data have narrow features, which those may
    miss, by the symbols.
    """
    generator = torch.Generator().manual_seed(0)
    bounds = tensor_of(system.domain.bounds)
    n, found = 64, []
    unit = torch.rand(n, len(bounds), generator=generator, dtype=bounds.dtype)
    x = bounds[:, 0] + unit * (bounds[:, 1] - bounds[:, 0])
    for share in (0.0, 0.23, 0.61, 1.0):
        x[:, form.axis] = form.start + share * (form.end - form.start)
        u = torch.rand(len(law.residual.slots), n, generator=generator, dtype=bounds.dtype)
        found.append(slopes_at(law, x, 0.1 + u))
    slopes = torch.stack(found)
    size = slopes.abs().amax(dim=(0, 2))
    same = GRIDS.same * size
    # Whatever is not finite is not the same.
    moving = ~((slopes - slopes[:1]).abs().amax(dim=(0, 2)) <= same)
    varying = ~((slopes - slopes[:1, :, :1]).abs().amax(dim=(0, 2)) <= same)
    nowhere = [set[Symbol]() for _ in law.residual.slots]
    hidden = slopes_mention(law.residual) if places(system) else nowhere
    constant = {
        i: float(slopes[0, i, 0])
        for i in range(len(law.residual.slots))
        if i != law.top and not varying[i] and not hidden[i] | hidden[law.top]
    }
    steady = not moving.any() and system.domain.coordinates[form.axis] not in set().union(*hidden)
    return Linear(constant, law.residual.linear and bool(steady))


def own_orders(slot: Slot, axis: int) -> tuple[MultiIndex, ...]:
    """The orders in space of its members, those in time being the same."""
    return members(in_others(slot.index, axis))


def _factor(grid: Grid, lines: Lines, k: int, i: int, order: int) -> Tensor | None:
    """By what a derivative multiplies each function of a coordinate; None, where it makes others
    of them.
    """
    matrix = grid.projections[k][i] @ grid.tables[k][i][order]
    found = matrix.diagonal().clone()
    off = float((matrix - found.diag()).abs().max())
    # Round-off of a second derivative grows with the fourth power of the degree.
    small = 1e-13 * lines[k][i].count ** 2 * float(found.abs().max())
    return found if off <= max(small, 1e-10) else None


def _products(grid: Grid, lines: Lines, slot: Slot, axis: int) -> Tensor | None:
    """By what a slot multiplies each product of its unknown, `(columns,)`."""
    whole = DOUBLE.new_zeros(())
    for own in own_orders(slot, axis):
        part = DOUBLE.new_ones(())
        for i, order in enumerate(own):
            factor = _factor(grid, lines, slot.unknown, i, order)
            if factor is None:
                return None
            part = part[..., None] * factor
        whole = whole + part
    return whole.flatten()


@dataclass(frozen=True, eq=False)
class Kept:
    """What multiplies products by numbers: `stiff` and `damping (columns,)`; and of every law what
    is `left`: a slot's number, its order in time, and those in space. `first` says whether what is
    left has derivatives in space that are as high as those of some law that are kept.
    """

    stiff: Tensor
    damping: Tensor
    left: tuple[tuple[tuple[int, int, tuple[MultiIndex, ...]], ...], ...]
    first: bool


def kept_of(form: Form, lines: Lines, grid: Grid, linear: Sequence[Linear]) -> Kept:
    """Of all laws, of which this is `linear`."""
    stiff, damping = ([DOUBLE.new_zeros(n) for n in columns_of(lines)] for _ in range(2))
    found, first = [], False
    for law, own in zip(form.laws, linear, strict=True):
        taken, highest, left = [], 0, 0
        for number, slot in enumerate(law.residual.slots):
            if number == law.top:
                continue
            order, several = order_along(slot.index, form.axis), own_orders(slot, form.axis)
            space = max(map(sum, several))
            factor = None
            if number in own.constant and slot.unknown == law.unknown:
                factor = _products(grid, lines, slot, form.axis)
            if factor is None:
                taken.append((number, order, several))
                left = max(left, space)
            else:
                kept = damping if order else stiff
                kept[law.unknown] = kept[law.unknown] + own.constant[number] * factor
                highest = max(highest, space)
        found.append(tuple(taken))
        first = first or 0 < left >= highest
    return Kept(torch.cat(stiff), torch.cat(damping), tuple(found), first)


def equations_of(
    system: System, form: Form, lines: Lines, points: Sequence[int]
) -> Equations | None:
    """With all that multiplies products by numbers as rates. None, where something of that order
    is left to the forces: steps would have to be small.
    """
    grid = grid_of(system, form, lines, points)
    kept = kept_of(form, lines, grid, [linear_of(system, form, law) for law in form.laws])
    if kept.first:
        return None
    x, forces = grid.at(form.start), []
    for law, left in zip(form.laws, kept.left, strict=True):
        u = x.new_ones(len(law.residual.slots), len(x))
        forces.append(Force(law, left, law.residual.slopes(x, None, u)[law.top]))
    return Equations(form, lines, grid, tuple(forces), kept.stiff, kept.damping)
