"""Numbers that know how well they are known."""

from __future__ import annotations

import math
from statistics import NormalDist

from pinnsolve.symbols.assumed import POSITIVE, REAL, Bounds
from pinnsolve.symbols.given import number_of, shown


def half_width(level: object) -> float:
    """Of a band of a probability, in standard deviations. Raises ValueError for what is none."""
    share = number_of(level)
    if share is None or not 0 < share < 1:
        raise ValueError(f"level is a probability, level=0.95: got {shown(level)}")
    return NormalDist().inv_cdf((1 + share) / 2)


class Estimate(float):
    """A number with its standard `deviation`: NaN, where data are exact. It prints as `0.3701 +-
    0.0027`.

    Of a number that is positive it is the logarithm that is distributed normally: `deviation` is
    the number times the logarithm's (the delta method), and `interval` is not symmetric. Intervals
    end at `bounds`, where there are some.
    """

    deviation: float
    kind: str
    bounds: Bounds

    def __new__(
        cls,
        value: float,
        deviation: float = math.nan,
        kind: str = REAL,
        bounds: Bounds | None = None,
    ) -> Estimate:
        made = super().__new__(cls, value)
        made.deviation, made.kind = deviation, kind
        made.bounds = (-math.inf, math.inf) if bounds is None else bounds
        return made

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Where the number lies with a probability, low and high end. Raises ValueError for a level
        that is not between 0 and 1.

        >>> from pinnsolve.solution.estimates import Estimate
        >>> low, high = Estimate(2.0, 0.1).interval()
        >>> f"{low:.3f} {high:.3f}"
        '1.804 2.196'
        """
        half, value = half_width(level) * self.deviation, float(self)
        ends = value - half, value + half
        if self.kind == POSITIVE:
            ends = value * math.exp(-half / value), value * math.exp(half / value)
        return max(ends[0], self.bounds[0]), min(ends[1], self.bounds[1])

    def __str__(self) -> str:
        if not 0 < self.deviation < math.inf:
            return f"{float(self):.12g}"
        digits = max(0, 1 - math.floor(math.log10(self.deviation)))
        return f"{float(self):.{digits}f} +- {self.deviation:.{digits}f}"

    __repr__ = __str__
