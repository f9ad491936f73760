"""Pictures of cells: their boxes, coloured by the fault of each, and what bounds the regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.drawn import DRAWING, curves, is_alike
from pinnsolve.geometry.figures import new_figure
from pinnsolve.geometry.region import Region, charts_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "residual and jump of each cell"


def draw_cells(problem: Problem, table: Mapping[str, Array], regions: Sequence[Region]) -> Figure:
    """The boxes of a table of cells, columns `(n_cells,)`, coloured by the logarithm of their
    fault, with the boundaries of the domain and of some regions; of more than two coordinates,
    those that the slice through the middle meets.
    """
    figure = new_figure(6.6, 4.8)
    ax = figure.subplots()
    names, bounds = [str(c) for c in problem.domain.coordinates], problem.domain.bounds
    middle = bounds.mean(axis=1)
    met = table["functions"] > 0
    for name, value in zip(names[2:], middle[2:], strict=True):
        met &= (table[f"{name}_low"] <= value) & (value < table[f"{name}_high"])
    shown = {name: column[met] for name, column in table.items()}
    rest = ", ".join(f"{n}={v:.3g}" for n, v in zip(names[2:], middle[2:], strict=True))
    ax.set_title(f"{TITLE} at {rest}" if rest else TITLE)
    ax.set_xlabel(names[0])
    faults = np.maximum(shown["fault"], 1e-16)  # what is smaller is round-off
    if len(names) == 1:
        ax.hlines(faults, shown[f"{names[0]}_low"], shown[f"{names[0]}_high"])
        ax.set_yscale("log")
        return figure
    _boxes(figure, ax, shown, names[:2], faults)
    low, high = bounds[:2].T
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), ylabel=names[1])
    if is_alike(bounds[:2]):
        ax.set_aspect("equal")
    outlined = tuple(dict.fromkeys([problem.domain, *regions]))
    _blanked(ax, problem, middle)
    for region in outlined if len(names) == 2 else ():
        for line in curves(charts_of(region.boundary)):
            ax.plot(*line.T, color="black", linewidth=1.2)
    return figure


def _boxes(
    figure: Figure, ax: Axes, shown: Mapping[str, Array], names: Sequence[str], faults: Array
) -> None:
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import LogNorm

    (a, b), (c, d) = ([shown[f"{n}_low"], shown[f"{n}_high"]] for n in names)
    corners = np.stack([np.stack([a, c], 1), np.stack([b, c], 1), np.stack([b, d], 1)], 1)
    corners = np.concatenate([corners, np.stack([a, d], 1)[:, None]], axis=1)
    boxes = PolyCollection(
        list(corners), edgecolors="white", linewidths=0.4, cmap="viridis", norm=LogNorm()
    )
    boxes.set_array(faults)
    ax.add_collection(boxes)
    figure.colorbar(boxes, ax=ax)


def _blanked(ax: Axes, problem: Problem, middle: Array) -> None:
    """White, where the domain is not."""
    lines = [np.linspace(a, b, DRAWING.strokes) for a, b in problem.domain.bounds[:2]]
    mesh = np.meshgrid(*lines, indexing="ij")
    x = np.tile(middle, (mesh[0].size, 1))
    for axis, values in enumerate(mesh):
        x[:, axis] = values.ravel()
    out = problem.domain.signed_distance(x, problem.domain.extent).reshape(mesh[0].shape)
    if out.max() > 0:
        ax.contourf(*mesh, out, levels=[0.0, out.max()], colors="white")
