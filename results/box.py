"""Box initialization against He, Glorot, unit variance and uniform: what a network can express
before, and after training.

Width 32. Rank and largest value of the last layer's functions on [0, 1] (singular values above
1e-10 of the largest count), hyperplanes that cut the unit square (those of equal sign pattern
counted once). Residual networks that are not box-initialized take steps of length 1, as usual.
Training: regression of sin(2 pi x), LS/GD and Adam, equal CPU time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import median

from matplotlib.figure import Figure

from pinnsolve import Box, Dense, Glorot, He, ResNet, Uniform, UnitVariance, inspect
from pinnsolve.basis.basis import Declaration
from pinnsolve.solution.inspection import draw_hyperplanes_into
from results import lsgd, lsgd_run
from results.lsgd import LINE, SQUARE
from results.writing import FOLDER, markdown_table, provenance, write_csv

SEEDS = (0, 1, 2, 3, 4)
DEPTHS = (1, 2, 4, 8, 16, 64)
TRAINED = (2, 4, 8, 16, 32, 64)
SECONDS = 5.0
STARTS = {
    "box": None,
    "He": He(),
    "Glorot": Glorot(),
    "unit variance": UnitVariance(),
    "uniform": Uniform(),
}


@dataclass(frozen=True)
class Row:
    """One network at its initialization."""

    kind: str
    start: str
    depth: int
    seed: int
    domain: str
    rank: int
    condition: float
    largest: float
    first_hyperplanes: int
    last_hyperplanes: int


def network(kind: str, start: str, depth: int, activation: str = "relu") -> Declaration:
    """Width 32; residual networks from depth 2 on."""
    if kind == "plain" or depth == 1:
        return Dense(32, depth, activation, STARTS[start])
    return ResNet(32, depth, activation, STARTS[start], 1.0 if start == "box" else depth - 1.0)


def initial_row(kind: str, start: str, depth: int, seed: int, domain: Box) -> Row:
    """Look at one network."""
    seen = inspect(network(kind, start, depth), domain, seed)
    name = "interval" if domain is LINE else "square"
    counts = seen.hyperplanes
    return Row(
        kind,
        start,
        depth,
        seed,
        name,
        seen.rank,
        seen.condition,
        seen.largest,
        counts[0],
        counts[-1],
    )


def initial_rows() -> Iterator[Row]:
    """All networks."""
    for kind in ("plain", "residual"):
        for start in STARTS:
            for depth in DEPTHS:
                for domain in (LINE, SQUARE):
                    yield from (initial_row(kind, start, depth, seed, domain) for seed in SEEDS)


def initial_table(rows: list[Row], domain: str, name: str) -> str:
    """Medians by kind and depth."""
    lines = []
    for kind in ("plain", "residual"):
        for start in STARTS:
            mine = [r for r in rows if (r.kind, r.start, r.domain) == (kind, start, domain)]
            by_depth = [
                median(getattr(r, name) for r in mine if r.depth == depth) for depth in DEPTHS
            ]
            lines.append((f"{kind}, {start}", *(f"{v:.3g}" for v in by_depth)))
    return markdown_table((name.replace("_", " "), *(f"depth {d}" for d in DEPTHS)), lines)


def training_jobs() -> Iterator[lsgd.Job]:
    """Residual ReLU networks of all depths, from box and He."""
    for seed in SEEDS:
        for depth in TRAINED:
            for start, method in (
                ("box", "LS/GD"),
                ("He", "LS/GD"),
                ("box", "Adam 3e-3"),
                ("He", "Adam 3e-3"),
            ):
                yield "sin(2 pi x)", f"relu res {depth}", 32, start, method, seed, SECONDS


def training_table(rows: list[lsgd_run.Row]) -> str:
    """Median (worst) error by depth."""
    lines = []
    for start, method in (
        ("box", "LS/GD"),
        ("He", "LS/GD"),
        ("box", "Adam 3e-3"),
        ("He", "Adam 3e-3"),
    ):
        cells = []
        for depth in TRAINED:
            errors = [
                r.error
                for r in rows
                if r.final
                and (r.start, r.method, r.network) == (start, method, f"relu res {depth}")
            ]
            cells.append(f"{median(errors):.1e} ({max(errors):.1e})")
        lines.append((f"{start}, {method}", *cells))
    return markdown_table(("after training", *(f"depth {d}" for d in TRAINED)), lines)


def draw() -> None:
    """box.png: the hyperplanes in the unit square, He above, box below, plain and residual."""
    figure = Figure(figsize=(14, 10.5), layout="constrained")
    kinds = (("plain", "He"), ("plain", "box"), ("residual", "box"))
    for line, (kind, start) in enumerate(kinds):
        for column, depth in enumerate((1, 2, 4, 8)):
            ax = figure.add_subplot(3, 4, 4 * line + column + 1)
            draw_hyperplanes_into(ax, network(kind, start, depth), SQUARE)
            ax.set(title=f"{kind}, {start}, depth {depth}", xlabel="", ylabel="")
    figure.savefig(FOLDER / "box.png", dpi=80)


def run() -> None:
    """Write box.csv, box_training.csv, box.md and box.png."""
    begun = time.perf_counter()
    rows = list(initial_rows())
    write_csv("box.csv", rows)
    with ProcessPoolExecutor(2) as pool:
        trained = [row for found in pool.map(lsgd_run.run_one, training_jobs()) for row in found]
    write_csv("box_training.csv", trained)
    draw()
    parts = [
        f"# Box initialization\n\n{__doc__}\nMedians of {len(SEEDS)} seeds.\n",
        initial_table(rows, "interval", "rank"),
        "\n" + initial_table(rows, "interval", "largest"),
        "\n" + initial_table(rows, "square", "condition"),
        "\n" + initial_table(rows, "square", "last_hyperplanes"),
        (
            "\n![hyperplanes](box.png)\n\n## Residual ReLU networks after training: error, median"
            " (worst)\n"
        ),
        training_table(trained),
        f"\n{provenance(time.perf_counter() - begun, SEEDS)}\n",
    ]
    (FOLDER / "box.md").write_text("\n".join(parts), encoding="utf-8")
