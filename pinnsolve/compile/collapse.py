"""Two passes on the occurrences of unknowns: the jet indices they need, and the collapse of
Laplacians.

A sum of derivatives that travels as a single entry of a jet has a frozenset of multi-indices as its
jet index.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Dummy, Expr, Symbol

from pinnsolve.jets.indices import MultiIndex
from pinnsolve.symbols.occurrences import Occurrence


def in_domain_order(
    orders: tuple[int, ...], own: tuple[Symbol, ...], domain: tuple[Symbol, ...]
) -> MultiIndex:
    """A multi-index over the unknown's coordinates, rewritten over the domain's, of which it may
    lack some.
    """
    return tuple(orders[own.index(c)] if c in own else 0 for c in domain)


def collapse_laplacians(
    residual: Expr, occurrences: Mapping[Dummy, Occurrence]
) -> tuple[Expr, dict[Dummy, tuple[Occurrence, tuple[Dummy, ...]]]]:
    """Replace sums of pure second derivatives, where the residual sees only their sum, by one
    symbol.

    The residual depends on the derivatives u_11, ..., u_dd through their sum alone iff its slopes
    in them are the same expression. Returns the new residual and, for each symbol left in it, the
    occurrences that it sums.
    """
    left: dict[Dummy, tuple[Occurrence, tuple[Dummy, ...]]] = {
        d: (o, (d,)) for d, o in occurrences.items()
    }
    for group in _equal_slopes(residual, occurrences):
        first, *others = group
        total = Dummy(f"{first.name}_sum", real=True)
        residual = residual.xreplace({first: total, **dict.fromkeys(others, 0 * total)})
        left[total] = (occurrences[first], tuple(group))
        for d in group:
            del left[d]
    return residual, left


def _equal_slopes(residual: Expr, occurrences: Mapping[Dummy, Occurrence]) -> list[list[Dummy]]:
    pure = [d for d, o in occurrences.items() if sorted(o.index) == [0] * (len(o.index) - 1) + [2]]
    slopes = {d: residual.diff(d) for d in pure}
    groups: list[list[Dummy]] = []
    for d in pure:
        o = occurrences[d]
        for group in groups:
            peer = occurrences[group[0]]
            if o.place == peer.place and slopes[d] == slopes[group[0]]:
                group.append(d)
                break
        else:
            groups.append([d])
    return [g for g in groups if len(g) > 1]
