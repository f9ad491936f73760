"""Studies of problems with exact solutions, told a tolerance alone: what they do alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from pinnsolve import Budget, Problem, sample_region, solve
from results.writing import FOLDER, markdown_table, provenance, write_csv

SEEDS, SECONDS, FRESH = (0, 1, 2), 60.0, 4000


@dataclass(frozen=True)
class Row:
    """One solve."""

    problem: str
    seed: int
    error: float
    estimate: float
    cpu: float
    stopped: str


@dataclass(frozen=True)
class Study:
    """Problems by name, each with one unknown, and what is asked of all of them."""

    problems: dict[str, Callable[[], Problem]]
    tolerance: float

    @classmethod
    def of(cls, entries: Sequence[Callable[[], Problem]], tolerance: float) -> Study:
        """Of a module of the catalogue."""
        return cls({entry.__name__: entry for entry in entries}, tolerance)

    def row(self, name: str, seed: int) -> Row:
        """Solve one problem to the tolerance."""
        problem = self.problems[name]()
        start = time.process_time()
        budget = Budget(SECONDS, clock=time.process_time)
        solution = solve(problem, tolerance=self.tolerance, seed=seed, budget=budget)
        cpu = time.process_time() - start
        (u,), exact = problem.unknowns, problem.exact
        assert exact is not None
        x = sample_region(problem.domain, FRESH, 1000 + seed).x
        found, known = solution(x), solution(x, exact[u] + 0 * u)
        error = float(np.linalg.norm(found - known) / np.linalg.norm(known))
        return Row(name, seed, error, solution.estimate, cpu, str(solution.history.stopped))

    def table(self, rows: Sequence[Row]) -> str:
        """A line a problem: medians, and the worst error."""
        lines = []
        for name in self.problems:
            mine = [r for r in rows if r.problem == name]
            met = sum(r.stopped == "met" for r in mine)
            numbers = [median(r.error for r in mine), max(r.error for r in mine)]
            numbers.append(median(r.estimate for r in mine))
            seconds = median(r.cpu for r in mine)
            cells = [*(f"{n:.1e}" for n in numbers), f"{seconds:.1f}", f"{met} of {len(mine)}"]
            lines.append((name, *cells))
        header = ("problem", "error: median", "worst", "estimate", "CPU s", "met")
        return markdown_table(header, lines)

    def run(self, file: str, title: str, words: str | None) -> None:
        """Measure; write a table and a page, named like the file of the study."""
        start, page = time.perf_counter(), FOLDER / f"{Path(file).stem}.md"
        rows = [self.row(name, seed) for name in self.problems for seed in SEEDS]
        write_csv(page.with_suffix(".csv").name, rows)
        last = provenance(time.perf_counter() - start, SEEDS)
        parts = (f"# {title}", words or "", self.table(rows), last)
        page.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")
