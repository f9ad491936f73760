"""Coefficients that jump: sympy differentiates them without their Dirac part, so such an equation
is refused in words.

`(k*u.diff(x)).diff(x)` with a Piecewise k is `k*u.diff(x, 2)` to sympy, and that is another
equation. Both are the same expression by the time they arrive here; what `k*u.diff(x, 2)` alone
means is said without ambiguity by dividing by k.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from sympy import (
    Abs,
    Derivative,
    DiracDelta,
    Eq,
    Expr,
    Heaviside,
    Max,
    Min,
    Mod,
    Ne,
    Piecewise,
    SingularityFunction,
    Symbol,
    acot,
    arg,
    atan,
    atan2,
    ceiling,
    erf,
    exp,
    floor,
    frac,
    lambdify,
    pi,
    sign,
    sin,
    tanh,
)
from sympy.core.relational import Relational

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.region import Region, charts_of
from pinnsolve.symbols.occurrences import Occurrence, separate
from pinnsolve.symbols.symbols import Unknown

POINTS = 4096  # random points a chart
PAIRS = 256  # segments that cross a surface
SIDE = 1e-12  # how far, in shares of a segment, two points lie from the surface between them
DIFFERENT = 1e-6  # relative: less than this is no jump,
NOISE = 1e-10  # nor is less than this share of the values at the segment's ends
FARTHER, STAYS = (
    8,
    0.5,
)  # times that far apart, the two values of a jump differ as much; those of a steep ramp by more
Place = Callable[[Any], Iterator[Expr]]
Values = Callable[[Array], Array]


def _of_piecewise(e: Any) -> Iterator[Expr]:
    for _, condition in e.args:
        yield from (
            r.lhs - r.rhs for r in condition.atoms(Relational) if not isinstance(r, (Eq, Ne))
        )


def _of_poles(e: Any) -> Iterator[Expr]:
    """Bounded functions of what has a pole, tanh(1/x), jump there."""
    below = e.args[0].as_numer_denom()[1]
    return iter([below] if below.free_symbols else [])


# Where a function may jump, or have a kink: the zeros of these expressions.
SWITCHES: dict[Any, Place] = {
    Piecewise: _of_piecewise,
    **dict.fromkeys((Heaviside, sign, Abs, acot, arg, atan2), lambda e: iter(e.args[:1])),
    **dict.fromkeys((floor, ceiling, frac), lambda e: iter([sin(pi * e.args[0])])),
    **dict.fromkeys((tanh, atan, erf, exp), _of_poles),
    Mod: lambda e: iter([sin(pi * e.args[0] / e.args[1])]),
    SingularityFunction: lambda e: iter([e.args[0] - e.args[1]]),
    **dict.fromkeys((Max, Min), lambda e: (a - b for a, b in combinations(e.args, 2))),
}


@dataclass(frozen=True)
class Jump:
    """An expression has two values where `surface` is zero, for instance at `point`."""

    surface: Expr
    point: Mapping[Symbol, float]

    def __str__(self) -> str:
        at = ", ".join(f"{c} = {v:.6g}" for c, v in self.point.items())
        return (
            f"at {at}"
            if len(self.point) == 1
            else f"where {self.surface} = 0, for instance at {at}"
        )


def require_no_lost_jump(side: Expr, region: Region, told: str) -> None:
    """Raise ValueError where a jumping coefficient multiplies a second or higher derivative across
    the jump.

    Or where a Dirac delta is left. `side` is left minus right side of an equation on `region`, a
    solid one.
    """
    rest, occurrences = separate(side)
    switches = bool(surfaces(side))
    for d, o in occurrences.items() if switches else ():
        slope = rest.diff(d) if max(o.index) > 1 else rest * 0
        across = [c for c, order in zip(o.function.coordinates, o.index, strict=True) if order > 1]
        found = None if d in slope.free_symbols else jump(slope, region, across, tuple(occurrences))
        if found is not None:
            raise ValueError(_lost(slope, o, across[0], found, told))
    if switches:
        _require_whole_products(rest, occurrences, region, told)
    if rest.has(DiracDelta) or any(surfaces(d.expr) for d in rest.atoms(Derivative)):
        c = next(iter(occurrences.values())).function.coordinates[0]
        raise ValueError(
            f"{told} holds the derivative of a jump, a Dirac delta, which no function equals: a"
            " load at a point is a jump of the flux, or a narrow Gaussian."
            f" {TWO_UNKNOWNS.format(c=c)}"
        )


def warn_of_a_flux(side: Expr, region: Region, told: str) -> None:
    """Warn of `k*u.diff(x)` with a k that is constant on both sides of a jump, in an equation of
    first order for u alone.

    sympy writes (k*u).diff(x) alike, and that is another equation: its flux k*u is continuous, not
    u.
    """
    rest, occurrences = separate(side)
    alone = len({o.function for o in occurrences.values()}) == 1
    for d, o in occurrences.items() if alone and surfaces(side) else ():
        slope = rest.diff(d)
        for axis, c in enumerate(o.function.coordinates):
            order = max(other.index[axis] for other in occurrences.values())
            if (
                o.index[axis] != 1
                or order != 1
                or slope.diff(c) != 0
                or set(occurrences) & slope.free_symbols
            ):
                continue
            found = jump(slope, region, [c])
            if found is not None:
                name = o.function.__name__
                warnings.warn(
                    f"{told}: the coefficient {slope} of {o} jumps {found}. It is solved as it"
                    f" stands, {name} continuous there; ({slope}*{name}).diff({c}), which sympy"
                    " writes alike, has a continuous flux: for that, take the flux as the unknown,"
                    f" q.diff({c}), and q/k in the place of {name}",
                    UserWarning,
                    stacklevel=4,
                )


def _require_whole_products(
    rest: Expr, occurrences: Mapping[Any, Occurrence], region: Region, told: str
) -> None:
    """Raise ValueError where slopes are those of (k u)' or (k u)'', and k, or its first derivative,
    jumps.
    """
    by_place = {(o.function, o.arguments, o.index): d for d, o in occurrences.items()}
    for d, o in occurrences.items():
        for axis, c in enumerate(o.function.coordinates):
            order, slope = o.index[axis], rest.diff(d)
            below = tuple(k - (i == axis) for i, k in enumerate(o.index))
            lower = by_place.get((o.function, o.arguments, below))
            if order not in (1, 2) or lower is None or set(occurrences) & slope.free_symbols:
                continue
            whole = order * slope.diff(c)  # what the product rule gives the derivative below
            if whole != 0 and (rest.diff(lower) - whole).expand() == 0:
                found = jump(slope.diff(c, order - 1), region, [c])
                if found is not None:
                    raise ValueError(_lost(slope, o, c, found, told))


def require_no_kink(value: Expr, side: Expr, region: Region, u: Unknown) -> None:
    """Raise ValueError for an exact solution that has a jump where an equation differentiates it:
    sympy would not see it.
    """
    for o in separate(side)[1].values() if surfaces(value) else ():
        orders = zip(o.function.coordinates, o.index, strict=True) if o.function == u.func else ()
        for c, k in ((c, k) for c, order in orders for k in range(order)):
            found = jump(value.diff(c, k), region, [c])
            if found is not None:
                what = f"its {ORDINALS.get(k, f'{k}th')} derivative by {c}" if k else "it"
                raise ValueError(
                    f"exact solution {u} = {value}: {what} jumps {found}, so that {o} has no value"
                    " there"
                )


ORDINALS = {1: "first", 2: "second", 3: "third"}


def _lost(slope: Expr, o: Occurrence, c: Symbol, found: Jump, told: str) -> str:
    coefficient = text if len(text := str(slope)) < 90 else text[:80] + " ..."
    name = o.function.__name__
    return (
        f"{told}: the coefficient {coefficient} of {o} jumps {found}, and the derivative of a jump"
        f" is lost in a product that is differentiated, as in (k*{name}.diff({c})).diff({c})."
        f" {TWO_UNKNOWNS.format(c=c)} Or, if the coefficient is meant to multiply {o} as it stands,"
        " divide the equation by it"
    )


TWO_UNKNOWNS = (
    "Declare an unknown for each side, a and b, each with the equation of its own material on the"
    " whole domain, and let value and flux be continuous where they meet: Eq(a, b) @"
    " domain.at({c}=...), Eq(k_a*a.diff({c}), k_b*b.diff({c})) @ domain.at({c}=...)."
)


def jump(
    expression: Expr, region: Region, across: Sequence[Symbol], values: tuple[Symbol, ...] = ()
) -> Jump | None:
    """Where the expression jumps inside the region, in the direction of one of the coordinates
    `across`; None if nowhere.

    Symbols of `values` stand for unknowns, which vary with every coordinate.
    """
    symbols = (*region.coordinates, *values)
    for surface in surfaces(expression):
        if surface.free_symbols & {*across, *values} and surface.free_symbols <= set(symbols):
            found = jump_at(surface, expression, region, symbols)
            if found is not None:
                return found
    return None


def jump_at(
    surface: Expr, expression: Expr, region: Region, symbols: tuple[Symbol, ...]
) -> Jump | None:
    """Where on the zeros of `surface` inside the region the expression jumps; symbols other than
    coordinates are values.
    """
    evaluate = values_of(expression, symbols)
    low, below, above, high = _crossing(surface, region, symbols)
    ends, sides = (
        np.abs([evaluate(a), evaluate(b)]).max(axis=0) for a, b in ((low, high), (below, above))
    )
    step = FARTHER * SIDE * (high - low)
    gap, wider = (
        np.abs(evaluate(a) - evaluate(b)) for a, b in ((below, above), (below - step, above + step))
    )
    jumps = (gap > DIFFERENT * sides + NOISE * ends) & (gap > STAYS * wider)
    if not jumps.any():
        return None
    point = dict(zip(symbols, above[np.argmax(jumps)], strict=True))
    return Jump(surface, {s: float(point[s]) for s in symbols if s in surface.free_symbols})


def surfaces(expression: Expr) -> dict[Expr, None]:
    """Expressions on whose zeros this one may jump, or have a kink."""
    atoms = sorted(expression.atoms(*SWITCHES), key=str)
    return dict.fromkeys(surface for e in atoms for surface in SWITCHES[e.func](e))


def _crossing(
    surface: Expr, region: Region, symbols: tuple[Symbol, ...]
) -> tuple[Array, Array, Array, Array]:
    """Segments through the surface, inside the region: their ends and, between these, the points
    next to it.
    """
    random = np.random.default_rng(0)
    n, evaluate = len(region.coordinates), values_of(surface, symbols)
    x = _inside(region, len(symbols) - n, random)
    x = np.concatenate([x, _towards(evaluate, region, x, random)])
    side = evaluate(x)
    if not ((side < 0).any() and (side > 0).any()):
        return (x[:0],) * 4
    low, high = (
        random.permutation(x[part])[np.arange(PAIRS) % part.sum()] for part in (side < 0, side > 0)
    )
    if not surface.free_symbols & set(symbols[n:]):
        high[:, n:] = low[:, n:]
    start, end = np.zeros((PAIRS, 1)), np.ones((PAIRS, 1))
    for _ in range(55):
        middle = (start + end) / 2
        is_low = (evaluate(low + middle * (high - low)) < 0)[:, None]
        start, end = np.where(is_low, middle, start), np.where(is_low, end, middle)
    below, above = low + (start - SIDE) * (high - low), low + (end + SIDE) * (high - low)
    inside = region.signed_distance(above[:, :n]) <= 0
    return low[inside], below[inside], above[inside], high[inside]


def _inside(region: Region, values: int, random: np.random.Generator) -> Array:
    """Random points of the region, and values of every size for the unknowns: `(n, n_symbols)`."""
    found = []
    for chart in charts_of(region):
        x, normals = chart.points(random.random((POINTS, len(chart.parameters))))
        found.append(x[chart.keep(x, normals)])
    x = np.concatenate(found)
    sizes = 10 ** random.uniform(-3, 5, (len(x), values))
    return np.column_stack([x, sizes * random.choice([-1, 1], sizes.shape)])


def _towards(evaluate: Values, region: Region, x: Array, random: np.random.Generator) -> Array:
    """Points nearer and nearer to a surface: a small inclusion may lie between the random ones."""
    n = len(region.coordinates)
    best, width = x, np.ptp(x, axis=0)
    for _ in range(12):
        best = best[np.argsort(np.abs(evaluate(best)))[:16]]
        width = width / 2
        near = np.concatenate(
            [best, *(best + width * random.uniform(-0.5, 0.5, best.shape) for _ in range(16))]
        )
        best = near[region.signed_distance(near[:, :n]) <= 0]
    return best


def values_of(expression: Expr, symbols: Sequence[Symbol]) -> Values:
    """Values `(n,)` at points `(n, n_symbols)`; 0 where there are none."""
    compiled = lambdify(symbols, expression)

    def evaluate(x: Array) -> Array:
        with np.errstate(all="ignore"):
            values = np.broadcast_to(np.asarray(compiled(*x.T)), (len(x),))
        return np.where(np.isfinite(values), values.real, 0.0)

    return evaluate
