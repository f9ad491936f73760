"""sympy expressions as plain data: a name from a table, and parts; nothing is ever parsed or
evaluated.

An expression is *taken apart* into a kind and its parts, and *put together* again as it was:
`evaluate=False` keeps what the user wrote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import sympy
from sympy import Basic, Dummy, Expr, Float, Integer, Rational, Symbol
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.matrices.matrixbase import MatrixBase

from pinnsolve.compile.lower import OPERATIONS
from pinnsolve.declare.by_region import ByRegion, Divergence, Place
from pinnsolve.solution.limits import FILE_LIMITS
from pinnsolve.symbols.assumed import POSITIVE
from pinnsolve.symbols.data import EXACT, SQUARES, Data
from pinnsolve.symbols.given import is_text
from pinnsolve.symbols.integrals import Within
from pinnsolve.symbols.symbols import Normal, Unknown, unknown

CONSTANTS: dict[str, Any] = {
    "pi": sympy.pi,
    "E": sympy.E,
    "I": sympy.I,
    "EulerGamma": sympy.EulerGamma,
    "GoldenRatio": sympy.GoldenRatio,
    "Catalan": sympy.Catalan,
    "oo": sympy.oo,
    "-oo": -sympy.oo,
    "true": sympy.true,
    "false": sympy.false,
}
_NAMES = {constant: name for name, constant in CONSTANTS.items()}

# Besides the operations that are compiled, those that an exact solution, or what sympy carries out,
# may hold.
_KNOWN_TO_SYMPY = """
    digamma uppergamma lowergamma erfcinv expint li zeta elliptic_f elliptic_pi legendre
    assoc_legendre hermite laguerre assoc_laguerre chebyshevt chebyshevu jacobi gegenbauer hyper
    binomial re im conjugate arg hankel1 hankel2 DiracDelta acot
    asec acsc acoth asech acsch Xor ITE
"""
OPERATORS: dict[str, Any] = {
    **{operation.__name__: operation for operation in OPERATIONS},
    **{name: getattr(sympy, name) for name in _KNOWN_TO_SYMPY.split()},
}
# No brackets, colons, line ends: nothing that is called, or a statement.
HARMLESS = re.compile(r"[\w \\^{}'*+./|~-]*")
# Of expressions alone, not of relations or pairs.
ARITHMETIC = ("Add", "Mul", "Pow")
# These take no `evaluate`, or evaluate nothing unasked.
FORMS: dict[str, Any] = {
    f"sympy.{form.__name__}": form  # the package has a Sum and a Product of its own
    for form in (
        sympy.Derivative,
        sympy.Subs,
        sympy.Integral,
        sympy.Sum,
        sympy.Product,
        sympy.Tuple,
        ExprCondPair,
    )
}

_COMPOUND = {**OPERATORS, **FORMS}


Parts = tuple[str, Sequence[Any]]


@singledispatch
def taken_apart(e: Any) -> Parts | None:
    """Kind and parts of an expression (plain scalars, or objects); None for what has no place in a
    file.
    """
    if e in _NAMES:
        return "constant", (_NAMES[e],)
    kind = type(e).__name__ if type(e).__name__ in OPERATORS else f"sympy.{type(e).__name__}"
    return (kind, e.args) if _COMPOUND.get(kind) is type(e) else None


@taken_apart.register
def _(e: Unknown) -> Parts:
    if not e.coordinates and (e.func.values == POSITIVE or e.func.bounds):
        return "Number", (_named(e.func.__name__), e.func.values, *(e.func.bounds or ()))
    kind = "ComplexUnknown" if e.func.values == "complex" else "Unknown"
    return kind, (_named(e.func.__name__), tuple(e.coordinates), *e.args)


@taken_apart.register
def _(e: Place) -> Parts:
    return "Place", (e.region,)


@taken_apart.register(ByRegion)
@taken_apart.register(Divergence)
@taken_apart.register(Within)
def _(e: ByRegion | Divergence | Within) -> Parts:
    return type(e).__name__, e.args


@taken_apart.register
def _(e: MatrixBase) -> Parts:
    return "Matrix", (*e.shape, *e.flat())


@taken_apart.register
def _(e: Symbol) -> Parts | None:
    _named(e.name)
    assumptions = [part for pair in sorted(e.assumptions0.items()) for part in pair]
    kind = type(e).__name__
    return (kind, (e.name, *assumptions)) if type(e) in (Symbol, Normal, Dummy) else None


@taken_apart.register
def _(e: Data) -> Parts:
    _named(e.name)
    return "Data", (e.name, e.values, e.sigma, e.loss)


@taken_apart.register
def _(e: Integer) -> Parts:
    return "Integer", (str(e.p),)


@taken_apart.register
def _(e: Rational) -> Parts:
    return "Rational", (str(e.p), str(e.q))


@taken_apart.register
def _(e: Float) -> Parts:
    sign, mantissa, exponent, _ = e._mpf_
    return "Float", (int(sign), str(int(mantissa)), int(exponent), int(e._prec))


def put_together(kind: str, parts: Sequence[Any]) -> Any:
    """The expression of that kind. Raises KeyError for an unknown kind."""
    if kind in _ATOMS:
        return _ATOMS[kind](*parts)
    most = FILE_LIMITS.derivatives
    if kind == "sympy.Derivative" and any(
        getattr(pair, "args", (0, most))[1] > most for pair in parts[1:]
    ):
        raise ValueError(f"a derivative of an order above {most}")
    if kind in FORMS:
        return FORMS[kind](*_expressions(kind, parts))
    return OPERATORS[kind](*_expressions(kind, parts), evaluate=False)


def _expressions(kind: str, parts: Sequence[Any]) -> Sequence[Any]:
    """A string among the parts would be parsed by sympy, and so run: only expressions pass."""
    wanted = Expr if kind in ARITHMETIC else Basic
    if not all(isinstance(part, wanted) for part in parts):
        raise TypeError(f"a part of {kind} is no expression")
    return parts


def _named(name: Any) -> str:
    """A name, if it is harmless. Raises ValueError for one that could be code: sympy's `lambdify`
    writes names into it.
    """
    if not (is_text(name) and HARMLESS.fullmatch(name)):
        raise ValueError(
            f"the name {name!r} could be code: files hold names of letters, digits and a few signs,"
            " without brackets"
        )
    return str(name)


def _solid(region: Any) -> Any:
    if not getattr(region, "is_solid", False):
        raise TypeError("a place is a solid region")
    return region


def _float(sign: int, mantissa: str, exponent: int, precision: int) -> Float:
    # A file may say a number of so many digits that sympy does not come back.
    if sign not in (0, 1) or not 1 <= precision <= 10_000 or abs(exponent) > 100_000:
        raise ValueError(f"no number: {sign}, {mantissa}, {exponent}, {precision}")
    digits = int(mantissa)
    if not digits:  # sympy makes a whole number of a zero that is written so
        return Float(0, precision=precision)
    return Float((sign, digits, exponent, digits.bit_length()), precision=precision)


def _assumptions(parts: Sequence[Any]) -> dict[str, bool]:
    pairs = dict(zip(parts[::2], parts[1::2], strict=True))
    if not all(isinstance(v, bool) for v in pairs.values()):
        raise TypeError("assumptions are true or false")
    return pairs


def _rational(p: str, q: str) -> Rational:
    if int(q) < 1:
        raise ValueError(f"no number: {p} / {q}")
    return Rational(int(p), int(q))


def _number(name: str, values: str, *bounds: float) -> Any:
    within = None if not bounds else (bounds[0], bounds[1])
    return unknown(_named(name), positive=values == POSITIVE, bounds=within)


_ATOMS: dict[str, Any] = {
    "Number": _number,
    "Unknown": lambda name, own, *arguments: unknown(_named(name), *own).func(
        *_expressions("Unknown", arguments)
    ),
    "ComplexUnknown": lambda name, own, *arguments: unknown(_named(name), *own, complex=True).func(
        *_expressions("Unknown", arguments)
    ),
    "Matrix": lambda rows, columns, *entries: sympy.ImmutableDenseMatrix(
        rows, columns, _expressions("Matrix", entries)
    ),
    "Place": lambda region: Place(_solid(region)),
    "ByRegion": lambda *parts: ByRegion(*_expressions("ByRegion", parts)),
    "Within": lambda *parts: Within(*_expressions("Within", parts)),
    "Divergence": lambda *parts: Divergence(*_expressions("Divergence", parts)),
    "Symbol": lambda name, *given: Symbol(_named(name), **_assumptions(given)),
    "Normal": lambda name, *given: Normal(_named(name), **_assumptions(given)),
    "Dummy": lambda name, *given: Dummy(_named(name), **_assumptions(given)),
    "Data": lambda name, values, sigma=EXACT, loss=SQUARES: Data(values, _named(name), sigma, loss),
    "constant": lambda name: CONSTANTS[name],
    "Integer": lambda p: Integer(int(p)),
    "Rational": _rational,
    "Float": _float,
}
KINDS = frozenset((*_ATOMS, *FORMS, *OPERATORS))
