"""Multigrid reduction in time for a line of steps: relaxation of all intervals at once, correction
on coarser levels.

Günther, Ruthotto, Schroder, Cyr, Gauger (arXiv 1812.04352); Falgout, Friedhoff, Kolev, MacLachlan,
Schroder, SIAM J. Sci. Comput. 36 (2014): the full approximation scheme in interval form. Only
C-point values are kept. With V_i at the start of interval i and E_i = F_i(V_i) at its end, the
coarse level solves

    w_(i+1) = G_i(w_i) + tau_i,    tau_i = E_i - G_i(V_i),

G_i one step of the next level, and w is the new V. With two levels this is parareal. After as many
cycles as there are intervals the values are those of the serial sweep, whatever G is.

The algebra knows lines of steps, and a neighbour's two verbs; not what a step does, nor which way
time runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from pinnsolve.mgrit.grid import Line, Run

# Along which states are stacked; parameters are along their first.
AXIS = -3
# E and G(V): their difference is tau, and w = E + (G(w) - G(V)) has E as an exact fixed point.
Forcing = tuple[Tensor, Tensor]


class Steps(Protocol):
    """Steps of one level: `steps(which, states)` takes each of the states, stacked along `AXIS`,
    through its own step.
    """

    def __call__(self, which: slice, states: Tensor, /) -> Tensor: ...


class Neighbour(Protocol):
    """The two verbs of a communicator."""

    def receive(self, like: Tensor) -> Tensor:
        """The state `(rows, 1, points, width)` at the start of this rank's slab; on the first rank,
        `like` itself.
        """
        ...

    def send(self, state: Tensor) -> None:
        """Hand the state `(rows, 1, points, width)` at the slab's end on; nothing, on the last
        rank.
        """
        ...


@dataclass(frozen=True, eq=False)
class Level:
    """A level of one rank: its steps, and its line of them (without C-points on the coarsest
    level).
    """

    steps: Steps
    line: Line
    at_once: int | None = None


def stacked(states: Sequence[Tensor]) -> Tensor:
    """States `(rows, points, width)` side by side: `(rows, n_states, points, width)`."""
    return torch.stack(list(states), dim=AXIS)


def part(states: Tensor, start: int, count: int) -> Tensor:
    """Some of the stacked states, `(rows, count, points, width)`."""
    return states.narrow(AXIS, start, count)


def relaxed(level: Level, values: Tensor, forcing: Forcing | None, neighbour: Neighbour) -> Tensor:
    """The ends of the intervals that end here: F-relaxation, and the step into the next C-point.
    All intervals at once.

    `values` `(rows, n_values, points, width)` are those at the last C-point up to the slab's start,
    and at the C-points behind it. What is here of an interval that began before goes on from the
    neighbour's state; what does not end here is handed on.
    """
    line = level.line
    starts = part(values, int(not line.begins), line.intervals + int(line.begins))
    reached = [part(values, 0, 0)]
    for run in line.runs(level.at_once):
        reached.append(_along(level, run, part(starts, run.first, run.count), forcing)[-1])
    ends = torch.cat(reached, dim=AXIS)
    if line.c_points and not line.ends:
        ends = _handed_on(ends, neighbour)
    if line.head is not None:
        end = _along(level, line.head, neighbour.receive(part(values, 0, 1)), forcing)[-1]
        ends = torch.cat([end, ends], dim=AXIS)
        if not line.c_points:
            return _handed_on(end, neighbour)
    return ends


def filled(level: Level, values: Tensor, forcing: Forcing | None, neighbour: Neighbour) -> Tensor:
    """All points of a line, `(rows, n_states, points, width)`, from the `values` that `relaxed`
    takes; at C-points, these values.
    """
    line = level.line
    starts = part(values, int(not line.begins), line.intervals + int(line.begins))
    states: list[Tensor] = []
    for run in line.runs(1):
        *points, end = _along(level, run, part(starts, run.first, 1), forcing)
        states += points
    if line.ends:
        end = part(values, line.intervals, 1)
    elif line.c_points:
        neighbour.send(end)
    if line.head is not None:
        *points, reached = _along(level, line.head, neighbour.receive(part(values, 0, 1)), forcing)
        states = [*points, *states]
        if not line.c_points:
            end = reached
            neighbour.send(end)
    return torch.cat([*states, end], dim=AXIS)


def _along(level: Level, run: Run, states: Tensor, forcing: Forcing | None) -> list[Tensor]:
    """The states of a run of intervals, step by step."""
    along = [states]
    for j in range(run.length):
        along.append(_forced(level.steps(run.steps(j), along[-1]), forcing, run.steps(j)))
    return along


def _handed_on(states: Tensor, neighbour: Neighbour) -> Tensor:
    """All but the last of the states, which the neighbour gets."""
    count = states.shape[AXIS] - 1
    neighbour.send(part(states, count, 1))
    return part(states, 0, count)


def _forced(states: Tensor, forcing: Forcing | None, which: slice) -> Tensor:
    if forcing is None:
        return states
    index = torch.arange(which.start, which.stop, which.step or 1, device=states.device)
    fine, coarse = (f.index_select(AXIS + states.dim(), index) for f in forcing)
    return fine + (states - coarse)


def swept(level: Level, forcing: Forcing | None, first: Tensor, neighbour: Neighbour) -> Tensor:
    """All points of the coarsest level, `(rows, n_states, points, width)`, one step after the
    other, rank after rank.
    """
    state = neighbour.receive(first)
    states = [state]
    for n in range(level.line.steps):
        state = _forced(level.steps(slice(n, n + 1), state), forcing, slice(n, n + 1))
        states.append(state)
    neighbour.send(state)
    return torch.cat(states, dim=AXIS)


def corrected(
    levels: Sequence[Level], values: Tensor, ends: Tensor, neighbour: Neighbour, cycle: str = "V"
) -> Tensor:
    """New C-point values of the first level, from those before and the relaxed `ends`, all as in
    `relaxed`: `(rows, n_values, points, width)`.

    `levels[1:]` are the coarser ones. One V-cycle, or F-cycle.
    """
    count = ends.shape[AXIS]
    guessed = levels[1].steps(slice(0, count), part(values, 0, count)) if count else ends
    return solved(levels[1:], (ends, guessed), values, neighbour, cycle)


def solved(
    levels: Sequence[Level],
    forcing: Forcing | None,
    guess: Tensor,
    neighbour: Neighbour,
    cycle: str,
) -> Tensor:
    """All points of `levels[0]`, `(rows, n_states, points, width)`, approximately: by a sweep on
    the coarsest level, else by one cycle from the guess.

    An F-cycle is one on all coarser levels, and then a V-cycle.
    """
    level = levels[0]
    if len(levels) == 1:
        return swept(level, forcing, part(guess, 0, 1), neighbour)
    values = at_c_points(level.line, guess, neighbour)
    for shape in ("F", "V") if cycle == "F" else ("V",):
        ends = relaxed(level, values, forcing, neighbour)
        values = corrected(levels, values, ends, neighbour, shape)
    return filled(level, values, forcing, neighbour)


def at_c_points(line: Line, points: Tensor, neighbour: Neighbour) -> Tensor:
    """The points of a slab at the last C-point up to its start, which may be a neighbour's, and at
    those behind it: `(rows, n_values, points, width)`.
    """
    own = points.index_select(
        points.dim() + AXIS, torch.tensor(line.c_points, dtype=torch.long, device=points.device)
    )
    if line.c_points and not line.ends:
        neighbour.send(part(own, own.shape[AXIS] - 1, 1))
    if line.begins:
        return own
    before = neighbour.receive(part(points, 0, 1))
    if not line.c_points:
        neighbour.send(before)
    return torch.cat([before, own], dim=AXIS)


def nested(levels: Sequence[Level], first: Tensor, neighbour: Neighbour) -> Tensor:
    """A first guess for the C-points of `levels[0]`, `(rows, n_values, points, width)`, without
    any: the coarser problems alone, coarsest first.
    """
    values = swept(levels[-1], None, first, neighbour)
    for level in reversed(levels[1:-1]):
        values = filled(level, values, None, neighbour)
    return values
