"""Which folders a solve goes through, in which order: `python docs/call_path.py` prints markdown.

Calls are followed by `sys.setprofile`; a folder stands where it is entered first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType
from typing import Any

from sympy import Derivative, Eq

from pinnsolve import Dense, coordinates, solve, unknown
from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.solids import Interval
from pinnsolve.problems import CATALOGUE

PACKAGE = Path(sys.modules["pinnsolve"].__file__ or "").parent
# What others are written in: types, points in time, derivatives. The rest is where a solve works.
VOCABULARY = ("symbols", "geometry", "declare", "jets", "basis", "fields", "running")
CallPath = tuple[tuple[str, str], ...]  # folders, each with the function that is called first


def entered(work: Callable[[], object]) -> CallPath:
    """The folders that `work` enters, in order, each with the function that is called first."""
    first: dict[str, str] = {}

    def heard(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        # neither bodies of modules and classes, nor comprehensions: they are not calls everywhere
        if event != "call" or not code.co_flags & CO_OPTIMIZED or code.co_name.startswith("<"):
            return
        path = Path(code.co_filename)
        if PACKAGE in path.parents and path.parent != PACKAGE:
            folder = path.relative_to(PACKAGE).parts[0]
            first.setdefault(folder, f"{path.stem}.{code.co_name}")

    before = sys.getprofile()
    sys.setprofile(heard)
    try:
        work()
    finally:
        sys.setprofile(before)
    return tuple(first.items())


def linear() -> Problem:
    """-u'' = 1 on (0, 1), zero at both ends."""
    (x,) = coordinates("x")
    u = unknown("u", x)
    line = Interval(x, 0, 1)
    return Problem(line, Eq(-Derivative(u, x, 2), 1), Eq(u, 0) @ line.boundary)


def linear_path() -> CallPath:
    """Of a linear solve in a given basis."""
    problem, basis = linear(), Dense(50)
    return entered(lambda: solve(problem, basis))


def nonlinear_path() -> CallPath:
    """Of a nonlinear evolution, solved automatically."""
    problem = CATALOGUE["logistic"]()
    return entered(lambda: solve(problem, tolerance=1e-2))


def table(path: CallPath) -> str:
    """A path as lines of markdown."""
    rows = [
        f"| {number} | {folder} | {'types' if folder in VOCABULARY else 'work'} | `{name}` |"
        for number, (folder, name) in enumerate(path, 1)
    ]
    return "\n".join(["| | folder | | entered at |", "| ---: | --- | --- | --- |", *rows])


def sections() -> str:
    """Both paths, as they stand in docs/design.md."""
    return (
        f"`solve(problem, Dense(50))` of a linear problem:\n\n{table(linear_path())}\n\n"
        f"`solve(problem)` of a nonlinear evolution:\n\n{table(nonlinear_path())}"
    )


if __name__ == "__main__":
    print(sections())
