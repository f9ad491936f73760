"""Where a cycle starts: the C-point states of the call before, if that was for the same points with similar parameters."""

from __future__ import annotations

from typing import Any

from torch import Tensor

WARM = 0.2  # a relative change of the first state, below which the states before are a start
REMEMBERED = 16  # point sets whose states are kept


class Memory:
    """C-point states of the point sets seen last."""

    def __init__(self) -> None:
        self.kept: list[tuple[Tensor, Tensor]] = []

    def __deepcopy__(self, memo: Any) -> Memory:
        return Memory()

    def recall(self, first: Tensor) -> Tensor | None:
        """The states that began nearest to `first`, if they did so near enough."""
        size = float(first.norm())
        near = [(float((start - first).norm()), k) for k, (start, _) in enumerate(self.kept) if start.shape == first.shape]
        if not near or min(near)[0] > WARM * size:
            return None
        return self.kept.pop(min(near)[1])[1]

    def keep(self, first: Tensor, values: Tensor) -> None:
        """Remember, and forget the oldest."""
        self.kept.append((first, values))
        del self.kept[:-REMEMBERED]
