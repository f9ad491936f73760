"""Numbers that know how well they are known."""

from __future__ import annotations

import math


class Estimate(float):
    """A number with its standard `deviation`: NaN, where data are exact. It prints as `0.3701 +-
    0.0027`.
    """

    deviation: float

    def __new__(cls, value: float, deviation: float = math.nan) -> Estimate:
        made = super().__new__(cls, value)
        made.deviation = deviation
        return made

    def __str__(self) -> str:
        if not 0 < self.deviation < math.inf:
            return f"{float(self):.12g}"
        digits = max(0, 1 - math.floor(math.log10(self.deviation)))
        return f"{float(self):.{digits}f} +- {self.deviation:.{digits}f}"

    __repr__ = __str__
