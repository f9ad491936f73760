"""The way back through the layers: cycles for the adjoints, or the serial sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pinnsolve.mgrit.adjoint import (
    Correction,
    Pieces,
    corrected_steps,
    linearized_steps,
    pulled_back,
    pulled_back_in_turn,
    transposed_steps,
)
from pinnsolve.mgrit.call import DIVERGED, EXACTNESS, Call, grows, in_eps
from pinnsolve.mgrit.communicator import Along
from pinnsolve.mgrit.cycle import AXIS, Level, at_c_points, corrected, nested, part, relaxed
from pinnsolve.mgrit.memory import Kept
from pinnsolve.mgrit.propagator import Layers
from pinnsolve.symbols.warned import warn


@dataclass(frozen=True, eq=False)
class Reverse:
    """The way back through the pieces of a forward pass."""

    call: Call
    coarse: Sequence[Layers]  # all steps of the coarser levels; of the exact pass, none
    pieces: Pieces
    kept: Kept | None  # None, if the pass was exact

    def __call__(self, adjoint: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The adjoint of the first state, on every rank, and gradients of this rank's layers, if
        they want them.
        """
        last, ranks = adjoint.unsqueeze(AXIS), self.call.ranks
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
        options, line = self.call.options, self.call.slab.line
        plain = self._plain_levels()
        levels = _corrected_levels(plain, kept.get("corrections", ()))
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
                self.call.relative(back - part(values, 1, line.intervals), back, residuals)
            )
            # As forwards: what does not converge is done in turn.
            if grows(residuals, back):
                warn(DIVERGED.format("adjoints", *residuals[-2:]))
                return self._in_turn(last, against)
            if final or (
                options.tolerance is not None
                and residuals[-1] < max(options.tolerance, in_eps(EXACTNESS.converged, back))
            ):
                # What coarse transposed steps lack changes little from step to step of a training:
                # the next pass begins with it.
                kept["corrections"] = _corrections(plain[1:], from_ends, back, against)
                return part(back, line.intervals - 1, 1), gradients
            values = corrected(levels, values, back, against, options.cycle)

    def _plain_levels(self) -> list[Level]:
        """Levels of the reversed line: transposed coarse steps at the C-point states.

        The finest level has pieces in the place of steps.
        """
        states, at_once = self.pieces.starts, self.call.options.at_once
        finest = self.call.grid.slabs(self.call.ranks.rank, self.call.ranks.size, -1)[0]
        coarser = self.call.coarser(self.coarse, direction=-1)
        levels = [Level(_none, finest.line)]
        # On one rank of many the graphs can be made before the neighbour's adjoint is there.
        transposed = transposed_steps if at_once is None else linearized_steps
        for number, (layers, line) in enumerate(coarser):
            levels.append(Level(transposed(self.call.step, layers, states), line, at_once))
            if number + 1 < len(coarser):
                starts = [line.steps - p for p in line.c_points[::-1] if p]
                states = states.index_select(
                    states.dim() + AXIS,
                    torch.tensor(starts, dtype=torch.long, device=states.device),
                )
        return levels


def _corrected_levels(plain: Sequence[Level], corrections: Sequence[Correction]) -> list[Level]:
    """Levels with what was learned of their steps, if anything was."""
    if not corrections:
        return list(plain)
    finest, *coarser = plain
    return [
        finest,
        *(
            replace(level, steps=corrected_steps(level.steps, correction))
            for level, correction in zip(coarser, corrections, strict=True)
        ),
    ]


def _corrections(
    plain: Sequence[Level], ends: Tensor, starts: Tensor, against: Along
) -> list[Correction]:
    """What the steps of every coarse level lack, from adjoints behind the intervals and what they
    were pulled back to.

    Above the first, they are pulled back through the level below, corrected by what that has just
    learned.
    """
    points, corrections = torch.cat([part(ends, 0, 1), starts], dim=AXIS), list[Correction]()
    for below, level in zip((None, *plain), plain, strict=False):
        if below is not None:
            points = at_c_points(below.line, points, against)
            ends = part(points, 0, below.line.intervals)
            starts = relaxed(
                replace(below, steps=corrected_steps(below.steps, corrections[-1])),
                points,
                None,
                against,
            )
        count = ends.shape[AXIS]
        corrections.append(
            Correction(ends, starts - level.steps(slice(0, count), ends) if count else starts)
        )
    return corrections


def _none(which: slice, states: Tensor) -> Tensor:
    raise AssertionError("the finest level is relaxed by its pieces")
