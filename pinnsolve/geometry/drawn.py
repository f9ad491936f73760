"""Pictures of regions: bodies filled, boundaries as lines or surfaces, points as dots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pinnsolve.geometry.charts import Array, Chart
from pinnsolve.geometry.figures import new_figure
from pinnsolve.geometry.sheets import tiles

Named = str | Path | None  # a file, or none

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawing:
    """How finely regions are drawn."""

    # Points along a curve, and along each side of the grid that a body is filled on
    strokes: int = 401
    # Sides with a larger ratio are of unlike units: a picture of equal aspect would be a line
    unlike: float = 25.0


DRAWING = Drawing()


def draw_region(region: Any, ax: Axes, color: str, label: str = "") -> Figure:
    """A region on axes, named in their legend, if it has a name; their figure."""
    if region.is_solid:
        _fill(region, ax, color)
    draw_charts(region.boundary.charts() if region.is_solid else region.charts(), ax, color, label)
    figure: Any = ax.figure
    return figure  # type: ignore[no-any-return]


def saved(figure: Figure, path: Named) -> Figure:
    """A figure, written to a file, if one is named. Raises OSError if that cannot be written,
    ValueError for a kind of picture that is not known.
    """
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def figure_size(bounds: Array) -> tuple[float, float]:
    """Inches for one picture of a region with these sides `(dim, 2)`, words left out."""
    if len(bounds) != 2 or not is_alike(bounds):
        return 6.4, 4.8 if len(bounds) > 1 else 2.0
    width, height = np.ptp(bounds, axis=1)
    return 6.4, float(np.clip(6.0 * height / width + 0.8, 1.8, 8.0))


def axes_for(names: list[str], bounds: Array) -> Axes:
    """Empty axes for one to three coordinates with these bounds `(dim, 2)`.

    Raises ValueError for more of them.
    """
    if len(names) > 3:
        raise ValueError(
            f"a picture has up to three coordinates: {', '.join(names)} are too many; plot a region"
            " that it is made of, cube.plot() of cube * Interval(t, 0, 1)"
        )
    figure = new_figure(*figure_size(bounds))
    ax: Any = figure.add_subplot(projection="3d" if len(names) == 3 else None)
    if len(names) == 3:
        ax.set(xlabel=names[0], ylabel=names[1], zlabel=names[2])
        ax.set_box_aspect(np.clip(np.ptp(bounds, axis=1), np.ptp(bounds, axis=1).max() / 10, None))
        return ax  # type: ignore[no-any-return]
    ax.spines[:].set_visible(False)  # which would hide what lies on them
    ax.margins(0.03)
    ax.use_sticky_edges = False
    ax.set_xlabel(names[0])
    if len(names) == 1:
        ax.set_yticks([])
        return ax  # type: ignore[no-any-return]
    ax.set_ylabel(names[1])
    if is_alike(bounds):
        ax.set_aspect("equal")
    return ax  # type: ignore[no-any-return]


def is_alike(bounds: Array) -> bool:
    """Whether sides `(dim, 2)` are of like lengths, so that a picture may show them as they are."""
    sides = np.ptp(bounds, axis=1)
    return bool(sides.max() < DRAWING.unlike * sides.min())


def _fill(region: Any, ax: Axes, color: str) -> None:
    """The inside of a plane region, pale."""
    if len(region.coordinates) != 2:
        return
    lines = [np.linspace(a, b, DRAWING.strokes) for a, b in region.bounds]
    mesh = np.meshgrid(*lines, indexing="ij")
    x = np.stack([m.ravel() for m in mesh], axis=1)
    inside = region.signed_distance(x, region.extent).reshape(mesh[0].shape)
    ax.contourf(*mesh, inside, levels=[inside.min() - 1, 0], colors=[color], alpha=0.2)


def draw_charts(charts: tuple[Chart, ...], ax: Axes, color: str, label: str = "") -> None:
    """Points, curves and surfaces, named once."""
    told = {"label": label} if label else {}
    for chart in charts:
        drawn = _surface if len(chart.parameters) == 2 else _line
        if drawn(chart, ax, color, told):
            told = {}


def _line(chart: Chart, ax: Axes, color: str, told: dict[str, str]) -> bool:
    """A curve or points; whether there is anything of it."""
    dots = chart.listed or not chart.parameters
    for x in _strokes(chart):
        columns = x if x.shape[1] > 1 else np.hstack([x, np.zeros_like(x)])
        style: dict[str, Any] = {"linewidth": 2} | told
        if dots:
            style = {"marker": "o", "linestyle": "none", "markersize": 4} | told
        if np.isfinite(x).any():
            ax.plot(*columns.T, color=color, **style)
            return True
    return False


def _strokes(chart: Chart) -> Iterator[Array]:
    """The points of a curve in a row, `(n, dim)`; NaN, where it leaves its region."""
    s = np.linspace(0.0, 1.0, DRAWING.strokes)[:, None]
    x, normals = chart.points(s if chart.parameters else np.zeros((1, 0)))
    yield np.where(chart.keep(x, normals)[:, None], x, np.nan)


def curves(charts: tuple[Chart, ...]) -> Iterator[Array]:
    """Curves as points in a row, `(n, dim)`; NaN, where they leave their region."""
    for chart in charts:
        yield from _strokes(chart)


def _surface(chart: Chart, ax: Any, color: str, told: dict[str, str]) -> bool:
    """A surface in space, or a part of the plane; whether there is anything of it."""
    triangles = tiles(chart)
    if not len(triangles):
        return False
    corners = triangles.reshape(-1, triangles.shape[2])
    if corners.shape[1] == 2:
        ax.plot(*triangles.mean(axis=1).T, ".", color=color, markersize=2, **told)
        return True
    numbers = np.arange(len(corners)).reshape(-1, 3)
    ax.plot_trisurf(*corners.T, triangles=numbers, color=color, alpha=0.3, linewidth=0, **told)
    return True
