"""Pictures of solutions: lines, maps, streams and the history, in one figure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pinnsolve.exports.tables import Values
from pinnsolve.geometry.drawn import figure_size
from pinnsolve.geometry.figures import new_figure
from pinnsolve.pictures.measured import Measured, mark
from pinnsolve.pictures.panels import draw_error, draw_history, draw_lines, draw_map, draw_streams
from pinnsolve.pictures.views import View
from pinnsolve.running.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panel = Callable[["Axes"], object]  # draws on axes


@dataclass(frozen=True)
class Shown:
    """What is drawn: values by name at points, the exact ones under the same names, where they are
    known, half the width of the bands that hold them with 95 %, where data have errors, a title,
    and what was measured. The value of a pair is an array `(n, 2)`.
    """

    values_at: Values
    exact_at: Values | None = None
    half_at: Values | None = None
    title: str = ""
    measured: Sequence[Measured] = ()

    def without(self, names: Collection[str]) -> Shown:
        """The same, but for some names."""

        def left(values_at: Values | None) -> Any:
            return values_at and (
                lambda at: {n: v for n, v in values_at(at).items() if n not in names}
            )

        if not names:
            return self
        exact_at, half_at = left(self.exact_at), left(self.half_at)
        return replace(self, values_at=left(self.values_at), exact_at=exact_at, half_at=half_at)

    def marks(self, name: str) -> list[Measured]:
        """What was measured of one name."""
        return [each for each in self.measured if each.name == name]


def draw(shown: Shown, views: Sequence[View], history: History | None) -> Figure:
    """A row of panels a name: the solution, and where it is known the exact one and the error; of
    several maps a row, and a row of errors; the history at the end of the first row that has room.
    """
    found = [real(shown.values_at(view.points)) for view in views]
    exact = None
    if shown.exact_at is not None:
        exact = [
            real(shown.exact_at(view.points), like) for view, like in zip(views, found, strict=True)
        ]
    half = None if shown.half_at is None else [shown.half_at(view.points) for view in views]
    rows = [
        row
        for name in found[0]
        for row in _rows(name, views, found, exact, half, shown.marks(name))
    ]
    last = history is not None and len(history.steps) > 1
    if len(rows) == 1 and len(rows[0]) + last > 3:  # in two rows, which pages have room for
        middle = (len(rows[0]) + last + 1) // 2
        rows = [rows[0][:middle], rows[0][middle:]]
    columns = max(map(len, rows))
    place = next((n for n, row in enumerate(rows) if len(row) < columns), 0)
    columns += last and len(rows[place]) == columns
    _, height = figure_size(views[0].bounds if views[0].in_space else np.eye(3))
    figure = new_figure(4.4 * columns, max(2.6, 0.66 * height) * len(rows))
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for line, row in zip(axes, rows, strict=True):
        for ax, panel in zip(line, row, strict=False):
            panel(ax)
        for ax in line[len(row) :]:
            ax.set_axis_off()
    if history is not None and last:
        axes[place, -1].set_axis_on()
        draw_history(axes[place, -1], history)
    if shown.title:
        figure.suptitle(shown.title, fontsize="medium")
    return figure


def real(values: Mapping[str, Any], like: Iterable[str] = ()) -> dict[str, Any]:
    """What is drawn of values `(n,)` by name: of complex ones, or where that is drawn of others,
    the real part and the modulus.
    """
    drawn: dict[str, Any] = {}
    for name, held in values.items():
        two = np.iscomplexobj(held) or f"Re {name}" in like
        drawn |= {f"Re {name}": held.real, f"|{name}|": np.abs(held)} if two else {name: held}
    return drawn


def _rows(
    name: str,
    views: Sequence[View],
    found: Sequence[Any],
    exact: Sequence[Any] | None,
    half: Sequence[Any] | None,
    marks: Sequence[Measured],
) -> list[list[Panel]]:
    """What is drawn of one name, row by row."""
    lines, several = len(views[0].axes) == 1, len(views) > 1
    own = [each[name] for each in found]
    panels: list[Panel] = [
        partial(draw_one, views=[v], name=name, found=[f], marks=marks)
        for v, f in zip(views, own, strict=True)
    ]
    widths = [] if half is None else [each[name] for each in half]
    if lines:
        panels = [partial(_in_bands, views=views, name=name, found=own, widths=widths, marks=marks)]
    elif len(widths) == 1:
        told = f"half width of the band of {name}"
        panels.append(partial(draw_one, views=views, name=told, found=widths))
    if exact is None or (lines and several):
        return [panels]
    # An unknown of a part of the domain is known there alone
    known = [np.where(np.isnan(f), np.nan, e[name]) for f, e in zip(own, exact, strict=True)]
    errors: list[Panel] = [
        partial(draw_error, view=v, name=name, values=np.abs(v.values(f - e)))
        for v, f, e in zip(views, own, known, strict=True)
    ]
    if several:
        return [panels, errors]
    return [[*panels, partial(draw_one, views=views, name=f"exact {name}", found=known), *errors]]


def _in_bands(
    ax: Axes,
    views: Sequence[View],
    name: str,
    found: Sequence[Any],
    widths: Sequence[Any],
    marks: Sequence[Measured],
) -> None:
    """Lines, each in its band, if there are any."""
    lines = draw_one(ax, views, name, found, marks)
    for line, half in zip(lines, widths, strict=False):
        x, middle = line.get_data()
        ax.fill_between(x, middle - half, middle + half, color=line.get_color(), alpha=0.25)


def draw_one(
    ax: Axes,
    views: Sequence[View],
    name: str,
    found: Sequence[Any],
    marks: Sequence[Measured] = (),
) -> Any:
    """What one name says, on axes: lines of several views, or a map of one, and what was measured;
    what was drawn.
    """
    view, values = views[0], found[0]
    ax.set_title(f"{name} at {view.note}" if view.note and len(views) == 1 else name)
    if values.ndim == 2:
        draw_streams(ax, view, *values.T)
        return None
    if len(view.axes) == 1:
        rows = [v.values(f) for v, f in zip(views, found, strict=True)]
        drawn: Any = draw_lines(ax, views, rows, name)
        artists = drawn
    else:
        drawn = draw_map(ax, view, values)
        artists = [drawn]
    for each in marks:
        for own, artist in zip(views, artists, strict=True):
            mark(ax, own, artist, each)
    return drawn
