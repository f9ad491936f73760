"""From a name or a file to a problem."""

from __future__ import annotations

import inspect
import runpy
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pinnsolve  # whose public names are imported where they are used
from pinnsolve.cli.listing import catalogue

if TYPE_CHECKING:
    from pinnsolve.declare.problem import Problem


class OwnFileError(Exception):
    """What went wrong in a file of the user's own, and on which of its lines."""


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
    names = _run(path)
    problems = {k: v for k, v in names.items() if isinstance(v, pinnsolve.Problem)}
    if "problem" in problems or len(problems) == 1:
        return problems.get("problem") or next(iter(problems.values()))
    makers = [v for v in names.values() if inspect.isfunction(v) and _makes_a_problem(v)]
    if not problems and len(makers) == 1:
        with _own_lines(path):
            made: Problem = makers[0]()
        return made
    found = ", ".join(problems) or "none"
    raise ValueError(f"{path} should define one Problem, or one called `problem`: found {found}")


def _run(path: Path) -> dict[str, Any]:
    """The names that a file defines; its folder is searched for what it imports, as Python does."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        with _own_lines(path):
            return runpy.run_path(str(path))
    finally:
        sys.path.remove(folder)


@contextmanager
def _own_lines(path: Path) -> Iterator[None]:
    """Raise OwnFileError for what goes wrong in the user's file, with its own lines alone."""
    try:
        yield
    except Exception as error:
        told = traceback.TracebackException.from_exception(error)
        beside = [f for f in told.stack if Path(f.filename).is_file()]  # "<frozen runpy>" is none
        own = [f for f in beside if Path(f.filename).resolve().parent == path.resolve().parent]
        lines = [f"  {f.filename}, line {f.lineno}: {f.line}" for f in own]
        what = "".join(told.format_exception_only()).strip()
        raise OwnFileError("\n".join([what, *lines])) from error


def _makes_a_problem(function: object) -> bool:
    signature = inspect.signature(function)  # type: ignore[arg-type]
    return (
        signature.return_annotation in (pinnsolve.Problem, "Problem") and not signature.parameters
    )
