"""`pinnsolve report`, `plot`, `evaluate` and `export`: of solutions in files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

import pinnsolve  # whose public names are imported where they are used
from pinnsolve.cli.given import pairs
from pinnsolve.cli.tables import table_in

if TYPE_CHECKING:
    from pinnsolve.solution.solution import Solution

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
AT = click.option(
    "--at", multiple=True, help="A slice: t=0.5; of a picture also several values, t=0,0.5,1."
)


def _held(file: Path) -> Solution:
    solution: Solution = pinnsolve.load(file)
    return solution


@click.command()
@FILE
def report(file: Path) -> None:
    """Print the report of a solution in a file."""
    click.echo(_held(file).report())


@click.command()
@FILE
@click.argument("picture", type=click.Path(dir_okay=False, path_type=Path))
@AT
def plot(file: Path, picture: Path, at: Sequence[str]) -> None:
    """Draw a solution in a file: png, pdf, svg; gif and mp4 are films."""
    from pinnsolve.pictures.files import FILMS, require_film, require_picture

    film = picture.suffix.lower() in FILMS
    (require_film if film else require_picture)(picture)
    solution, slices = _held(file), pairs(at, "--at")
    if film:
        solution.animate(picture, at={name: values[0] for name, values in slices.items()})
    else:
        solution.plot(picture, at=slices)
    click.echo(f"picture   {picture}")


@click.command()
@FILE
@click.argument("points", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False), help="Write here, not to the screen.")
def evaluate(file: Path, points: Path, out: str | None) -> None:
    """Values of a solution in a file at points: a csv whose first line names the coordinates, with
    semicolons and decimal commas, too, as they are in the answer.
    """
    from pinnsolve.exports.files import require_writable
    from pinnsolve.solution.inputs import outside, read

    if out is not None:
        require_writable(out)
    columns, style = table_in(points)
    solution = _held(file)
    if beyond := outside(read((columns,), solution.problem).x, solution.problem):
        click.echo(f"Warning: {beyond}", err=True)
    found = solution.where_known(columns)
    table = style.text({**columns, **{name: values.tolist() for name, values in found.items()}})
    if out is None:
        click.echo(table, nl=False)
    else:
        Path(out).write_text(table, encoding="utf-8")


@click.command()
@FILE
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@AT
@click.option("--along", type=click.IntRange(2), help="Points along the longest side.")
def export(file: Path, target: Path, at: Sequence[str], along: int | None) -> None:
    """Write a solution in a file for other programs: vtu, pvd (a series in time), csv, nc, pt2 (a
    torch program).
    """
    from pinnsolve.exports.files import require_writable

    require_writable(target)
    kind = target.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"cannot write {target}: its name ends in one of {', '.join(KINDS)}")
    slices = {name: values[0] for name, values in pairs(at, "--at").items()}
    solution = _held(file)
    if kind in {".vtu", ".pvd"}:
        solution.to_vtk(target, at=slices or None, along=along)
    elif kind == ".pt2":
        _program(solution, target)
    else:
        axes = {c.name: along for c in solution.problem.domain.coordinates if along is not None}
        data = solution.to_xarray({**axes, **{n: [v] for n, v in slices.items()}})
        data.to_netcdf(target) if kind == ".nc" else data.to_dataframe().to_csv(target)
    click.echo(f"written   {target}")


KINDS = (".vtu", ".pvd", ".csv", ".nc", ".pt2")


def _program(solution: Solution, target: Path) -> None:
    """The solution as a program of torch, for any number of points."""
    import torch

    points = torch.zeros(3, len(solution.problem.domain.coordinates)).double()
    function = solution.to_function()
    shapes = ({0: torch.export.Dim("points")},)
    torch.export.save(torch.export.export(function, (points,), dynamic_shapes=shapes), target)
