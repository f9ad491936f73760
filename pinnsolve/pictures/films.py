"""Films of evolutions: the same picture, at one time after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pinnsolve.geometry.figures import new_figure
from pinnsolve.pictures.fields import Shown, draw_one, real
from pinnsolve.pictures.panels import limits_of
from pinnsolve.pictures.views import View

Told = Callable[[int, int], object]  # how many frames are done, and of how many


@dataclass(frozen=True)
class Film:
    """Where a film is written, by what, how fast, and who is told of frames."""

    path: Path
    writer: str
    rate: int
    told: Told | None = None


def draw_film(shown: Shown, views: Sequence[View], film: Film) -> None:
    """One frame a view; colours and axes are those of all frames together."""
    from matplotlib.animation import FuncAnimation

    found = [real(shown.values_at(view.points)) for view in views]
    names = list(found[0])
    figure = new_figure(4.8 * len(names), 4.0)
    axes = figure.subplots(1, len(names), squeeze=False)[0]
    drawn = [
        _first(ax, views[0], name, [each[name] for each in found])
        for ax, name in zip(axes, names, strict=True)
    ]

    def frame(number: int) -> list[Any]:
        figure.suptitle(views[number].note)
        for artist, name in zip(drawn, names, strict=True):
            _moved(artist, views[number], found[number][name])
        return drawn

    moving = FuncAnimation(figure, frame, frames=len(views))
    moving.save(film.path, writer=film.writer, fps=film.rate, progress_callback=film.told)


def _first(ax: Any, view: View, name: str, frames: Sequence[Any]) -> Any:
    """What will move."""
    limits = limits_of(np.concatenate([np.asarray(values) for values in frames]))
    drawn = draw_one(ax, [view], name, [frames[0]])
    ax.set_title(name)
    if len(view.axes) == 1:
        room = 0.05 * (limits[1] - limits[0]) or 1.0
        ax.set_ylim(limits[0] - room, limits[1] + room)
        return drawn[0]
    drawn.set_clim(*limits[:2])
    drawn.set_cmap(limits[2])
    return drawn


def _moved(artist: Any, view: View, values: Any) -> None:
    if len(view.axes) == 1:
        artist.set_ydata(view.values(values))
    elif view.is_rectangle:
        shape = tuple(len(line) for line in view.lines)
        artist.set_array(values.reshape(shape).T)
    else:
        artist.set_array(values)
