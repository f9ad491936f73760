"""Multigrid reduction in time for a line of steps: relaxation of all intervals at once, correction on coarser levels.

Günther, Ruthotto, Schroder, Cyr, Gauger (arXiv 1812.04352); Falgout, Friedhoff, Kolev, MacLachlan, Schroder, SIAM J. Sci.
Comput. 36 (2014): the full approximation scheme in interval form. Only C-point values are kept. With V_i at the start of
interval i and E_i = F_i(V_i) at its end, the coarse level solves

    w_(i+1) = G_i(w_i) + tau_i,    tau_i = E_i - G_i(V_i),

G_i one step of the next level, and w is the new V. With two levels this is parareal. After as many cycles as there are
intervals the values are those of the serial sweep, whatever G is.

The algebra knows lines of steps, and a neighbour's two verbs; not what a step does, nor which way time runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from pinnsolve.mgrit.grid import Line

AXIS = -3  # along which states are stacked; parameters are along their first
Forcing = tuple[Tensor, Tensor]  # E and G(V): their difference is tau, and w = E + (G(w) - G(V)) has E as an exact fixed point


class Steps(Protocol):
    """Steps of one level: `steps(which, states)` takes each of the states, stacked along `AXIS`, through its own step."""

    def __call__(self, which: slice, states: Tensor, /) -> Tensor: ...


class Neighbour(Protocol):
    """The two verbs of a communicator."""

    def receive(self, like: Tensor) -> Tensor:
        """The state at the start of this rank's slab; on the first rank, `like` itself."""
        ...

    def send(self, state: Tensor) -> None:
        """Hand the state at the slab's end on; nothing, on the last rank."""
        ...


@dataclass(frozen=True, eq=False)
class Level:
    """A level of one rank: its steps, and its line of them (without C-points on the coarsest level)."""

    steps: Steps
    line: Line
    at_once: int | None = None


def stacked(states: Sequence[Tensor]) -> Tensor:
    """States side by side."""
    return torch.stack(list(states), dim=AXIS)


def part(states: Tensor, start: int, count: int) -> Tensor:
    """Some of the stacked states."""
    return states.narrow(AXIS, start, count)


def relaxed(level: Level, starts: Tensor, forcing: Forcing | None) -> Tensor:
    """Every interval's end from its start: F-relaxation, and the step into the next C-point. All intervals at once."""
    ends = []
    for run in level.line.runs(level.at_once):
        states = part(starts, run.first, run.count)
        for j in range(run.length):
            states = _forced(level.steps(run.steps(j), states), forcing, run.steps(j))
        ends.append(states)
    return torch.cat(ends, dim=AXIS)


def filled(level: Level, starts: Tensor, forcing: Forcing | None) -> Tensor:
    """All points of a line, from the values at the starts of its intervals."""
    found = []
    for run in level.line.runs(1):
        state = part(starts, run.first, 1)
        for j in range(run.length):
            found.append(state)
            state = _forced(level.steps(run.steps(j), state), forcing, run.steps(j))
    return torch.cat([*found, state], dim=AXIS)


def _forced(states: Tensor, forcing: Forcing | None, which: slice) -> Tensor:
    if forcing is None:
        return states
    index = torch.arange(which.start, which.stop, which.step or 1, device=states.device)
    fine, coarse = (f.index_select(AXIS + states.dim(), index) for f in forcing)
    return fine + (states - coarse)


def swept(level: Level, forcing: Forcing | None, first: Tensor, neighbour: Neighbour) -> Tensor:
    """All points of the coarsest level, one step after the other, rank after rank."""
    state = neighbour.receive(first)
    found = [state]
    for n in range(level.line.steps):
        state = _forced(level.steps(slice(n, n + 1), state), forcing, slice(n, n + 1))
        found.append(state)
    neighbour.send(state)
    return torch.cat(found, dim=AXIS)


def corrected(levels: Sequence[Level], values: Tensor, ends: Tensor, neighbour: Neighbour) -> Tensor:
    """New C-point values of the first level, from those before (`starts` and the last point) and the relaxed `ends`.

    `levels[1:]` are the coarser ones. One V-cycle.
    """
    coarse = levels[1]
    starts = part(values, 0, values.shape[AXIS] - 1)
    return solved(levels[1:], (ends, coarse.steps(slice(0, starts.shape[AXIS]), starts)), values, neighbour)


def solved(levels: Sequence[Level], forcing: Forcing | None, guess: Tensor, neighbour: Neighbour) -> Tensor:
    """All points of `levels[0]`, approximately: by a sweep on the coarsest level, else by one cycle from the guess."""
    level = levels[0]
    if len(levels) == 1:
        return swept(level, forcing, part(guess, 0, 1), neighbour)
    values = guess.index_select(guess.dim() + AXIS, torch.tensor(level.line.bounds, device=guess.device))
    ends = relaxed(level, part(values, 0, level.line.intervals), forcing)
    values = corrected(levels, values, ends, neighbour)
    return filled(level, part(values, 0, level.line.intervals), forcing)


def nested(levels: Sequence[Level], first: Tensor, neighbour: Neighbour) -> Tensor:
    """A first guess for the C-points of `levels[0]`, without any: the coarser problems alone, coarsest first."""
    values = swept(levels[-1], None, first, neighbour)
    for level in reversed(levels[1:-1]):
        values = filled(level, part(values, 0, level.line.intervals), None)
    return values
