"""An evolution in cells of space that was ended early: what it is gone on with."""

from __future__ import annotations

from dataclasses import dataclass

from pinnsolve.fields.moving import MovingCells
from pinnsolve.search.resume import Begun


@dataclass(frozen=True, eq=False)
class Underway:
    """Cells and the error of a step that were to be tried next, as number `draws`; the path of
    that, as far as it was followed; and the last one that came to its end.
    """

    declared: MovingCells
    rtol: float
    draws: int
    path: Begun | None = None
    last: Begun | None = None


def underway_of(unfinished: object) -> Underway | None:
    """It, if an evolution in cells of space was in its midst; None for anything else."""
    return unfinished if isinstance(unfinished, Underway) else None
