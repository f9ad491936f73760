"""Pictures and films of a solution."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Symbol

from pinnsolve.declare.decompose import told
from pinnsolve.declare.drawn import short
from pinnsolve.declare.supports import supports
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region
from pinnsolve.pictures.cells import draw_cells
from pinnsolve.pictures.fields import Shown, draw, draw_one, real
from pinnsolve.pictures.files import in_html, require_film, require_picture
from pinnsolve.pictures.films import Film, Told, draw_film
from pinnsolve.pictures.measured import Measured, measured_in
from pinnsolve.pictures.surfaces import draw_surface
from pinnsolve.pictures.views import VIEWING, View, slices_told, views_of
from pinnsolve.running.history import History
from pinnsolve.running.html import table
from pinnsolve.solution.bars import Uncertain
from pinnsolve.solution.cell_table import Table
from pinnsolve.solution.report import describe
from pinnsolve.symbols.given import parts_of
from pinnsolve.symbols.warned import warn

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Pictured(Uncertain):
    """A solution that can be drawn."""

    history: History

    @property
    @abstractmethod
    def _judged(self) -> str:
        """What is known of the error, in a few words."""

    @abstractmethod
    def residuals(self, seed: int = 0) -> tuple[float, ...]:
        """One a condition."""

    @abstractmethod
    def cells(self) -> Table:
        """Of a solution in cells, a table with a row a cell."""

    def plot(
        self,
        path: str | Path | None = None,
        expression: Any = None,
        at: Mapping[Any, Any] | None = None,
        ax: Axes | None = None,
        on: Region | None = None,
    ) -> Figure:
        """The solution, where it is known the exact one and the error, and the history; written to
        `path` if one is given.

        An `expression` is drawn in the place of the unknowns, a pair as a vector field with its
        streams: `solution.plot(expression=(u, v))`. `at={t: 0.5}` draws a slice, `at={t: [0, 0.5,
        1]}` lines, or maps, for several values. Time runs to the right; of a space of three
        coordinates, planes through the middle, of an evolution in the plane, three times; of four
        coordinates and more both, and a warning says at which values. What was
        measured, `Eq(u, Data(values, sigma=0.01)) @ cloud`, is drawn as dots, on lines with bars
        of 95 %. `ax`
        takes one picture, of one name, and no history. `on=body.boundary` shows a surface in space,
        coloured. Raises OSError if the file cannot be written, ValueError for a kind of picture
        that is not known, for what `ax` cannot hold, and for `on` what is no surface.

        >>> from sympy import Eq, pi, sin
        >>> from pinnsolve import Dense, Interval, Problem, coordinates, solve, unknown
        >>> (x,) = coordinates("x")
        >>> u, rod = unknown("u", x), Interval(x, 0, 1)
        >>> problem = Problem(rod, Eq(u.diff(x, 2), sin(pi * x)), Eq(u, 0) @ rod.boundary)
        >>> figure = solve(problem, Dense(40)).plot(expression=u.diff(x))
        """
        place = None if path is None else require_picture(path)
        shown = self._shown(expression)
        if on is not None:
            figure = draw_surface(shown, on, self.problem.domain, at, ax)
        elif ax is None:
            history = self.history if expression is None else None
            figure = draw(shown, self._views(at), history)
        else:
            figure = self._on(ax, shown, self._views(at))
        if place is not None:
            figure.savefig(place, dpi=150)
        return figure

    def _repr_html_(self) -> str:
        """The picture, the sizes, and the residual of each condition, in a notebook."""
        final = self.history.final
        facts = [
            str(self.history.stopped),
            f"{self.field.functions} functions",
            f"{final.seconds:.2f} s",
            self._judged,
        ]
        views = views_of(self.problem.domain, self._time, None)
        picture = draw(self._shown(None), views, self.history)
        said = [describe(c, self.problem, part) for c, part in told(self.problem)]
        rows = [(text, f"{r:.1e}") for text, r in zip(said, self.residuals(), strict=True)]
        return (
            f"<p><b>Solution</b>: {', '.join(filter(None, facts))}</p>"
            f"{in_html(picture, 'the solution')}"
            f"{table(('condition', 'relative residual'), rows)}"
        )

    def _views(self, at: Mapping[Any, Any] | None) -> list[View]:
        """What is drawn; of many coordinates where that is, if nobody has said it."""
        views = views_of(self.problem.domain, self._time, at)
        if at is None and len(self.problem.domain.coordinates) > VIEWING.silent:
            warn(slices_told(views))
        return views

    def _on(self, ax: Axes, shown: Shown, views: list[View]) -> Figure:
        found = [real(shown.values_at(view.points)) for view in views]
        names = list(found[0])
        if len(names) > 1 or (len(views) > 1 and len(views[0].axes) > 1):
            what = ", ".join(names) if len(names) > 1 else "several maps"
            raise ValueError(
                f"ax takes one picture, and these are {what}: give an expression, or one value at a"
                " time"
            )
        values = [each[names[0]] for each in found]
        draw_one(ax, views, names[0], values, shown.marks(names[0]))
        figure: Any = ax.figure
        return figure  # type: ignore[no-any-return]

    def animate(
        self,
        path: str | Path,
        expression: Any = None,
        at: Mapping[Any, Any] | None = None,
        frames: int = 60,
        rate: int = 15,
        frame: Told | None = None,
    ) -> None:
        """A film of an evolution, `.gif`, or `.mp4` where ffmpeg is installed: so many frames,
        `rate` of them a second.

        `at` fixes other coordinates than time. `frame(done, of)` is called after each frame. Raises
        OSError if it cannot be written, ValueError for other endings, for fewer than two frames,
        and where there is no time.
        """
        place, writer = require_film(path)
        time, domain = self._time, self.problem.domain
        if time is None:
            raise ValueError("animate wants an evolution, and this problem has no time: see plot")
        if frames < 2:
            raise ValueError(f"a film has at least two frames: got {frames}")
        low, high = domain.bounds[domain.coordinates.index(time)]
        chosen = {**({} if at is None else at), time: np.linspace(low, high, frames)}
        views = views_of(domain, time, chosen)
        draw_film(self._shown(expression), views, Film(place, writer, rate, frame))

    def _shown(self, expression: Any) -> Shown:
        if expression is not None:
            pair, wanted = parts_of(expression), {_name(expression): expression}
            values_at = self._values_of(wanted)
            if pair is None:
                return Shown(values_at, measured=self._measured(wanted))
            if len(pair) != 2:
                raise ValueError(f"a vector field of the plane has two components: got {len(pair)}")
            return Shown(lambda at: {n: np.stack(v, -1) for n, v in values_at(at).items()})
        exact = self.problem.exact
        exact_at = None if exact is None else partial(self.where_known, given=exact)
        half_at = None if vars(self).get("posterior") is None else self._half_at
        numbers = [u for u in self.problem.unknowns if not u.args]
        told = [self._judged, *(f"{u} = {self[u]}" for u in numbers)]
        title = ", ".join(filter(None, told))
        marks = self._measured({str(u.func): u for u in self.problem.unknowns})
        shown = Shown(self.where_known, exact_at, half_at, title, marks)
        return shown.without([str(u.func) for u in numbers])

    def _measured(self, wanted: Mapping[str, Any]) -> tuple[Measured, ...]:
        return tuple(measured_in(self.problem.conditions, wanted))

    def _half_at(self, points: dict[Symbol, Array]) -> dict[str, Array]:
        """Half the widths of bands of 95 %, by name."""
        ends = {u: self.band(u, points) for u in self.problem.unknowns}
        return {str(u.func): (high - low) / 2 for u, (low, high) in ends.items()}

    def plot_cells(self, path: str | Path | None = None) -> Figure:
        """The cells, coloured by the logarithm of the fault of each (see `cells`), with the
        boundaries of the domain and its materials; written to `path` if one is given.

        Of more than two coordinates, the slice through the middle of the domain. Raises TypeError
        for a solution that has no cells, OSError and ValueError as `plot`.
        """
        place = None if path is None else require_picture(path)
        figure = draw_cells(self.problem, self.cells(), supports(self._system.problem))
        if place is not None:
            figure.savefig(place, dpi=150)
        return figure


def _name(expression: Any) -> str:
    text = short(expression)
    return text if len(text) <= 40 else f"{text[:40]} ..."
