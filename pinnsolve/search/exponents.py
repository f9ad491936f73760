"""The exponentials that a solution is likely to be made of: those of the data, and those with which
the equation answers them.

Data exp(kappa . x) on a face x_i = const, or of x without x_i, meet solutions
exp(kappa . x + s x_i) of the homogeneous equation: s is a root of its symbol, P(kappa + s e_i) = 0
(the dispersion relation; for a heat equation the decay of a mode, for a wave equation its
frequency).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import sympy
from numpy.polynomial import polynomial
from numpy.typing import NDArray

from pinnsolve.basis.adapted.modulated import Carrier
from pinnsolve.compile.exponents import Exponent, TooManyError, exponents, sums
from pinnsolve.compile.system import System
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.geometry.region import Condition, charts_of
from pinnsolve.jets.indices import MultiIndex, members
from pinnsolve.symbols.occurrences import separate


@dataclass(frozen=True)
class Carrying:
    """Which exponentials are worth functions of their own."""

    # Radians a side: waves of less are smooth functions, of which any basis has enough; exponents
    # that differ by less, too, do so by a smooth factor
    waves: float = 6.0
    # The same in all coordinates together: in space three half waves are many functions
    together: float = 9.0
    # Radians a side, by which exponents that are the same may differ
    round_off: float = 1e-6
    # Of growth, a side: steeper ones are layers, which want points of their own
    growth: float = 40.0
    # Carriers that a basis of the first width has room for
    most: int = 40
    # Unknowns, up to which a determinant of polynomials is written out
    unknowns: int = 3


CARRYING = Carrying()

# Of an unknown in a row: derivative and slope, where slopes are constant.
Symbol = dict[tuple[int, int], list[tuple[MultiIndex, float]]]


def carriers(system: System) -> tuple[Carrier, ...]:
    """Cosines and sines, growing or not, of the exponents that oscillate fast; none, where the data
    have none, or too many.
    """
    try:
        given = sorted(data_exponents(system), key=str)
    except TooManyError:
        return ()
    fast = [k for k in given if _is_fast(k, system)]
    answers = [k for k in responses(system, given) if _is_fast(k, system)]
    # First those that solve the equation, each of which may be a part of the solution: the others
    # may differ from them by a smooth factor.
    exact = _distinct(answers, system, CARRYING.round_off)
    for kept, others in ((exact, fast), ([], [*answers, *fast]), ([], fast)):
        found = _carriers(_distinct(others, system, CARRYING.waves, kept))
        if len(found) <= CARRYING.most:
            return found
    return ()


def data_exponents(system: System) -> frozenset[Exponent]:
    """The exponents of the data of all conditions, on their regions, also times fast ones of the
    coefficients; and zero. Raises TooManyError.
    """
    coordinates = system.domain.coordinates
    data, factors = {(0j,) * len(coordinates)}, {(0j,) * len(coordinates)}
    for condition in system.problem.conditions:
        if condition.region.is_listed:
            continue
        expression, occurrences = separate(difference(condition))
        nothing = dict.fromkeys(occurrences, sympy.S.Zero)
        for place in _places(condition):
            data |= exponents(expression.xreplace({**nothing, **place}), coordinates)
        if fills_domain(condition.region):
            for value in occurrences:
                own = exponents(expression.diff(value).xreplace(nothing), coordinates)
                factors |= {k for k in own if _is_fast(k, system)}
    return sums([frozenset(data), frozenset(factors)])


def _places(condition: Condition) -> list[Mapping[sympy.Symbol, sympy.Expr]]:
    """Coordinates that are constant on the region, chart by chart: data say nothing across."""
    held = [
        {c: p for c, p in zip(chart.coordinates, chart.point, strict=True) if p.is_number}
        for chart in charts_of(condition.region)
    ]
    return [place for k, place in enumerate(held) if place not in held[:k]]


def responses(system: System, given: Iterable[Exponent]) -> Iterator[Exponent]:
    """Exponents of the homogeneous equation, if its coefficients are constant, that agree with a
    given one in all coordinates but one, of which that says nothing.
    """
    symbol = _symbol(system)
    for exponent in given if symbol else ():
        for axis, own in enumerate(exponent):
            if own == 0:
                for root in _roots(symbol, system.n_unknowns, exponent, axis):
                    yield (*exponent[:axis], root, *exponent[axis + 1 :])


def _symbol(system: System) -> Symbol:
    """The terms of as many equations of the whole domain as there are unknowns; none, where they
    are others, not linear, or vary.
    """
    inside = [r for r in system.residuals if fills_domain(r.condition.region)]
    n = system.n_unknowns
    plain = all(
        r.linear and all(t.points is None and t.rule is None for t in r.traces) for r in inside
    )
    if len(inside) != n or n > CARRYING.unknowns or not plain:
        return {}
    terms: Symbol = {}
    for row, residual in enumerate(inside):
        x = tensor_of(sample_region(residual.condition.region, 16, 0).x)
        slopes = array_of(residual.coefficients(x, None))
        if np.ptp(slopes, axis=1).max(initial=0.0) > 1e-12 * np.abs(slopes).max(initial=0.0):
            return {}
        for slot, slope in zip(residual.slots, slopes[:, 0].tolist(), strict=True):
            own = terms.setdefault((row, slot.unknown), [])
            own += [(m, slope) for m in members(slot.index)]
    return terms


def _roots(symbol: Symbol, n: int, exponent: Exponent, axis: int) -> list[complex]:
    """Numbers s that are not zero, for which the symbol is singular with s in the place of one
    coordinate's exponent.
    """
    entries = {place: _in_one(terms, exponent, axis) for place, terms in symbol.items()}
    total = np.zeros(1, dtype=complex)
    for columns in permutations(range(n)):
        product = np.array([float(sympy.LeviCivita(*columns))], dtype=complex)
        for row, column in enumerate(columns):
            product = polynomial.polymul(product, entries.get((row, column), np.zeros(1)))
        total = polynomial.polyadd(total, product)
    size = np.abs(total).max()
    # Leading coefficients of round-off would have roots of their own.
    total = polynomial.polytrim(total, 1e-14 * size)
    roots = polynomial.polyroots(total) if len(total) > 1 else np.zeros(0)
    largest = np.abs(roots).max(initial=0.0)
    return [_clean(complex(r)) for r in roots if abs(r) > 1e-7 * max(largest, 1.0)]


def _clean(root: complex) -> complex:
    """Without the real or imaginary part that is round-off of the other."""
    tiny = 1e-10 * abs(root)
    return complex(
        root.real if abs(root.real) > tiny else 0.0, root.imag if abs(root.imag) > tiny else 0.0
    )


def _in_one(
    terms: list[tuple[MultiIndex, float]], exponent: Exponent, axis: int
) -> NDArray[np.complex128]:
    """The polynomial in s, constant first."""
    degree = max(m[axis] for m, _ in terms)
    coefficients = np.zeros(degree + 1, dtype=complex)
    for index, slope in terms:
        others = [k**m for i, (k, m) in enumerate(zip(exponent, index, strict=True)) if i != axis]
        coefficients[index[axis]] += slope * np.prod(others)
    return coefficients


def _is_fast(exponent: Exponent, system: System) -> bool:
    sides = system.domain.extent
    grows = np.abs(np.real(exponent)) * sides
    waves = np.abs(np.imag(exponent)) * sides
    fast = waves.max() > CARRYING.waves or waves.sum() > CARRYING.together
    return bool(fast and grows.max() < CARRYING.growth)


def _distinct(
    several: Iterable[Exponent], system: System, nearest: float, kept: Sequence[Exponent] = ()
) -> list[Exponent]:
    """Those `kept`, and others that differ from all before by more than so many radians or powers
    of e a side; complex conjugates are one.
    """
    chosen = list(kept)
    for exponent in several:
        first = next(k.imag for k in exponent if k.imag)
        one = exponent if first > 0 else tuple(k.conjugate() for k in exponent)
        gaps = [np.abs(np.subtract(one, each)) * system.domain.extent for each in chosen]
        if all(gap.max() > nearest for gap in gaps):
            chosen.append(one)
    return chosen


def _carriers(several: Iterable[Exponent]) -> tuple[Carrier, ...]:
    """Two of each exponent, a cosine and a sine."""
    return tuple(
        # Zero has no sign.
        Carrier(tuple(k.real + 0.0 for k in one), tuple(k.imag + 0.0 for k in one), phase)
        for one in several
        for phase in (0.0, np.pi / 2)
    )
