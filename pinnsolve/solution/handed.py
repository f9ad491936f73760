"""What a solution hands out: integrals, extreme values and zeros, and plain functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from sympy import Expr, Symbol, sympify
from torch import nn

from pinnsolve.compile.quadrature import GAUSS
from pinnsolve.declare.decompose import parts_of_problem, solved_problem
from pinnsolve.discretize.points import Points
from pinnsolve.exports.function import function_of
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.slices import slice_of
from pinnsolve.solution.estimates import Estimate
from pinnsolve.solution.exported import Exported
from pinnsolve.solution.extremes import Extremum, maximum_of, zeros_of
from pinnsolve.solution.integrals import integral_of, nodes_on, off_by_rule
from pinnsolve.symbols.given import Formula


class Handed(Exported):
    """A field of a problem's unknowns that can be handed to other programs, and read off."""

    def integrate(
        self,
        expression: Expr | None = None,
        region: Region | None = None,
        at: Mapping[Symbol, Formula] | None = None,
    ) -> Estimate:
        """The integral of an expression over a body, a boundary, a face or a part of these: a float
        whose `deviation` says how far it may be off, by the rule and by what is known of the
        solution: its standard deviation, where data have errors.

        Of the one unknown over the domain, where nothing is said; of 1 its length, area or volume.
        These are in the units of the coordinates; coordinates that the region lacks have the values
        `at`. Normals point outwards: `integrate(normal_derivative(u), wall)` is what flows out.
        Where materials meet, the domain is taken part by part. Raises TypeError if there are
        several unknowns and no expression, ValueError for regions that no rule is known for.

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
        whole = (domain if region is None else region,) if parts is None else parts.pieces.regions
        fixed = slice_of(domain, at).at
        *coarser, fine = (
            [nodes_on(domain.coordinates, part, fixed, finer) for part in whole]
            for finer in (1 / GAUSS.judging, 1.0, GAUSS.judging)
        )
        first, second = (integral_of(self, wanted, nodes) for nodes in coarser)
        total = integral_of(self, wanted, fine)
        return Estimate(total, off_by_rule(first, second, total) + self._off(wanted, fine))

    def _off(self, expression: Expr, nodes: Sequence[Points]) -> float:
        """By how much an integral may be off for what the field itself is: nothing is known."""
        return 0.0

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
        function = function_of(self.field, self._columns).eval()  # else ONNX warns
        return function if dtype is None else function.to(dtype)

    @property
    def _columns(self) -> tuple[int, ...]:
        """Of the domain's coordinates, which column of plain points each is."""
        own = self.problem.unknowns[0].func.coordinates
        given = own if set(own) == set(self.problem.domain.coordinates) else None
        coordinates = self.problem.domain.coordinates
        return tuple((given or coordinates).index(c) for c in coordinates)

    def _one(self, expression: Expr | None, what: str) -> Expr:
        """What is asked for, or the one unknown that there is."""
        unknowns = self.problem.unknowns
        if expression is None and len(unknowns) > 1:
            names = ", ".join(map(str, unknowns))
            raise TypeError(f"{what} of what? Of {names}, or an expression of them: say which")
        # Of a number the integral is the volume.
        number = isinstance(expression, (int, float))
        return unknowns[0] if expression is None else sympify(expression) if number else expression

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
