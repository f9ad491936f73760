"""Studies whose rows are solved again by name: what they do alike."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pinnsolve import Budget, Problem, Solution, solve
from results.writing import FOLDER, read_csv, write_csv

R = TypeVar("R")


@contextmanager
def by_cpu_seconds() -> Iterator[None]:
    """Budgets look at the CPU's clock: other work on the machine shall end no solve."""
    clock = time.perf_counter
    time.perf_counter = time.process_time
    try:
        yield
    finally:
        time.perf_counter = clock


def timed(
    problem: Problem, tolerance: float, seconds: float, seed: int = 0
) -> tuple[Solution, float, float]:
    """A solve with nothing given but what is asked; wall and CPU seconds that it took."""
    start, cpu = time.time(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what is in the row
        solution = solve(problem, seed=seed, tolerance=tolerance, budget=Budget(seconds))
    return solution, time.time() - start, time.process_time() - cpu


def write_page(
    file: str, title: str, parts: Sequence[str | None], rows: Sequence[Any], last: str
) -> None:
    """A study's page: its title, its parts, and where its rows come from, which know their
    commits.
    """
    commits = ", ".join(sorted({row.commit for row in rows}))
    held = (
        f"# {title}",
        *(part or "" for part in parts),
        f"Commits of the rows: {commits}. {last}",
    )
    text = "\n\n".join(part.strip() for part in held) + "\n"
    (FOLDER / file).write_text(text, encoding="utf-8")


def solved_again(
    file: str,
    kind: type[R],
    order: Sequence[str],
    names: Sequence[str],
    name_of: Callable[[R], str],
    rows_of: Callable[[str], Iterable[R]],
) -> list[R]:
    """All rows of a study's csv, in order: those of some names (of all, if none are said) made
    anew, and written one by one.
    """
    wanted = [name for name in order if name in names or not names]
    known = read_csv(file, kind) if names and (FOLDER / file).exists() else []
    rows = [row for row in known if name_of(row) not in wanted]
    with by_cpu_seconds():
        for name in wanted:
            for row in rows_of(name):
                rows.append(row)
                print(row, flush=True)
                rows.sort(key=lambda each: order.index(name_of(each)))
                write_csv(file, rows)  # kept, should the rest not come
    return rows
