"""`pinnsolve list`, `show`, `solve` and `demo`, and how they end: with 0, if what was asked for was
reached; 1 for what is given wrongly, 2 for wrong usage, 3 for a tolerance that was not met, 4 for
an error in a file of the user's own, 130 for Ctrl-C.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import pinnsolve  # whose public names are imported when a command asks for them
from pinnsolve.cli.files import evaluate, export, plot, report
from pinnsolve.cli.find import OwnFileError, find_problem
from pinnsolve.cli.given import basis_from, complete, with_constants
from pinnsolve.cli.listing import catalogue
from pinnsolve.running.stop import Stop
from pinnsolve.version import VERSION

if TYPE_CHECKING:
    from pinnsolve.declare.problem import Problem
    from pinnsolve.solution.solution import Solution


class Exit(IntEnum):
    """How the command ends; click itself exits with 2 for wrong usage."""

    FAILED = 1
    UNMET = 3
    OWN_FILE = 4
    INTERRUPTED = 130


DEMO = (("poisson_2d", 1e-10), ("disk", 1e-10), ("wave_1d", 1e-8))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="pinnsolve")
def commands() -> None:
    """Solve partial differential equations that are declared in sympy.

    Problems come from the catalogue (`pinnsolve list`) or from your own Python file, which defines
    a `Problem`.
    """


for _command in (report, plot, evaluate, export):
    commands.add_command(_command)


@commands.command("list")
def list_problems() -> None:
    """List the problems of the catalogue."""
    listed = catalogue()
    width = max(map(len, listed))
    for name, line in listed.items():
        click.echo(f"{name:<{width}}  {line}")


@commands.command()
@click.argument("name_or_file", shell_complete=complete)
def show(name_or_file: str) -> None:
    """Print a problem's domain, equations and exact solution."""
    _, problem = find_problem(name_or_file)
    click.echo(problem.pretty())


@commands.command("solve")
@click.argument("name_or_file", shell_complete=complete)
@click.option("--set", "constants", multiple=True, help="A constant of the problem: nu=0.01.")
@click.option("--basis", help="Solve in this basis: 'Dense(400, activation=\"sin\")'.")
@click.option(
    "--tolerance", type=float, help="Relative L2 tolerance; without it, as accurate as it gets."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of neurons and points.")
@click.option(
    "--layers",
    type=click.IntRange(4),
    help="Train a residual network of so many layers by LS/GD instead.",
)
@click.option(
    "--width",
    type=click.IntRange(1),
    default=32,
    show_default=True,
    help="Neurons of each of these layers.",
)
@click.option(
    "--budget",
    "--seconds",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="What the solve, or the training, may take.",
)
@click.option(
    "--mgrit", is_flag=True, help="Run these layers in parallel, by multigrid reduction in time."
)
@click.option(
    "--plot", type=click.Path(dir_okay=False), help="Write a picture here (png, pdf, svg)."
)
@click.option(
    "--save", type=click.Path(dir_okay=False), help="Write the solution here (safetensors)."
)
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False),
    help="Keep the best so far here, at most every minute; if it is there already, go on from it.",
)
@click.option("--progress/--no-progress", default=True, help="A line that moves, on a terminal.")
def solve_problem(  # noqa: PLR0913, PLR0917  the options of a command
    name_or_file: str,
    constants: tuple[str, ...],
    basis: str | None,
    tolerance: float | None,
    seed: int,
    layers: int | None,
    width: int,
    seconds: float | None,
    mgrit: bool,
    plot: str | None,
    save: str | None,
    checkpoint: str | None,
    progress: bool,
) -> None:
    """Solve a problem and print a report; exit code 3 if the tolerance was not met."""
    picture = _before_work(plot, save)
    asked: dict[str, Any] = {
        "tolerance": tolerance,
        "seed": seed,
        "checkpoint": checkpoint,
        "resume": checkpoint,
        "progress": progress,
        **_how(basis, layers, width, seconds, mgrit),
    }
    name, problem = find_problem(name_or_file)
    solution = _solved(with_constants(problem, constants), asked)
    if save is not None:  # first: a picture can be drawn again
        solution.save(save)
    click.echo(solution.report())
    if save is not None:
        click.echo(f"saved     {save}")
    if picture is not None:
        solution.plot(picture)
        click.echo(f"picture   {picture}")
    if tolerance is not None and solution.stopped != Stop.MET:
        raise UnmetError(
            f"{name}: tolerance {tolerance:g} was not met: {solution.stopped}, estimate"
            f" {solution.estimate:.1e}"
        )


class UnmetError(Exception):
    """A tolerance that was not met."""


def _how(
    basis: str | None, layers: int | None, width: int, seconds: float | None, mgrit: bool
) -> dict[str, Any]:
    """Basis, method and budget."""
    if mgrit and layers is None:
        raise ValueError(
            "--mgrit runs the layers of a deep network in parallel: give --layers, 256 for instance"
        )
    if basis is not None and layers is not None:
        raise ValueError("--basis and --layers both say which basis: give one of them")
    if layers is None:
        given = {} if basis is None else {"basis": basis_from(basis)}
        return given if seconds is None else {**given, "budget": pinnsolve.Budget(seconds)}
    deep = pinnsolve.ResNet(width, layers + 1)  # the first layer takes no step
    deep = replace(deep, propagate=pinnsolve.MGRIT.auto(layers)) if mgrit else deep
    # Where nothing is said, for a minute: by the clock, not by its steps.
    half = (seconds or 60.0) / 2  # the estimate trains again
    return {"basis": deep, "method": pinnsolve.LSGD(10**6, pinnsolve.Adam(3e-3), seconds=half)}


def _before_work(plot: str | None, save: str | None) -> Path | None:
    """Where the picture will be. Raises what writing it, or the solution, would raise after the
    solve.
    """
    from pinnsolve.exports.files import require_writable
    from pinnsolve.pictures.files import require_picture  # and torch

    if save is not None:
        require_writable(save)
    return None if plot is None else require_picture(plot)


def _solved(problem: Problem, asked: Mapping[str, Any]) -> Solution:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        solution = pinnsolve.solve(problem, **asked)
    for warning in caught:
        click.echo(f"warning: {warning.message}", err=True)
    return solution


@commands.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="pictures",
    show_default=True,
)
def demo(folder: Path) -> None:
    """Solve three problems, print their errors, and draw them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, tolerance in DEMO:
        _, problem = find_problem(name)
        solution = _solved(problem, {"tolerance": tolerance, "progress": True})
        solution.plot(folder / f"{name}.png")
        final = solution.history.final
        work = f"{final.functions} functions, {final.seconds:.1f} s"
        click.echo(f"{name:<12} error {solution.error()}, {work}")
    click.echo(f"pictures are in {folder.absolute()}")


def main() -> None:
    """Run the command; errors that the user can mend are one line, and exit code 1."""
    try:
        commands(prog_name="pinnsolve", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted before there was a solution", err=True)
        sys.exit(Exit.INTERRUPTED)
    except OwnFileError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(Exit.OWN_FILE)
    except UnmetError as error:
        click.echo(f"not met: {error}", err=True)
        sys.exit(Exit.UNMET)
    except (ValueError, TypeError, OSError, MemoryError, ImportError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(Exit.FAILED)
