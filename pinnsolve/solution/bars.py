"""How uncertain a solution is, where its data have errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.declare.checks import difference
from pinnsolve.declare.decompose import solved_problem, solved_unknowns
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.solution.estimates import Estimate, half_width
from pinnsolve.solution.evaluated import Evaluated
from pinnsolve.solution.handed import Handed
from pinnsolve.solution.inputs import read
from pinnsolve.solution.measurements import CHOICE, best_points, of_determinant, of_sum
from pinnsolve.solution.sentences import (
    UNSETTLED,
    at,
    held,
    left_open,
    of_data,
    other_minimum,
    unfit,
    unseen,
)
from pinnsolve.strategies.measured_rows import data_of
from pinnsolve.symbols.assumed import COMPLEX, POSITIVE
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.given import parts_of, shown, whole_of
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True, eq=False, repr=False)
class Uncertain(Handed):
    """A field of unknowns whose coefficients have a distribution, where data have errors."""

    @property
    def known_to(self) -> Posterior:
        """The distribution of the coefficients. Raises ValueError where no data have errors."""
        posterior: Posterior | None = vars(self).get("posterior")
        if posterior is None:
            raise ValueError(
                "this solution has no error bars: none of its data have errors, Eq(u, Data(values,"
                " sigma=0.01)) @ PointCloud(...), or sigma=None to have them estimated; or nothing"
                " is sought by them"
            )
        return posterior

    @property
    def misfit(self) -> float:
        """What is left of the data, squared, for each value that is not used up: in units of the
        variance that they were said to have, about 1, if that is right; NaN where none have errors.
        """
        posterior: Posterior | None = vars(self).get("posterior")
        return math.nan if posterior is None else posterior.misfit

    def __getitem__(self, number: Unknown) -> Estimate | complex:
        """An unknown number, with its standard deviation, where data have errors: a float; of a
        complex one a complex number.

        Raises KeyError for what is no unknown number of the problem.
        """
        places = self._numbers(number)
        if len(places) > 1:
            middle = self.problem.domain.bounds.mean(axis=1)[None]
            return complex(*self.field.values(middle)[places, 0].tolist())
        known, kind = vars(self).get("posterior"), number.func.values
        deviation = math.nan if known is None else math.sqrt(self.covariance(number)[0, 0])
        return Estimate(self._value(number), deviation, kind, number.func.bounds)

    def _value(self, number: Unknown) -> float:
        """Of a real number."""
        middle = self.problem.domain.bounds.mean(axis=1)[None]
        (place,) = self._numbers(number)
        value = float(self.field.values(middle)[place, 0])
        return math.exp(value) if number.func.values == POSITIVE else value

    def _slope(self, number: Unknown) -> float:
        """Of a number by what is solved for in its place: its own value, if that is its
        logarithm.
        """
        return self._value(number) if number.func.values == POSITIVE else 1.0

    @property
    def doubts(self) -> tuple[str, ...]:
        """What data do not see of numbers, and whether error bars may be too small, in
        sentences.
        """
        posterior: Posterior | None = vars(self).get("posterior")
        if posterior is None:
            return ()
        if not posterior.settled:
            return (UNSETTLED,)
        if not posterior.fits:
            unknown = any(d.sigma is None for d in self._data)
            return (unfit(posterior.misfit, unknown), *self.at_bounds, *self.other_minima)
        if not posterior.blind and not posterior.open:
            return ()
        if posterior.open and not posterior.blind:
            names = [str(solved_problem(self.problem).unknowns[k].func) for k in posterior.open]
            return (left_open(names),)
        numbers = {u: self._value(u) for u in self._real_numbers}
        pairs = zip(posterior.blind, numbers, strict=True)
        named = {str(u.func): value for u, value in numbers.items()}
        return (unseen(named, [b * self._slope(u) for b, u in pairs]),)

    @property
    def at_bounds(self) -> tuple[str, ...]:
        """Which numbers are at a bound, in sentences."""
        known = [(u, self._value(u)) for u in self._real_numbers if u.func.bounds]
        return tuple(held(str(u), v, u.func.bounds) for u, v in known if at(v, u.func.bounds))

    @property
    def other_minima(self) -> tuple[str, ...]:
        """What else leaves less of the data than numbers around it, in sentences."""
        posterior: Posterior | None = vars(self).get("posterior")
        if posterior is None:
            return ()
        kinds = [(str(u), u.func.values) for u in self._real_numbers]
        return tuple(
            other_minimum(kinds, values, misfit, posterior.misfit)
            for *values, misfit in posterior.minima
        )

    @property
    def _real_numbers(self) -> list[Unknown]:
        return [u for u in self.problem.unknowns if not u.args and u.func.values != COMPLEX]

    @property
    def _data(self) -> list[Data]:
        return [d for c in self.problem.conditions for d in data_of(c)]

    @property
    def _of_data(self) -> str:
        """How the data are fitted, in a line of a report; empty where none have errors."""
        posterior: Posterior | None = vars(self).get("posterior")
        return "" if posterior is None else f"\n{of_data(posterior)}"

    def covariance(self, *numbers: Unknown) -> Array:
        """Of unknown numbers, in their order, or of all real ones, `(n, n)`.

        Raises KeyError for what is no unknown number, ValueError where no data have errors.
        """
        middle, known = self.problem.domain.bounds.mean(axis=1)[None], self.known_to.factor
        rows = [
            self._slope(number) * self.field.spread(k, middle, known)
            for number in numbers or self._real_numbers
            for k in self._numbers(number)
        ]
        factor = np.vstack(rows)
        return np.asarray(factor @ factor.T)

    def sd(self, unknown: Unknown, points: Any) -> Array:
        """The standard deviation of an unknown at points, as a solution takes them: `(n,)`.

        Raises KeyError for no unknown, ValueError where no data have errors.
        """
        if unknown not in self.problem.unknowns:
            known = ", ".join(map(str, self.problem.unknowns))
            raise KeyError(f"{unknown} is no unknown of this problem: it has {known}")
        at = read((points,), self.problem)
        return np.asarray(np.linalg.norm(self._spread(unknown, at.x), axis=1)).reshape(at.shape)

    def band(self, unknown: Unknown, points: Any, level: float = 0.95) -> tuple[Array, Array]:
        """Where an unknown lies at points with a probability, at each for itself: lower and upper
        ends, each `(n,)`. Raises as `sd`, and ValueError for a level that is not between 0 and 1.
        """
        half = half_width(level) * self.sd(unknown, points)
        middle = np.asarray(self(points, expression=unknown))
        if not unknown.args:
            low, high = cast(Estimate, self[unknown]).interval(level)
            return np.full_like(middle, low), np.full_like(middle, high)
        return middle - half, middle + half

    def samples(self, n: int, seed: int = 0) -> tuple[Evaluated, ...]:
        """Draws from the distribution: each is called with points, as the solution is.

        Raises TypeError for n or a seed that is no whole number, ValueError where no data have
        errors.
        """
        count, stream = whole_of(n), whole_of(seed)
        if count is None or count < 1 or stream is None or stream < 0:
            raise TypeError(f"samples(n, seed) wants whole numbers: got {shown(n)}, {shown(seed)}")
        factor, mean = self.known_to.factor, self.known_to.mean
        normal = np.random.default_rng(stream).standard_normal((count, factor.shape[1]))
        given = self.problem, self.declared, self.seed
        return tuple(
            Evaluated(*given, self.field.with_coefficients(tensor_of(each)))
            for each in mean + normal @ factor.T
        )

    def where_to_measure(
        self, n: int, of: Unknown | Sequence[Unknown] = (), sigma: float | None = None
    ) -> dict[str, Array]:
        """The n points, `(n,)` by coordinate, at which values of what is measured tell most `of`
        some unknowns (all numbers, else fields that are not measured, if none is said): the best
        first, each the best beside those before.

        `sigma` is the deviation that values will have: that of the data, if none is said. Of
        several numbers the determinant of their covariance is lowered, of fields the mean square of
        the deviations. Raises TypeError for n that is no whole number, KeyError for no unknown,
        ValueError where no data have errors.
        """
        posterior, count = self.known_to, whole_of(n)
        if count is None or count < 1:
            raise TypeError(f"where_to_measure(n) wants a number of points: got {shown(n)}")
        noisy = [c for c in self.problem.conditions if data_of(c)]
        measured = [u for u in self.problem.unknowns if difference(noisy[0]).has(u)]
        sought = self._sought(of, [u for u in self.problem.unknowns if u not in measured])
        known = [np.median(d.sigma) for c in noisy for d in data_of(c) if d.sigma is not None]
        deviation = sigma or (float(np.median(known)) if known else math.sqrt(posterior.misfit))
        points = sample_region(self.problem.domain, CHOICE.candidates, self.seed)
        wanted = [self._spread(u, points.x if u.args else points.x[:1]) for u in sought]
        numbers = len(sought) > 1 and not any(u.args for u in sought)
        each = [w / np.sqrt((w**2).sum(axis=1).mean()) for w in wanted]
        values = self._spread(measured[0], points.x) / deviation
        taken = best_points(np.vstack(each), values, count, of_determinant if numbers else of_sum)
        names = [c.name for c in self.problem.domain.coordinates]
        return dict(zip(names, points.x[taken].T, strict=True))

    def _sought(
        self, of: Unknown | Sequence[Unknown], hidden: Sequence[Unknown]
    ) -> Sequence[Unknown]:
        """What points are to tell of. Raises KeyError for what is no unknown."""
        several = parts_of(of)
        given = (of,) if several is None else several
        for u in given:
            if u not in self.problem.unknowns:
                known = ", ".join(map(str, self.problem.unknowns))
                raise KeyError(f"{shown(u)} is no unknown of this problem: it has {known}")
        numbers = [u for u in hidden if not u.args]
        return given or numbers or hidden

    def _spread(self, unknown: Unknown, x: Array) -> Array:
        """Rows `(n, rank)` of the factor of the covariance of an unknown's values at points `(n,
        dim)`.
        """
        slope = 1.0 if unknown.args else self._slope(unknown)
        k = self.problem.unknowns.index(unknown)
        return slope * self.field.spread(k, x, self.known_to.factor)

    def _numbers(self, number: Unknown) -> list[int]:
        """The places of an unknown number, of both parts of a complex one, among the unknowns that
        are solved for. Raises KeyError for anything else.
        """
        numbers = [u for u in self.problem.unknowns if not u.args]
        if number not in numbers:
            known = ", ".join(map(str, numbers)) or "none"
            raise KeyError(f"{number} is no unknown number of this problem: it has {known}")
        solved = solved_problem(self.problem).unknowns
        own = dict.fromkeys(solved_unknowns(self.problem)[number])  # one in all of several regions
        return [solved.index(u) for u in own]
