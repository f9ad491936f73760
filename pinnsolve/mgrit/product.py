"""Points dealt out to groups of ranks, each of which runs all layers for its own: data parallel
times layer parallel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from pinnsolve.mgrit.communicator import Communicator
from pinnsolve.mgrit.passes import Pass
from pinnsolve.mgrit.propagator import Layers

# The axis of a state along which its points lie.
POINTS = -2

Back = Callable[[Tensor], tuple[Tensor, list[Tensor]]]


@dataclass(frozen=True)
class PointParallel:
    """A pass for a share of the points; all ranks get the states of all points, and the gradients'
    sums over them.

    `across` are the ranks that own the same layers, one a group. Splitting points is exact: no
    iteration couples them.
    """

    passed: Pass
    across: Communicator

    def forward(self, state: Tensor, layers: Layers, needed: bool) -> tuple[Tensor, Back | None]:
        """The last state from the first, both `(rows, points, width)`, and the way back."""
        points = state.shape[POINTS]
        out, back = self._watching_own(points).forward(self._own(state), layers, needed)

        def whole(adjoint: Tensor) -> tuple[Tensor, list[Tensor]]:
            assert back is not None
            start, gradients = back(self._own(adjoint))
            return self._gathered(start, points), [self.across.total(g) for g in gradients]

        return self._gathered(out, points), None if back is None else whole

    def spread(self, gradient: Tensor) -> Tensor:
        """A gradient of all layers, `(layers, ...)`, from this rank's."""
        return self.passed.spread(gradient)

    def _watching_own(self, points: int) -> Pass:
        """The pass, which watches the own points alone."""
        watch = self.passed.options.watch
        if watch is None:
            return self.passed
        low, high = self._share(points)

        def own(state: Tensor) -> Tensor:
            whole = state.new_zeros(*state.shape[:POINTS], points, state.shape[-1])
            whole.narrow(POINTS, low, high - low).copy_(state)
            return watch(whole)[low:high]

        return replace(self.passed, options=self.passed.options.watching(own))

    def _own(self, state: Tensor) -> Tensor:
        low, high = self._share(state.shape[POINTS])
        return state.narrow(POINTS, low, high - low)

    def _gathered(self, own: Tensor, points: int) -> Tensor:
        low, high = self._share(points)
        whole = own.new_zeros(*own.shape[:POINTS], points, own.shape[-1])
        whole.narrow(POINTS, low, high - low).copy_(own)
        return self.across.total(whole)

    def _share(self, points: int) -> tuple[int, int]:
        low, high = (
            points * r // self.across.size for r in (self.across.rank, self.across.rank + 1)
        )
        return low, high
