"""The reverse pass: transposed steps from last to first, and parameter gradients interval by
interval.

The adjoint of u_(n+1) = Phi_n(u_n) is lambda_n = (d Phi_n / du)^T lambda_(n+1), a line of steps
like any other, linear, and solved by the same cycle. One vector-Jacobian product through an
interval gives the adjoint at its start and the gradients of its own parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pinnsolve.mgrit.cycle import AXIS, Steps, part
from pinnsolve.mgrit.grid import Line, Run
from pinnsolve.mgrit.propagator import Layers, Step


def forward_steps(step: Step, layers: Layers) -> Steps:
    """Steps of a level, each through its own layer."""
    return lambda which, states: step(tuple(p[which] for p in layers), states)


def transposed_steps(step: Step, layers: Layers, states: Tensor) -> Steps:
    """The same steps' transposed Jacobians at their `states` `(rows, steps, points, width)`, from
    last to first.
    """
    count = states.shape[AXIS]

    def transposed(which: slice, adjoints: Tensor) -> Tensor:
        index = torch.arange(count - 1, -1, -1, device=states.device)[which]
        with torch.enable_grad():
            u = states.index_select(states.dim() + AXIS, index).requires_grad_()
            (pulled,) = torch.autograd.grad(step(tuple(p[index] for p in layers), u), u, adjoints)
        return pulled

    return transposed


def linearized_steps(step: Step, layers: Layers, states: Tensor) -> Steps:
    """The same, one by one, linearized at their `states` `(rows, steps, points, width)` before
    there are adjoints: what waits for a neighbour's then waits for a product with a vector alone.
    """
    graphs = []
    with torch.enable_grad():
        for n in range(states.shape[AXIS]):
            start = part(states, n, 1).detach().requires_grad_()
            graphs.append((start, step(tuple(p[n : n + 1] for p in layers), start)))

    def transposed(which: slice, adjoints: Tensor) -> Tensor:
        pulled = [part(adjoints, 0, 0)]
        for k, (start, end) in enumerate(graphs[::-1][which]):
            # Kept: a guess, cycles, and what the steps lack, are all of the same graphs.
            pulled += torch.autograd.grad(end, start, part(adjoints, k, 1), retain_graph=True)
        return torch.cat(pulled, dim=AXIS)

    return transposed


@dataclass(frozen=True, eq=False)
class Correction:
    """What coarse transposed steps lack, learned from one reverse pass: a correction of rank one
    for every point.

    Of adjoints `ends` mu behind the intervals, F' mu - G' mu = `defect` is known. For other
    adjoints, point by point, (F' - G') lambda is taken as defect <mu, lambda> / <mu, mu>, as in
    Broyden's update. From one step of training to the next a point's adjoint changes little but in
    size: it is its residual times the slopes of the equation in the network.
    """

    ends: Tensor
    defect: Tensor

    def of(self, adjoints: Tensor, which: slice) -> Tensor:
        """The correction for adjoints `(rows, intervals, points, width)` behind some of the
        intervals; rows and neurons of one point belong together.
        """
        index = torch.arange(self.ends.shape[AXIS], device=adjoints.device)[which]
        ends, defect = (t.index_select(t.dim() + AXIS, index) for t in (self.ends, self.defect))
        rows = (*tuple(range(adjoints.dim() + AXIS)), adjoints.dim() - 1)
        along = (adjoints * ends).sum(rows, keepdim=True) / ends.square().sum(
            rows, keepdim=True
        ).clamp(min=1e-300)
        return along * defect


def corrected_steps(steps: Steps, corrections: Correction) -> Steps:
    """Transposed steps with what they lack."""
    return lambda which, adjoints: steps(which, adjoints) + corrections.of(adjoints, which)


@dataclass(frozen=True, eq=False)
class Piece:
    """The graph of a run of intervals: where it starts, its parameters, and its ends."""

    run: Run
    start: Tensor
    parameters: Layers
    end: Tensor

    def pulled_back(self, adjoints: Tensor, last: bool) -> tuple[Tensor, list[Tensor]]:
        """Adjoints at the starts from those at the ends, both `(rows, intervals, points, width)`;
        in the `last` pass gradients of the parameters too.
        """
        wanted = [p for p in self.parameters if p.requires_grad and last]
        # Kept: with several cycles the same graph is gone back through again.
        gradients = torch.autograd.grad(
            self.end, [self.start, *wanted], adjoints, retain_graph=True
        )
        return gradients[0], list(gradients[1:])


def recorded(step: Step, layers: Layers, run: Run, starts: Tensor) -> Piece:
    """Take a run of intervals from its starts `(rows, intervals, points, width)` to its ends,
    keeping the graph.
    """
    with torch.enable_grad():
        state = start = starts.detach().requires_grad_()
        parameters = tuple(
            p[run.start : run.start + run.count * run.length]
            .detach()
            .requires_grad_(p.requires_grad)
            for p in layers
        )
        pieces = [p.reshape(run.count, run.length, *p.shape[1:]).unbind(1) for p in parameters]
        for layer in zip(*pieces, strict=True):
            state = step(layer, state)
    return Piece(run, start, parameters, state)


@dataclass(frozen=True, eq=False)
class Pieces:
    """The graphs of all intervals of a rank, each from its start: `kept`, or made again whenever
    they are asked for.
    """

    step: Step
    layers: Layers
    runs: tuple[Run, ...]
    starts: Tensor
    kept: tuple[Piece, ...] | None = None

    def __iter__(self) -> Iterator[Piece]:
        return iter(self.kept) if self.kept is not None else map(self._made, self.runs)

    def __reversed__(self) -> Iterator[Piece]:
        return (
            reversed(self.kept) if self.kept is not None else map(self._made, reversed(self.runs))
        )

    def one_by_one(self) -> Pieces:
        """Every interval by itself: what a serial sweep back needs. Those that went together are
        made again.
        """
        if all(run.count == 1 for run in self.runs):
            return self
        return replace(
            self, runs=tuple(one for run in self.runs for one in run.split(1)), kept=None
        )

    def _made(self, run: Run) -> Piece:
        return recorded(self.step, self.layers, run, part(self.starts, run.first, run.count))


def all_recorded(
    step: Step, layers: Layers, line: Line, starts: Tensor, at_once: int | None
) -> Pieces:
    """Every interval from its own start, `(rows, intervals, points, width)`, graphs kept."""
    made = Pieces(step, layers, line.runs(at_once), starts)
    return replace(made, kept=tuple(made))


def in_turn(step: Step, layers: Layers, line: Line, state: Tensor) -> tuple[Pieces, Tensor]:
    """The serial sweep: every interval from the end of the one before, graphs kept; and the last
    state, `(rows, 1, points, width)` like the first.
    """
    done: list[Piece] = []
    runs = line.runs(1)
    for run in runs:
        done.append(recorded(step, layers, run, state))
        state = done[-1].end
    starts = torch.cat([p.start.detach() for p in done], dim=AXIS)
    return Pieces(step, layers, runs, starts, tuple(done)), state.detach()


def in_turn_without_graphs(
    step: Step, layers: Layers, line: Line, state: Tensor
) -> tuple[Pieces, Tensor]:
    """The same from a state `(rows, 1, points, width)`, with graphs to be made when they are asked
    for.
    """
    one, starts = forward_steps(step, layers), []
    runs = line.runs(1)
    with torch.no_grad():
        for run in runs:
            starts.append(state)
            for j in range(run.length):
                state = one(run.steps(j), state)
    return Pieces(step, layers, runs, torch.cat(starts, dim=AXIS)), state


def pulled_back(pieces: Pieces, adjoints: Tensor, last: bool) -> tuple[Tensor, list[Tensor]]:
    """Adjoints at the starts of all intervals, from those at their ends, both `(rows, intervals,
    points, width)`, in the order of intervals; gradients if `last`.
    """
    pulled = [
        piece.pulled_back(part(adjoints, piece.run.first, piece.run.count), last)
        for piece in pieces
    ]
    gradients = [torch.cat(each) for each in zip(*(g for _, g in pulled), strict=True)]
    return torch.cat([start for start, _ in pulled], dim=AXIS), gradients


def pulled_back_in_turn(pieces: Pieces, adjoint: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The serial reverse sweep: the adjoint at the first start, `(rows, 1, points, width)`, and
    gradients `(layers, ...)`.
    """
    gradients: list[list[Tensor]] = []
    for piece in reversed(pieces.one_by_one()):
        adjoint, own = piece.pulled_back(adjoint, True)
        gradients.append(own)
    return adjoint, [torch.cat(each) for each in zip(*gradients[::-1], strict=True)]
