"""One pass through the layers and back: cycles, or the serial sweep where that is quicker or cycles
diverge.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor

from pinnsolve.mgrit.adjoint import (
    Correction,
    Pieces,
    all_recorded,
    corrected_steps,
    forward_steps,
    in_turn,
    in_turn_without_graphs,
    pulled_back,
    pulled_back_in_turn,
    transposed_steps,
)
from pinnsolve.mgrit.communicator import Along, Communicator
from pinnsolve.mgrit.cycle import AXIS, Level, at_c_points, corrected, nested, part, relaxed
from pinnsolve.mgrit.grid import Grid, Line, Slab, coarsened
from pinnsolve.mgrit.memory import Kept, captured
from pinnsolve.mgrit.options import MOST, Options, Watched
from pinnsolve.mgrit.propagator import Layers, Step

CONVERGED = 5e3  # eps: a relative residual of C-points that counts as exact
ROUNDOFF = 5e2  # eps: one that cannot fall any more
MANY = 8  # ranks, with which cycles to round-off are quicker than one serial pass


@dataclass(frozen=True)
class Pass:
    """One call: the options, the step, and this rank's share."""

    options: Options
    step: Step
    ranks: Communicator
    depth: int

    @cached_property
    def grid(self) -> Grid:
        """Levels and C-points."""
        return Grid(self.depth, self.options.factors)

    @cached_property
    def slab(self) -> Slab:
        """This rank's share of the layers."""
        return self.grid.slabs(self.ranks.rank, self.ranks.size)[0]

    def hierarchy(self, layers: Layers, direction: int = 1) -> list[tuple[Layers, Line]]:
        """This rank's layers, first to last, and lines of all levels, finest first, from all
        `layers`.
        """
        found = []
        for level, slab in enumerate(self.grid.slabs(self.ranks.rank, self.ranks.size, direction)):
            count = coarsened(self.depth, self.options.factors)[level]
            low, high = (
                (count - slab.high, count - slab.low) if direction < 0 else (slab.low, slab.high)
            )
            found.append(
                (_layers_of(layers, self.grid, level, low, high, self.options.coarse), slab.line)
            )
        return found

    def forward(self, state: Tensor, layers: Layers, needed: bool) -> tuple[Tensor, Reverse | None]:
        """The last state, and the way back."""
        slab = tuple(p[self.slab.steps] for p in layers)
        along, options, first = Along(self.ranks), self.options, state.unsqueeze(AXIS)
        if not needed:
            options = options.to_roundoff()
        exact = (
            options.tolerance is not None
            and options.tolerance <= CONVERGED * torch.finfo(state.dtype).eps
        )
        if options.cycles == 0 or (exact and self.ranks.size < MANY and state.device.type == "cpu"):
            return self._exact(slab, first, along, needed)
        levels = [
            Level(forward_steps(self.step, p), line, options.at_once)
            for p, line in self.hierarchy(layers)
        ]
        kept = options.memory.recall(first)
        values = (
            nested(levels, first, along)
            if kept is None
            else _restarted(kept["values"], first, self.ranks)
        )
        residuals: list[float] = []
        pieces: Pieces | None = None
        watched = (
            Watched(options.watch, options.watch(self._last(values)))
            if options.watch and needed
            else None
        )
        while not self._enough(residuals, options, first, watched):
            starts = part(values, 0, levels[0].line.intervals)
            for _ in range(options.relaxation.count("C")):
                starts = _c_relaxed(starts, relaxed(levels[0], values, None, along), along)
                values = torch.cat([starts, part(values, starts.shape[AXIS], 1)], dim=AXIS)
            if needed and options.activations == "kept":
                pieces = all_recorded(self.step, slab, levels[0].line, starts, options.at_once)
                ends = torch.cat([p.end.detach() for p in pieces], dim=AXIS)
            else:
                ends = relaxed(levels[0], values, None, along)
            residuals.append(
                self._relative(ends - part(values, 1, ends.shape[AXIS]), ends, residuals)
            )
            if _grows(residuals, ends):
                warnings.warn(
                    _DIVERGED.format("states", *residuals[-2:]), UserWarning, stacklevel=2
                )
                return self._exact(slab, first, along, needed)
            values = corrected(levels, values, ends, along, options.cycle)
            if watched is not None:
                watched = watched.after(self._last(values), residuals, options.memory)
        kept = {**(kept or {}), "first": first, "values": values, "residuals": residuals}
        options.memory.keep(kept)
        if needed and pieces is None:
            line = levels[0].line
            pieces = Pieces(
                self.step, slab, line.runs(options.at_once), part(values, 0, line.intervals)
            )
        return self._last(values), None if pieces is None else Reverse(self, layers, pieces, kept)

    def spread(self, gradient: Tensor) -> Tensor:
        """A gradient of all layers from this rank's: with zeros elsewhere, where each rank moves
        its own; else summed up.
        """
        full = gradient.new_zeros(self.depth, *gradient.shape[1:])
        full[self.slab.steps] = gradient
        return full if self.options.gradients == "own" else self.ranks.total(full)

    def _last(self, values: Tensor) -> Tensor:
        """The last state of all layers, on every rank."""
        return self.ranks.share(
            part(values, values.shape[AXIS] - 1, 1), self.ranks.size - 1
        ).squeeze(AXIS)

    def _exact(
        self, slab: Layers, first: Tensor, along: Along, needed: bool
    ) -> tuple[Tensor, Reverse]:
        keeps = needed and self.options.activations == "kept"
        pieces, end = (in_turn if keeps else in_turn_without_graphs)(
            self.step, slab, self.slab.line, along.receive(first)
        )
        along.send(end)
        return self.ranks.share(end, self.ranks.size - 1).squeeze(AXIS), Reverse(
            self, slab, pieces, None
        )

    def _enough(
        self, residuals: Sequence[float], options: Options, like: Tensor, watched: Watched | None
    ) -> bool:
        if not residuals:
            return False
        if residuals[-1] < _in_eps(ROUNDOFF, like):
            return True
        if options.tolerance is None:
            settled = watched is None or watched.settled or len(residuals) >= MOST
            return len(residuals) >= options.cycles and settled
        most = len(self.slab.line.bounds) * self.ranks.size
        return (
            residuals[-1] < max(options.tolerance, _in_eps(CONVERGED, like))
            or len(residuals) > most
        )

    def _relative(self, defect: Tensor, values: Tensor, before: Sequence[float]) -> float:
        if captured(values):
            return 0.5 ** (
                len(before) + 1
            )  # no number can be asked: cycles are counted, and taken to converge
        sums = self.ranks.total(torch.stack([defect.square().sum(), values.square().sum()]))
        return math.sqrt(float(sums[0]) / max(float(sums[1]), 1e-300))


_DIVERGED = (
    "MGRIT's {} diverge: their residual grew from {:.1e} to {:.1e}. This pass is done serially;"
    " take a shorter horizon"
)


def _in_eps(number: float, like: Tensor) -> float:
    return number * torch.finfo(like.dtype).eps


def _grows(residuals: Sequence[float], like: Tensor) -> bool:
    return len(residuals) > 1 and not residuals[-1] < max(residuals[-2], _in_eps(ROUNDOFF, like))


def _layers_of(layers: Layers, grid: Grid, level: int, low: int, high: int, how: str) -> Layers:
    """Steps `low` to `high` of a level: each has the mean (or the first) of the parameters below
    it, and their sizes' sum.
    """
    if level == 0 or low == high:
        return tuple(p[low:high] for p in layers)
    points = grid.c_points[level - 1][low : high + 1]
    line = Line(tuple(p - points[0] for p in points))
    fine = _layers_of(layers, grid, level - 1, points[0], points[-1], how)
    return (*(_coarse(p, line, how) for p in fine[:-1]), _coarse(fine[-1], line, "sum"))


def _coarse(p: Tensor, line: Line, how: str) -> Tensor:
    """One layer an interval: the mean, the first or the sum of its layers' parameters."""
    parts = []
    for run in line.runs():
        each = (
            p[run.start : run.start + run.count * run.length]
            .detach()
            .reshape(run.count, run.length, *p.shape[1:])
        )
        parts.append(
            each[:, 0] if how == "first" else each.sum(dim=1) if how == "sum" else each.mean(dim=1)
        )
    return torch.cat(parts)


def _restarted(values: Tensor, first: Tensor, ranks: Communicator) -> Tensor:
    """Remembered values, with the true first state on the first rank."""
    return (
        torch.cat([first, part(values, 1, values.shape[AXIS] - 1)], dim=AXIS)
        if ranks.rank == 0
        else values
    )


def _c_relaxed(starts: Tensor, ends: Tensor, along: Along) -> Tensor:
    """Starts from the ends of the intervals before them."""
    along.send(part(ends, ends.shape[AXIS] - 1, 1))
    return torch.cat(
        [along.receive(part(starts, 0, 1)), part(ends, 0, ends.shape[AXIS] - 1)], dim=AXIS
    )


@dataclass(frozen=True, eq=False)
class Reverse:
    """The way back through the pieces of a forward pass."""

    forward: Pass
    layers: Layers  # all of them; of the exact pass, this rank's
    pieces: Pieces
    kept: Kept | None  # None, if the pass was exact

    def __call__(self, adjoint: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The adjoint of the first state, on every rank, and gradients of this rank's layers, if
        they want them.
        """
        last, ranks = adjoint.unsqueeze(AXIS), self.forward.ranks
        against = Along(ranks, -1)
        start, gradients = (
            self._in_turn(last, against)
            if self.kept is None
            else self._cycles(last, against, self.kept)
        )
        return ranks.share(start, 0).squeeze(AXIS), gradients

    def _in_turn(self, last: Tensor, against: Along) -> tuple[Tensor, list[Tensor]]:
        start, gradients = pulled_back_in_turn(self.pieces, against.receive(last))
        against.send(start)
        return start, gradients

    def _cycles(self, last: Tensor, against: Along, kept: Kept) -> tuple[Tensor, list[Tensor]]:
        options, line = self.forward.options, self.forward.slab.line
        levels = self._levels(kept.get("corrections", ()))
        values = nested(levels, last, against)
        residuals: list[float] = []
        passes = options.cycles if options.adjoint_cycles is None else options.adjoint_cycles
        while True:
            final = options.tolerance is None and len(residuals) + 1 >= passes
            from_ends = part(values, 0, line.intervals)
            starts, gradients = pulled_back(
                self.pieces, from_ends.flip(AXIS), final or options.tolerance is not None
            )
            back = starts.flip(AXIS)
            residuals.append(
                self.forward._relative(back - part(values, 1, line.intervals), back, residuals)
            )
            if _grows(residuals, back):
                warnings.warn(
                    _DIVERGED.format("adjoints", *residuals[-2:]), UserWarning, stacklevel=2
                )
                return self._in_turn(last, against)
            if final or (
                options.tolerance is not None
                and residuals[-1] < max(options.tolerance, _in_eps(CONVERGED, back))
            ):
                kept["corrections"] = self._corrections(from_ends, back, against)
                return part(back, line.intervals - 1, 1), gradients
            values = corrected(levels, values, back, against, options.cycle)

    def _levels(self, corrections: Sequence[Correction]) -> list[Level]:
        """Levels of the reversed line: transposed coarse steps at the C-point states, with what was
        learned of them.

        The finest level has pieces in the place of steps.
        """
        states, at_once = self.pieces.starts, self.forward.options.at_once
        (_, finest), *coarser = self.forward.hierarchy(self.layers, direction=-1)
        found = [Level(_none, finest)]
        for number, (layers, line) in enumerate(coarser):
            steps = transposed_steps(self.forward.step, layers, states)
            found.append(
                Level(
                    corrected_steps(steps, corrections[number]) if corrections else steps,
                    line,
                    at_once,
                )
            )
            if number + 1 < len(coarser):
                starts = [line.steps - p for p in line.c_points[::-1] if p]
                states = states.index_select(
                    states.dim() + AXIS,
                    torch.tensor(starts, dtype=torch.long, device=states.device),
                )
        return found

    def _corrections(self, ends: Tensor, starts: Tensor, against: Along) -> list[Correction]:
        """What the steps of every coarse level lack, from adjoints behind the intervals and what
        they were pulled back to.

        Above the first, they are pulled back through the level below, corrected by what that has
        just learned.
        """
        points, found = torch.cat([part(ends, 0, 1), starts], dim=AXIS), list[Correction]()
        plain = self._levels(())[1:]
        for below, level in zip((None, *plain), plain, strict=False):
            if below is not None:
                points = at_c_points(below.line, points, against)
                ends = part(points, 0, below.line.intervals)
                starts = relaxed(
                    replace(below, steps=corrected_steps(below.steps, found[-1])),
                    points,
                    None,
                    against,
                )
            count = ends.shape[AXIS]
            found.append(
                Correction(ends, starts - level.steps(slice(0, count), ends) if count else starts)
            )
        return found


def _none(which: slice, states: Tensor) -> Tensor:
    raise AssertionError("the finest level is relaxed by its pieces")


class Passed(Protocol):
    """A pass, or one for a share of the points."""

    def spread(self, gradient: Tensor) -> Tensor: ...

    def forward(
        self, state: Tensor, layers: Layers, needed: bool
    ) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, list[Tensor]]] | None]: ...


class PassFunction(torch.autograd.Function):
    """The pass as one node of autograd's graph."""

    @staticmethod
    def forward(ctx: Any, passed: Passed, needed: bool, state: Tensor, *layers: Tensor) -> Tensor:
        out, ctx.back = passed.forward(state.detach(), layers, needed)
        ctx.spread = passed.spread
        ctx.wanted = [p.requires_grad for p in layers]
        return out

    @staticmethod
    def backward(ctx: Any, adjoint: Tensor) -> tuple[Tensor | None, ...]:
        start, gradients = ctx.back(adjoint)
        each = map(ctx.spread, gradients)
        return None, None, start, *(next(each) if wanted else None for wanted in ctx.wanted)
