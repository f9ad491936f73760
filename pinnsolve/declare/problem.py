"""A problem: a domain and equations, each on a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sympy import Eq, Expr, Symbol

from pinnsolve.declare.checks import (
    by_symbol,
    check_equation,
    constants_in,
    difference,
    in_components,
    names,
    require_true_assumptions,
)
from pinnsolve.declare.drawn import draw_problem, in_characters, in_latex
from pinnsolve.declare.exact import defect_of, exact_in
from pinnsolve.declare.pairs import in_pairs
from pinnsolve.declare.pieces import in_pieces
from pinnsolve.declare.placing import equation_and_region, placed
from pinnsolve.declare.reference import Reference
from pinnsolve.declare.sense import require_sense
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.drawn import Named, saved
from pinnsolve.geometry.region import Condition, Region, bracketed
from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.occurrences import separate
from pinnsolve.symbols.symbols import Unknown
from pinnsolve.symbols.travel import packed, unpacked
from pinnsolve.symbols.written import hashable

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Problem:
    """Equations for unknown functions on a domain.

    `Problem(domain, Eq(...), Eq(...) @ region, ..., exact={u: expression})`. An equation holds on
    the whole domain, or on the region behind `@`, or where the unknown's arguments say: `Eq(u(x,
    0), f)` on the face y = 0, `Eq(u(-1, t), u(1, t))` at matching points of two faces.
    `constants={nu: 0.01}` gives symbols in the equations, and in `exact`, their values;
    `with_constants` gives them others. `reference` holds values to compare with, where no formula
    is known.

    Raises TypeError for what is no equation (`==` instead of `Eq`), ValueError for an equation that
    has no unknown, names a symbol that the domain lacks, lies outside of the domain or on nothing,
    or is not satisfied by `exact`, and for a constant that no equation mentions.

    >>> from sympy import Eq, pi, sin
    >>> from pinnsolve import Interval, Problem, coordinates, unknown
    >>> x, t = coordinates("x t")
    >>> u = unknown("u", x, t)
    >>> rod = Interval(x, 0, 1)
    >>> heat = Problem(
    ...     rod * Interval(t, 0, 1),
    ...     Eq(u.diff(t), u.diff(x, 2)),
    ...     Eq(u(x, 0), sin(pi * x)),
    ...     Eq(u, 0) @ rod.boundary,
    ... )
    >>> heat.unknowns, len(heat.conditions)
    ((u(x, t),), 3)
    """

    domain: Solid
    conditions: tuple[Condition, ...]
    unknowns: tuple[Unknown, ...]
    exact: Mapping[Unknown, Expr] | None
    constants: Mapping[Symbol, Expr]
    reference: Reference | None
    declared: tuple[Any, ...]

    def __init__(
        self,
        domain: Solid,
        *equations: Any,
        exact: Mapping[Unknown, Formula] | None = None,
        constants: Mapping[Symbol, Formula] | None = None,
        reference: Reference | None = None,
    ) -> None:
        _require_kinds(domain, reference)
        require_true_assumptions(domain)
        values = constants_in(constants, domain)
        equations = in_components(equations)
        conditions = tuple(_with_values(placed(e, domain), values) for e in equations)
        for condition in conditions:
            check_equation(condition, domain)
        _require_mentioned(values, equations)
        given = by_symbol("exact", exact, Unknown, "{u: sin(x)}")
        unknowns = _unknowns(conditions, domain)
        if reference is not None:
            reference.check(unknowns, domain.coordinates)
        solution = None if exact is None else exact_in(given, values, unknowns, domain)
        require_sense(domain, *_solved(domain, conditions, unknowns, solution))
        self.__dict__.update(
            domain=domain,
            conditions=conditions,
            unknowns=unknowns,
            exact=solution,
            constants=values,
            reference=reference,
            declared=equations,
        )

    def defects(self) -> tuple[Expr, ...]:
        """Left minus right side of every equation at the exact solution, simplified: zeros, if all
        is well.

        An expression that does not simplify to zero, but vanishes at points of its region to 50
        digits, counts as zero.
        """
        if self.exact is None:
            raise ValueError(
                "this problem has no exact solution: give Problem(..., exact={u: ...})"
            )
        conditions, _, exact = _solved(self.domain, self.conditions, self.unknowns, self.exact)
        return tuple(defect_of(condition, exact or {}) for condition in conditions)

    def restricted(self, regions: Sequence[Region]) -> Problem:
        """The same equations, the k-th on the k-th of these regions, which are parts of the ones
        before.
        """
        return self.on(self.domain, regions)

    def on(self, domain: Region, regions: Sequence[Region]) -> Problem:
        """The same on another domain."""
        parts = tuple(replace(c, region=r) for c, r in zip(self.conditions, regions, strict=True))
        other = Problem.__new__(Problem)
        other.__setstate__({**self.__getstate__(), "domain": domain, "conditions": parts})
        return other

    def replaced(
        self,
        conditions: Sequence[Condition],
        unknowns: Sequence[Unknown],
        exact: Mapping[Unknown, Expr] | None,
    ) -> Problem:
        """Another problem on the same domain, of conditions that have been checked."""
        other = Problem.__new__(Problem)
        held = {"constants": {}, "reference": None, "exact": packed(exact)}
        held |= {"conditions": conditions, "unknowns": unknowns, "declared": packed(conditions)}
        other.__setstate__({**self.__getstate__(), **held})
        return other

    def with_constants(self, values: Mapping[Symbol, Formula]) -> Problem:
        """The same problem with other values of some constants, and without its exact solution,
        which belongs to the first.

        Raises ValueError for a constant that the problem does not have.
        """
        stray = set(values) - set(self.constants)
        if stray:
            known = names(self.constants) or "none"
            raise ValueError(
                f"this problem has no constant {names(stray)}: it has {known}; declare Problem(...,"
                " constants=...)"
            )
        return Problem(self.domain, *self.declared, constants={**self.constants, **values})

    def pretty(self) -> str:
        """The problem as mathematics, in plain characters."""
        told = [(c, self.place(c)) for c in self.conditions]
        return in_characters(told, self.domain, self.exact or {})

    def _repr_latex_(self) -> str:
        """As mathematics, in a notebook."""
        return in_latex([(c, self.place(c)) for c in self.conditions], self.domain)

    def plot(self, path: Named = None) -> Figure:
        """The domain, with the part of each condition in a colour of its own, and what holds there;
        written to `path`, if given. Raises ValueError for more than three coordinates.

        >>> from sympy import Eq
        >>> from pinnsolve import Box, Problem, coordinates, laplacian, unknown
        >>> x, y = coordinates("x y")
        >>> u, square = unknown("u", x, y), Box({x: (0, 1), y: (0, 1)})
        >>> figure = Problem(square, Eq(laplacian(u), 1), Eq(u, 0) @ square.boundary).plot()
        """
        return saved(draw_problem(self.domain, [(c, self.place(c)) for c in self.conditions]), path)

    def place(self, condition: Condition) -> str:
        """Where a condition holds, in words; the domain is called so."""
        return (
            str(condition.region)
            .replace(bracketed(self.domain), "the domain")
            .replace(str(self.domain), "the domain")
        )

    def __eq__(self, other: object) -> bool:
        """Whether both were declared alike."""
        problem = problem_of(other)
        return self is problem or (problem is not None and self._key == problem._key)

    def __hash__(self) -> int:
        return hash(self._key)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "declared": packed(self.declared), "exact": packed(self.exact)}

    def __setstate__(self, held: dict[str, Any]) -> None:
        self.__dict__.update(
            held, declared=unpacked(held["declared"]), exact=unpacked(held["exact"])
        )

    @property
    def _key(self) -> Any:
        return (
            self.domain,
            self.conditions,
            hashable(self.exact or {}),
            hashable(self.constants),
            self.reference,
        )

    def __repr__(self) -> str:
        lines = [f"Problem on {self.domain}", *(f"  {c}" for c in self.conditions)]
        return "\n".join(lines)


def _require_kinds(domain: Any, reference: Any) -> None:
    if not isinstance(domain, Solid):
        raise TypeError(
            "a Problem's first argument is its domain, a Box, Ball, Polygon or a combination:"
            f" got {domain!r}"
        )
    if not isinstance(reference, Reference | None):
        raise TypeError(
            f"reference must be a Reference of values to compare with: got {reference!r}"
        )


def _require_mentioned(constants: Mapping[Symbol, Expr], equations: Sequence[Any]) -> None:
    mentioned = set[Symbol]().union(*(equation_and_region(e)[0].free_symbols for e in equations))
    for symbol in constants:
        if symbol not in mentioned:
            raise ValueError(f"constant {symbol} is not mentioned by any equation")


def _solved(
    domain: Solid,
    conditions: Sequence[Condition],
    unknowns: Sequence[Unknown],
    exact: Mapping[Unknown, Expr] | None,
) -> tuple[Sequence[Condition], Sequence[Unknown], Mapping[Unknown, Expr] | None]:
    """What is solved for: in pieces, where formulas differ by region, and in pairs of real unknowns
    for complex ones.
    """
    pieces = in_pieces(domain, conditions, unknowns, exact)
    if pieces is not None:
        conditions, unknowns, exact = pieces.conditions, pieces.own, pieces.exact
    pairs = in_pairs(conditions, unknowns, exact)
    return (conditions, unknowns, exact) if pairs is None else pairs.held


def problem_of(value: object) -> Problem | None:
    """What was given, if it is a problem."""
    return value if isinstance(value, Problem) else None


def _with_values(condition: Condition, values: Mapping[Symbol, Expr]) -> Condition:
    """The condition with its constants' values in their place."""
    equation = condition.equation
    if not values or not equation.has(*values):
        return condition
    if equation.is_Equality:
        equation = Eq(equation.lhs.subs(values), equation.rhs.subs(values), evaluate=False)
    else:
        equation = equation.subs(values)
    return Condition(equation, condition.region)


def _unknowns(conditions: tuple[Condition, ...], domain: Solid) -> tuple[Unknown, ...]:
    functions = dict.fromkeys(
        o.function for c in conditions for o in separate(difference(c))[1].values()
    )
    if not functions:
        raise ValueError("a Problem wants at least one equation: Problem(domain, Eq(...), ...)")
    for f in functions:
        if any(g != f and str(g) == str(f) for g in functions):
            raise ValueError(
                f"two unknowns have the name {f}: declare one, and call it, {f}(x, 0), or give them"
                " two names"
            )
        if not set(f.coordinates) <= set(domain.coordinates):
            raise ValueError(
                f"{f} depends on {names(f.coordinates)}, but the domain's coordinates are"
                f" {names(domain.coordinates)}: declare both with the same ones"
            )
    idle = set(domain.coordinates) - {c for f in functions for c in f.coordinates}
    if idle:
        raise ValueError(
            f"no unknown depends on {names(idle)}: declare one with all coordinates, or a domain"
            " without it"
        )
    return tuple(f(*f.coordinates) for f in functions)
