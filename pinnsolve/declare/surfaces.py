"""The surfaces on which an expression switches, and what it does there: jump, or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from sympy import (
    Abs,
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

from pinnsolve.geometry.bisection import bisected
from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.region import Region, charts_of

Place = Callable[[Any], Iterator[Expr]]
Values = Callable[[Array], Array]


@dataclass(frozen=True)
class JumpSearch:
    """By what points a jump is looked for, and how it is told from a steep ramp and from
    round-off.
    """

    # Random ones a chart.
    points: int = 4096
    # Segments that cross a surface.
    segments: int = 256
    # How far, in shares of a segment, two points lie from the surface between them.
    side: float = 1e-12
    # Relative: less than this is no jump;
    different: float = 1e-6
    # Nor is less than this share of the values at the segment's ends.
    noise: float = 1e-10
    # Times that far apart, the two values of a jump differ as much, at least by this share; those
    # of a steep ramp by more.
    farther: float = 8.0
    stays: float = 0.5


JUMP_SEARCH = JumpSearch()


def _of_piecewise(e: Any) -> Iterator[Expr]:
    for _, condition in e.args:
        yield from (r.lhs - r.rhs for r in condition.atoms(Relational) - condition.atoms(Eq, Ne))


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
            first = jump_at(surface, expression, region, symbols)
            if first is not None:
                return first
    return None


def jump_at(
    surface: Expr, expression: Expr, region: Region, symbols: tuple[Symbol, ...]
) -> Jump | None:
    """Where on the zeros of `surface` inside the region the expression jumps; symbols other than
    coordinates are values.
    """
    low, below, above, high = _crossing(surface, region, symbols)
    if not len(low):
        return None
    evaluate = values_of(expression, symbols)
    ends, sides = (
        np.abs([evaluate(a), evaluate(b)]).max(axis=0) for a, b in ((low, high), (below, above))
    )
    rules = JUMP_SEARCH
    step = rules.farther * rules.side * (high - low)
    # The difference of a jump stays as the points part; that of a ramp, however steep, grows.
    gap, wider = (
        np.abs(evaluate(a) - evaluate(b)) for a, b in ((below, above), (below - step, above + step))
    )
    jumps = (gap > rules.different * sides + rules.noise * ends) & (gap > rules.stays * wider)
    if not jumps.any():
        return None
    point = dict(zip(symbols, above[np.argmax(jumps)], strict=True))
    return Jump(surface, {s: float(point[s]) for s in symbols if s in surface.free_symbols})


def crosses(surface: Expr, region: Region, symbols: tuple[Symbol, ...]) -> bool:
    """Whether `surface` changes its sign inside the region: the denominator of a Gaussian's
    exponent does not.
    """
    return len(_crossing(surface, region, symbols)[0]) > 0


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
    many, step = JUMP_SEARCH.segments, JUMP_SEARCH.side
    low, high = (
        random.permutation(x[part])[np.arange(many) % part.sum()] for part in (side < 0, side > 0)
    )
    if not surface.free_symbols & set(symbols[n:]):
        high[:, n:] = low[:, n:]

    def is_low(s: Array) -> Mask:
        return (evaluate(low + s * (high - low)) < 0)[:, None]

    start, end = bisected(is_low, np.zeros((many, 1)), np.ones((many, 1)), 55)
    below, above = low + (start - step) * (high - low), low + (end + step) * (high - low)
    inside = region.signed_distance(above[:, :n]) <= 0
    return low[inside], below[inside], above[inside], high[inside]


def _inside(region: Region, values: int, random: np.random.Generator) -> Array:
    """Random points of the region, and values of every size for the unknowns: `(n, n_symbols)`."""
    by_chart = []
    for chart in charts_of(region):
        x, normals = chart.points(random.random((JUMP_SEARCH.points, len(chart.parameters))))
        by_chart.append(x[chart.keep(x, normals)])
    x = np.concatenate(by_chart)
    # Unknowns have no bounds here: what switches at a value may do so at any size.
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
