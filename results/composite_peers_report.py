"""How composite problems stand beside other packages: tables and a picture of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from matplotlib.figure import Figure

from results.writing import markdown_table

# What tables ask for: an error of plots, one of engineering, one of reference solutions.
WANTED = (1e-3, 1e-6, 1e-9)

VERDICT = """## Who is first, and why

Squares: Chebyshev patches, at every error, 30 to 600 times quicker than pinnsolve's automatic
choice, 18 to 140 times quicker than its cells by hand. On a box polynomials are what is best for
smooth functions, their matrices are Kronecker products, an inside of 400 unknowns is inverted,
cells that are alike once, and what meets at sides is sparse. A cell of ours has 400 waves at
random, two rows for each, orthogonal factors and singular values instead of an inverse: the price
of bases that know no shape. jaxhps is the same method as the patches; its first call compiles for
9 to 12 s, those after it are quicker than ours. Whoever has boxes, or an L of them, and smooth
coefficients should take these. Our cells lose to themselves, too: by hand 600 waves in 64 cells
have 7e-11 in 11 s, the automatic choice 1e-9 in 17 to 24 s.

Errors down to 1e-6: P4 elements, bent as the boundary is, 0.05 to 2 s. pinnsolve's call costs one
to nine seconds, whatever is asked: it compiles, looks for a basis, and solves twice to know its
error. P2 is first at 1e-3 twice, nowhere below. Waves are the exception: at k = 100 P4 on 20,000
triangles errs by 2e-4 after 6 s (Pardiso: 2 s), P2 by as much as the solution is large and more,
as the phase errs everywhere; cells have 3e-7 in 3 s.

Errors below 1e-10 where boundaries curve: pinnsolve (P4 with Pardiso has 2e-10 of the disk in the
time that we take for 1e-10). A disk and its surroundings, four holes and the corner of the L are
in its bases as functions (poles, corner functions), so that an error of 1e-10 to 1e-13 costs what
1e-4 costs: asked for 1e-4, it has that already, and less was not asked of four holes and the L.
Elements gain a factor of 32 for four times the unknowns, and their direct solver's cost grows
faster than these.

The scattered wave: elements. Asked for 1e-3, pinnsolve has 2e-4 in 5.5 s; P4 has 7e-7 in 0.25 s.
Asked for 1e-7 it is not met, with 1.5e-5 after 22 s ([composite.md](composite.md)).

With Pardiso in the place of SuperLU, P4 takes a third to a half of its time where unknowns are
many.
"""


class Run(Protocol):
    """One run of a package on a problem, in one size."""

    @property
    def problem(self) -> str: ...
    @property
    def package(self) -> str: ...
    @property
    def size(self) -> str: ...
    @property
    def error(self) -> float: ...
    @property
    def unknowns(self) -> int: ...
    @property
    def cpu_seconds(self) -> float: ...
    @property
    def note(self) -> str: ...


@dataclass(frozen=True)
class Point:
    """Medians of the runs of one package on a problem, in one size."""

    problem: str
    package: str
    size: str
    error: float
    worst: float
    unknowns: float
    cpu: float
    notes: str


def points(rows: Sequence[Run]) -> list[Point]:
    """The medians, in the order of the rows."""
    groups: dict[tuple[str, str, str], list[Run]] = {}
    for row in rows:
        groups.setdefault((row.problem, row.package, row.size), []).append(row)
    return [
        Point(
            *key,
            error=median(r.error for r in mine),
            worst=max(r.error for r in mine),
            unknowns=median(r.unknowns for r in mine),
            cpu=median(r.cpu_seconds for r in mine),
            notes=", ".join(dict.fromkeys(r.note for r in mine)),
        )
        for key, mine in groups.items()
    ]


def quickest(found: Sequence[Point], error: float) -> dict[str, float]:
    """Of each package the CPU seconds of its quickest size that is so good."""
    good = [p for p in found if p.error <= error]
    return {
        name: min(p.cpu for p in good if p.package == name)
        for name in dict.fromkeys(p.package for p in good)
    }


def first_places(
    found: Sequence[Point], packages: Sequence[str], errors: Sequence[float] = WANTED
) -> str:
    """CPU seconds that each package needs for some errors; the least is bold."""
    lines = []
    for problem in dict.fromkeys(p.problem for p in found):
        mine = [p for p in found if p.problem == problem]
        there = {p.package for p in mine}
        for error in errors:
            taken = quickest(mine, error)
            best = min(taken.values(), default=None)
            cells = ["" if name not in there else _cell(taken.get(name), best) for name in packages]
            lines.append((problem, f"{error:.0e}", *cells))
    return markdown_table(("problem", "error", *packages), lines)


def _cell(seconds: float | None, best: float | None) -> str:
    if seconds is None:
        return "-"
    text = f"{seconds:.2g}"
    return f"**{text}**" if seconds == best else text


def table(found: Sequence[Point]) -> str:
    """All sizes."""
    header = ("problem", "package", "size", "error", "worst", "unknowns", "CPU s", "note")
    return markdown_table(
        header,
        [
            (
                p.problem,
                p.package,
                p.size,
                f"{p.error:.1e}",
                f"{p.worst:.1e}",
                f"{p.unknowns:.0f}",
                f"{p.cpu:.3g}",
                p.notes,
            )
            for p in found
        ],
    )


def figure(found: Sequence[Point], packages: Sequence[str]) -> Figure:
    """Error against CPU seconds, a panel a problem, a line a package."""
    drawn = Figure(figsize=(13, 6.6), layout="constrained")
    axes = drawn.subplots(2, 4).ravel()
    problems = list(dict.fromkeys(p.problem for p in found))
    for ax, problem in zip(axes, problems, strict=False):
        for i, name in enumerate(packages):
            mine = sorted(
                (p for p in found if (p.problem, p.package) == (problem, name)),
                key=lambda p: p.cpu,
            )
            ours = name.startswith("pinnsolve")
            ax.loglog(
                [p.cpu for p in mine],
                [p.error for p in mine],
                "os^vD*Px"[i] + ("-" if ours else "--"),
                color=f"C{i}",
                ms=5,
                lw=1.6 if ours else 0.9,
                label=name,
            )
        ax.set(title=problem)
        ax.grid(alpha=0.3)
    for ax in axes[len(problems) :]:
        ax.axis("off")
    axes[-1].legend(*axes[0].get_legend_handles_labels(), loc="center", frameon=False)
    drawn.supxlabel("CPU seconds: mesh, assembly, solve")
    drawn.supylabel("relative L2 error")
    return drawn
