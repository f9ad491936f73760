"""One pass through the layers: cycles, or the serial sweep where that is quicker or cycles
diverge.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.mgrit.adjoint import (
    Pieces,
    all_recorded,
    forward_steps,
    in_turn,
    in_turn_without_graphs,
)
from pinnsolve.mgrit.call import DIVERGED, EXACTNESS, Call, grows, in_eps
from pinnsolve.mgrit.communicator import Along, Communicator
from pinnsolve.mgrit.cycle import AXIS, Level, corrected, nested, part, relaxed
from pinnsolve.mgrit.memory import Kept
from pinnsolve.mgrit.options import WORTH, Options, Watched
from pinnsolve.mgrit.propagator import Layers
from pinnsolve.mgrit.reverse import Reverse
from pinnsolve.symbols.warned import warn


@dataclass(frozen=True)
class Pass(Call):
    """The way forward through the layers."""

    def forward(self, state: Tensor, layers: Layers, needed: bool) -> tuple[Tensor, Reverse | None]:
        """The last state from the first, both `(rows, points, width)`, and the way back; where no
        gradient is `needed`, the state is exact.
        """
        first = state.unsqueeze(AXIS)
        options = self.options if needed else self.options.to_roundoff()
        exact = options.tolerance is not None and options.tolerance <= in_eps(
            EXACTNESS.converged, state
        )
        few = self.ranks.size < WORTH.ranks_to_roundoff
        if options.cycles == 0 or (exact and few and state.device.type == "cpu"):
            return self._exact(layers, first, needed)
        return self._cycles(options, first, layers, needed)

    def _cycles(
        self, options: Options, first: Tensor, layers: Layers, needed: bool
    ) -> tuple[Tensor, Reverse | None]:
        along = Along(self.ranks)
        coarse = self.coarse_layers(layers)
        levels = [
            Level(forward_steps(self.step, p), line, options.at_once)
            for p, line in ((self.own(layers), self.slab.line), *self.coarser(coarse))
        ]
        # Remembered states and a nested guess exclude each other: the first sweep downwards would
        # overwrite what is remembered.
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
        records = needed and options.activations == "kept"
        while not self._enough(residuals, options, first, watched):
            values = _relaxed_at_c_points(levels[0], values, options.relaxation.count("C"), along)
            pieces, ends = self._fine(levels[0], values, layers if records else None, along)
            residuals.append(
                self.relative(ends - part(values, 1, ends.shape[AXIS]), ends, residuals)
            )
            # Layers that are too long a step, or too rough in depth, do not coarsen: only the
            # serial pass is right then.
            if grows(residuals, ends):
                warn(DIVERGED.format("states", *residuals[-2:]))
                return self._exact(layers, first, needed)
            values = corrected(levels, values, ends, along, options.cycle)
            if watched is not None:
                watched = watched.after(self._last(values), residuals, options.memory)
        kept = {**(kept or {}), "first": first, "values": values, "residuals": residuals}
        options.memory.keep(kept)
        back = self._back(layers, coarse, pieces, kept) if needed else None
        return self._last(values), back

    def _fine(
        self, level: Level, values: Tensor, recorded: Layers | None, along: Along
    ) -> tuple[Pieces | None, Tensor]:
        """The ends of the intervals; and their graphs, if they are of layers to be recorded."""
        if recorded is None:
            return None, relaxed(level, values, None, along)
        starts = part(values, 0, level.line.intervals)
        pieces = all_recorded(
            self.step, self.own(recorded), level.line, starts, self.options.at_once
        )
        return pieces, torch.cat([p.end.detach() for p in pieces], dim=AXIS)

    def _back(
        self, layers: Layers, coarse: Sequence[Layers], pieces: Pieces | None, kept: Kept
    ) -> Reverse:
        """The way back, by the graphs of the last cycle, or by some that are still to be made."""
        if pieces is None:
            line = self.slab.line
            starts = part(kept["values"], 0, line.intervals)
            runs = line.runs(self.options.at_once)
            pieces = Pieces(self.step, self.own(layers), runs, starts)
        return Reverse(self, coarse, pieces, kept)

    def spread(self, gradient: Tensor) -> Tensor:
        """A gradient of all layers, `(layers, ...)`, from this rank's: with zeros elsewhere, where
        each rank moves its own; else summed up.
        """
        full = zeros(gradient, self.depth)
        full[self.slab.steps] = gradient
        return full if self.options.gradients == "own" else self.ranks.total(full)

    def _last(self, values: Tensor) -> Tensor:
        """The last state of all layers, on every rank."""
        return self.ranks.share(
            part(values, values.shape[AXIS] - 1, 1), self.ranks.size - 1
        ).squeeze(AXIS)

    def _exact(self, layers: Layers, first: Tensor, needed: bool) -> tuple[Tensor, Reverse]:
        """The serial sweep, rank after rank."""
        own, along = self.own(layers), Along(self.ranks)
        keeps = needed and self.options.activations == "kept"
        pieces, end = (in_turn if keeps else in_turn_without_graphs)(
            self.step, own, self.slab.line, along.receive(first)
        )
        along.send(end)
        state = self.ranks.share(end, self.ranks.size - 1).squeeze(AXIS)
        return state, Reverse(self, (), pieces, None)

    def _enough(
        self, residuals: Sequence[float], options: Options, like: Tensor, watched: Watched | None
    ) -> bool:
        if not residuals:
            return False
        if residuals[-1] < in_eps(EXACTNESS.roundoff, like):
            return True
        if options.tolerance is None:
            settled = watched is None or watched.settled or len(residuals) >= WORTH.most_cycles
            return len(residuals) >= options.cycles and settled
        # After as many cycles as there are intervals states are exact.
        most = len(self.slab.line.bounds) * self.ranks.size
        return (
            residuals[-1] < max(options.tolerance, in_eps(EXACTNESS.converged, like))
            or len(residuals) > most
        )


def zeros(like: Tensor, count: int) -> Tensor:
    """Zeros `(count, ...)` where `like` is `(n, ...)`: memory that is not written to takes none."""
    shape = (count, *like.shape[1:])
    if like.device.type != "cpu":
        return like.new_zeros(shape)
    numbers = math.prod(shape)
    blank = mmap.mmap(-1, max(1, numbers * like.element_size()))
    return torch.frombuffer(blank, dtype=like.dtype, count=numbers).reshape(shape)


def _relaxed_at_c_points(level: Level, values: Tensor, times: int, along: Along) -> Tensor:
    """FC-relaxation, so many times: C-point values from the ends of the intervals before them."""
    for _ in range(times):
        starts = part(values, 0, level.line.intervals)
        starts = _c_relaxed(starts, relaxed(level, values, None, along), along)
        values = torch.cat([starts, part(values, starts.shape[AXIS], 1)], dim=AXIS)
    return values


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
