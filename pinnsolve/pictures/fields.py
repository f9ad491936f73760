"""Pictures of solutions: lines in 1D, maps in 2D, middle slices beyond; and the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.running.history import History
from pinnsolve.solution.storage import require_writable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Of points, by name of unknown; or of formulas of these
Values = Callable[..., dict[str, Array]]


def require_picture(path: str | Path) -> Path:
    """Where a picture will be written: a name without an ending is given one.

    Raises OSError if it cannot be written, TypeError or ValueError for what is no file's name, or
    of no known kind.
    """
    from matplotlib.figure import Figure

    require_writable(path)
    kinds = Figure().canvas.get_supported_filetypes()
    place = Path(path)
    if not place.suffix:
        return require_picture(place.with_name(f"{place.name}.png"))
    if place.suffix[1:].lower() not in kinds:
        known = ", ".join(f".{kind}" for kind in sorted(kinds))
        raise ValueError(f"cannot draw {path}: the name of a picture ends in one of {known}")
    return place


def draw(problem: Problem, values_at: Values, history: History) -> Figure:
    """A row of panels an unknown: solution, exact and error where known; the history at the end of
    the first row.
    """
    from matplotlib.figure import Figure  # half a second, for pictures alone

    x, shape, inside, note = _grid(problem)
    points = {c: x[:, k] for k, c in enumerate(problem.domain.coordinates)}
    found = _real(values_at(points))
    exact = None if problem.exact is None else _real(values_at(points, problem.exact), found)
    several = len(history.steps) > 1
    columns = (1 if exact is None else 3) + several
    figure = Figure(figsize=(4.2 * columns, 3.6 * len(found)), layout="constrained")
    axes = figure.subplots(len(found), columns, squeeze=False)
    for row, (name, values) in enumerate(found.items()):
        panels = [(f"{name}{note}", values)]
        if exact is not None:
            panels += [
                (f"exact {name}", exact[name]),
                (f"|error| of {name}", np.abs(values - exact[name])),
            ]
        for ax, (title, shown) in zip(axes[row], panels, strict=False):
            _panel(figure, ax, problem, x, np.where(inside, shown, np.nan), shape, title)
        if several and row:
            axes[row][-1].set_axis_off()
    if several:
        _history(axes[0][-1], history)
    return figure


def _real(values: Mapping[str, Array], like: Iterable[str] = ()) -> dict[str, Array]:
    """What is drawn of values by name: of complex ones, or where that is drawn of others, the real
    part and the modulus.
    """
    drawn: dict[str, Array] = {}
    for name, held in values.items():
        two = np.iscomplexobj(held) or f"Re {name}" in like
        drawn |= {f"Re {name}": held.real, f"|{name}|": np.abs(held)} if two else {name: held}
    return drawn


def _grid(
    problem: Problem,
) -> tuple[Array, tuple[int, ...], Mask, str]:
    """Points of a grid over the first two coordinates, its shape, which lie in the domain, and a
    note on the slice.
    """
    bounds, coordinates = problem.domain.bounds, problem.domain.coordinates
    lines = [np.linspace(a, b, 201) for a, b in bounds[:2]]  # points a side
    mesh = np.meshgrid(*lines, indexing="ij")
    middle = bounds.mean(axis=1)
    x = np.tile(middle, (mesh[0].size, 1))
    for axis, values in enumerate(mesh):
        x[:, axis] = values.ravel()
    rest = ", ".join(f"{c}={v:.3g}" for c, v in zip(coordinates[2:5], middle[2:5], strict=True))
    more = ", ..." if len(coordinates) > 5 else ""
    return x, mesh[0].shape, problem.domain.contains(x), f" at {rest}{more}" if rest else ""


def _panel(
    figure: Figure,
    ax: Axes,
    problem: Problem,
    x: Array,
    values: Array,
    shape: tuple[int, ...],
    title: str,
) -> None:
    names = [str(c) for c in problem.domain.coordinates]
    ax.set_title(title)
    ax.set_xlabel(names[0])
    is_error = title.startswith("|error|")
    if len(shape) == 1:
        ax.plot(x[:, 0], values, color="tab:red" if is_error else "tab:blue")
        if is_error and np.nanmax(values) > 0:
            ax.set_yscale("log")
        return
    low, high = problem.domain.bounds[:2].T
    image = ax.imshow(
        values.reshape(shape).T,
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect="equal" if 1 / 3 < (high[0] - low[0]) / (high[1] - low[1]) < 3 else "auto",
        cmap="magma" if is_error else "viridis",
    )
    ax.set_ylabel(names[1])
    figure.colorbar(image, ax=ax)


def _history(ax: Axes, history: History) -> None:
    if history.training:
        ax.semilogy(
            range(1, len(history.training) + 1), [step.residual for step in history.training]
        )
        ax.set(xlabel="step", title="root of the loss")
        return
    stages = list(dict.fromkeys(step.stage for step in history.steps))
    for stage, marker in zip(stages, "xos", strict=False):
        steps = [step for step in history.steps if step.stage == stage]
        ax.plot(
            [s.functions for s in steps],
            [s.residual for s in steps],
            marker,
            label=stage,
            alpha=0.7,
        )
    changes = [(s.functions, s.change) for s in history.steps if np.isfinite(s.change)]
    if changes:
        ax.plot(*zip(*changes, strict=True), "-", color="gray", label="change")
    ax.set_xscale("log")
    if any(0 < s.residual < np.inf for s in history.steps):
        ax.set_yscale("log")
    ax.set_xlabel("functions")
    ax.set_xticks(sorted({step.functions for step in history.steps}), minor=False)
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.set_xticks([], minor=True)
    ax.set_title("relative residual, fresh points")
    ax.legend(fontsize="small")
