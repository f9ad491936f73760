"""A page of modes: what vibrates at each eigenvalue, with the lines that rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pinnsolve.geometry.drawn import figure_size
from pinnsolve.geometry.figures import new_figure
from pinnsolve.pictures.fields import Shown, real
from pinnsolve.pictures.panels import draw_lines, draw_zeros, paint
from pinnsolve.pictures.views import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Page:
    """How modes lie beside each other."""

    # Pictures in a row at most, and the inches of each: legible in a notebook and in a paper
    columns: int = 4
    width: float = 2.6
    # Of the width, what a picture has beside names; the height that titles take
    share: float = 0.8
    words: float = 0.4
    # Of its width, the height of a picture at least
    low: float = 0.55


PAGE = Page()


def draw_modes(modes: Sequence[Shown], view: View) -> Figure:
    """A picture each, of the first of its names, in rows; lines of zeros are black."""
    columns = min(PAGE.columns, math.ceil(math.sqrt(len(modes))))
    rows = math.ceil(len(modes) / columns)
    wide, high = figure_size(view.bounds if view.in_space else np.eye(3))
    height = PAGE.width * PAGE.share * max(high / wide, PAGE.low) + PAGE.words
    figure = new_figure(PAGE.width * columns, height * rows)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for ax, shown in zip(axes.flat, modes, strict=False):
        _draw_mode(ax, shown, view)
    for ax in axes.flat:
        ax.label_outer()
    for ax in axes.flat[len(modes) :]:
        ax.set_axis_off()
    return figure


def _draw_mode(ax: Axes, shown: Shown, view: View) -> None:
    name, values = next(iter(real(shown.values_at(view.points)).items()))
    if values.ndim == 2:  # of a vector, its size
        name, values = f"|{name}|", np.hypot(*values.T)
    if len(view.axes) == 1:
        draw_lines(ax, [view], [view.values(values)], name)
        ax.axhline(0.0, color="gray", linewidth=0.5)
    else:
        paint(ax, view, values)
        draw_zeros(ax, view, values)
    ax.set_title(shown.title, fontsize="small")
