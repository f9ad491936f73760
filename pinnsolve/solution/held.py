"""What a file holds of a solution, and how the problem it belongs to is told from another."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from pinnsolve.declare.decompose import solved_problem
from pinnsolve.declare.problem import Problem, problem_of
from pinnsolve.evolution.chain import OpenSlab
from pinnsolve.evolution.runs import Runs
from pinnsolve.evolution.underway import Underway
from pinnsolve.exports.files import require_writable
from pinnsolve.fields.building import box_of
from pinnsolve.geometry.cloud import PointCloud
from pinnsolve.running.history import History
from pinnsolve.solution import (  # noqa: F401  register how these are read
    cells,
    elements,
    products,
    singular,
)
from pinnsolve.solution.nodes import packed, unpacked
from pinnsolve.solution.shapes import restored_field
from pinnsolve.solution.storage import fault_of, read_file, write_file
from pinnsolve.symbols.given import is_text, whole_of

FIELD, ARRAY = "field.", "array."  # of the names of tensors
# The fields that are not among the nodes of the others.
APART = ("problem", "field")
# Names of fields in files of earlier versions.
FORMER = {"maximum": "largest_error"}


def save_solution(path: str | Path, solution: Any) -> None:
    """Write all fields of a solution. Its estimate is among them if it is known; if not, it can be
    asked for again.

    Where the method has parts that a file cannot hold, it could not: then the estimate is found
    first. Raises ValueError for a basis that a file cannot hold, OSError if it cannot be written.
    """
    require_writable(path)
    rest = {f.name: getattr(solution, f.name) for f in fields(solution) if f.name not in APART}
    # What `cached_property` has found already.
    rest["change"] = (
        solution.change
        if math.isfinite(solution.change)
        else vars(solution).get("estimate", math.nan)
    )
    try:
        nodes, arrays = packed(rest)
    except ValueError:
        packed(solution.declared)  # raises, if that is what cannot be held
        rest |= {"method": None, "grow": None, "change": solution.estimate}
        nodes, arrays = packed(rest)
    problem_nodes, problem_arrays = _packed(solution.problem)
    tensors = {f"{FIELD}{name}": tensor for name, tensor in solution.field.state().items()}
    tensors |= {f"{ARRAY}{name}": tensor for name, tensor in {**arrays, **problem_arrays}.items()}
    description = {"problem": problem_nodes, "lines": lines(solution.problem), "solution": nodes}
    write_file(path, tensors, description)


def held_fields(path: str | Path, problem: Problem | None) -> dict[str, Any]:
    """The fields of the solution in a file, of the problem given, or of the one that is in the file
    too.

    Raises OSError if there is no file, ValueError, with its name, if it holds none, or one of
    another problem.
    """
    if problem is not None and problem_of(problem) is None:
        raise TypeError(
            f"load wants a file and its Problem, load('run.st', problem): got {str(problem)[:60]}"
        )
    tensors, held = read_file(path)
    arrays = {
        name.removeprefix(ARRAY): tensor
        for name, tensor in tensors.items()
        if name.startswith(ARRAY)
    }
    if problem is not None:
        _require_same(path, problem, held)
    with fault_of(path):
        whole = problem or _problem(held, arrays)
        solved = solved_problem(whole)
        attributes = unpacked(held["solution"], arrays, lambda: solved)
        state = {
            name.removeprefix(FIELD): tensor
            for name, tensor in tensors.items()
            if name.startswith(FIELD)
        }
        drawn = getattr(attributes["declared"], "declared", attributes["declared"])
        field = restored_field(drawn, solved, box_of(whole.domain), state, attributes["seed"])
        if field.n_unknowns != len(solved.unknowns):
            raise ValueError(
                f"it holds {field.n_unknowns} unknowns, and its problem has {len(solved.unknowns)}"
            )
        attributes = {FORMER.get(name, name): value for name, value in attributes.items()}
        _require_fields(attributes)
        return {**attributes, "problem": whole, "field": field}


def _require_fields(found: Mapping[str, Any]) -> None:
    """Raise ValueError unless these are fields of a solution."""
    named = {"declared", "seed", "history"} <= set(found) and all(map(is_text, found))
    if not (
        named
        and whole_of(found["seed"]) is not None
        and isinstance(found["history"], History)
        and found["history"].steps
    ):
        raise ValueError("it holds no history of a solution")
    if not isinstance(found.get("unfinished"), OpenSlab | Runs | Underway | None):
        raise ValueError("it holds nothing that can be gone on with")


def _problem(held: Mapping[str, Any], arrays: Mapping[str, Tensor]) -> Problem:
    if held["problem"] is None:
        raise ValueError(
            "its problem has parts that a file cannot hold: give it, load(path, problem)"
        )
    problem = problem_of(unpacked(held["problem"], arrays, _none_yet))
    if problem is None:
        raise ValueError("it holds no problem")
    return problem


def _none_yet() -> Problem:
    raise ValueError("a problem holds no field of its own")


def same_problem(a: Problem, b: Problem) -> bool:
    """Whether two problems say the same."""
    return a is b or (_packed(a)[0] == _packed(b)[0] and lines(a) == lines(b))


def _packed(problem: Problem) -> tuple[list[Any] | None, dict[str, Tensor]]:
    """The nodes of a problem, and its arrays; None, if it has parts that a file cannot hold."""
    try:
        return packed(problem)
    except ValueError:
        return None, {}


def require_replaceable(path: str | Path, problem: Problem) -> None:
    """Raise ValueError, with its name, for a file that holds anything but an earlier solution of
    this problem.
    """
    place = Path(path)
    if not place.exists() or not place.stat().st_size:
        return
    try:
        _require_same(path, problem, read_file(path)[1])
    except ValueError as error:
        raise ValueError(
            f"no checkpoint may take the place of {path}, give another name: {error}"
        ) from error


def _require_same(path: str | Path, problem: Problem, held: Mapping[str, Any]) -> None:
    """Compared by what they say, whoever declared them."""
    with fault_of(path):
        nodes, ours, theirs = held["problem"], lines(problem), [str(line) for line in held["lines"]]
    mine = _packed(problem)[0]
    if mine == nodes if mine is not None and nodes is not None else ours == theirs:
        return
    for k in range(max(len(ours), len(theirs))):
        here, there = (said[k] if k < len(said) else "nothing" for said in (ours, theirs))
        if here != there:
            break
    else:
        here, there = _first_apart(mine or [], nodes or [])
    raise ValueError(
        f"{path} holds a solution of another problem\n  in the file: {there.strip()}\n  given:     "
        f"  {here.strip()}"
    )


def _first_apart(mine: Sequence[Any], theirs: Sequence[Any]) -> tuple[str, str]:
    """Where the texts of two problems are the same: the first node that is not."""
    for here, there in zip(mine, theirs, strict=False):
        if here != there:
            return json.dumps(here), json.dumps(there)
    return f"{len(mine)} parts", f"{len(theirs)} parts"


def lines(problem: Problem) -> list[str]:
    """A problem in words, line by line: in numbers first what its text does not show, points and
    data, then the text.
    """
    said = []
    for number, condition in enumerate(problem.conditions, 1):
        cloud = condition.region
        if isinstance(cloud, PointCloud):
            said += [_summary(f"points of equation {number}", cloud.points)]
            said += [_summary(f"{data} of equation {number}", data.values) for data in cloud.data]
    said += [
        f"constant {symbol} = {value}"
        for symbol, value in sorted(problem.constants.items(), key=str)
    ]
    said += repr(problem).splitlines()
    said += [f"exact {u} = {value}" for u, value in (problem.exact or {}).items()]
    if problem.reference is not None:
        said += [
            _summary(f"reference {name}", values)
            for name, values in sorted(problem.reference.values.items())
        ]
    return said


def _summary(what: str, values: Any) -> str:
    array = np.asarray(values)
    text = np.array2string(array.ravel(), precision=17, threshold=8, edgeitems=3)
    return f"{what}: {array.shape}, {text}, sum {array.sum()!r}".replace("\n", " ")
