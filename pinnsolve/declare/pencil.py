"""A problem with an eigenvalue as a pencil of homogeneous ones: the coefficients of its powers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import (
    Abs,
    Derivative,
    Dummy,
    Expr,
    Float,
    I,
    Integral,
    Subs,
    arg,
    conjugate,
    im,
    re,
    sign,
)

from pinnsolve.declare.checks import difference, names
from pinnsolve.declare.decompose import pairs_of_problem, parts_of_problem
from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.eigenvalue import Eigenvalue
from pinnsolve.symbols.occurrences import separate
from pinnsolve.symbols.symbols import Unknown

# Quadratic pencils are the highest: of damped vibrations.
POWERS = 2
# Of a product with i they are no product with i
PARTS = (conjugate, re, im, Abs, arg, sign)


@dataclass(frozen=True)
class Pencil:
    """Conditions whose left minus right sides are polynomials of an eigenvalue, linear and
    homogeneous in the unknowns.
    """

    problem: Problem
    symbol: Eigenvalue

    @property
    def real(self) -> Pencil:
        """The same of real unknowns, two for each that is complex."""
        paired = pairs_of_problem(self.problem)
        return self if paired is None else Pencil(paired.problem, self.symbol)

    @property
    def in_parts(self) -> Pencil:
        """The same with an unknown for each of several materials."""
        parts = parts_of_problem(self.problem)
        return self if parts is None else Pencil(parts.problem, self.symbol)

    @property
    def is_complex(self) -> bool:
        """Whether its unknowns are."""
        return any(u.func.values == "complex" for u in self.problem.unknowns)

    def at(self, value: complex, sources: Sequence[Expr] | None = None) -> Problem:
        """The problem with a number in the place of the eigenvalue; with `sources` on the right of
        the conditions that mention it.
        """
        waiting = iter(sources or ())
        conditions = []
        for condition in self.problem.conditions:
            side = difference(condition)
            if sources is not None and side.has(self.symbol):
                side -= next(waiting)
            number = Float(value.real) + (I * Float(value.imag) if value.imag else 0)
            conditions.append(Condition(side.subs(self.symbol, number), condition.region))
        return self.problem.replaced(tuple(conditions), self.problem.unknowns, None)

    def powers(self, about: float) -> list[list[Condition | None]]:
        """The conditions that belong to each power of the distance from a number, from 1 on; None
        where there is none.
        """
        found: list[list[Condition | None]] = []
        for power in range(1, self.degree + 1):
            own: list[Condition | None] = []
            for condition in self.problem.conditions:
                side = _slope(difference(condition), self.symbol, power) / power
                side = side.subs(self.symbol, Float(about))
                own.append(None if side == 0 else Condition(side, condition.region))
            found.append(own)
        return found

    @property
    def degree(self) -> int:
        """The highest power of the eigenvalue."""
        sides = [difference(c) for c in self.problem.conditions]
        return 2 if any(_slope(side, self.symbol, 2) != 0 for side in sides) else 1

    @property
    def mentions(self) -> list[bool]:
        """Of each condition, whether it mentions the eigenvalue."""
        return [difference(c).has(self.symbol) for c in self.problem.conditions]


def pencil_of(problem: Problem) -> Pencil | None:
    """The problem as a pencil; None, if it has no eigenvalue.

    Raises ValueError for several eigenvalues, for powers above the second, for conditions that are
    not linear or not homogeneous, for complex unknowns beside real ones or their conjugates.
    """
    mentioned = (difference(c).atoms(Eigenvalue) for c in problem.conditions)
    symbols = sorted(set().union(*mentioned), key=str)
    if not symbols:
        return None
    if len(symbols) > 1:
        raise ValueError(f"a problem has one eigenvalue, and this has {names(symbols)}")
    (symbol,) = symbols
    _require_one_kind(problem)
    pencil = Pencil(problem, symbol)
    for condition in pencil.in_parts.problem.conditions:
        _require_pencil(condition, symbol)
    return pencil


def _require_one_kind(problem: Problem) -> None:
    kinds = {u.func.values: u for u in problem.unknowns}
    if "complex" not in kinds:
        return
    for kind, u in kinds.items():
        if kind != "complex":
            declared = ", ".join([repr(str(u.func)), *map(str, u.args), "complex=True"])
            raise ValueError(
                f"{u} is real, and {kinds['complex']} is complex: functions of an eigenvalue are"
                f" complex together; declare {u.func} = unknown({declared})"
            )
    for condition in problem.conditions:
        parts = difference(condition).atoms(*PARTS)
        if any(part.has(Unknown) for part in parts):
            raise ValueError(
                f"{condition} takes the conjugate, a part, or the size of an unknown: a function of"
                " an eigenvalue may be multiplied by any number, and such an equation by real ones"
                " alone; declare its two parts as real unknowns"
            )


def _require_pencil(condition: Condition, symbol: Eigenvalue) -> None:
    side = difference(condition)
    if _slope(side, symbol, POWERS + 1) != 0:
        raise ValueError(
            f"{condition} is no polynomial of {symbol} of degree {POWERS} at most: declare another"
            f" unknown for a product with {symbol}"
        )
    rest, occurrences = separate(side)
    slopes = [rest.diff(d) for d in occurrences]
    if any(set(occurrences) & slope.expand().free_symbols for slope in slopes):
        raise ValueError(
            f"{condition} is not linear in the unknowns: an eigenvalue belongs to a linear problem;"
            f" declare {symbol} = unknown({symbol.name!r}), and an equation that fixes the size"
        )
    if rest.xreplace(dict.fromkeys(occurrences, 0 * symbol)).expand() != 0:
        raise ValueError(
            f"{condition} is not homogeneous: with an eigenvalue, every condition holds for zero"
            " too; drop the data"
        )


def _slope(side: Expr, symbol: Eigenvalue, order: int) -> Expr:
    """A derivative in the eigenvalue, which unknowns know nothing of."""
    unknowns = side.atoms(Unknown, Derivative, Subs, Integral)
    marks = {e: Dummy() for e in unknowns if e.has(Unknown) and not e.has(symbol)}
    slope = side.xreplace(marks).diff(symbol, order)
    return slope.xreplace({d: e for e, d in marks.items()})
