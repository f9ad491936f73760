"""The integration in time by Radau's stiff method of fifth order (Hairer and Wanner; scipy's).

Explicit methods of higher order were measured too, and lost even where they take fewer steps: at
the edge of stability they leave noise in the fastest modes, and the path between their long steps
is less accurate than the steps. Exponential ones lost too: ETDRK4 (Cox and Matthews 2002; Kassam
and Trefethen 2005) takes 6,400 steps and 13 s for Kuramoto and Sivashinsky's equation in 144
functions, to an error of 1.6e-6, Radau 635 steps and 5 s to 5e-7.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.discretize.own_features import reach
from pinnsolve.evolution.magnitude import first_sizes, first_step, shares, sizes, tolerances
from pinnsolve.evolution.semidiscrete import Semidiscrete
from pinnsolve.fields.separated import Separated

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BlowUp:
    """When a state that grows is taken for one that blows up."""

    # Times its median size: a state that has become so large before it ends has blown up
    grown: float = 1e3
    # Of the whole time, in which so large a state would double: a pole is near, over which steps
    # may jump
    sudden: float = 1e-9


BLOW_UP = BlowUp()


@dataclass(frozen=True, eq=False)
class Path:
    """What an integration left: the field, the time that it reached, how many steps it took, why it
    ended.

    `stopped` is "finished", "stopped" (it was told to), "blow-up" (the state grew until no step was
    small enough), or "not finite" (the equations have no value beyond: a root of a negative number,
    a division by zero).
    """

    field: Separated
    reached: float
    stopped: str
    steps: int

    @property
    def complete(self) -> bool:
        """Whether the end was reached."""
        return self.stopped == "finished"


def integrate(
    semidiscrete: Semidiscrete,
    rtol: float,
    goes_on: Callable[[Callable[[], Path]], bool] = lambda offer: True,
    followed: Separated | None = None,
) -> Path:
    """Follow it to its end, with the error of a step below `rtol` of the largest that the
    unknown has been so far.

    Stops early where the step size vanishes (blow-up in finite time), or `goes_on(offer)` says no,
    asked after each step, and told how the path so far is had. A path in the same functions that
    was `followed` before is gone on with. Raises ValueError if the equations are not finite at the
    start.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of overflow, in steps that are refused
        trail = _Trail.begun(semidiscrete, followed)
        return trail.path(semidiscrete, _follow(semidiscrete, rtol, goes_on, trail))


@dataclass(frozen=True, eq=False)
class _Trail:
    """The accepted steps so far: times, states, and rates, which are the slopes of the stepper's
    own polynomials.

    f(t, y) is no rate to go by: it multiplies a step's error in a stiff mode by the mode's
    eigenvalue, and its own derivative by the square of that, so that a path through such slopes
    leaves right states by thousands of times the tolerance.
    """

    times: list[float]
    states: list[Array]
    rates: list[Array]

    @classmethod
    def begun(cls, semidiscrete: Semidiscrete, followed: Separated | None) -> _Trail:
        """At the start; or at the end of a path in the same functions."""
        again = (
            followed is not None and followed.transform.shape == semidiscrete.space.transform.shape
        )
        if followed is None or not (
            again and torch.allclose(followed.transform, semidiscrete.space.transform)
        ):
            start, y = semidiscrete.form.start, semidiscrete.start()[0].numpy()
            return cls([start], [y], [_plain(semidiscrete.rate)(start, y)])
        states, rates = semidiscrete.along(followed.times, followed.states)
        return cls(followed.times.tolist(), list(states.numpy()), list(rates.numpy()))

    def add(self, solver: Any) -> None:
        """The step that the stepper has made; Ctrl-C before the last of these lines leaves none."""
        joined = solver.dense_output()  # y + Q (s, s^2, s^3) on the step, with s from 0 to 1
        self.rates.append(joined.Q @ np.arange(1.0, 1 + joined.Q.shape[1]) / joined.h)
        self.states.append(solver.y.copy())
        self.times.append(solver.t)

    def path(self, semidiscrete: Semidiscrete, stopped: str) -> Path:
        """The steps joined; "failed" is told by what they have come to."""
        times, n = list(self.times), len(self.times)
        states, rates = self.states[:n], self.rates[:n]
        if n == 1:  # not one step was small enough: as it was at the start
            times.append(times[0] + BLOW_UP.sudden * (semidiscrete.form.end - times[0]))
            states, rates = 2 * states, 2 * rates
        at = torch.tensor(times, dtype=torch.float64)
        moved = semidiscrete.path(
            at, torch.from_numpy(np.array(states)), torch.from_numpy(np.array(rates))
        )
        finite = moved.isfinite().all(dim=3).all(dim=2).all(dim=0)
        kept = len(at) if bool(finite.all()) else max(2, int(finite.int().argmin()))
        space = semidiscrete.space
        # In one order, as a file gives them back: BLAS rounds otherwise in another.
        transform, moved = space.transform.contiguous(), moved[:, :kept].contiguous()
        field = Separated(space.modes, space.axis, transform, at[:kept], moved)
        return Path(field, float(at[kept - 1]), stopped, len(self.times) - 1)


@dataclass(frozen=True, eq=False)
class _Scale:
    """What errors of steps are measured by: how large the unknowns were at the start, and so far;
    `rate` is that at the start.
    """

    semidiscrete: Semidiscrete
    owned: Tensor
    size: Tensor
    first: Array
    step: float

    @classmethod
    def of(cls, semidiscrete: Semidiscrete, rtol: float, trail: _Trail) -> _Scale:
        """Of all steps so far. Raises ValueError if the equations are not finite at the start."""
        start, y, rate = semidiscrete.form.start, trail.states[0], _plain(semidiscrete.rate)
        at_start = rate(start, y)
        if not np.isfinite(at_start).all():
            raise ValueError(_not_finite(semidiscrete))
        slopes = _finite(_plain(semidiscrete.jacobian))(start, y)
        owned, size = shares(semidiscrete), first_sizes(semidiscrete, rate, slopes, y)
        first = tolerances(size, owned, semidiscrete.natural)
        for t, state in zip(trail.times[1:], trail.states[1:], strict=True):
            size = torch.maximum(size, sizes(semidiscrete, t, state))
        step = first_step(semidiscrete, at_start, slopes, first, rtol)
        return cls(semidiscrete, owned, size, first, step)

    def after(self, t: float, y: Array) -> _Scale:
        """With one more step."""
        return replace(self, size=torch.maximum(self.size, sizes(self.semidiscrete, t, y)))

    @property
    def whole(self) -> Array:
        """The size of each number of the state."""
        return tolerances(self.size, self.owned, self.semidiscrete.natural)


def _radau(semidiscrete: Semidiscrete, rtol: float, trail: _Trail, scale: _Scale) -> Any:
    """Scipy's stepper, at the end of the trail."""
    from scipy.integrate import Radau

    form, times = semidiscrete.form, trail.times
    step = scale.step if len(times) == 1 else times[-1] - times[-2]
    # Implicit, whatever the equation: ETDRK4 took ten times the steps for an error three times as
    # large (docs/decisions/0004).
    return Radau(
        _plain(semidiscrete.rate),
        times[-1],
        trail.states[-1],
        form.end,
        jac=_finite(_plain(semidiscrete.jacobian)),
        rtol=rtol,
        atol=rtol * scale.whole,
        first_step=min(step, form.end - times[-1]),
        # What is lost on the path between steps is of sixth order in their length.
        max_step=(form.end - form.start) * rtol ** (1 / 6),
    )


def _follow(
    semidiscrete: Semidiscrete,
    rtol: float,
    goes_on: Callable[[Callable[[], Path]], bool],
    trail: _Trail,
) -> str:
    """Lengthen the trail to its end; and say why that is."""
    times, states = trail.times, trail.states
    end, length = semidiscrete.form.end, semidiscrete.form.end - semidiscrete.form.start
    scale = _Scale.of(semidiscrete, rtol, trail)
    if end - times[-1] <= 1e-14 * length:  # round-off is all that is left of the time
        return "finished"
    largest = [float(np.abs(state / scale.first).max()) for state in states]
    solver = _radau(semidiscrete, rtol, trail, scale)
    offer, longest = partial(trail.path, semidiscrete, "stopped"), solver.max_step
    try:
        while solver.status == "running":
            # A long step would pass over a short kick of the data without seeing it.
            solver.max_step = min(longest, reach(semidiscrete.narrow, solver.t))
            if not _stepped(solver):
                break
            trail.add(solver)
            largest.append(float(np.abs(solver.y / scale.first).max()))
            # By the largest that an unknown has been so far: one that starts at zero has no size of
            # its own yet.
            scale = scale.after(solver.t, solver.y)
            whole = scale.whole
            solver.atol = rtol * whole
            doubled = BLOW_UP.sudden * length * float(np.abs(solver.f / whole).max())
            if doubled > 1 and _grown(largest):
                break
            if not goes_on(offer):
                return "stopped"
    except KeyboardInterrupt:
        if len(times) == 1:
            raise
        return "interrupted"
    finally:
        ended = solver.status
        vars(solver).clear()  # it refers to itself, and would hold its matrices until it is found
    if ended == "finished":
        return "finished"
    return "blow-up" if _grown(largest) else "not finite"


def _stepped(solver: Any) -> bool:
    """One step; whether it led anywhere."""
    try:
        solver.step()
    except (ValueError, np.linalg.LinAlgError):  # a slope or a rate that is not finite
        return False
    return solver.status != "failed" and bool(np.isfinite(solver.y).all())


def _grown(largest: list[float]) -> bool:
    return largest[-1] > BLOW_UP.grown * float(np.median(largest))


def _not_finite(semidiscrete: Semidiscrete) -> str:
    conditions = [law.residual.condition for law in semidiscrete.form.laws]
    time = conditions[0].region.coordinates[semidiscrete.form.axis].name
    return (
        f"not finite at the initial data, {time} = {semidiscrete.form.start:g}:"
        f" {'; '.join(map(str, conditions))}"
    )


def _plain(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[float, Array], Array]:
    """A function of tensors as one of a number and an array."""

    def called(t: float, y: Array) -> Array:
        with torch.no_grad():
            found: Array = function(
                torch.tensor(t, dtype=torch.float64), torch.from_numpy(y)
            ).numpy()
        return found

    return called


def _finite(jacobian: Callable[[float, Array], Array]) -> Callable[[float, Array], Array]:
    """Slopes of no value (of a root at zero) left out: Newton's iteration in a step does without,
    if the step is short.
    """
    return lambda t, y: np.nan_to_num(jacobian(t, y), nan=0.0, posinf=0.0, neginf=0.0)
