"""How large the state of an evolution is, unknown by unknown: what errors of its steps are measured
against.

A state at rest at zero has no size of its own yet. What the equations make of it soon is taken,
made small: too small a size costs a few short steps at the start, too large a one the accuracy of
all that follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.discretize.changes import not_negligible
from pinnsolve.evolution.semidiscrete import Semidiscrete

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Start:
    """What counts as the size of a state that starts at zero, and how far its first step goes."""

    # Parts of the time, after which a state that starts at zero is asked for its size
    soon: tuple[float, ...] = (1e-3, 1e-2, 0.1, 1.0)
    # Of the largest of these: what is smaller is the tail of a pulse that is still to come
    tail: float = 1e-9
    # Of what it is then, that counts at the start
    part: float = 1e-3
    # Of its size, that the state may change by in the first step
    change: float = 0.01
    # Of such a step, however stiff the motion is: each step grows by ten at most
    shortest_step: float = 1e-8


START = Start()


def sizes(semidiscrete: Semidiscrete, t: float, y: Array) -> Tensor:
    """The largest coefficient of each unknown, side data included, and then of each velocity if
    they are sought too: `(n_sizes,)`, of a state y `(n,)`.
    """
    at, state = torch.tensor(t, dtype=torch.float64), torch.from_numpy(y)
    parts = [state[: semidiscrete.m], state[semidiscrete.m :]] if semidiscrete.second else [state]
    coefficients = [
        semidiscrete.lifted[k](at) + semidiscrete.space.free @ part for k, part in enumerate(parts)
    ]
    return torch.cat(
        [c.reshape(semidiscrete.n_unknowns, -1).abs().amax(dim=1) for c in coefficients]
    )


def first_sizes(
    semidiscrete: Semidiscrete, rate: Callable[[float, Array], Array], jacobian: Array, y: Array
) -> Tensor:
    """The sizes `(n_sizes,)` at the start y `(n,)`, with the Jacobian `(n, n)` of its rate; of what
    starts at zero, a part of what one implicit step of Euler's makes of it soon.
    """
    start, length = semidiscrete.form.start, semidiscrete.form.end - semidiscrete.form.start
    initial = sizes(semidiscrete, start, y)
    soon = []
    for step in sorted(
        [
            *(part * length for part in START.soon),
            *(at - start for at, _ in semidiscrete.narrow if at > start),
        ]
    ):
        # An implicit step, since an explicit one of that length would blow up what is stiff.
        moved = np.linalg.lstsq(
            np.eye(len(y)) - step * jacobian, step * rate(start + step, y), rcond=None
        )[0]
        if np.isfinite(moved).all():
            soon.append(sizes(semidiscrete, start + step, y + moved))
    # The tail of a pulse that is still to come is no size: the first that counts is taken.
    counts, largest = torch.zeros_like(initial), torch.stack([initial, *soon]).amax(dim=0)
    for each in soon:
        settled = (counts > 0) | (each <= START.tail * largest)
        counts = torch.where(settled, counts, START.part * each)
    return torch.maximum(initial, counts)


def shares(semidiscrete: Semidiscrete) -> Tensor:
    """How much of each entry of y belongs to each size: `(n, n_sizes)`, rows of sum one."""
    own = semidiscrete.free.square().sum(dim=1).T
    none = torch.zeros_like(own)
    return (
        torch.cat([torch.cat([own, none], dim=1), torch.cat([none, own], dim=1)])
        if semidiscrete.second
        else own
    )


def tolerances(found: Tensor, owned: Tensor, natural: Tensor) -> Array:
    """The size that counts for each entry of y, `(n,)`, from sizes `(n_sizes,)` and shares `(n,
    n_sizes)`; none is negligible beside its peers, nor zero.
    """
    each = torch.cat([not_negligible(part, natural) for part in found.reshape(-1, len(natural))])
    whole: Array = (owned @ each).clamp(min=torch.finfo(each.dtype).tiny).numpy()
    return whole


def first_step(
    semidiscrete: Semidiscrete, rate: Array, jacobian: Array, whole: Array, rtol: float
) -> float:
    """A step that changes no entry by more than a part of its size, is no longer than that part of
    the time, and leaves no more than the tolerance beyond its first order.

    So it follows the layer in time by which initial data that do not satisfy the equation on the
    sides come to do so; errors of steps, which are measured without what is stiff, do not show it.
    `rate` and `whole` are `(n,)`, `jacobian` is `(n, n)`.
    """
    length = semidiscrete.form.end - semidiscrete.form.start
    fastest = _largest(rate / whole)
    bent = math.sqrt(_largest(jacobian @ rate / whole) / (2 * rtol))
    step = START.change * length / max(1.0, fastest * length)
    return max(min(step, 1 / bent if bent > 0 else step), START.shortest_step * step)


def _largest(numbers: Array) -> float:
    """The largest number that is finite, in absolute value."""
    size = np.abs(numbers)
    return float(size[np.isfinite(size)].max(initial=0.0))
