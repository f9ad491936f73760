"""Equations that take an unknown at an earlier time, by the method of steps (Bellman): between the
times at which what was kinked comes back, a solution is smooth, and is an unknown of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sympy import Expr, Float, Symbol

from pinnsolve.declare.checks import difference
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Condition
from pinnsolve.geometry.solids import Box
from pinnsolve.symbols.occurrences import separate
from pinnsolve.symbols.symbols import UnknownFunction

# More pieces are too many unknowns for one solve.
MOST_STEPS = 40


@dataclass(frozen=True)
class Delays:
    """Where time is cut: the history lies before the first of the `cuts`."""

    time: Symbol
    cuts: tuple[Expr, ...]

    def steps(self, domain: Solid) -> list[Solid]:
        """The domain between the cuts."""
        rest = [c for c in domain.coordinates if c != self.time]
        low, high = domain.bounds[domain.coordinates.index(self.time)].tolist()
        ends = [Float(low), *self.cuts, Float(high)]
        limits = dict(zip(domain.coordinates, domain.bounds.tolist(), strict=True))
        return [
            Box({c: limits[c] if c in rest else (a, b) for c in domain.coordinates})
            for a, b in pairwise(ends)
        ]


def delays_of(conditions: Sequence[Condition], domain: Solid) -> Delays | None:
    """The delays of laws in a box; None, where no law takes an unknown at a time that is earlier by
    a number.

    Raises ValueError for more steps than can be solved for at once.
    """
    if not isinstance(domain, Box):
        return None
    laws = [law for law in conditions if isinstance(law.region, Box)]
    found = [d for law in laws for d in _in_law(law, laws)]
    times = {time for time, _, _ in found}
    if len(times) != 1:
        return None
    (time,) = times
    start, shortest = min(s for _, s, _ in found), min(d for _, _, d in found)
    high = float(domain.bounds[domain.coordinates.index(time), 1])
    if (high - start) / shortest > MOST_STEPS:
        raise ValueError(
            f"from {time} = {start:g} to {high:g} there are {(high - start) / shortest:.0f} delays"
            f" of {shortest:g}, and at most {MOST_STEPS} are solved for at once: take a shorter"
            " time, and go on from there with what was found as the history, by interpolate(...)"
        )
    return Delays(time, _cuts(start, high, {d for _, _, d in found}))


def _in_law(law: Condition, laws: Sequence[Condition]) -> list[tuple[Symbol, float, float]]:
    """Of each occurrence at an earlier time: the coordinate, where the law begins, and by how much
    it is earlier. What was solved for before, an unknown of earlier times alone, is none.
    """
    region, found = law.region, []
    for o in separate(difference(law))[1].values():
        pairs = zip(o.function.coordinates, o.arguments, strict=True)
        moved = [(c, c - a) for c, a in pairs if a != c]
        if len(moved) == 1 and o.measure is None and _is_sought(o.function, law, laws):
            ((c, by),) = moved
            if by.is_number and by.is_positive:
                low = float(region.bounds[region.coordinates.index(c), 0])
                found.append((c, low, float(by)))
    return found


def _is_sought(function: UnknownFunction, law: Condition, laws: Sequence[Condition]) -> bool:
    """Whether laws hold for it where this law does."""
    own = function(*function.coordinates)
    meets = [
        bool((np.minimum(a[:, 1], b[:, 1]) - np.maximum(a[:, 0], b[:, 0]) > 0).all())
        and difference(other).has(own)
        for other in laws
        for a, b in [(law.region.bounds, other.region.bounds)]
    ]
    return any(meets)


def _cuts(start: float, high: float, delays: set[float]) -> tuple[Expr, ...]:
    """The beginning, and all sums of delays from there: where derivatives may jump."""
    cuts, waiting = [start], [start]
    while waiting:
        place = waiting.pop()
        for later in (place + d for d in delays):
            near = CLOSE * (high - start)
            if later < high - near and all(abs(later - c) > near for c in cuts):
                cuts.append(later)
                waiting.append(later)
    return tuple(map(Float, sorted(cuts)))
