"""Pictures of solutions: lines, maps, streams and the history, in one figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Symbol

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.drawn import figure_size
from pinnsolve.pictures.panels import draw_error, draw_history, draw_lines, draw_map, draw_streams
from pinnsolve.pictures.views import View
from pinnsolve.running.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = Callable[[dict[Symbol, Array]], Mapping[str, Any]]  # of points, by name


@dataclass(frozen=True)
class Shown:
    """What is drawn: values by name at points, the exact ones under the same names, where they are
    known, and a title. The value of a pair is an array `(n, 2)`.
    """

    values_at: Values
    exact_at: Values | None = None
    title: str = ""


def draw(shown: Shown, views: Sequence[View], history: History | None) -> Figure:
    """A row of panels a name: the solution, in each view; of one view the exact one and the error,
    where it is known; the history at the end of the first row.
    """
    from matplotlib.figure import Figure

    values = [_valued(shown.values_at, view) for view in views]
    exact = None
    if shown.exact_at is not None and len(views) == 1:
        exact = _valued(shown.exact_at, views[0])
    flat = len(views[0].axes) == 1
    last = history is not None and len(history.steps) > 1
    columns = (3 if exact is not None else 1 if flat else len(views)) + last
    _, height = figure_size(views[0].bounds if views[0].in_space else np.eye(3))
    size = (4.4 * columns, max(2.6, 0.66 * height) * len(values[0]))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(values[0]), columns, squeeze=False)
    for row, name in zip(axes, values[0], strict=True):
        found = [each[name] for each in values]
        _row(row, views, name, found, None if exact is None else exact[name])
        if last:
            row[-1].set_axis_off()
    if history is not None and last:
        axes[0, -1].set_axis_on()
        draw_history(axes[0, -1], history)
    if shown.title:
        figure.suptitle(shown.title, fontsize="medium")
    return figure


def _valued(values_at: Values, view: View) -> dict[str, Any]:
    """By name: real ones; of complex values their real part, and that is said."""
    found: dict[str, Any] = {}
    for name, values in values_at(view.points).items():
        if np.iscomplexobj(values):
            found |= {f"Re {name}": values.real, f"Im {name}": values.imag}
        else:
            found[name] = values
    return found


def _row(
    row: Sequence[Axes], views: Sequence[View], name: str, found: Sequence[Any], exact: Any
) -> None:
    shown = found if exact is None else [found[0], exact]
    told = [name] if exact is None else [name, f"exact {name}"]
    if len(views[0].axes) == 1 and exact is None:
        draw_one(row[0], views, name, found)
        return
    for ax, (k, values) in zip(row, enumerate(shown), strict=False):
        view = views[k] if exact is None else views[0]
        draw_one(ax, [view], told[min(k, len(told) - 1)], [values])
    if exact is not None:
        draw_error(row[2], views[0], np.abs(views[0].values(found[0] - exact)))
        row[2].set_title(f"|error| of {name}")


def draw_one(ax: Axes, views: Sequence[View], name: str, found: Sequence[Any]) -> Any:
    """What one name says, on axes: lines of several views, or a map of one; what was drawn."""
    view, values = views[0], found[0]
    ax.set_title(f"{name} at {view.note}" if view.note and len(views) == 1 else name)
    if len(view.axes) == 1:
        rows = [v.values(f) for v, f in zip(views, found, strict=True)]
        return draw_lines(ax, views, rows, name)
    if values.ndim == 2:
        draw_streams(ax, view, *values.T)
        return None
    return draw_map(ax, view, values)
