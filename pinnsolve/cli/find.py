"""From a name or a file to a problem."""

from __future__ import annotations

import inspect
import runpy
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import pinnsolve  # whose public names are imported where they are used
from pinnsolve.cli.listing import catalogue

if TYPE_CHECKING:
    from pinnsolve.declare.problem import Problem


def find_problem(name: str) -> tuple[str, Problem]:
    """A catalogue entry by name, or the problem in the user's own Python file (which is run).

    A file's problem is its only module-level `Problem`, or the one called `problem`; else its only
    function without arguments that is annotated to return a `Problem`. Raises ValueError that says
    what was found instead.
    """
    listed = catalogue()
    if name in listed:
        from pinnsolve.problems import CATALOGUE

        return name, CATALOGUE[name]()
    path = Path(name)
    if path.suffix == ".py":
        return path.stem, _in_file(path)
    close = get_close_matches(name, listed, n=3, cutoff=0.4)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    raise ValueError(
        f"no problem {name!r} in the catalogue{hint} (`pinnsolve list` shows all; a file ends in"
        " .py)"
    )


def _in_file(path: Path) -> Problem:
    if not path.is_file():
        raise ValueError(f"no file {path}")
    names = runpy.run_path(str(path))
    problems = {k: v for k, v in names.items() if isinstance(v, pinnsolve.Problem)}
    if "problem" in problems or len(problems) == 1:
        return problems.get("problem") or next(iter(problems.values()))
    makers = [v for v in names.values() if inspect.isfunction(v) and _makes_a_problem(v)]
    if not problems and len(makers) == 1:
        made: Problem = makers[0]()
        return made
    found = ", ".join(problems) or "none"
    raise ValueError(f"{path} should define one Problem, or one called `problem`: found {found}")


def _makes_a_problem(function: object) -> bool:
    signature = inspect.signature(function)  # type: ignore[arg-type]
    return (
        signature.return_annotation in (pinnsolve.Problem, "Problem") and not signature.parameters
    )
