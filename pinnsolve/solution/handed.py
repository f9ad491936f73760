"""What a solution hands out: extreme values and zeros, tables, labelled arrays, meshes with values,
and plain functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sympy import Expr, Symbol
from torch import nn

from pinnsolve.compile.quadrature import GAUSS
from pinnsolve.declare.decompose import parts_of_problem, solved_problem
from pinnsolve.discretize.recognize import constrained_form, evolution_form
from pinnsolve.exports.files import require_writable
from pinnsolve.exports.function import function_of
from pinnsolve.exports.tables import axes_of, dataset_of, frame_of
from pinnsolve.exports.vtk import Nodal, write_series, write_sheet, write_vtk
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.slices import slice_of
from pinnsolve.solution.estimates import Estimate
from pinnsolve.solution.evaluated import Evaluated
from pinnsolve.solution.extremes import Extremum, maximum_of, zeros_of
from pinnsolve.solution.inputs import read
from pinnsolve.solution.integrals import integral_of
from pinnsolve.solution.outputs import values_like
from pinnsolve.symbols.given import Formula, by_key

TIMES = ("t", "time")
Expressions = Mapping[str, Expr] | None


class Handed(Evaluated):
    """A field of a problem's unknowns that can be handed to other programs, and read off."""

    def integrate(
        self,
        expression: Expr | None = None,
        region: Region | None = None,
        at: Mapping[Symbol, Formula] | None = None,
    ) -> Estimate:
        """The integral of an expression over a body, a boundary, a face or a part of these: a float
        whose `deviation` is the difference to a rule of other nodes.

        Of the one unknown over the domain, where nothing is said. Length, area or volume is in the
        units of the coordinates; coordinates that the region lacks have the values `at`. Normals
        point outwards: `integrate(normal_derivative(u), wall)` is what flows out. Where materials
        meet, the domain is taken part by part. Raises TypeError if there are several unknowns and
        no expression, ValueError for regions that no rule is known for.

        >>> from sympy import Eq
        >>> from pinnsolve import Interval, Problem, coordinates, solve, unknown
        >>> (x,) = coordinates("x")
        >>> u, rod = unknown("u", x), Interval(x, 0, 2)
        >>> solution = solve(Problem(rod, Eq(u.diff(x, 2), -1), Eq(u, 0) @ rod.boundary))
        >>> f"{solution.integrate():.6f}, {solution.integrate(u.diff(x)**2):.6f}"
        '0.666667, 0.666667'
        """
        wanted = self._one(expression, "integrate")
        domain = self.problem.domain
        parts = parts_of_problem(self.problem) if region in {None, domain} else None
        regions = [domain if region is None else region]
        fixed = slice_of(domain, at).at
        total = np.zeros(2)
        for part in regions if parts is None else parts.pieces.regions:
            total += [
                integral_of(self, wanted, part, fixed, finer) for finer in (1.0, GAUSS.judging)
            ]
        return Estimate(total[1], float(np.ptp(total)))

    def maximum(
        self, expression: Expr | None = None, region: Region | None = None, seed: int = 0
    ) -> Extremum:
        """The largest value of an expression on a region, boundary included, and where it is taken:
        a float with a `point`.

        Of the one unknown on the domain, where nothing is said. Of many peaks, the largest that
        8,192 points a chart have seen, followed to round-off. Raises TypeError if there are several
        unknowns and no expression.

        >>> from sympy import Eq
        >>> from pinnsolve import Interval, Problem, coordinates, solve, unknown
        >>> (x,) = coordinates("x")
        >>> u, rod = unknown("u", x), Interval(x, 0, 2)
        >>> solution = solve(Problem(rod, Eq(u.diff(x, 2), -1), Eq(u, 0) @ rod.boundary))
        >>> solution.maximum()
        0.5 at x=1
        """
        where = self.problem.domain if region is None else region
        return maximum_of(self._function_of(expression, "maximum"), where, seed)

    def minimum(
        self, expression: Expr | None = None, region: Region | None = None, seed: int = 0
    ) -> Extremum:
        """The smallest value, as `maximum` has the largest."""
        where = self.problem.domain if region is None else region
        function = self._function_of(expression, "minimum")
        found = maximum_of(lambda x: -function(x), where, seed)
        return Extremum(-found, found.point)

    def zeros(
        self, expression: Expr | None = None, at: Mapping[Symbol, Formula] | None = None
    ) -> Array:
        """Where an expression changes its sign along the one coordinate that `at` leaves, `(n,)`,
        in order.

        A zero without a change of sign is not seen. Raises ValueError if more than one coordinate
        is left.

        >>> from sympy import Eq
        >>> from pinnsolve import Interval, Problem, coordinates, solve, unknown
        >>> (x,) = coordinates("x")
        >>> u, line = unknown("u", x), Interval(x, 0, 4)
        >>> wave = Problem(line, Eq(u.diff(x, 2), -u), Eq(u(0), 1), Eq(u.diff(x), 0) @ line.at(x=0))
        >>> [f"{place:.6f}" for place in solve(wave).zeros()]
        ['1.570796']
        """
        part = slice_of(self.problem.domain, at)
        if len(part.coordinates) != 1:
            names = ", ".join(map(str, part.coordinates))
            raise ValueError(
                f"zeros are looked for along one coordinate, and {names} are left: give the others"
                f" values, at={{{part.coordinates[-1] if part.coordinates else 'x'}: ...}}"
            )
        function = self._function_of(expression, "zeros")
        ((low, high),) = part.bounds
        return zeros_of(lambda x: function(part.lifted(x[:, None])), low, high)

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
        """A file `.vtu` for ParaView or PyVista: a mesh of the domain, of quadratic cells with
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
            part = slice_of(self.problem.domain, at)
            if on is None:
                write_vtk(place, part, wanted)
            else:
                write_sheet(place, part, on, wanted)
            return
        if place.suffix != ".pvd":
            raise ValueError(
                f"cannot write {path}: the name of a mesh ends in .vtu, that of a series in time in"
                " .pvd"
            )
        write_series(place, self.problem.domain, self._time, times, wanted)

    def to_function(self, dtype: torch.dtype | None = None) -> nn.Module:
        """A plain torch module of points `(n, dim)`, columns as in a call, to values `(n,
        n_unknowns)`: `torch.export` and `torch.onnx.export` carry it to where pinnsolve is not
        installed.

        Coefficients cancel: a module of float32 has fewer digits than its numbers. Raises TypeError
        for solutions in cells, products and materials, and for complex ones, which are no single
        network.

        >>> import torch
        >>> from sympy import Eq
        >>> from pinnsolve import Interval, Problem, coordinates, solve, unknown
        >>> (x,) = coordinates("x")
        >>> u, rod = unknown("u", x), Interval(x, 0, 2)
        >>> solution = solve(Problem(rod, Eq(u.diff(x, 2), -1), Eq(u, 0) @ rod.boundary))
        >>> function = solution.to_function()
        >>> f"{function(torch.tensor([[1.0]]).double()).item():.6f}"
        '0.500000'
        """
        if solved_problem(self.problem) != self.problem:
            raise TypeError(
                "to_function wants one real formula for the whole domain, and this problem has"
                " several materials, or complex unknowns: to_vtk and to_xarray give its values"
            )
        function = function_of(self.field, self._columns)
        return function if dtype is None else function.to(dtype)

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

    @property
    def _columns(self) -> tuple[int, ...]:
        """Of the domain's coordinates, which column of plain points each is."""
        own = self.problem.unknowns[0].func.coordinates
        given = own if set(own) == set(self.problem.domain.coordinates) else None
        coordinates = self.problem.domain.coordinates
        return tuple((given or coordinates).index(c) for c in coordinates)

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

    def _one(self, expression: Expr | None, what: str) -> Expr:
        """What is asked for, or the one unknown that there is."""
        unknowns = self.problem.unknowns
        if expression is None and len(unknowns) > 1:
            names = ", ".join(map(str, unknowns))
            raise TypeError(f"{what} of what? Of {names}, or an expression of them: say which")
        return unknowns[0] if expression is None else expression

    def _function_of(self, expression: Expr | None, what: str) -> Callable[[Array], Array]:
        """Values `(n,)` at points `(n, dim)` in the domain's order."""
        wanted = {"value": self._one(expression, what)}
        values = self._values_of(wanted)
        domain = self.problem.domain.coordinates

        def called(x: Array) -> Array:
            found: Array = values(dict(zip(domain, x.T, strict=True)))["value"]
            if np.iscomplexobj(found):
                raise TypeError(f"{what} of complex values: of re(u), im(u) or Abs(u)?")
            return found

        return called
