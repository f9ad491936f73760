"""Conditions out of place: a boundary's value asked for on the whole domain, data of a coordinate
that is fixed there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sympy import Expr

from pinnsolve.declare.checks import difference
from pinnsolve.declare.probes import largest_defect, probe
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Condition, charts_of
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.occurrences import Occurrence, separate
from pinnsolve.symbols.symbols import TIMES, Unknown
from pinnsolve.symbols.warned import warn


def require_values_in_place(
    conditions: Sequence[Condition], unknowns: Sequence[Unknown], domain: Solid
) -> None:
    """Raise ValueError for an equation that gives an unknown on the whole domain, where others have
    to hold there too.

    They are more than the unknowns, and contradict it, or, where that cannot be told, no condition
    is on any face.
    """
    whole = [c for c in conditions if c.region == domain and not difference(c).has(Data)]
    if len(whole) <= len(unknowns):
        return
    bare = all(c.region.is_solid for c in conditions)
    for condition in whole:
        given = _given(condition)
        for other in whole if given else ():
            if given and other is not condition and _clash(other, *given, bare):
                equation = f"Eq({given[0]}, {given[1]})"
                face = f"domain.at({domain.coordinates[-1]}=...)"
                raise ValueError(
                    f"{condition} holds everywhere, and so does another, {other}: {len(whole)}"
                    f" equations for {len(unknowns)} unknown{'s' * (len(unknowns) > 1)}; if it is a"
                    f" boundary's or an initial condition, write {equation} @ domain.boundary, or"
                    f" {equation} @ {face}"
                )


def warn_of_fixed_data(conditions: Sequence[Condition], domain: Solid) -> None:
    """Warn of `Eq(u(x, 0), sin(t))`: its data hold no coordinate but those that its own arguments
    fix.
    """
    for condition in conditions:
        rest, occurrences = separate(difference(condition))
        arguments = [
            dict(zip(o.function.coordinates, o.arguments, strict=True))
            for o in occurrences.values()
        ]
        fixed = {
            c: a[c]
            for a in arguments
            for c in a
            if all(c in b and b[c].is_number for b in arguments)
        }
        varying = [
            c for c in domain.coordinates if c not in fixed and any(c in a for a in arguments)
        ]
        held = [c for c in domain.coordinates if c in rest.free_symbols]
        for c, value in fixed.items():
            places = [k for a in arguments for k in a if k != c and c in a[k].free_symbols]
            if places:
                meant = " or ".join(map(str, places))
                warn(
                    f"{condition}: {c} is {value} there, and stands in the place of {meant}: did"
                    f" you mean {meant}?"
                )
        if held and varying and fixed.keys() >= set(held):
            values = ", ".join(f"{c} is {fixed[c]}" for c in held)
            text = f"{condition}: {values} there: did you mean {' or '.join(map(str, varying))}?"
            warn(text)


def warn_of_final_values(conditions: Sequence[Condition], domain: Solid) -> None:
    """Warn of `Eq(u, 0) @ domain.boundary` where u follows a first derivative in time: its end is
    what it leads to.
    """
    for axis, time in enumerate(domain.coordinates):
        if time.name.lower() not in TIMES:
            continue
        final = [
            (c, o)
            for c in conditions
            for o in separate(difference(c))[1].values()
            if time in o.function.coordinates
        ]
        whole = [
            (o.function, o.index[o.function.coordinates.index(time)])
            for c, o in final
            if c.region.is_solid
        ]
        first = {f for f, order in whole if order == 1} - {f for f, order in whole if order > 1}
        for condition, o in final:
            if (
                o.function in first
                and o.arguments == o.function.coordinates
                and _at_both_ends(condition, domain, axis)
            ):
                warn(
                    f"{condition} holds at the final {time} too, which follows from the start: for"
                    f" the other sides alone write @ domain.sides({time})"
                )


def _at_both_ends(condition: Condition, domain: Solid, axis: int) -> bool:
    if condition.region.is_solid or condition.region.data:
        return False
    x = np.concatenate([probe(chart) for chart in charts_of(condition.region)])[:, axis]
    return all(
        bool((np.abs(x - end) <= CLOSE * np.ptp(domain.bounds[axis])).any())
        for end in domain.bounds[axis]
    )


def _given(condition: Condition) -> tuple[Occurrence, Expr] | None:
    """What an equation gives outright, an unknown or one derivative of it, and its value."""
    rest, occurrences = separate(difference(condition))
    if len(occurrences) != 1:
        return None
    ((d, occurrence),) = occurrences.items()
    factor = rest.diff(d)
    if occurrence.arguments != occurrence.function.coordinates or factor.has(d) or factor == 0:
        return None
    return occurrence, -rest.xreplace({d: 0 * d}) / factor


def _clash(other: Condition, given: Occurrence, value: Expr, bare: bool) -> bool:
    """Whether another equation does not hold with this value; where it has more unknowns, whether
    no face has a condition.
    """
    rest, occurrences = separate(difference(other))
    own = given.function.coordinates
    known = {}
    for d, o in occurrences.items():
        further = [a - b for a, b in zip(o.index, given.index, strict=False)]
        if o.function == given.function and o.arguments == own and min(further) >= 0:
            known[d] = value.diff(*zip(own, further, strict=True))
    if len(known) < len(occurrences):
        return bare and bool(known) and not any(given.index)
    return largest_defect(other, rest.xreplace(known).doit()) is not None
