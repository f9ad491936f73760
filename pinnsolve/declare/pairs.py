"""Complex unknowns as pairs of real ones: every equation as its real and its imaginary part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Derivative,
    Dummy,
    Eq,
    Expr,
    I,
    Integral,
    Piecewise,
    S,
    Subs,
    Tuple,
    arg,
    atan2,
    besselj,
    bessely,
    hankel1,
    hankel2,
    im,
    re,
    sign,
)
from sympy.functions.elementary.piecewise import ExprCondPair

from pinnsolve.declare.by_region import ByRegion, Divergence
from pinnsolve.declare.checks import difference
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.symbols import Unknown

Pair = tuple[Any, Any]
Parts = Mapping[Unknown, tuple[Unknown, Unknown]]
# Linear in the formulas that they hold.
LINEAR = (Derivative, Subs, Integral, Divergence, Piecewise, ByRegion)
PARTS = ("real part", "imaginary part")
REWRITTEN: dict[Any, Any] = {
    hankel1: lambda order, z: besselj(order, z) + I * bessely(order, z),
    hankel2: lambda order, z: besselj(order, z) - I * bessely(order, z),
    sign: lambda z: z / Abs(z),
    arg: lambda z: atan2(im(z), re(z)),
}


@dataclass(frozen=True)
class Half:
    """A real condition: the real or the imaginary part of a `whole` one, which `part` says."""

    condition: Condition
    whole: Condition
    part: str


@dataclass(frozen=True, eq=False)
class Pairs:
    """The parts of each complex unknown, as real unknowns, with the conditions that hold for them;
    `own` are all real unknowns.
    """

    parts: Parts
    own: tuple[Unknown, ...]
    halves: tuple[Half, ...] = ()
    exact: Mapping[Unknown, Expr] | None = None

    @property
    def held(
        self,
    ) -> tuple[Sequence[Condition], Sequence[Unknown], Mapping[Unknown, Expr] | None]:
        """Conditions, unknowns and exact solution, all of them real."""
        return tuple(half.condition for half in self.halves), self.own, self.exact

    @property
    def functions(self) -> dict[Unknown, tuple[Unknown, ...]]:
        """Parts by unknown; an unknown that is real is its only one."""
        real = {u: (u,) for u in self.own if all(u not in pair for pair in self.parts.values())}
        return {**real, **self.parts}

    def split(self, expression: Expr) -> Pair:
        """Real and imaginary part of an expression, in the real unknowns."""
        return real_and_imaginary(expression, self.parts)

    def formulas(self, given: Mapping[Unknown, Expr]) -> dict[Unknown, Expr]:
        """Formulas of unknowns as those of the real ones."""
        return {
            own: part
            for u, value in given.items()
            for own, part in zip(self.functions[u], self.split(value), strict=False)
        }


def in_pairs(
    conditions: Sequence[Condition],
    unknowns: Sequence[Unknown],
    exact: Mapping[Unknown, Expr] | None,
) -> Pairs | None:
    """The same for real unknowns; None, where nothing is complex.

    Raises ValueError for complex numbers in an equation of real unknowns alone, and for what cannot
    be divided into a real and an imaginary part.
    """
    parts = _parts(unknowns)
    if not parts and not any(_has_complex(difference(c)) for c in conditions):
        return None
    own = tuple(v for u in unknowns for v in parts.get(u, (u,)))
    pairs = Pairs(parts, own)
    halves = [half for condition in conditions for half in _split(condition, pairs)]
    known = None if exact is None else pairs.formulas(exact)
    return Pairs(parts, own, tuple(halves), known)


def _parts(unknowns: Sequence[Unknown]) -> dict[Unknown, tuple[Unknown, Unknown]]:
    """Two real unknowns, u_re and u_im, for each that is complex."""
    taken, parts = {str(u.func) for u in unknowns}, {}
    for u in unknowns:
        if u.func.values == "complex":
            names = [f"{u.func}_re", f"{u.func}_im"]
            while taken & set(names):
                names = [f"{name}_" for name in names]
            real, imaginary = (u.func.named(name, "real") for name in names)
            parts[u] = real, imaginary
    return parts


def _split(condition: Condition, pairs: Pairs) -> list[Half]:
    """The parts of an equation that say anything."""
    equation = condition.equation
    if not equation.is_Equality:
        said = pairs.split(equation)
    else:
        sides = zip(*map(pairs.split, (equation.lhs, equation.rhs)), strict=True)
        said = tuple(Eq(*two, evaluate=False) for two in sides)
    # The data of a cloud are those that its equation mentions
    parts = zip(PARTS, (each @ condition.region for each in said), strict=True)
    halves = [Half(c, condition, part) for part, c in parts if difference(c) != 0]
    if any(half.part == PARTS[1] for half in halves) and not _complex_unknowns(equation):
        _refuse(condition)
    return halves


def _refuse(condition: Condition) -> None:
    equation = condition.equation
    what = "complex data" if equation.has(Data) else "the imaginary unit"
    u = min(equation.atoms(Unknown), key=str).func
    declared = ", ".join([repr(str(u)), *map(str, u.coordinates), "complex=True"])
    raise ValueError(
        f"{condition} holds {what}, and its unknowns are real: declare {u} = unknown({declared}),"
        " or give two equations, one for each part"
    )


def _has_complex(expression: Any) -> bool:
    """Whether it holds the imaginary unit, or complex data or unknowns."""
    return bool(expression.has(I, hankel1, hankel2)) or any(
        e.is_real is not True for e in expression.atoms(Unknown, Data)
    )


def _complex_unknowns(expression: Any) -> bool:
    return any(u.func.values == "complex" for u in expression.atoms(Unknown))


def real_and_imaginary(expression: Expr, parts: Parts) -> Pair:
    """Real and imaginary part of an expression, with two real unknowns in the place of each complex
    one.

    What holds no complex number is real: all coordinates are, and functions of them. Raises
    ValueError for a function that sympy cannot divide.

    >>> from sympy import I, conjugate
    >>> from pinnsolve import coordinates, unknown
    >>> (x,) = coordinates("x")
    >>> u, a, b = unknown("u", x, complex=True), unknown("a", x), unknown("b", x)
    >>> real_and_imaginary(I * u.diff(x) + u * conjugate(u), {u: (a, b)})
    (a(x)**2 + b(x)**2 - Derivative(b(x), x), Derivative(a(x), x))
    """
    if not _has_complex(expression):
        return expression, S.Zero
    own = _of_its_own(expression, parts)
    if own is not None:
        return own
    if expression.func in REWRITTEN:
        return real_and_imaginary(REWRITTEN[expression.func](*expression.args), parts)
    return _one_step(expression, [real_and_imaginary(a, parts) for a in expression.args])


def _one_step(expression: Expr, arguments: Sequence[Pair]) -> Pair:
    """The parts of a function, from those of its arguments."""
    known: dict[Expr, Expr] = {}

    def marked(e: Expr) -> Expr:
        if e.is_number:
            return e
        mark = Dummy(real=True)
        known[mark] = e
        return mark

    built = expression.func(*(marked(a) + I * marked(b) for a, b in arguments))
    found = (built, S.Zero) if built.is_real else built.as_real_imag()
    found = [part.replace(arg, REWRITTEN[arg]) for part in found]
    if any(part.has(re, im) for part in found):
        raise ValueError(
            f"{expression} cannot be divided into a real and an imaginary part: write it with"
            " functions that can, exp, sin, cos, powers, Abs(u), re(u), im(u) and conjugate(u)"
        )
    real, imaginary = (part.xreplace(known) for part in found)
    return real, imaginary


def _of_its_own(e: Any, parts: Parts) -> Pair | None:
    """The two parts of an unknown, of data, and of what is linear in what it holds."""
    if isinstance(e, Unknown):
        own = {u.func: pair for u, pair in parts.items()}[e.func]
        return tuple(v.func(*e.args) for v in own)
    if isinstance(e, Data):
        return e.two_parts
    return _in_each(e, parts) if isinstance(e, LINEAR) else None


def _in_each(node: Any, parts: Parts) -> Pair:
    """A node with the real, and with the imaginary parts of what it holds."""
    real, imaginary = zip(*(_both(part, parts) for part in node.args), strict=True)
    return node.func(*real), node.func(*imaginary)


def _both(part: Any, parts: Parts) -> Pair:
    """The parts of a formula; what is none, a variable or a place, belongs to both."""
    if isinstance(part, ExprCondPair) or (isinstance(part, Tuple) and _has_complex(part)):
        return _in_each(part, parts)
    return real_and_imaginary(part, parts) if isinstance(part, Expr) else (part, part)
