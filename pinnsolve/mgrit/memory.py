"""Where a cycle starts: what is left of the call before, if that was for the same points with
similar parameters.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

# "first" state and C-point "values"; relative "residuals" of the C-points, cycle by cycle, in the
# last pass; and what the coarse transposed steps lack, "corrections"
Kept = dict[str, Any]


def captured(state: Tensor) -> bool:
    """Whether a CUDA graph is being recorded, where a state `(...)` lies: no number can be asked of
    the device then.
    """
    return state.is_cuda and torch.cuda.is_current_stream_capturing()


class Memory:
    """What was left of the point sets seen last, and the factor by which cycles converged when it
    was last seen.
    """

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.factor = 1.0  # nothing is known yet

    def __deepcopy__(self, memo: dict[int, object]) -> Memory:
        return Memory()

    def recall(self, first: Tensor) -> Kept | None:
        """Take out what began nearest to the state `first`, `(rows, points, width)`, if near
        enough.
        """
        if captured(first):
            return self.kept.pop() if self.kept else None
        # States of other points are no start: on fresh ones a warm start is worthless.
        near = [
            (float((kept["first"] - first).norm()), k)
            for k, kept in enumerate(self.kept)
            if kept["first"].shape == first.shape and kept["first"].dtype == first.dtype
        ]
        # A relative change of the first state, below which what was before is a start.
        if not near or min(near)[0] > 0.2 * float(first.norm()):
            return None
        return self.kept.pop(min(near)[1])

    def keep(self, kept: Kept) -> None:
        """Remember, and forget all but the last sixteen point sets."""
        self.kept.append(kept)
        del self.kept[:-16]

    def forget_corrections(self) -> None:
        """Forget what coarse steps lacked: they will be others."""
        for kept in self.kept:
            kept.pop("corrections", None)
