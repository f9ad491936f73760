"""`pinnsolve list`, `show`, `solve` and `demo`."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import pinnsolve  # whose public names are imported when a command asks for them
from pinnsolve.cli.find import find_problem
from pinnsolve.cli.listing import catalogue
from pinnsolve.running.stop import Stop
from pinnsolve.version import VERSION

if TYPE_CHECKING:
    from pinnsolve.declare.problem import Problem
    from pinnsolve.solution.solution import Solution

# What was asked for was not reached, or an error; click itself exits with 2 for wrong usage.
FAILED = 1
DEMO = (("poisson_2d", 1e-10), ("disk", 1e-10), ("wave_1d", 1e-8))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="pinnsolve")
def commands() -> None:
    """Solve partial differential equations that are declared in sympy.

    Problems come from the catalogue (`pinnsolve list`) or from your own Python file, which defines
    a `Problem`.
    """


@commands.command("list")
def list_problems() -> None:
    """List the problems of the catalogue."""
    listed = catalogue()
    width = max(map(len, listed))
    for name, line in listed.items():
        click.echo(f"{name:<{width}}  {line}")


@commands.command()
@click.argument("name_or_file")
def show(name_or_file: str) -> None:
    """Print a problem's domain, equations and exact solution."""
    _, problem = find_problem(name_or_file)
    click.echo(problem.pretty())


@commands.command("solve")
@click.argument("name_or_file")
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
    "--seconds",
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
def solve_problem(  # noqa: PLR0913, PLR0917  the options of a command
    name_or_file: str,
    tolerance: float | None,
    seed: int,
    layers: int | None,
    width: int,
    seconds: float | None,
    mgrit: bool,
    plot: str | None,
    save: str | None,
    checkpoint: str | None,
) -> None:
    """Solve a problem and print a report; exit code 1 if the tolerance was not met."""
    if mgrit and layers is None:
        raise ValueError(
            "--mgrit runs the layers of a deep network in parallel: give --layers, 256 for instance"
        )
    name, problem = find_problem(name_or_file)
    picture = _before_work(plot, save)
    asked: dict[str, Any] = {
        "tolerance": tolerance,
        "seed": seed,
        "checkpoint": checkpoint,
        "resume": checkpoint,
    }
    if layers is not None:
        basis = pinnsolve.ResNet(width, layers + 1)  # the first layer takes no step
        asked["basis"] = replace(basis, propagate=pinnsolve.MGRIT.auto(layers)) if mgrit else basis
        # Where nothing is said, for a minute: by the clock, not by its steps.
        half = (seconds or 60.0) / 2  # the estimate trains again
        asked["method"] = pinnsolve.LSGD(10**6, pinnsolve.Adam(3e-3), seconds=half)
    elif seconds is not None:
        asked["budget"] = pinnsolve.Budget(seconds)
    solution = _solved(name, problem, asked)
    click.echo(solution.report())
    if picture is not None:
        solution.plot(picture)
        click.echo(f"picture   {picture}")
    if save is not None:
        solution.save(save)
        click.echo(f"saved     {save}")
    if tolerance is not None and solution.stopped != Stop.MET:
        raise ValueError(
            f"tolerance {tolerance:g} was not met: {solution.stopped}, estimate"
            f" {solution.estimate:.1e}"
        )


def _before_work(plot: str | None, save: str | None) -> Path | None:
    """Where the picture will be. Raises what writing it, or the solution, would raise after the
    solve.
    """
    from pinnsolve.exports.files import require_writable
    from pinnsolve.pictures.files import require_picture  # and torch

    if save is not None:
        require_writable(save)
    return None if plot is None else require_picture(plot)


def _solved(name: str, problem: Problem, asked: Mapping[str, Any]) -> Solution:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        solution = pinnsolve.solve(problem, progress=True, **asked)
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
        solution = _solved(name, problem, {"tolerance": tolerance})
        solution.plot(folder / f"{name}.png")
        final = solution.history.final
        work = f"{final.functions} functions, {final.seconds:.1f} s"
        click.echo(f"{name:<12} error {solution.error()}, {work}")
    click.echo(f"pictures are in {folder.absolute()}")


def main() -> None:
    """Run the command; errors that the user can mend are one line, and exit code 1."""
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted before there was a solution", err=True)
        sys.exit(130)
    except (ValueError, TypeError, OSError, MemoryError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(FAILED)
