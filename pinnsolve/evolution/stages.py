"""A stage of an implicit step as a system over space: one elliptic problem.

With s = gamma h a stage asks for U = a + s U_t: so U_t = (U - a) / s, a multiple of U plus a number
that is known at every point, from the stages before. These travel with the points, as measured data
do: t, 1 / s, and one number for every derivative in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.lower import lower
from pinnsolve.compile.system import Program, Residual, System, compile_problem
from pinnsolve.compile.traces import Trace
from pinnsolve.declare.instant import at_instant
from pinnsolve.discretize.own_features import Instants, narrow_instants
from pinnsolve.discretize.recognize import Form, acts_alike, order_along
from pinnsolve.discretize.sizes import coefficients_of
from pinnsolve.geometry.region import Condition
from pinnsolve.jets.indices import JetIndex, in_others, members


@dataclass(frozen=True)
class AtStage:
    """A program of an equation in space and time, of what a stage knows: points and normals of
    space, then t, 1 / s and what is known of every derivative in time, then slots of space.

    `orders` are those in time of the slots. Slopes are those in the slots of space.
    """

    program: Program
    dim: int
    axis: int
    orders: tuple[int, ...]
    slopes: bool = False

    def __call__(self, arguments: Iterable[Tensor], n: int) -> Tensor:
        """What the program gives, `(..., n)`."""
        given = list(arguments)
        x, given = given[: self.dim], given[self.dim :]
        normals, given = given[: self.dim], given[self.dim :]
        t, rate, *given = given
        timed = sum(order > 0 for order in self.orders)
        known, u = given[:timed], given[timed:]
        factors, rest = [rate**order for order in self.orders], iter(known)
        whole = [
            value * factor + next(rest) if order else value
            for order, factor, value in zip(self.orders, factors, u, strict=True)
        ]
        x = [*x[: self.axis], t, *x[self.axis :]]
        normals = [*normals[: self.axis], torch.zeros_like(t), *normals[self.axis :]]
        found = self.program([*x, *normals, *whole], n)
        return found * torch.stack(factors) if self.slopes else found


@dataclass(frozen=True, eq=False)
class Stages:
    """All stages of an evolution of first order in time: their `system` over space, the orders in
    time of each equation's slots; `at_rest` is the system of one instant, with hardly any
    derivative in time. `steady` says whether matrices are the same at all times, `driven
    (n_unknowns,)` about how large loads and sides make each unknown at some time. At the `narrow`
    instants, each with a width, data do something for a short time.
    """

    form: Form
    system: System
    at_rest: System
    orders: tuple[tuple[int, ...], ...]
    steady: bool
    driven: Tensor
    narrow: Instants

    def at(self, x: Tensor, t: float) -> Tensor:
        """Points of space `(n, dim)` at a time: `(n, dim + 1)`."""
        axis = self.form.axis
        return torch.cat([x[:, :axis], x.new_full((len(x), 1), t), x[:, axis:]], dim=1)

    def data(self, residual: int, t: float, rate: float, n: int) -> Tensor:
        """The data of points where nothing is known of the stages before, `(n, n_data)`."""
        timed = sum(order > 0 for order in self.orders[residual])
        held = DOUBLE.new_zeros(n, 2 + timed)
        held[:, 0], held[:, 1] = t, rate
        return held


def stages_of(system: System, form: Form) -> Stages | None:
    """The stages of an evolution; None, where its domain is no product with an interval of time,
    sides are not, or a derivative mixes orders in time.
    """
    residuals = (*(law.residual for law in form.laws), *form.sides)
    coordinates = system.domain.coordinates
    time = coordinates[form.axis]
    slow = 1e-6 / (form.end - form.start)
    frozen = at_instant(
        system.problem,
        time,
        [r.condition for r in residuals],
        (form.start + form.end) / 2,
        slow,
    )
    whole = all(u.args == coordinates for u in system.problem.unknowns)
    slots = [s.index for r in (*residuals, *form.initial) for s in r.slots]
    if frozen is None or not whole or not all(_pure(index, form.axis) for index in slots):
        return None
    if set(form.orders) != {1} or not all(_is_fit(r, form.axis) for r in form.initial):
        return None
    if system.integrates:
        return None
    pairs = zip(residuals, frozen.conditions, strict=True)
    moved = tuple(_at_stage(r, form.axis, condition) for r, condition in pairs)
    orders = tuple(tuple(order_along(s.index, form.axis) for s in r.slots) for r in residuals)
    return Stages(
        form,
        System(frozen, moved),
        compile_problem(frozen),
        orders,
        all(r.linear and acts_alike(r, form.axis) for r in residuals),
        _driven(system, form),
        narrow_instants(system, form.axis),
    )


def _driven(system: System, form: Form) -> Tensor:
    """About how large loads and sides make each unknown, `(n_unknowns,)`, by the data's root mean
    square over all times: a law's, of its own unknown, and of sides that hold one alone.
    """
    sizes = DOUBLE.new_zeros(system.n_unknowns)
    sides = [(r, {s.unknown for s in r.slots}) for r in form.sides]
    own = [(r, min(held)) for r, held in sides if len(held) == 1]
    for residual, unknown in [*((law.residual, k) for k, law in enumerate(form.laws)), *own]:
        slopes, data = coefficients_of(residual, system)
        if unknown in slopes:
            sizes[unknown] = max(float(sizes[unknown]), data / slopes[unknown])
    return sizes


def _is_fit(residual: Residual, axis: int) -> bool:
    """Whether an initial condition gives one unknown, at the points of space."""
    (slot, *others), (trace,) = residual.slots, residual.traces
    here = [c for i, c in enumerate(trace.arguments) if i != axis]
    own = [c for i, c in enumerate(residual.condition.region.coordinates) if i != axis]
    return not others and here == own and not any(map(sum, members(slot.index)))


def _pure(index: JetIndex, axis: int) -> bool:
    return len({m[axis] for m in members(index)}) == 1


def _at_stage(residual: Residual, axis: int, condition: Condition) -> Residual:
    dim = len(condition.region.coordinates)
    orders = tuple(order_along(s.index, axis) for s in residual.slots)
    program = AtStage(residual.lowered_value, dim, axis, orders)
    traces = tuple(_trace(trace, axis, condition) for trace in residual.traces)
    return replace(
        residual,
        condition=condition,
        traces=traces,
        slots=tuple(replace(s, index=in_others(s.index, axis)) for s in residual.slots),
        lowered_value=program,
        lowered_slopes=AtStage(residual.lowered_slopes, dim, axis, orders, slopes=True),
        features=(),
        kinks=(),
    )


def _trace(trace: Trace, axis: int, condition: Condition) -> Trace:
    arguments = (*trace.arguments[:axis], *trace.arguments[axis + 1 :])
    coordinates = condition.region.coordinates
    return Trace(arguments, None if arguments == coordinates else lower(arguments, coordinates))
