"""A problem in pieces: its unknowns, equations and conditions in each of the regions that its
formulas name, and what joins them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from sympy import Derivative, Eq, Expr, Integer, Symbol

from pinnsolve.declare.by_region import ByRegion, Divergence, in_region
from pinnsolve.declare.checks import difference
from pinnsolve.declare.connected import connected
from pinnsolve.declare.dealt import Place, dealt, places
from pinnsolve.declare.delays import delays_of
from pinnsolve.declare.joints import along_normal, continuous_orders, flux_of
from pinnsolve.declare.partition import Piece, common, refined
from pinnsolve.declare.renamed import Choice, renamed
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.interface import Interface, between
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.occurrences import separate
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True, eq=False)
class Pieces:
    """The parts of a domain, with what each unknown of the whole is in each of them: an unknown of
    its own, or itself, where it lacks the coordinates along which the regions change.
    """

    parts: tuple[Piece, ...]
    unknowns: Mapping[Unknown, tuple[Expr, ...]]
    conditions: tuple[Condition, ...] = ()
    exact: Mapping[Unknown, Expr] | None = None

    @property
    def regions(self) -> tuple[Solid, ...]:
        """Those of the parts."""
        return tuple(part.region for part in self.parts)

    @property
    def functions(self) -> dict[Unknown, tuple[Unknown, ...]]:
        """The unknowns of the parts, by that of the whole."""
        return {u: tuple(map(_unknown_in, each)) for u, each in self.unknowns.items()}

    @property
    def own(self) -> tuple[Unknown, ...]:
        """The unknowns of the parts, those of one unknown after the other."""
        return tuple(dict.fromkeys(v for each in self.functions.values() for v in each))

    def within(self, expression: Any, k: int) -> Any:
        """An expression of the whole problem, in its part number k."""
        by_function = {u.func: each[k] for u, each in self.unknowns.items()}
        return self.renamed_within(expression, k, lambda u, _: by_function[u.func])

    def renamed_within(self, expression: Any, k: int, chosen: Choice) -> Any:
        """An expression of the whole problem by the formulas of part number k, which may hold
        unknowns, too; `chosen` says which unknown stands for one at a place.
        """
        formulas = self.parts[k].formulas
        own = {renamed(node, chosen): renamed(value, chosen) for node, value in formulas.items()}
        return in_region(renamed(expression, chosen), own)

    def formulas(self, given: Mapping[Unknown, Expr]) -> dict[Unknown, Expr]:
        """Formulas of unknowns of the whole, as those of the parts."""
        return {
            (w := _unknown_in(v)): in_region(value, part.formulas) * w / v
            for u, value in given.items()
            for part, v in zip(self.parts, self.unknowns[u], strict=True)
        }


def in_pieces(
    domain: Solid,
    conditions: Sequence[Condition],
    unknowns: Sequence[Unknown],
    exact: Mapping[Unknown, Expr] | None,
) -> Pieces | None:
    """The problem in pieces; None, where no formula of it differs by region.

    Raises ValueError for regions that overlap, leave a gap or lie outside, a coefficient whose
    derivative would be lost, and for what is said twice about an interface.
    """
    formulas = [c.equation for c in conditions] + list((exact or {}).values())
    nodes = dict.fromkeys(node for f in formulas for node in sorted(f.atoms(ByRegion), key=str))
    delays = delays_of(conditions, domain)
    if not nodes and delays is None:
        return None
    for condition in conditions:
        _require_no_lost_flux(condition)
    whole = refined(tuple(nodes), domain)
    parts = tuple(replace(p, region=region) for p in whole for region in connected(p.region))
    across = [c for c in domain.coordinates if any(_changes(node, c) for node in nodes)]
    if delays is not None:
        steps = delays.steps(domain)
        both = ((p, common(p.region, step)) for p in parts for step in steps)
        parts = tuple(replace(p, region=region) for p, region in both if region is not None)
        across = list(dict.fromkeys((*across, delays.time)))
    pieces = Pieces(parts, _named(unknowns, len(parts), across))
    split = [c for condition in conditions for c in _split(condition, pieces, domain)]
    begins = None if delays is None else delays.steps(domain)[0]
    joints = list(_joints(conditions, pieces, across, begins))
    known = None if exact is None else pieces.formulas(exact)
    return replace(pieces, conditions=(*split, *joints), exact=known)


def _unknown_in(multiple: Expr) -> Unknown:
    own: Unknown = next(iter(multiple.atoms(Unknown)))
    return own


def _changes(node: ByRegion, coordinate: Symbol) -> bool:
    return any(coordinate in region.coordinates for region in node.formulas)


def _named(
    unknowns: Sequence[Unknown], count: int, across: Sequence[Symbol]
) -> dict[Unknown, tuple[Expr, ...]]:
    """For each unknown one for each part: u_1, u_2 and so on, or itself."""
    taken = {str(u.func) for u in unknowns}
    named: dict[Unknown, tuple[Expr, ...]] = {}
    for u in unknowns:
        if not set(across) <= set(u.func.coordinates):
            named[u] = (u,) * count
            continue
        names = [f"{u.func}_{k}" for k in range(1, count + 1)]
        while taken & set(names):
            names = [f"{name}_" for name in names]
        named[u] = tuple(u.func.named(name) for name in names)
    return named


def _require_no_lost_flux(condition: Condition) -> None:
    """Raise ValueError where sympy has differentiated a coefficient that differs by region, outside
    of a divergence.
    """
    side = difference(condition)
    rest, occurrences = separate(_without_fluxes(side))
    for symbol, o in occurrences.items():
        lost = [d for d in rest.diff(symbol).atoms(Derivative) if d.has(ByRegion)]
        if lost:
            raise ValueError(
                f"{condition} multiplies {o} by the derivative of a coefficient that differs by"
                " region, which has none between them: write the flux inside of a divergence,"
                " divergence(k * gradient(u)), or divergence((k*u.diff(x),), x) of one coordinate"
            )


def _without_fluxes(side: Expr) -> Expr:
    return side.xreplace({node: Integer(0) for node in side.atoms(Divergence)})


def _split(condition: Condition, pieces: Pieces, domain: Solid) -> Iterator[Condition]:
    """The condition on what each part of the domain has of its region."""
    by_function = {u.func: each for u, each in pieces.unknowns.items()}
    for k, own in enumerate(dealt(condition, pieces.regions, domain)):
        if own is None:
            continue
        elsewhere = places(condition, own, pieces.regions, k, domain)

        def chosen(u: Unknown, at: Place, k: int = k, known: Any = elsewhere) -> Expr:
            return by_function[u.func][known.get(at, k)]

        split = Condition(pieces.renamed_within(condition.equation, k, chosen), own)
        if not separate(difference(split))[1]:
            raise ValueError(
                f"{condition} says nothing of an unknown in {pieces.regions[k]}, where coefficients"
                " are zero: give by_region another value there, or cut the region out of the"
                " domain"
            )
        yield split


def _joints(
    laws: Sequence[Condition], pieces: Pieces, across: Sequence[Symbol], history: Solid | None
) -> Iterator[Condition]:
    """What joins the parts: continuous unknowns, derivatives and fluxes on each interface. What
    follows a history begins as that ends, whose law is another.
    """
    for a, b in combinations(range(len(pieces.parts)), 2):
        one, other = pieces.regions[a], pieces.regions[b]
        if not between(one, other):
            continue
        face = Interface(one, other)
        common_laws = [
            law
            for law in laws
            if law.region.is_solid
            and (
                all(_meet(law.region, r) for r in (one, other))
                or (history is not None and _meet(history, one) and _meet(law.region, other))
            )
        ]
        for value in _continuous(common_laws, pieces, (a, b), across):
            sides = [pieces.within(value, k) for k in (a, b)]
            yield Eq(*sides, evaluate=False) @ face


def _meet(a: Any, b: Solid) -> bool:
    return common(a, b) is not None


def _continuous(
    laws: Sequence[Condition], pieces: Pieces, numbers: tuple[int, int], across: Sequence[Symbol]
) -> Iterator[Expr]:
    """What is continuous between two parts, in the unknowns of the whole."""
    sides = [difference(law) for law in laws]
    fluxes = [flux for side in sides if (flux := flux_of(side)) is not None]
    sides_here, fluxes_here = (
        [in_region(e, pieces.parts[k].formulas) for e in each for k in numbers]
        for each in (sides, fluxes)
    )
    for u, own in pieces.unknowns.items():
        if own[numbers[0]] != own[numbers[1]]:
            for order in continuous_orders(u, sides_here, fluxes_here, across):
                yield along_normal(u, order, across)
    yield from fluxes
