"""What a solution hands to other programs: tables, labelled arrays, and meshes with values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from sympy import Expr, Symbol

from pinnsolve.discretize.recognize import constrained_form, evolution_form
from pinnsolve.exports.files import require_writable
from pinnsolve.exports.tables import axes_of, dataset_of, frame_of
from pinnsolve.exports.vtk import Nodal, grid_of, write_series
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.slices import slice_of
from pinnsolve.solution.evaluated import Evaluated
from pinnsolve.solution.inputs import read
from pinnsolve.solution.outputs import values_like
from pinnsolve.symbols.given import Formula, by_key

TIMES = ("t", "time")
Expressions = Mapping[str, Expr] | None


class Exported(Evaluated):
    """A field of a problem's unknowns that other programs can read."""

    def to_dataframe(self, points: Any, expressions: Expressions = None) -> Any:
        """A data frame of pandas: a column a coordinate, then one an unknown, or one an expression
        by name, `{"flux": -k*u.diff(x)}`.

        Points are given as in a call. Raises ImportError without pandas.
        """
        at = read((points,), self.problem)
        by_name = dict(zip(self.problem.domain.coordinates, at.x.T, strict=True))
        columns = {c.name: column for c, column in by_name.items()}
        return frame_of(columns, self._values_of(expressions)(by_name))

    def to_xarray(self, axes: Any = None, expressions: Expressions = None) -> Any:
        """A dataset of xarray on a grid: a dimension a coordinate, a variable an unknown (or an
        expression by name), NaN outside of the domain.

        `axes` is the number of values along each coordinate, or a mapping to numbers or arrays,
        `{x: 50, t: [0, 0.5, 1]}`. Raises ImportError without xarray.

        >>> from sympy import Eq
        >>> from pinnsolve import Interval, Problem, coordinates, solve, unknown
        >>> (x,) = coordinates("x")
        >>> u, rod = unknown("u", x), Interval(x, 0, 2)
        >>> solution = solve(Problem(rod, Eq(u.diff(x, 2), -1), Eq(u, 0) @ rod.boundary))
        >>> dataset = solution.to_xarray(5)
        >>> dataset.u.dims, f"{dataset.u.sel(x=1.5).item():.6f}"
        (('x',), '0.375000')
        """
        domain = self.problem.domain
        told = {"problem": str(self.problem)}
        return dataset_of(domain, axes_of(domain, axes), self._values_of(expressions), told)

    def to_vtk(
        self,
        path: str | Path,
        at: Mapping[Symbol, Formula] | None = None,
        times: int | Sequence[float] = 51,
        along: int | None = None,
        expressions: Expressions = None,
        on: Region | None = None,
    ) -> None:
        """A file `.vtu` for ParaView: a mesh of the domain, of quadratic cells with
        curved sides, and values at its nodes; `along` counts its points along the longest side.

        A name that ends in `.pvd` makes a series in time, one file beside it for each of `times`
        (so many, evenly, or their values). `at={z: 0}` takes a slice, `on=body.boundary` the
        triangles of a surface in space. Raises ImportError without meshio, OSError if a file cannot
        be written, ValueError for other endings, for more than three dimensions, and for a series
        without a time.
        """
        place = Path(path)
        require_writable(place)
        wanted = Nodal(self._values_of(expressions), along)
        if place.suffix == ".vtu":
            grid_of(slice_of(self.problem.domain, at), on, wanted).write(place)
            return
        if place.suffix != ".pvd":
            raise ValueError(
                f"cannot write {path}: the name of a mesh ends in .vtu, that of a series in time in"
                " .pvd"
            )
        write_series(place, self.problem.domain, self._time, times, wanted)

    def to_pyvista(
        self,
        at: Mapping[Symbol, Formula] | None = None,
        along: int | None = None,
        expressions: Expressions = None,
        on: Region | None = None,
    ) -> Any:
        """An unstructured grid of PyVista with the mesh and the values that `to_vtk` writes, for
        `grid.plot(scalars="u")`, `grid.contour()`, `grid.clip()` and the like.

        `at`, `along`, `expressions` and `on` are those of `to_vtk`. Raises ImportError without
        PyVista, `pip install 'pinnsolve[view]'`, ValueError for more than three dimensions.
        """
        wanted = Nodal(self._values_of(expressions), along)
        return grid_of(slice_of(self.problem.domain, at), on, wanted).in_pyvista()

    @cached_property
    def _time(self) -> Symbol | None:
        """The coordinate along which the problem is an evolution, or that is called t, beside
        others.
        """
        coordinates = self.problem.domain.coordinates
        if len(coordinates) == 1:
            return None
        if self.field.last_time is not None:
            return coordinates[self.field.last_time[0]]
        form = evolution_form(self._system, 2) or constrained_form(self._system)
        if form is not None:
            return coordinates[form.axis]
        return next((c for c in coordinates if c.name in TIMES), None)

    def _values_of(self, expressions: Expressions) -> Callable[[dict[Symbol, Array]], Any]:
        """Values by name at points by coordinate: of the unknowns, or of expressions."""
        if expressions is None:
            return self.where_known
        wanted = by_key(expressions)
        if wanted is None:
            raise TypeError(
                f"expressions are given by name, {{'speed': sqrt(u**2 + v**2)}}: got"
                f" {expressions!r}"
            )
        return lambda points: values_like(
            {str(name): e for name, e in wanted.items()},
            self.field,
            self.problem,
            read((points,), self.problem),
        )
