"""A linear evolution that begins at zero, by solutions of its elliptic problem with complex numbers
s in the place of the derivative in time: s phi - L phi = f.

A mode of rate -r, which a load at rest drives, has the part 1 - s / (s + r) of its end in such a
solution, and 1 - exp(-r t) at time t. So the real part of a sum of weights w_j(t) times solutions
is off by

    |exp(-r t) - sum_j Re(w_j(t) s_j / (s_j + r))|,    sum_j Re w_j = 1,

and weights are found by least squares over all rates. Numbers s on a ray have weights of about one
where real ones have some hundreds, so that solutions need be no better than what is asked for
(Trefethen, Weideman and Schmelzer, "Talbot quadratures and rational approximations", BIT 46 (2006)
653; on a ray, whose numbers are a factor of two apart, any number of them is good at all times at
once). A load that varies in time is a sum of those that set in at some time (Duhamel's integral).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial import Chebyshev

from pinnsolve.evolution.extrapolation import amplitudes
from pinnsolve.fields.arrays import Array, Complex


@dataclass(frozen=True)
class Resolving:
    """Which numbers there are, and how their weights are found."""

    # Radians of the ray: with less weights are larger, with more they fall short
    angle: float = 1.2
    # Of one number, the next one; and the first one, over one of the whole time
    ratio: float = 2.0
    first: float = 0.25
    # Rates over one of the whole time between which weights are good, and how many are looked at
    rates: tuple[float, float] = (1e-3, 1e10)
    looked_at: int = 400
    # What solutions are off by, relative: weights shall not make that large
    noise: float = 1e-7
    # Over the largest number: from there on weights are those of the rates; before, a ramp
    ramp: float = 0.2
    # Steps of the path by which weights are kept, each so much longer than the one before, and no
    # longer than this part of the time, over one more than the degree of a load
    growth: float = 1.1
    longest: float = 1 / 8
    # Bands of rates, of each of which the worst counts
    bands: int = 40
    # Gauss's nodes of a piece of Duhamel's integral, twice as long as the one before
    nodes: int = 8


RESOLVING = Resolving()


def numbers_of(duration: float, count: int, first: float = 1.0) -> Complex:
    """So many numbers s `(count,)`, from `first` times the usual one on."""
    sizes = RESOLVING.first * first / duration * np.power(RESOLVING.ratio, np.arange(count))
    found: Complex = sizes * np.exp(1j * RESOLVING.angle)
    return found


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of solutions with the `numbers (n,)` of norms `(n,)`, relative to the first one, over
    a time of this `duration`.
    """

    numbers: Complex
    norms: Array
    duration: float

    @property
    def first(self) -> float:
        """The end of the ramp."""
        return RESOLVING.ramp / float(np.abs(self.numbers).max())

    @cached_property
    def rates(self) -> Array:
        """Those that are looked at, `(k,)`."""
        found: Array = np.geomspace(*RESOLVING.rates, RESOLVING.looked_at) / self.duration
        return found

    @cached_property
    def _rows(self) -> tuple[Array, Array, Array, Array]:
        """What counts at all rates `(k, 1)`, what the last real part makes of them `(k, 1)`, and
        the singular vectors of what all others do beside it, those of the right over values.
        """
        counted = amplitudes(1 / np.abs(self.numbers), self.rates, self.norms)[:, None]
        made = self.numbers / (self.numbers + self.rates[:, None])
        rows, last = np.hstack([made.real, -made.imag]), len(self.numbers) - 1
        kept = np.delete(np.arange(rows.shape[1]), last)
        beside = made.real[:, [last]]
        rows[:, : last + 1] -= beside
        sizes = np.tile(self.norms, 2)[kept]
        errors = RESOLVING.noise * np.sqrt(len(self.rates)) * np.eye(len(kept))
        left, values, right = np.linalg.svd(
            np.vstack([counted * rows[:, kept] / sizes, errors]), full_matrices=False
        )
        return counted, beside, left[: len(rows)], (right.T / values) / sizes[:, None]

    def at(self, times: Array) -> Complex:
        """Of loads at rest, with two derivatives in time, `(3, m, n)`, at times `(m,)` after the
        start, none of which is in the ramp.
        """
        counted, beside, left, right = self._rows
        decay, n = np.exp(-np.outer(self.rates, times)), len(self.numbers)
        found = np.empty((3, 2 * n, len(times)))
        for order in range(3):
            # One has what the others leave of the sum: one, and then zero.
            wanted = (-self.rates[:, None]) ** order * decay - (beside if order == 0 else 0.0)
            others = right @ (left.T @ (counted * wanted))
            rest = (order == 0) - others[: n - 1].sum(axis=0)
            found[order] = np.insert(others, n - 1, rest, axis=0)
        joined: Complex = np.swapaxes(found[:, :n] + 1j * found[:, n:], 1, 2)
        return joined

    def missed(self, times: Array) -> float:
        """By how much, relative to the first solution, one of a load at rest may be off, in the
        root mean square over times `(m,)`. Modes are orthogonal: of each band of rates the worst
        counts with the amplitude of all that are as high.
        """
        bands, each = RESOLVING.bands, 3 * RESOLVING.looked_at // RESOLVING.bands
        rates = np.geomspace(*RESOLVING.rates, bands * each) / self.duration
        made = self.numbers / (self.numbers + rates[:, None])
        off = np.abs((self.at(times)[0] @ made.T).real - np.exp(-np.outer(times, rates)))
        worst = off.reshape(len(times), bands, each).max(axis=2)
        low = amplitudes(1 / np.abs(self.numbers), rates[::each], self.norms)
        return mean_square(times, np.linalg.norm(worst * low, axis=1))

    def path(self, courses: list[Chebyshev]) -> tuple[Array, Complex]:
        """Times `(m,)` from the start to the end, and the weights there of loads with these courses
        in time, with two derivatives, `(3, m, loads, n)`: none at the start, where all is zero.
        """
        degree = max(course.degree() for course in courses)
        longest = RESOLVING.longest * self.duration / (degree + 1)
        times = [self.first]
        while times[-1] < self.duration:
            times.append(times[-1] + min((RESOLVING.growth - 1) * times[-1], longest))
        times[-1] = self.duration
        held = np.array(times)
        each = np.stack([self._driven(held, course) for course in courses], axis=2)
        start = np.zeros((3, 1, *each.shape[2:]), dtype=complex)
        # As a heated wall is: with the root of time, until then.
        start[1] = each[0, :1] / self.first
        return np.concatenate([[0.0], held]), np.concatenate([start, each], axis=1)

    def _driven(self, times: Array, course: Chebyshev) -> Complex:
        """By Duhamel's integral, `(3, m, n)`: of a load that is T(t), weights are those of one that
        sets in with T(0), and with T'(s) ds at all times s.
        """
        slopes = [course.deriv(order) if order else course for order in range(4)]
        own, begins = self.at(times), [float(slope(0.0)) for slope in slopes]
        found = np.stack(
            [
                sum((begins[order - k] * own[k] for k in range(order + 1)), np.zeros_like(own[0]))
                for order in range(3)
            ]
        )
        if course.degree() == 0:
            return found
        unit, shares = np.polynomial.legendre.leggauss(RESOLVING.nodes)
        for number, t in enumerate(times):
            ends = self.first * np.power(2.0, np.arange(60))
            ends = np.concatenate([[0.0], ends[ends < t], [t]])
            middle, half = (ends[1:] + ends[:-1]) / 2, (ends[1:] - ends[:-1]) / 2
            ago = (middle[:, None] + half[:, None] * unit).ravel()
            factors = (half[:, None] * shares).ravel()
            early = np.minimum(ago / self.first, 1.0)
            weights = self.at(np.maximum(ago, self.first))[0] * (early * factors)[:, None]
            for order in range(3):
                found[order, number] += slopes[order + 1](t - ago) @ weights
        return found


def mean_square(times: Array, values: Array) -> float:
    """The root of the mean square of values at times `(m,)` over them."""
    return float(np.sqrt(np.trapezoid(values**2, times) / (times[-1] - times[0])))


def turned(course: Chebyshev, duration: float) -> float:
    """How much of loads that set in there is in a course in all: the first one, and all changes."""
    values = course(np.linspace(0, duration, 64 * (course.degree() + 1)))
    return float(abs(values[0]) + np.abs(np.diff(values)).sum())
