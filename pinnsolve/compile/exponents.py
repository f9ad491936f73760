"""Which exponentials an expression is made of, read off its symbols: sin(3 x) exp(-y) of
exp(3 i x - y) and exp(-3 i x - y).

The exponents kappa, complex, one number a coordinate, stand for exp(kappa . x) times what varies
without an exponential: polynomials, and functions of which nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Symbol

Exponent = tuple[complex, ...]


@dataclass(frozen=True)
class Spectra:
    """How many exponentials are told apart."""

    # More are no help: no basis is made of so many
    most: int = 64


SPECTRA = Spectra()


class TooManyError(Exception):
    """An expression is made of more than `SPECTRA.most` exponentials."""


def exponents(expression: Expr, coordinates: Sequence[Symbol]) -> frozenset[Exponent]:
    """The exponents of an expression; zero for what is no exponential of a linear function, and for
    all, where there are more than `SPECTRA.most`.

    >>> from sympy import sin, symbols
    >>> x, y = symbols("x y", real=True)
    >>> sorted(exponents(y * sin(3 * x), (x, y)), key=str)
    [((-0-3j), 0j), (3j, 0j)]
    """
    try:
        return _of(expression, tuple(coordinates))
    except TooManyError:
        return frozenset({_zero(coordinates)})


def sums(sets: Iterable[frozenset[Exponent]]) -> frozenset[Exponent]:
    """The exponents of a product. Raises TooManyError."""
    total: frozenset[Exponent] | None = None
    for each in sets:
        total = each if total is None else _few(_rounded(a, b) for a in total for b in each)
    return total or frozenset()


def _of(e: Expr, coordinates: tuple[Symbol, ...]) -> frozenset[Exponent]:
    zero = frozenset({_zero(coordinates)})
    if not e.free_symbols & set(coordinates):
        return zero
    if e.is_Add:
        return _few(k for part in e.args for k in _of(part, coordinates))
    if e.is_Mul:
        return sums(_of(part, coordinates) for part in e.args)
    if e.is_Pow and e.exp.is_Integer and 0 < e.exp <= 8:
        return sums([_of(e.base, coordinates)] * int(e.exp))
    signs = _SIGNS.get(e.func)
    linear = None if signs is None else _slope(e.args[0], coordinates)
    if signs is None or linear is None:
        return zero
    return frozenset(tuple(sign * k + 0.0 for k in linear) for sign in signs)


# Of the exponentials that a function is a sum of, the factors of its argument.
_SIGNS: dict[object, tuple[complex, ...]] = {
    sympy.sin: (1j, -1j),
    sympy.cos: (1j, -1j),
    sympy.sinh: (1, -1),
    sympy.cosh: (1, -1),
    sympy.exp: (1,),
}


def _slope(argument: Expr, coordinates: tuple[Symbol, ...]) -> Exponent | None:
    """The gradient of a linear function with numbers for coefficients; else None."""
    slopes = [sympy.expand(argument).diff(c) for c in coordinates]
    return tuple(complex(s) for s in slopes) if all(s.is_number for s in slopes) else None


def _rounded(a: Exponent, b: Exponent) -> Exponent:
    """The sum, without the round-off by which equal ones would differ."""
    return tuple(0j if abs(p + q) < 1e-12 * abs(p) else p + q for p, q in zip(a, b, strict=True))


def _few(each: Iterable[Exponent]) -> frozenset[Exponent]:
    several = frozenset(each)
    if len(several) > SPECTRA.most:
        raise TooManyError
    return several


def _zero(coordinates: Sequence[Symbol]) -> Exponent:
    return (0j,) * len(coordinates)
