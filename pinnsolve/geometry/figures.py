"""Figures that notebooks show by themselves."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, whose parts make room for each other."""
    return _kind()(figsize=(width, height), layout="constrained")


@cache
def _kind() -> type[Figure]:
    from matplotlib.figure import Figure  # half a second, for pictures alone

    class Shown(Figure):
        """matplotlib shows those of pyplot alone, or of a notebook that was told to."""

        def _repr_png_(self) -> bytes:
            held = BytesIO()
            self.savefig(held, format="png")
            return held.getvalue()

    return Shown
