"""One evolution in cells of space: functions, points, steps; and how good its states are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from tempfile import gettempdir

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import Declaration
from pinnsolve.cells.judge import (
    Judged,
    jump_of,
    jump_of_all,
    largest_beside,
    parts_inside,
    unit_points,
)
from pinnsolve.cells.memory import require_room
from pinnsolve.cells.rows import Rows
from pinnsolve.cells.spaces import cells_of, inside
from pinnsolve.compile.system import Residual
from pinnsolve.discretize.changes import rms
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.rough import roughness
from pinnsolve.discretize.streams import STREAMS
from pinnsolve.evolution.collocated import Collocated, Places, collocated, places_of, values_of
from pinnsolve.evolution.curvatures import curvatures_by_parts
from pinnsolve.evolution.kept_rows import KeptRows, rows_on_disk
from pinnsolve.evolution.stages import Stages
from pinnsolve.evolution.stepping import CONTROL, State, Stepper, followed, grows, started
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.cellwise import Cells, Cellwise
from pinnsolve.fields.moving import Moving
from pinnsolve.fields.tree import Tree
from pinnsolve.running.budget import Budget


@dataclass(frozen=True, eq=False)
class Steps:
    """The states of a run at its steps, as many as were made: of each two rows, coefficients and
    rates.
    """

    rows: KeptRows
    times: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, space: Collocated) -> Steps:
        """None yet."""
        return cls(KeptRows(sum(space.columns), space.spaces[0].zeros()))

    @classmethod
    def after(cls, space: Collocated, before: Moving) -> Steps:
        """Those of a run that was ended early."""
        path = cls.of(space)
        for t, u, rate in zip(before.times.tolist(), *before.states[:2], strict=True):
            path.append(State(t, u, rate))
        return path

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, k: int) -> State:
        """The state at step number k; of a negative k, from the last. Raises IndexError beyond."""
        k = range(len(self.times))[k]
        return State(self.times[k], self.rows[2 * k], self.rows[2 * k + 1])

    def append(self, state: State) -> None:
        """One more step."""
        self.rows.append(torch.stack([state.u, state.rate]))
        self.times.append(state.t)

    def joined(self) -> tuple[Tensor, Tensor]:
        """Times `(m,)`, and coefficients with their first two derivatives in time, `(3, m,
        columns)`.
        """
        m, columns = len(self), self.rows.columns
        times = torch.tensor(self.times, dtype=self.rows.like.dtype, device=self.rows.like.device)
        u, rates = self.rows.whole().reshape(m, 2, columns).unbind(dim=1)
        kept = KeptRows(columns, self.rows.like)
        for part in (*torch.split(u, 64), *torch.split(rates, 64)):
            kept.append(part)
        for part in curvatures_by_parts(times, u, rates):
            kept.append(part)
        return times, kept.whole().reshape(3, m, columns)


@dataclass(frozen=True, eq=False)
class Trail:
    """The states of a run at its steps, and whether it came to the end."""

    space: Collocated
    states: Steps
    complete: bool

    @property
    def grows(self) -> bool:
        """Whether it did not come to the end, since the state grows without bound."""
        first, last = self.states[0], self.states[-1]
        return not self.complete and grows(self.space, first, last, CONTROL.grown)

    @property
    def field(self) -> Moving:
        """As a field of space and time."""
        form, held = self.space.stages.form, self.states
        if len(held) == 1:  # no step was made: a moment of it
            first, held = held[0], Steps.of(self.space)
            for t in (first.t, form.start + 1e-9 * (form.end - form.start)):
                held.append(replace(first, t=t))
        return Moving(self.space.rows.cells, form.axis, *held.joined())


def space_of(
    stages: Stages, tree: Tree, parts: Sequence[Declaration], seed: int, budget: Budget
) -> Collocated:
    """Cells with functions that are declared for each, drawn by the seed. Raises MemoryError where
    they do not fit.
    """
    cells = cells_of(stages.system, tree, parts, seed)
    # Whatever target comes, all that was condensed is kept.
    require_room(cells, budget, len(cells.spaces))
    return collocated(stages, cells, seed + STREAMS.cells, _units(stages))


def _units(stages: Stages) -> Tensor:
    """The sizes of the initial data, `(n_unknowns,)`; of what is zero, that of the largest."""
    x = inside(stages.system.domain, stages.system.domain.bounds, 1024, 0)
    at = stages.at(tensor_of(x), stages.form.start)
    sizes = at.new_zeros(stages.system.n_unknowns)
    for residual in stages.form.initial:
        sizes[residual.slots[0].unknown] = rms(residual.data(at, None))
    largest = float(sizes.max()) or 1.0
    return torch.where(sizes > 1e-6 * largest, sizes, largest)


def run(
    space: Collocated,
    rtol: float,
    budget: Budget,
    path: Steps,
    told: Callable[[], None] = lambda: None,
) -> Trail:
    """All steps, each with an error below `rtol`, after those that the path has. Raises MemoryError
    where they fill the disk.
    """
    start, end = space.stages.form.start, space.stages.form.end
    stepper = Stepper(space, rtol, budget)
    # Coefficients and rates; and these once more, with what joins them.
    most = rows_on_disk(5 * path.rows.columns)

    def each(state: State) -> None:
        path.append(state)
        told()
        if len(path) > most:
            raise MemoryError(
                f"{len(path)} steps of {len(state.u)} coefficients fill the disk of the folder"
                f" {gettempdir()}: let TMPDIR name a larger one"
            )

    with torch.no_grad():
        if not len(path):
            path.append(started(stepper, start))
        complete = path[-1].t >= end or followed(stepper, path[-1], end, each)
    return Trail(space, path, complete)


def judged_at(space: Collocated, states: Sequence[State], seed: int) -> Judged:
    """The worst of some states in every cell: what they and their rates leave of the equations, of
    the initial data at the first, and jumps at faces; relative, on points that no step has seen.
    """
    cells = space.rows.cells
    fresh = _fresh(space, cells, seed)
    volumes = np.array([np.ptp(box, axis=1).prod() for box in cells.tree.cells])
    shares = np.sqrt(volumes / volumes.sum())
    residuals, jumps = np.zeros(len(volumes)), np.zeros(len(volumes))
    sizes = torch.stack([space.sizes(s.u) for s in states]).amax(dim=0)
    largest = 0.0
    with torch.no_grad():
        for state in states:
            for k, places in enumerate(fresh):
                residuals = np.maximum(residuals, _left(space, k, places, state))
            jump = _jumps(space.rows, Cellwise.of(cells, space.each(state.u)), sizes, seed, jumps)
            largest = max(largest, jump)
    return Judged(residuals * shares, jumps * shares, largest)


def unfitted(space: Collocated, state: Tensor, seed: int) -> Judged:
    """What a state `(columns,)` leaves of the initial data, relative, in every cell."""
    cells, stages = space.rows.cells, space.stages
    volumes = np.array([np.ptp(box, axis=1).prod() for box in cells.tree.cells])
    left = np.zeros(len(volumes))
    for residual in stages.form.initial:
        (slot,) = residual.slots
        places = _at_fresh(space, values_of(stages, [slot.unknown]), seed)
        x = stages.at(places.x, stages.form.start)
        u = places.slots(space.spaces, space.each(state))
        missed, size = residual.value(x, None, u), rms(residual.data(x, None))
        for number, own in places.slices.items():
            each = float(missed[own].square().mean().sqrt() / size.clamp(min=1e-300))
            left[number] = max(left[number], each)
    return Judged(left * np.sqrt(volumes / volumes.sum()), 0 * left, 0.0)


def _fresh(space: Collocated, cells: Cells, seed: int) -> list[Places]:
    return [
        _at_fresh(space, space.stages.system.residuals[k], seed)
        for k in range(len(space.stages.form.laws))
    ]


def _at_fresh(space: Collocated, residual: Residual, seed: int) -> Places:
    cells, domain = space.rows.cells, space.stages.system.domain
    points = [(k, inside(domain, box, 200, seed)) for k, box in enumerate(cells.tree.cells)]
    held = [(k, Points(x, None, np.ones(len(x)))) for k, x in points if len(x)]
    return places_of(residual, held, cells)


def _left(space: Collocated, k: int, places: Places, state: State) -> np.ndarray:
    """What a law leaves in every cell, in the size of its terms over all of them."""
    law, orders = space.stages.form.laws[k], space.stages.orders[k]
    each = [places.slots(space.spaces, space.each(part)) for part in (state.u, state.rate)]
    u = torch.stack([each[order][i] for i, order in enumerate(orders)])
    x = space.stages.at(places.x, state.t)
    value, slopes = law.residual.value(x, None, u), law.residual.slopes(x, None, u)
    size = float(rms(slopes * u).sum() + rms(value - (slopes * u).sum(dim=0)))
    left = np.zeros(len(space.spaces))
    for number, own in places.slices.items():
        left[number] = float(value[own].square().mean().sqrt()) / (size or 1.0)
    return left


def _jumps(rows: Rows, field: Cellwise, sizes: Tensor, seed: int, jumps: np.ndarray) -> float:
    """The jump of all faces, in the mean square; the largest of every cell is written down."""
    unit = unit_points(rows.cells, seed)
    rough = roughness(rows.system)
    each = np.array(
        [
            jump_of(rows.cells, rows.orders, field, face, sizes[None], unit, rough)[0]
            for face in rows.faces
        ]
    )
    met = parts_inside(rows.cells, rows.faces, unit)
    np.maximum(jumps, largest_beside(rows.faces, each, met, len(jumps)), out=jumps)
    return jump_of_all(rows.faces, each, met)
