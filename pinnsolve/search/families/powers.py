"""Powers that are no whole numbers, and logarithms, at an end of a line: what data or coefficients
that are singular there leave in the solution.

Where u^(m) is a power p of the distance s to an end, u has s^(p + m), and what terms of lower order
and smooth factors add to it, s^(p + m + 1), ...: no smooth functions come close to these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Abs, Expr, Symbol, log

from pinnsolve.compile.functions import Functions
from pinnsolve.compile.lower import nodes
from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.points import fills_domain
from pinnsolve.symbols.occurrences import separate

POWERS = "powers"


@dataclass(frozen=True)
class Singular:
    """Which powers are added."""

    # The highest: waves hold what is smoother
    top: float = 7.0
    # Functions: of more singular terms none has been seen
    most: int = 24
    # Times that a power may be a factor of itself, as in a product of the solution and a
    # coefficient
    times: int = 2
    # Of the domain's length: so near to an end a term is singular there
    near: float = 1e-12
    # The square of a distance at which logarithms are finite: at the end itself
    tiny: float = 1e-300


SINGULAR = Singular()


def singular(system: System) -> Functions | None:
    """The functions of all singular terms at the ends of a line; None, where there are none, or
    the coefficient of a highest derivative is singular, too.
    """
    if len(system.domain.coordinates) > 1:
        return None
    equations = [r for r in system.residuals if fills_domain(r.condition.region)]
    found = dict.fromkeys(f for r in equations for f in _of_equation(system, r))
    return Functions(*found) if 0 < len(found) <= SINGULAR.most else None


def _of_equation(system: System, residual: Residual) -> Iterator[Expr]:
    whole, occurrences = separate(difference(residual.condition))
    if any(o.measure is not None for o in occurrences.values()):
        return
    order = max((sum(o.index) for o in occurrences.values()), default=0)
    leading = [whole.diff(d) for d, o in occurrences.items() if sum(o.index) == order]
    if order and not any(_terms(system, leading)):
        for distance, power in _terms(system, [whole]):
            yield from _raised(distance, power, order)


def _terms(system: System, expressions: list[Expr]) -> Iterator[tuple[Expr, Expr | None]]:
    """The distance to an end and its power, or None for its logarithm, of every singular part."""
    (coordinate,) = system.domain.coordinates
    for part in nodes(expressions):
        logarithm = isinstance(part, log)
        if logarithm or (part.is_Pow and part.exp.is_real and part.exp.is_integer is False):
            base = part.args[0]
            distance = _distance(system, coordinate, base.args[0] if base.func is Abs else base)
            if distance is not None:
                yield distance, None if logarithm else part.exp


def _distance(system: System, coordinate: Symbol, base: Expr) -> Expr | None:
    """The distance to the end at which a linear base vanishes, if it does."""
    linear = base.as_poly(coordinate) if coordinate in base.free_symbols else None
    if linear is None or linear.degree() != 1 or base.free_symbols != {coordinate}:
        return None
    slope, rest = linear.all_coeffs()
    (low, high), root = system.domain.bounds[0], float(-rest / slope)
    near = SINGULAR.near * (high - low)
    if abs(root - low) <= near:
        return coordinate + rest / slope
    return -rest / slope - coordinate if abs(root - high) <= near else None


def _raised(distance: Expr, power: Expr | None, order: int) -> Iterator[Expr]:
    """What a singular term adds to the solution of an equation of such an order."""
    steps = range(int(SINGULAR.top) + 1)
    if power is None:
        finite = log(distance**2 + SINGULAR.tiny) / 2
        yield from (distance**n * finite for n in range(order, int(SINGULAR.top)))
        return
    for times in range(1, SINGULAR.times + 1):
        for raised in (order + times * power + j for j in steps):
            if 0 < raised < SINGULAR.top and not raised.is_integer:
                yield distance**raised
