"""How many elements a wave has, and of which degree, from one path to the next.

Where the medium is rough in elements of any size, as one that is given on a grid, their edges lie
on the grid's lines: within them it is smooth. Then their polynomials grow first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from pinnsolve.compile.system import System
from pinnsolve.evolution.wavelike import Wavelike
from pinnsolve.fields.arrays import Array
from pinnsolve.symbols.tables import Tabulated


@dataclass(frozen=True)
class Levels:
    """How they grow."""

    # Of the polynomials on an element
    degree: int = 4
    # Elements along the side that has most wavelengths at first, in two dimensions of space, three
    first: tuple[int, ...] = (12, 6)
    # Times as many, the next time; and as many nodes along a coordinate, at least
    growth: float = 1.5
    least: float = 1.2
    # Elements at most, that a grid may ask for
    finest: float = 2e5
    # Of an element: a line that is so near is on its edge
    near: float = 1e-5


LEVELS = Levels()


@dataclass(frozen=True)
class Level:
    """Elements along every coordinate of space, how many were wanted, and their degree."""

    counts: tuple[int, ...]
    wanted: tuple[float, ...]
    degree: int

    @property
    def nodes(self) -> float:
        """Along a coordinate, in the mean."""
        return float(self.degree * math.prod(self.counts) ** (1 / len(self.counts)))

    @property
    def work(self) -> float:
        """Of a path: nodes times steps, in units of its own."""
        return self.nodes ** (1 + len(self.counts)) * self.degree

    def is_finer(self, before: Level) -> bool:
        """Whether each coordinate has more nodes, or had enough of them: else a difference may be
        none, of what depends on the others.
        """
        each = zip(before.counts, self.counts, self.wanted, strict=True)
        return all(
            n * self.degree >= LEVELS.least * old * before.degree or old >= wanted
            for old, n, wanted in each
        )


def wavelengths(system: System, wave: Wavelike) -> tuple[float, ...]:
    """How many more of them there are along each coordinate of space: one along the longest."""
    bounds = system.domain.bounds[list(wave.space)].tolist()
    lengths = [(b - a) / math.sqrt(r) for (a, b), r in zip(bounds, wave.ratios, strict=True)]
    return tuple(own / max(lengths) for own in lengths)


def growing(system: System, wave: Wavelike) -> Iterator[Level]:
    """With edges on planes across which the medium jumps, if these are few."""
    shares, fewest = wavelengths(system, wave), on_lines(system, wave)
    elements: float = LEVELS.first[min(len(shares), 3) - 2]
    if any(n > elements * share for n, share in zip(fewest, shares, strict=True)):
        fewest = (1,) * len(shares)
    return _finer(_growing(elements, shares, fewest))


def on_a_grid(system: System, wave: Wavelike) -> Iterator[Level] | None:
    """With edges on all lines of the medium's data; None, where these are too many, or few."""
    shares, fewest = wavelengths(system, wave), on_lines(system, wave)
    if max(fewest) == 1:
        return None
    elements = max(n / share for n, share in zip(fewest, shares, strict=True) if n > 1)
    first = _level(elements, shares, fewest, 1)
    if math.prod(first.counts) > LEVELS.finest:
        return None
    low = (_level(elements, shares, fewest, degree) for degree in range(1, LEVELS.degree))
    return _finer(chain(low, _growing(elements, shares, fewest)))


def _growing(
    elements: float, shares: tuple[float, ...], fewest: tuple[int, ...]
) -> Iterator[Level]:
    while True:
        yield _level(elements, shares, fewest, LEVELS.degree)
        elements *= LEVELS.growth


def _finer(levels: Iterator[Level]) -> Iterator[Level]:
    """Those that are finer than the one before: of multiples, several may be one."""
    last = next(levels)
    yield last
    for level in levels:
        if level.is_finer(last):
            last = level
            yield level


def _level(
    elements: float, shares: tuple[float, ...], fewest: tuple[int, ...], degree: int
) -> Level:
    """As many wavelengths an element along all coordinates; multiples of `fewest`."""
    wanted = tuple(max(2.0, elements * share) for share in shares)
    pairs = zip(wanted, fewest, strict=True)
    return Level(tuple(n * max(1, round(own / n)) for own, n in pairs), wanted, degree)


def on_lines(system: System, wave: Wavelike) -> tuple[int, ...]:
    """The least number of elements along each coordinate of space that have edges on all lines of
    the medium's tables, and on planes across which it jumps; 1, where no number does.
    """
    bounds = system.domain.bounds[list(wave.space)].tolist()
    pairs = zip(wave.space, bounds, strict=True)
    return tuple(
        fewest_between((lines(system, wave, i) - low) / (high - low)) for i, (low, high) in pairs
    )


def lines(system: System, wave: Wavelike, axis: int) -> Array:
    """Where the wave's equation has them along a coordinate, `(n,)`."""
    residual, symbol = wave.law.residual, system.domain.coordinates[axis]
    planes = [kink.plane for kink in residual.kinks if kink.plane is not None]
    found = [np.array([place for own, place in planes if own == symbol])]
    for table in residual.condition.equation.atoms(Tabulated):
        for argument, knots in zip(table.args, table.spline.knots, strict=True):
            slope = argument.diff(symbol)
            if argument.free_symbols == {symbol} and slope.is_number:
                found.append((knots - float(argument.subs(symbol, 0))) / float(slope))
    return np.unique(np.concatenate(found))


def fewest_between(places: Array) -> int:
    """The least number of equal parts of [0, 1] that have ends at all places `(n,)` inside of it;
    1, where there is none.

    >>> import numpy as np
    >>> fewest_between(np.array([0.25, 0.5])), fewest_between(np.array([0.123456789]))
    (4, 1)
    """
    inner = places[(places > LEVELS.near) & (places < 1 - LEVELS.near)]
    if not len(inner):
        return 1
    counts = np.arange(2, math.isqrt(int(LEVELS.finest)) + 1)
    at = inner[:, None] * counts
    fit = (np.abs(at - np.round(at)) < LEVELS.near).all(axis=0)
    return int(counts[fit][0]) if fit.any() else 1
