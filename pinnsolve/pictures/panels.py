"""One picture on axes: a line, a map, arrows; and what a solve did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.drawn import curves, is_alike
from pinnsolve.pictures.views import View
from pinnsolve.running.history import History

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Colouring:
    """Between which values colours go, and how many lines have their names among them."""

    within: int = 3

    # Of the largest size: what is less on the other side of zero makes no signed field
    signed: float = 0.05
    # A share of the points, and how far beyond the values of these others may lie; farther ones
    # are at singular corners
    usual: float = 0.995
    beyond: float = 20.0
    # Errors at one corner leave the rest to be seen: by their logarithm, over so much
    range: float = 1e4


COLOURING = Colouring()


def limits_of(values: Array) -> tuple[float, float, str]:
    """The least and largest of values `(n,)` of a map, and its colours: about zero, where there are
    both signs.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0, "viridis"
    most = COLOURING.beyond * float(np.quantile(np.abs(known), COLOURING.usual))
    usual = known[np.abs(known) <= most] if most else known
    low, high = float(usual.min()), float(usual.max())
    size = max(-low, high)
    if min(-low, high) > COLOURING.signed * size:
        return -size, size, "RdBu_r"
    return low, high, "viridis"


def draw_map(
    ax: Axes, view: View, values: Array, colours: Mapping[str, Any] | None = None
) -> Artist:
    """Values `(n,)` at the points of a plane view, as colours, with a bar."""
    drawn = paint(ax, view, values, colours)
    # Beside the axes, as high as these are
    figure: Any = ax.figure
    figure.colorbar(drawn, cax=ax.inset_axes((1.03, 0.0, 0.04, 1.0)))
    return drawn


def paint(ax: Axes, view: View, values: Array, colours: Mapping[str, Any] | None = None) -> Artist:
    """Values `(n,)` at the points of a plane view, as colours: `limits_of` them, by itself."""
    on: Any = ax
    if colours is None:
        colours = dict(zip(("vmin", "vmax", "cmap"), limits_of(values), strict=True))
    style = {"rasterized": True, **colours}
    if view.is_rectangle:
        shape = tuple(len(line) for line in view.lines)
        shading: Any = "gouraud" if np.isfinite(values).all() else "nearest"
        image = on.pcolormesh(*view.lines, values.reshape(shape).T, shading=shading, **style)
    else:
        image = on.tripcolor(*view.nodes.T, view.triangles, values, shading="gouraud", **style)
        _outline(ax, view)
    names = [str(c) for c in view.axes]
    ax.set(xlabel=names[0], ylabel=names[1])
    if view.in_space and is_alike(view.bounds):
        ax.set_aspect("equal")
    drawn: Artist = image
    return drawn


def draw_zeros(ax: Axes, view: View, values: Array) -> None:
    """Lines of a plane view on which values `(n,)` change their sign, if they have two."""
    on: Any = ax
    style = {"levels": [0.0], "colors": "black", "linewidths": 0.7}
    low, high, _ = limits_of(values)
    if low != -high:
        return
    if view.is_rectangle:
        shape = tuple(len(line) for line in view.lines)
        on.contour(*view.lines, values.reshape(shape).T, **style)
    else:
        on.tricontour(*view.nodes.T, view.triangles, values, **style)


def _outline(ax: Axes, view: View) -> None:
    """The boundary of the domain, where the picture shows all of it."""
    if view.part.at:
        return
    for x in curves(view.part.region.boundary.charts()):
        own = [view.part.coordinates.index(c) for c in view.axes]
        ax.plot(*x[:, own].T, color="black", linewidth=0.8)


def draw_lines(ax: Axes, views: Sequence[View], rows: Sequence[Array], name: str) -> list[Any]:
    """Values `(n,)` of several slices along one coordinate, from the first, dark, to the last."""
    from matplotlib import colormaps

    shades = colormaps["viridis"](np.linspace(0.0, 0.85, len(views)))
    lines = []
    for view, values, shade in zip(views, rows, shades, strict=True):
        label = view.note if len(views) > 1 else None
        lines += ax.plot(view.nodes[:, 0], values, color=shade, label=label)
    ax.set(xlabel=str(views[0].axes[0]), ylabel=name)
    if len(views) > COLOURING.within:  # beside the lines, which would be hidden
        ax.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.02))
    elif len(views) > 1:
        ax.legend(fontsize="small")
    return lines


def draw_error(ax: Axes, view: View, name: str, values: Array) -> None:
    """Sizes of errors `(n,)`, by their logarithm: along a line, or as colours."""
    from matplotlib.colors import LogNorm, Normalize

    ax.set_title(f"|error| of {name}{f' at {view.note}' if view.note else ''}")
    if len(view.axes) > 1:
        high = limits_of(values)[1]
        low = max(high / COLOURING.range, float(np.nanquantile(values, 0.01)))
        norm: Any = LogNorm(low, high) if 0 < low < high else Normalize(0, high)
        draw_map(ax, view, np.maximum(values, low), {"norm": norm, "cmap": "magma"})
        return
    ax.plot(view.nodes[:, 0], values, color="tab:red")
    ax.set_xlabel(str(view.axes[0]))
    if np.nanmax(values, initial=0.0) > 0:
        ax.set_yscale("log")


def draw_streams(ax: Axes, view: View, along: Array, upwards: Array) -> None:
    """A vector field of the plane, `(n,)` each: its size as colours, and lines along it."""
    speed = np.hypot(along, upwards)
    draw_map(ax, view, speed)
    lines = [np.linspace(a, b, 61) for a, b in view.bounds]
    mesh = np.meshgrid(*lines, indexing="ij")
    x = np.stack([m.ravel() for m in mesh], axis=1)
    own = [view.axes.index(c) for c in view.part.coordinates]
    inside = view.part.contains(x[:, own]).reshape(mesh[0].shape)
    u, v = (np.where(inside, _on_grid(view, part, lines), np.nan).T for part in (along, upwards))
    ax.streamplot(
        lines[0], lines[1], u, v, color="white", linewidth=0.7, arrowsize=0.8, density=1.2
    )


def _on_grid(view: View, values: Array, lines: Sequence[Array]) -> Array:
    """Values `(n,)` at the points of a view, between them."""
    from scipy.interpolate import LinearNDInterpolator, RegularGridInterpolator

    mesh = np.meshgrid(*lines, indexing="ij")
    between: Any = (
        RegularGridInterpolator(view.lines, values.reshape([len(line) for line in view.lines]))
        if view.is_rectangle
        else LinearNDInterpolator(view.nodes, values)
    )
    found: Array = between(tuple(mesh))
    return found


def draw_history(ax: Axes, history: History) -> None:
    """Residuals of the solves of a search, or the loss of a training."""
    if history.training:
        ax.semilogy(
            range(1, len(history.training) + 1), [step.residual for step in history.training]
        )
        ax.set(xlabel="step", title="root of the loss")
        return
    # Newton's steps within a basis do not count its functions: a logarithm has no place for them
    counted = [step for step in history.steps if step.functions] or history.steps
    stages = list(dict.fromkeys(step.stage for step in counted))
    for stage, marker in zip(stages, "xosvd^P", strict=False):
        steps = [step for step in counted if step.stage == stage]
        ax.plot(
            [s.functions for s in steps],
            [s.residual for s in steps],
            marker,
            label=stage,
            alpha=0.7,
        )
    changes = [(s.functions, s.change) for s in counted if np.isfinite(s.change)]
    if changes:
        ax.plot(*zip(*changes, strict=True), ".-", color="gray", label="change")
    ax.set_xscale("log")
    if any(0 < s.residual < np.inf for s in counted):
        ax.set_yscale("log")
        low, high = ax.get_ylim()
        if high < 10 * low:  # powers of ten alone are written: one of them is there
            ax.set_ylim(low / 4, high * 4)
        ax.yaxis.set_minor_formatter("")
    ax.set_xlabel("functions")
    ax.set_xticks(_apart([step.functions for step in counted]), minor=False)
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.set_xticks([], minor=True)
    ax.set_title("relative residual, fresh points")
    ax.legend(fontsize="small")


def _apart(counts: Sequence[int]) -> list[int]:
    """Some of these, from the largest down, of which none is written over another: a fifth of a
    logarithmic axis, or more, is between them.
    """
    taken: list[int] = []
    least = max(1.2, (max(counts) / max(min(counts), 1)) ** 0.2)
    for count in sorted(set(counts), reverse=True):
        if not taken or least * count < taken[-1]:
            taken.append(count)
    return taken
