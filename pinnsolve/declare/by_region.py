"""What differs by region: a coefficient, a load or a solution with a formula for each region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Derivative, Expr, Symbol, Tuple, sympify
from sympy.core.basic import Atom
from sympy.core.logic import fuzzy_and

from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Region
from pinnsolve.symbols.given import Formula, by_key, formula_of, shown

EXAMPLE = "by_region({disk: 1000, plate - disk: 1})"


class Place(Atom):
    """A region inside of an expression: it is compared by what was declared."""

    __slots__ = ("region",)
    region: Solid

    def __new__(cls, region: Solid) -> Place:
        place: Place = super().__new__(cls)
        place.region = region
        return place

    def __getnewargs__(self) -> tuple[Solid]:
        return (self.region,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self.region == other.region

    def __hash__(self) -> int:
        return hash(self.region)

    def _hashable_content(self) -> tuple[str]:
        return (str(self.region),)

    def _sympystr(self, printer: Any) -> str:
        return str(self.region)

    _latex = _sympystr

    def sort_key(self, order: Any = None) -> Any:
        """In the order of their names."""
        return self.class_key(), (1, (str(self.region),)), sympify(1).sort_key(), sympify(1)


class ByRegion(Expr):
    """A formula for each of some regions, as `by_region` makes it: its arguments are a place, its
    formula, the next place and so on.

    Its derivatives are not carried out, since they hold the jump between the regions: each formula
    has its own, when the regions have been told apart.
    """

    is_commutative = True

    def __new__(cls, *parts: Any) -> ByRegion:
        made: ByRegion = super().__new__(cls, *map(sympify, parts))
        return made

    @property
    def formulas(self) -> dict[Solid, Expr]:
        """By region."""
        places = self.args[::2]
        return {p.region: v for p, v in zip(places, self.args[1::2], strict=True)}

    @property
    def free_symbols(self) -> set[Symbol]:
        """Those of the formulas, and the coordinates of the regions, along which it jumps."""
        within = {c for region in self.formulas for c in region.coordinates}
        return within.union(*(v.free_symbols for v in self.formulas.values()))

    def _eval_is_real(self) -> bool | None:
        return fuzzy_and(v.is_real for v in self.formulas.values())  # type: ignore[no-any-return]

    def _eval_is_positive(self) -> bool | None:
        # No is_positive of zero, so that the answer is never "no": in some regions it may be.
        return fuzzy_and(v.is_positive for v in self.formulas.values()) or None

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        held = ", ".join(f"{r}: {printer._print(v)}" for r, v in self.formulas.items())
        return f"by_region({{{held}}})"

    def _pretty(self, printer: Any) -> Any:
        return printer._print(Symbol(str(self)))

    _latex = _sympystr


def by_region(formulas: Mapping[Solid, Formula]) -> ByRegion:
    """A coefficient, a load or an exact solution with a formula, or a number, for each region.

    The regions fill the domain together, and do not overlap. `solve` seeks the unknown in each of
    them, and joins these across the interfaces: the unknown is continuous, and so is the normal
    part of the flux inside of a `divergence`. It is the Piecewise whose pieces are regions: sympy's
    takes inequalities alone, and loses the jumps when it is differentiated. `by_array` takes values
    on a grid. Raises TypeError for keys that are no solid regions,
    or values that are no formulas, ValueError where a region has none, or other coordinates.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, by_region, coordinates, divergence, gradient
    >>> from pinnsolve import solve, unknown
    >>> (x,) = coordinates("x")
    >>> u, copper, steel = unknown("u", x), Interval(x, 0, 1), Interval(x, 1, 2)
    >>> k = by_region({copper: 400, steel: 50})
    >>> conduction = Eq(divergence(k * gradient(u)), 0)
    >>> rod = Problem(Interval(x, 0, 2), conduction, Eq(u(0), 0), Eq(u(2), 9))
    >>> f"{solve(rod, tolerance=1e-6)(1.0):.4f}"
    '1.0000'
    """
    held = by_key(formulas)
    if not held:
        raise TypeError(f"by_region wants a formula for each region, {EXAMPLE}: got {formulas!r}")
    first = next(iter(held))
    for region, formula in held.items():
        if not (isinstance(region, Region) and region.is_solid):
            raise TypeError(
                f"by_region wants solid regions as its keys, {EXAMPLE}: got {shown(region)}"
            )
        if set(region.coordinates) != set(first.coordinates):
            raise ValueError(
                f"by_region: {region} has the coordinates {region.coordinates}, and {first} has"
                f" {first.coordinates}: give regions over the same ones"
            )
        if formula is None:
            raise ValueError(f"by_region gives no value for {region}: {EXAMPLE}")
        if formula_of(formula) is None:
            raise TypeError(
                f"by_region wants a number or a formula for {region}: got {shown(formula)}"
            )
    return ByRegion(*[part for r, f in held.items() for part in (Place(r), sympify(f))])


def in_region(expression: Any, formulas: Mapping[Expr, Expr]) -> Any:
    """The expression where these nodes have these formulas; derivatives and divergences that waited
    for that are carried out.
    """
    return expression.xreplace(dict(formulas)).doit() if formulas else expression


class Divergence(Expr):
    """div F of a flux that differs by region, not carried out: its normal part is continuous across
    the interfaces.
    """

    is_commutative = True

    @property
    def flux(self) -> tuple[Expr, ...]:
        """The components of F."""
        return tuple(self.args[0])

    @property
    def coordinates(self) -> tuple[Symbol, ...]:
        """One a component."""
        return tuple(self.args[1])

    def doit(self, **hints: Any) -> Expr:
        """The derivatives of the components, added up, where these are the formulas of one region;
        else itself.
        """
        if self.has(ByRegion):
            return Divergence(Tuple(*[f.doit(**hints) for f in self.flux]), self.args[1])
        pairs = zip(self.flux, self.coordinates, strict=True)
        total: Expr = sum((f.doit(**hints).diff(c) for f, c in pairs), sympify(0))
        return total

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        return f"divergence({printer._print(self.args[0])})"

    def _pretty(self, printer: Any) -> Any:
        return printer._print(Symbol(str(self)))

    _latex = _sympystr


def divergence_of(flux: list[Expr], coordinates: tuple[Symbol, ...]) -> Divergence:
    """div F, not carried out."""
    return Divergence(Tuple(*flux), Tuple(*coordinates))
