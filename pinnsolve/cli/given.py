"""What options say: constants, slices, a basis."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

import pinnsolve  # whose public names are imported where they are used
from pinnsolve.cli.listing import catalogue

if TYPE_CHECKING:
    from pinnsolve.declare.problem import Problem


def complete(context: object, parameter: object, incomplete: str) -> list[str]:
    """Names of problems that begin so, for the shell."""
    return [name for name in catalogue() if name.startswith(incomplete)]


def pairs(texts: Sequence[str], option: str) -> dict[str, list[float]]:
    """`t=0,0.5` as numbers by name. Raises UsageError for anything else."""
    found = {}
    for text in texts:
        name, equals, numbers = text.partition("=")
        try:
            found[name.strip()] = [float(number) for number in numbers.split(",")]
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            raise click.UsageError(f"{option} wants NAME=NUMBER, {option} t=0.5: got {text!r}")
    return found


def with_constants(problem: Problem, texts: Sequence[str]) -> Problem:
    """The problem with other values of its constants. Raises ValueError for what is none."""
    values = {name: numbers[0] for name, numbers in pairs(texts, "--set").items()}
    if not values:
        return problem
    known = {str(symbol): symbol for symbol in problem.constants}
    strange = [name for name in values if name not in known]
    if strange:
        raise ValueError(
            f"--set {strange[0]}: the problem's constants are {', '.join(known) or 'none'};"
            " Problem(..., constants={nu: 0.01}) declares one"
        )
    changed: Problem = problem.with_constants({known[n]: value for n, value in values.items()})
    return changed


def basis_from(text: str) -> Any:
    """A basis as it is written in Python, `Dense(400, activation="sin", initialize=Waves(4.5))`.

    Names are pinnsolve's own, arguments are numbers, texts, lists and such calls: nothing else is
    run. Raises UsageError for anything else.
    """
    try:
        return _built(ast.parse(text, mode="eval").body)
    except (SyntaxError, _NotSoError) as error:
        raise click.UsageError(
            f"--basis wants a basis as in Python, --basis 'Dense(400, activation=\"sin\")': got"
            f" {text!r}"
        ) from error


class _NotSoError(Exception):
    """No call of a public name, and no number, text or list."""


def _built(node: ast.expr) -> Any:
    if not isinstance(node, ast.Call):
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise _NotSoError from None
    if not isinstance(node.func, ast.Name) or node.func.id not in pinnsolve.__all__:
        raise _NotSoError
    make: Callable[..., Any] = getattr(pinnsolve, node.func.id)
    if not isinstance(make, type) or any(keyword.arg is None for keyword in node.keywords):
        raise _NotSoError
    named = {str(keyword.arg): _built(keyword.value) for keyword in node.keywords}
    return make(*map(_built, node.args), **named)
