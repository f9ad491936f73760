"""A time among the coordinates of a laplacian or a gradient: `u_t = laplacian(u)`, where those of
space were meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Dummy, Expr, Float, Symbol, nan, oo, zoo

from pinnsolve.declare.checks import difference
from pinnsolve.declare.probes import probe
from pinnsolve.geometry.charts import CLOSE, Array
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Condition, charts_of
from pinnsolve.symbols.occurrences import Occurrence, separate
from pinnsolve.symbols.symbols import UnknownFunction

ORDINAL = {1: "first", 2: "second", 3: "third", 4: "fourth"}


@dataclass(frozen=True)
class Side:
    """One side of an equation, with its unknowns' derivatives as symbols."""

    rest: Expr
    derivatives: dict[tuple[UnknownFunction, tuple[int, ...]], Dummy]

    def factor(self, function: UnknownFunction, coordinate: Symbol, order: int) -> Expr | None:
        """By what the derivative by one coordinate alone is multiplied; None if there is none."""
        d = self._alone(function, coordinate, order)
        return None if d is None else self.rest.diff(d).expand()

    def laplacians(self) -> Iterator[tuple[UnknownFunction, int]]:
        """Unknowns whose derivatives by every coordinate come with one factor, and of which
        order.
        """
        for function in dict.fromkeys(f for f, _ in self.derivatives):
            for order in (4, 2):  # of the laplacian's laplacian, and of the laplacian
                factors = {self.factor(function, c, order) for c in function.coordinates}
                if len(function.coordinates) > 1 and len(factors) == 1 and factors != {None}:
                    yield function, order

    def gradients(self) -> Iterator[UnknownFunction]:
        """Unknowns whose first derivatives all come in one non-linear way, as in |grad u|, and one
        of them once more.
        """
        for function in dict.fromkeys(f for f, _ in self.derivatives):
            first = [
                d for c in function.coordinates if (d := self._alone(function, c, 1)) is not None
            ]
            if len(first) < len(function.coordinates) or len(first) == 1:
                continue
            swaps = [{first[0]: d, d: first[0]} for d in first]
            bent = [
                self.rest.diff(d, 2).xreplace(swap) for d, swap in zip(first, swaps, strict=True)
            ]
            slopes = [
                self.rest.diff(d).xreplace(swap) for d, swap in zip(first, swaps, strict=True)
            ]
            if bent and bent[0] != 0 and len(set(bent)) == 1 and len(set(slopes)) > 1:
                yield function

    def lone(
        self, time: Symbol, limits: dict[UnknownFunction, int]
    ) -> tuple[UnknownFunction, int] | None:
        """An unknown that is differentiated by `time` alone, up to its limit, and not by the others
        alike.
        """
        for (function, index), d in self.derivatives.items():
            order = sum(index)
            if time not in function.coordinates or not 0 < order <= limits[function]:
                continue
            if index[function.coordinates.index(time)] == order and self._stands_out(
                function, time, order, d
            ):
                return function, order
        return None

    def _stands_out(self, function: UnknownFunction, time: Symbol, order: int, d: Dummy) -> bool:
        own = self.factor(function, time, order)
        if order % 2 and own is not None:
            # u_x + u_t is a transport, u_x**2 + u_t**2 a gradient.
            return bool(own.xreplace({d: 0 * d}) != 0)
        return (
            any(self.factor(function, c, order) != own for c in function.coordinates)
            or len(function.coordinates) == 1
        )

    def _alone(self, function: UnknownFunction, coordinate: Symbol, order: int) -> Dummy | None:
        return self.derivatives.get(
            (function, tuple(order * (c == coordinate) for c in function.coordinates))
        )


def _side(expression: Expr) -> Side:
    rest, occurrences = separate(expression)
    own: dict[Dummy, Occurrence] = {
        d: o for d, o in occurrences.items() if o.arguments == o.function.coordinates
    }
    return Side(rest, {(o.function, o.index): d for d, o in own.items()})


def require_no_time_in_laplacian(conditions: Sequence[Condition], domain: Solid) -> None:
    """Raise ValueError for u_t = laplacian(u) where t is among the laplacian's coordinates,
    whatever it is called.

    Told from a stationary flow by the conditions: at one end of a time none is given. A derivative
    by the time alone, of any unknown, may stand beside the laplacian, or on the other side of the
    equation, where sympy adds them up.
    """
    times = {c: end for c in domain.coordinates if (end := _open_end(c, conditions, domain))}
    for condition in conditions if times and len(domain.coordinates) > 1 else ():
        if condition.region.is_solid:
            for time, end in times.items():
                _require_none(condition, time, end, domain)


def _require_none(condition: Condition, time: Symbol, end: str, domain: Solid) -> None:
    low, high = domain.bounds[domain.coordinates.index(time)]
    place = {time: Float(high if end == "end" else low)}
    whole, equation = _side(difference(condition)), condition.equation
    sides = (_side(equation.lhs), _side(equation.rhs)) if equation.is_Equality else ()
    functions = {f for side in (whole, *sides) for f, _ in side.derivatives}
    pairs = [(whole, whole), *zip(sides, sides[::-1], strict=True)]
    for side, other in pairs:
        for function, order in side.laplacians():
            limits = dict.fromkeys(functions, order) | (
                {function: order - 1} if side is other else {}
            )
            lone = other.lone(time, limits) if time in function.coordinates else None
            if lone is not None and not _is_axis(
                other.factor(lone[0], time, lone[1]), side.factor(function, time, order), place
            ):
                raise ValueError(_mixed(condition, function, time, end, lone, "laplacian"))
    for function in whole.gradients():
        if time in function.coordinates:
            raise ValueError(_mixed(condition, function, time, end, (function, 1), "gradient"))


def _is_axis(lone: Expr | None, other: Expr | None, place: dict[Symbol, Expr]) -> bool:
    """Whether one factor over the other is infinite there: at an axis of rotation, u_r / r + u_rr,
    no condition is due.
    """
    if lone is None or other is None:
        return False
    return bool((lone / other).simplify().subs(place).has(nan, oo, -oo, zoo))


def _mixed(
    condition: Condition,
    function: UnknownFunction,
    time: Symbol,
    end: str,
    lone: tuple[UnknownFunction, int],
    operator: str,
) -> str:
    space = ", ".join(c.name for c in function.coordinates if c != time)
    name = function.__name__
    of = "" if lone[0] == function else f" of {lone[0].__name__}"
    beside = f"the derivatives{of and f' of {name}'} by all coordinates"
    return (
        f"{condition} holds a {ORDINAL[lone[1]]} derivative{of} by {time} beside {beside}, and no"
        f" condition is given at the {end} of {time}: if that is a time, write {operator}({name},"
        f" {space})"
    )


def _open_end(coordinate: Symbol, conditions: Sequence[Condition], domain: Solid) -> str:
    """`end` or `start`, at which no condition is given; empty if there is none, or the coordinate
    is no time.
    """
    faces = [c.region for c in conditions if not c.region.is_solid and not c.region.measured]
    # What is known of it in space changes with it. Values that are measured have no ends, and pins
    # say nothing of them.
    pinned = all(ch.dimension < len(domain.coordinates) - 1 for f in faces for ch in charts_of(f))
    if pinned or domain.over([coordinate]) is None:
        return ""
    axis = domain.coordinates.index(coordinate)
    x = np.concatenate([probe(chart) for region in faces for chart in charts_of(region)])[:, axis]
    # A periodic condition has its points at one end, and joins the other one.
    x = np.concatenate([x, _elsewhere(coordinate, conditions)])
    low, high = (
        np.abs(x - end) <= CLOSE * np.ptp(domain.bounds[axis]) for end in domain.bounds[axis]
    )
    return "end" if not high.any() else "start" if not low.any() else ""


def _elsewhere(coordinate: Symbol, conditions: Sequence[Condition]) -> Array:
    """The numbers that stand in the place of a coordinate, as in u(1, y): `(n,)`."""
    return np.array(
        [
            float(argument)
            for condition in conditions
            for occurrence in separate(difference(condition))[1].values()
            for own, argument in zip(
                occurrence.function.coordinates, occurrence.arguments, strict=True
            )
            if own == coordinate and argument.is_number
        ]
    )
