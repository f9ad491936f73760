"""When the solution of a scalar conservation law breaks: where its characteristics cross.

Along dx/dt = a(x, t, u) a solution of u_t + a u_x + s = 0 obeys du/dt = -s. Neighbours that meet
with two values form a shock: for u_t + f(u)_x = 0 at t = -1 / min d/dx f'(u(x, 0)) (Lax 1973). No
function satisfies the equation beyond, and least squares, which see where it holds alone, find
something between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.consistency import gives_values
from pinnsolve.discretize.recognize import Form, evolution_form, order_along
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.jets.indices import order_of
from pinnsolve.search.scales import periodic_coordinates


@dataclass(frozen=True)
class Crossing:
    """How closely characteristics are followed, and when two of them cross."""

    # Of them, over the length of the domain: the time is known to the square of their distance
    spaces: int = 2048
    # Of the time; one begins on each side at each
    steps: int = 1024
    # Of the length, that one must be behind its neighbour: below, data agree but for their digits
    behind: float = 1e-6
    # Of the length, to which the place is known
    digits: int = 3
    # Of the time until they cross, that is worth solving for: there slopes are ten times as large
    good: float = 0.9


CROSSING = Crossing()


@dataclass(frozen=True)
class Breaking:
    """The first time at which characteristics cross, and the place."""

    time: float
    place: float


def require_unbroken(system: System) -> None:
    """Raise ValueError if the solution of a scalar conservation law breaks before its end.

    It says when and where, how long the solution lasts, and what to solve instead.
    """
    broken = breaking(system)
    if broken is None:
        return
    form = evolution_form(system)
    assert form is not None
    x, t = (system.domain.coordinates[i] for i in (1 - form.axis, form.axis))
    (u,) = system.problem.unknowns
    name, last = u.func, form.start + CROSSING.good * (broken.time - form.start)
    until = (
        f"solve until {t} = {last:.4g}, or "
        if last > form.start
        else "where the data do not agree, make them; or "
    )
    raise ValueError(
        f"the solution breaks at {t} = {broken.time:.4g}, {x} = {broken.place:.4g}: characteristics"
        f" of '{form.laws[0].residual.condition}' cross there, a shock"
        f" forms, and no function satisfies the equation beyond; {until}add a viscosity, nu ="
        f" Symbol('nu') with nu*{name}.diff({x}, 2) on the right and constants={{nu: 1e-3}}, and"
        " lower it to that: solve(problem, continuation={nu: geometric(0.1, 1e-3)})"
    )


def breaking(system: System) -> Breaking | None:
    """Where and when characteristics cross first; None, if they do not before the end, or it is no
    scalar law of first order in one dimension of space.
    """
    if system.n_unknowns != 1 or system.linear or len(system.domain.coordinates) != 2:
        return None
    if not all(_first_order(r) for r in system.residuals):
        return None
    form = evolution_form(system)
    if form is None or not (len(form.initial) == 1 and gives_values(form.initial[0])):
        return None
    begun = _begun(system, form)
    return _crossing(system, form, begun) if _quasilinear(form, *begun) else None


def _first_order(residual: Residual) -> bool:
    return all(order_of(slot.index) <= 1 for slot in residual.slots)


def _quasilinear(form: Form, x: Tensor, u: Tensor, begins: Tensor) -> bool:
    """Whether the slopes in the derivatives hold no derivative: of (u_x)^2 kinks form, no
    shocks.
    """
    residual = form.laws[0].residual
    points = _points(form, x, form.start + (form.end - form.start) / CROSSING.steps * begins)
    values = _slots(residual, u)
    moved = values + torch.tensor([[order_of(s.index)] for s in residual.slots])
    held = [i for i, s in enumerate(residual.slots) if order_of(s.index)]
    first, second = (residual.slopes(points, None, v)[held] for v in (values, moved))
    return torch.allclose(first, second, equal_nan=True)


def _slots(residual: Residual, u: Tensor) -> Tensor:
    """The slots `(n_slots, n)` of a field u `(n,)` without derivatives."""
    return torch.stack([u * (order_of(s.index) == 0) for s in residual.slots])


def _begun(system: System, form: Form) -> tuple[Tensor, Tensor, Tensor]:
    """Where characteristics begin, with which values, and in which step, `(n,)` each, in their
    order: those of the left side, the last one first, of the initial line, of the right side.
    """
    low, high = system.domain.bounds[1 - form.axis].tolist()
    line = tensor_of(np.linspace(low, high, CROSSING.spaces + 1))
    steps = torch.arange(CROSSING.steps + 1)
    times = form.start + (form.end - form.start) / CROSSING.steps * steps.to(line)
    initial = form.initial[0].given(_points(form, line, torch.full_like(line, form.start)), None)
    parts = [torch.stack([line, initial, torch.zeros_like(line)])]
    for at, first in ((low, True), (high, False)):
        there = torch.full_like(times, at)
        points = _points(form, there, times)
        for side in form.sides:
            if gives_values(side) and bool(side.condition.region.contains(array_of(points)).all()):
                own = torch.stack([there, side.given(points, None), steps.to(line)])
                parts = [own.flip(1), *parts] if first else [*parts, own]
    x, u, begins = torch.cat(parts, dim=1)
    return x, u, begins


def _points(form: Form, x: Tensor, t: Tensor) -> Tensor:
    """Points `(n, 2)` of space `(n,)` and time `(n,)`."""
    return torch.stack([t, x] if form.axis == 0 else [x, t], dim=1)


def _crossing(system: System, form: Form, begun: tuple[Tensor, Tensor, Tensor]) -> Breaking | None:
    """Characteristics are followed by Runge's and Kutta's method of fourth order, those that have
    left the domain no further.
    """
    low, high = system.domain.bounds[1 - form.axis].tolist()
    around = bool(periodic_coordinates(system))
    x, u, begins = begun
    state, alive = torch.stack([x, u]), u.isfinite()
    step, behind = (form.end - form.start) / CROSSING.steps, CROSSING.behind * (high - low)

    def rate(t: float, y: Tensor) -> Tensor:
        inside = low + torch.remainder(y[0] - low, high - low) if around else y[0]
        return _rate(form, inside.clamp(low, high), torch.full_like(y[0], t), y[1])

    gaps = x.diff()
    for k in range(CROSSING.steps):
        t, moves = form.start + k * step, begins <= k
        slopes = rate(t, state)
        last = slopes
        for part, weight in ((0.5, 2), (0.5, 2), (1.0, 1)):
            last = rate(t + part * step, state + part * step * last)
            slopes = slopes + weight * last
        state = torch.where(moves, state + step / 6 * slopes, state)
        alive = alive & state.isfinite().all(dim=0)
        alive = alive & (around | ((state[0] >= low) & (state[0] <= high)))
        before, gaps = gaps, state[0].diff()
        crossed = (gaps < -behind) & (moves & alive)[1:] & (moves & alive)[:-1]
        if bool(crossed.any()):
            # Backwards too: at first they were less behind than counts.
            parts = before / (before - gaps)
            first = int(torch.where(crossed, parts, torch.inf).argmin())
            part = (float(state[0, first]) - low) / (high - low)
            part = round(part % 1 if around else part, CROSSING.digits)
            return Breaking(t + float(parts[first]) * step, low + part * (high - low))
    return None


def _rate(form: Form, x: Tensor, t: Tensor, u: Tensor) -> Tensor:
    """(a, -s) of u_t + a u_x + s = 0, `(2, n)`."""
    law = form.laws[0]
    residual, points = law.residual, _points(form, x, t)
    values = _slots(residual, u)
    slopes = residual.slopes(points, None, values)
    top = slopes[law.top]
    across = [
        slope
        for slope, slot in zip(slopes, residual.slots, strict=True)
        if order_along(slot.index, 1 - form.axis)
    ]
    return (
        torch.stack([sum(across, torch.zeros_like(u)), -residual.value(points, None, values)]) / top
    )
