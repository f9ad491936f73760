"""The pace of a march: how long its slabs are where that is to be found, and what one may cost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.running.budget import Budget


@dataclass(frozen=True)
class Pace:
    """When a slab is halved, when the next is longer, and what one may cost."""

    # Slabs, into which time is divided at first
    first_slabs: int = 4
    # Of the whole time: a slab of that length is not halved any more
    shortest: float = 1 / 256
    # Columns of a slab's problem, with space and without: half the slab is cheaper than more
    columns: int = 2400
    columns_without_space: int = 240
    # Of the seconds left, that a slab may take, however short it is
    least_share: float = 0.25
    # Two slabs in a row that were met with so small a share of the columns make the next one longer
    easy: float = 0.125
    lengthening: float = 2.0
    # Times a fit's seconds: what a little wider one takes
    one_more: float = 3.0

    def share(self, budget: Budget, columns: int, part: float) -> Budget:
        """What a slab may cost that is such a part of what is left, from now on."""
        own = replace(budget, columns=min(budget.columns, columns))
        if not math.isfinite(budget.seconds):
            return own.started()
        return own.share(max(part, self.least_share))


PACE = Pace()
