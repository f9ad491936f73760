"""Tables and figures of the study of LS/GD."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from math import nan
from statistics import median

import numpy as np
from matplotlib.figure import Figure

from results import lsgd
from results.lsgd import (
    ABLATION,
    COMPARED,
    COMPARED_DEEP,
    DEEP_SECONDS,
    ORDER_WIDTHS,
    PDES,
    PINN_SECONDS,
    PLANE_NETWORKS,
    PLANE_SECONDS,
    REGRESSION_SECONDS,
    SEEDS,
    STUDIES,
    WIDTHS,
    usual_start,
)
from results.lsgd_run import Row, run_one
from results.writing import FOLDER, markdown_table, provenance, read_csv, write_csv

BY_WIDTH = ("Adam 1e-2", "L-BFGS", "LS once", "LS/GD")
DRAWN = ("LS/GD", "LS/GD, then LM", "LS/GD Adam", "Adam 1e-2", "L-BFGS", "Adam, then L-BFGS")


def finals(rows: Sequence[Row], **fixed: object) -> dict[tuple[str, ...], list[Row]]:
    """The last rows of runs, by problem, network, width, start and method."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row.final and all(getattr(row, k) == v for k, v in fixed.items()):
            found.setdefault(
                (row.problem, row.network, str(row.width), row.start, row.method), []
            ).append(row)
    return found


def _summary(group: Sequence[Row] | None) -> tuple[float, str]:
    """Median error, and the text `median (worst)`."""
    errors = [r.error for r in group or ()]
    return (median(errors), f"{median(errors):.1e} ({max(errors):.1e})") if errors else (nan, "")


def ablation_table(groups: dict[tuple[str, ...], list[Row]]) -> str:
    """Test errors of initialization x optimizer, and the ratio of mean squares."""
    lines = []
    for activation, usual in (("relu", "He"), ("tanh", "Glorot")):
        for shape in ("plain 1", "plain 2", "res 2", "res 4", "res 16"):
            key = ("sin(2 pi x)", f"{activation} {shape}", "32")
            best = {
                s: min(_summary(groups[(*key, s, m)]) for m in ABLATION[:3]) for s in (usual, "box")
            }
            ours = {s: _summary(groups[(*key, s, "LS/GD")]) for s in (usual, "box")}
            ratio = (best[usual][0] / ours["box"][0]) ** 2
            lines.append(
                (
                    f"{activation} {shape}",
                    best[usual][1],
                    best["box"][1],
                    ours[usual][1],
                    ours["box"][1],
                    f"{ratio:.0e}",
                )
            )
    header = (
        "network",
        "Adam, He/Glorot",
        "Adam, box",
        "LS/GD, He/Glorot",
        "LS/GD, box",
        "ratio of mean squares",
    )
    return markdown_table(header, lines)


def pinn_table(groups: dict[tuple[str, ...], list[Row]]) -> str:
    """Errors by equation and method, and how far below the best Adam they are."""
    lines = []
    for problem, (shape, width) in product(PDES, (("tanh plain 1", 50), ("tanh res 4", 16))):
        methods = COMPARED if shape == "tanh plain 1" else COMPARED_DEEP
        by = {
            m: _summary(groups.get((problem, shape, str(width), usual_start(m), m)))
            for m in methods
        }
        adam = min(by[m][0] for m in ("Adam", "Adam 3e-3", "Adam 1e-2") if m in by)
        lines += [
            (f"{problem}, {shape}", m, text, f"{adam / error:.3g}")
            for m, (error, text) in by.items()
        ]
    return markdown_table(
        ("problem and network", "method", "error: median (worst)", "times below the best Adam"),
        lines,
    )


def width_table(groups: dict[tuple[str, ...], list[Row]]) -> str:
    """Poisson's equation, error against width."""
    lines = [
        (
            str(w),
            *(
                _summary(groups.get(("Poisson", "tanh plain 1", str(w), usual_start(m), m)))[1]
                for m in BY_WIDTH
            ),
        )
        for w in sorted((*WIDTHS, 50))
    ]
    return markdown_table(("neurons", *BY_WIDTH), lines)


def plane_table(groups: dict[tuple[str, ...], list[Row]]) -> str:
    """The two targets in the plane, and the order in the width."""
    lines = []
    for problem, shape in product(("Runge 2D", "jump along a circle"), PLANE_NETWORKS):
        by = {k[3:]: _summary(g) for k, g in groups.items() if k[:2] == (problem, shape)}
        usual = by["He", "Adam"][0]
        adam = min(error for (_, method), (error, _) in by.items() if method.startswith("Adam"))
        lines += [
            (
                f"{problem}, {shape}",
                f"{start}, {method}",
                text,
                f"{(usual / error) ** 2:.3g}",
                f"{(adam / error) ** 2:.3g}",
            )
            for (start, method), (error, text) in by.items()
        ]
    columns = ("mean square below Adam's at its usual 1e-3", "below the best rate's")
    return markdown_table(
        ("target and network", "method", "error: median (worst)", *columns), lines
    )


def order(groups: dict[tuple[str, ...], list[Row]]) -> float:
    """Fitted slope of the median error against the width: ReLU, smooth target."""
    errors = [
        _summary(groups[("sin(2 pi x)", "relu plain 1", str(w), "box", "LS/GD")])[0]
        for w in ORDER_WIDTHS
    ]
    return float(-np.polyfit(np.log(ORDER_WIDTHS), np.log(errors), 1)[0])


def draw_curves(rows: Sequence[Row]) -> None:
    """lsgd_curves.png: error against CPU seconds and steps."""
    figure = Figure(figsize=(13, 7), layout="constrained")
    for line, (axis, label) in enumerate((("cpu_seconds", "CPU seconds"), ("steps", "steps"))):
        for column, problem in enumerate(PDES):
            ax = figure.add_subplot(2, 3, 3 * line + column + 1)
            for method in DRAWN:
                key = (problem, "tanh plain 1", 50, method)
                mine = [r for r in rows if (r.problem, r.network, r.width, r.method) == key]
                for seed in SEEDS:
                    curve = [r for r in mine if r.seed == seed and getattr(r, axis) > 0]
                    ax.loglog(
                        [getattr(r, axis) for r in curve],
                        [r.error for r in curve],
                        color=_colour(method),
                        lw=1,
                        alpha=0.8,
                        label=method if seed == SEEDS[0] else None,
                    )
            ax.set(title=f"{problem}, 50 tanh neurons", xlabel=label, ylabel="relative L2 error")
            ax.grid(alpha=0.3)
    figure.axes[0].legend(fontsize=8)
    figure.savefig(FOLDER / "lsgd_curves.png", dpi=110)


def draw_widths(groups: dict[tuple[str, ...], list[Row]]) -> None:
    """lsgd_width.png: error against width, median and extremes."""
    figure = Figure(figsize=(6, 4.5), layout="constrained")
    ax = figure.add_subplot()
    for method in BY_WIDTH:
        keys = [
            ("Poisson", "tanh plain 1", str(w), usual_start(method), method)
            for w in sorted((*WIDTHS, 50))
        ]
        errors = [[r.error for r in groups[k]] for k in keys if k in groups]
        widths = [int(k[2]) for k in keys if k in groups]
        colour = _colour(method)
        ax.loglog(widths, [median(e) for e in errors], "o-", color=colour, label=method)
        lowest, highest = ([extreme(e) for e in errors] for extreme in (min, max))
        ax.fill_between(widths, lowest, highest, color=colour, alpha=0.2)
    title = f"Poisson, {PINN_SECONDS:.0f} CPU seconds each"
    ax.set(xlabel="neurons", ylabel="relative L2 error", title=title)
    ax.legend()
    ax.grid(alpha=0.3)
    figure.savefig(FOLDER / "lsgd_width.png", dpi=110)


def _colour(method: str) -> str:
    return f"C{COMPARED.index(method)}"


def run(studies: Sequence[str] = tuple(STUDIES)) -> None:
    """Measure some of the studies (all of them) again, and write lsgd.csv, lsgd.md and the
    figures.
    """
    begun = time.perf_counter()
    jobs = [job for seed in SEEDS for study in studies for job in STUDIES[study](seed)]
    with ProcessPoolExecutor(2) as pool:
        measured = [row for rows in pool.map(run_one, jobs) for row in rows]
    again = {job[:5] for job in jobs}
    kept = [
        r
        for r in read_csv("lsgd.csv", Row)
        if (r.problem, r.network, r.width, r.start, r.method) not in again
    ]
    found = kept + measured
    write_csv("lsgd.csv", found)
    groups = finals(found)
    draw_curves(found)
    draw_widths(groups)
    parts = [
        f"# LS/GD\n\n{lsgd.__doc__}\nSeeds {len(SEEDS)}: median, and the worst in brackets.\n",
        (
            f"## Differential equations, {PINN_SECONDS:.0f} CPU seconds each, residual networks"
            f" {DEEP_SECONDS:.0f}\n"
        ),
        pinn_table(groups),
        "\n![errors](lsgd_curves.png)\n\n## Error against width, Poisson's equation\n",
        width_table(groups),
        (
            "\n![widths](lsgd_width.png)\n\n## Regression of sin(2 pi x), width 32,"
            f" {REGRESSION_SECONDS:.0f} CPU seconds each\n"
        ),
        ablation_table(groups),
        (
            "\nLS/GD, box, ReLU, one layer: the error falls with the width to the power"
            f" {order(groups):.2f}.\n"
        ),
        f"\n## In the plane, 64 neurons a layer, {PLANE_SECONDS:.0f} CPU seconds each\n",
        plane_table(groups),
        (
            f"\nCommits of the rows: {', '.join(sorted({r.commit for r in found}))}. "
            f"{provenance(time.perf_counter() - begun, SEEDS)}\n"
        ),
    ]
    (FOLDER / "lsgd.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    run(sys.argv[1:] or tuple(STUDIES))
