"""Eigenvalues and what vibrates with them, as people hold them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pinnsolve.pictures.fields import Shown
from pinnsolve.pictures.files import in_html, require_picture
from pinnsolve.pictures.modes import draw_modes
from pinnsolve.pictures.views import views_of
from pinnsolve.running.html import Report, table
from pinnsolve.running.shortened import basis_in_short
from pinnsolve.running.stop import Stop
from pinnsolve.solution.solution import Solution

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# In a notebook, of many
FIRST = 12


@dataclass(frozen=True, eq=False, repr=False)
class Mode(Solution):
    """A function that solves a homogeneous problem with this `eigenvalue`, which is off by about
    its `uncertainty`; of root mean square one, its largest value positive.

    Its problem has the number in the place of the eigenvalue. Of a complex pair, the first mode is
    the real part of the function, the second the imaginary one.
    """

    eigenvalue: float | complex = math.nan
    uncertainty: float = math.nan

    def save(self, path: str | Path) -> None:
        """Write it as a solution of its problem, the eigenvalue among the problem's numbers. Raises
        as `Solution.save`.
        """
        Solution(**{f.name: getattr(self, f.name) for f in fields(Solution)}).save(path)

    def shown(self, expression: Any = None) -> Shown:
        """What a picture shows of it: an expression, or the first unknown, under its eigenvalue."""
        drawn = self.problem.unknowns[0] if expression is None else expression
        title = f"{self.eigenvalue:.8g} ± {self.uncertainty:.0e}"
        return replace(self._shown(drawn), title=title)

    def __repr__(self) -> str:
        return f"Mode({self.eigenvalue:.12g} +- {self.uncertainty:.1g})"


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum:
    """The eigenvalues of a problem that are nearest to a number, in the order of their distance,
    with their `modes`, and why the search `stopped`; how many are `expected` up to the last, by
    Weyl's law, or nan, where it does not hold.

    `spectrum[k]` is the mode number k. See `eigenmodes`.
    """

    modes: tuple[Mode, ...]
    stopped: Stop
    expected: float = math.nan

    @property
    def eigenvalues(self) -> NDArray[np.float64] | NDArray[np.complex128]:
        """All of them, `(count,)`: real numbers, if all are real."""
        return np.array([mode.eigenvalue for mode in self.modes])

    @property
    def uncertainties(self) -> NDArray[np.float64]:
        """Estimated errors of the eigenvalues, `(count,)`: differences to a second, independent
        draw.
        """
        return np.array([mode.uncertainty for mode in self.modes])

    def report(self) -> str:
        """A readable table: a line an eigenvalue, then basis and reason of the end; tables in a
        notebook.
        """
        lines = [f"{'eigenvalue':>24}  uncertainty"]
        lines += [f"{mode.eigenvalue:>24.15g}  {mode.uncertainty:.1e}" for mode in self.modes]
        step = self.modes[0].history.final
        lines += ["", f"basis     {basis_in_short(step.basis)}", f"functions {step.functions}"]
        if math.isfinite(self.expected):
            lines += [f"expected  {self.expected:.1f} up to the last, by Weyl's law"]
        lines += [f"stopped   {self.stopped}: {self.stopped.meaning}"]
        return Report("\n".join(lines))

    def plot(
        self,
        path: str | Path | None = None,
        expression: Any = None,
        at: Mapping[Any, Any] | None = None,
    ) -> Figure:
        """A page of all modes, under their eigenvalues and what these may be off by, with the lines
        on which each rests; written to `path` if one is given.

        The first unknown is drawn, of a complex one the real part, or an `expression` in its place,
        of a pair its size; in space, on the plane through the middle, or where `at={z: 0.2}` says.
        Raises OSError and ValueError as `Solution.plot`.

        >>> from sympy import Eq
        >>> from pinnsolve import Interval, Problem, coordinates, eigenmodes, eigenvalue, unknown
        >>> (x,) = coordinates("x")
        >>> u, lam, string = unknown("u", x), eigenvalue("lam"), Interval(x, 0, 1)
        >>> problem = Problem(string, Eq(-u.diff(x, 2), lam * u), Eq(u, 0) @ string.boundary)
        >>> figure = eigenmodes(problem, count=4).plot()
        >>> len(figure.axes), figure.axes[0].get_title()[:9]
        (4, '9.8696044')
        """
        place = None if path is None else require_picture(path)
        view = views_of(self.modes[0].problem.domain, None, at)[0]
        figure = draw_modes([mode.shown(expression) for mode in self.modes], view)
        if place is not None:
            figure.savefig(place, dpi=150)
        return figure

    def _repr_html_(self) -> str:
        """The first modes, and a table of all eigenvalues, in a notebook."""
        rows = [(f"{m.eigenvalue:.15g}", f"{m.uncertainty:.1e}") for m in self.modes]
        functions = self.modes[0].history.final.functions
        return (
            f"<p><b>Spectrum</b>: {self.stopped}, {functions} functions</p>"
            f"{in_html(replace(self, modes=self.modes[:FIRST]).plot(), 'the modes')}"
            f"{table(('eigenvalue', 'uncertainty'), rows)}"
        )

    def __len__(self) -> int:
        return len(self.modes)

    def __getitem__(self, number: int) -> Mode:
        return self.modes[number]

    def __iter__(self) -> Iterator[Mode]:
        return iter(self.modes)

    def __repr__(self) -> str:
        return f"Spectrum({len(self.modes)} eigenvalues, {self.stopped})"
