"""Where data live: narrow features of an equation's right side and coefficients, found before
anything is solved.

Every function that occurs in an equation, exp(-10^6 r^2) or tanh(10^5 (x - 0.3)), is enclosed by
interval arithmetic on a tree of boxes over its own coordinates. A box is halved as long as the
enclosure there is wide against the function's range, so that none of its variation is overlooked,
however narrow: where nothing happens boxes stay large, and the small ones show where it does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import Any

import sympy
import torch
from sympy.functions.elementary.piecewise import ExprCondPair
from torch import Tensor

from pinnsolve.compile.enclose import enclosure
from pinnsolve.compile.intervals import ENCLOSURES
from pinnsolve.compile.lower import nodes
from pinnsolve.declare.kinks import zeros
from pinnsolve.declare.surfaces import surfaces
from pinnsolve.geometry.charts import Chart

# Of a function's range: an enclosure that wide is split.
WIDE = 0.5
# Relative and absolute: functions that vary by no more are constant.
ROUNDOFF, UNDERFLOW = 1e-13, 1e-300
# A side of a box that is not split any more; the whole side is 1.
SMALLEST = 2.0**-36
# Boxes of a tree, by its coordinates.
MOST = {1: 2048, 2: 4096}
MANY = 8192  # and in more of them
# x^8 and below, also of other powers in all, have no narrow features.
SMOOTH_POWER = 8
# Of the volume: uniform points, some hundreds, would see too little of so small a part.
RARE = 1 / 64
# Times, along a side, than boxes are as a rule: else all are as small.
SMALLER = 8
# Between jumps and kinks; where there would be more, boxes are halved towards them.
CELLS = 256
# Of a side, between a box and a place where the function jumps.
OPEN = 1e-12
# Of an enclosure's width, that the values at corners span: what varies there is no secret.
SEEN = 0.25

Cuts = tuple[tuple[float, ...], ...]
Enclosed = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True, eq=False)
class Leaves:
    """The boxes of one function's tree: `low` and `high` `(n, k)` in the unit cube of its own
    coordinates, `axes` of a chart.

    `rare` are those so small, and in all of so small a volume, that uniform points miss them; in
    `hidden` ones the function may do what no point has shown.
    """

    function: Any
    axes: tuple[int, ...]
    low: Tensor
    high: Tensor
    rare: Tensor
    hidden: Tensor

    @property
    def volumes(self) -> Tensor:
        """Of the boxes, in the unit cube: `(n,)`."""
        return (self.high - self.low).prod(dim=1)


@dataclass(frozen=True, eq=False)
class Features:
    """What an equation's functions hide in one chart of its region: trees with rare boxes; and the
    volume that is `hidden`.
    """

    chart: Chart
    trees: tuple[Leaves, ...]
    hidden: float


def features(expression: sympy.Expr, chart: Chart) -> Features:
    """The narrow features of the functions in an expression, over a chart of the region where it
    holds.
    """
    place = dict(zip(chart.coordinates, chart.point, strict=True))
    canonical = {s: sympy.Symbol(f"s{i}", real=True) for i, s in enumerate(chart.parameters)}
    leaves, cut = [], [set[float]() for _ in canonical]
    # On faces, what jumps is carried along: it is looked for there.
    whole = chart.dimension == len(chart.coordinates)
    for function in varying(expression, set(chart.coordinates)):
        own = function.xreplace(place).xreplace(canonical)
        axes = tuple(i for i, s in enumerate(canonical.values()) if own.has(s))
        if axes:
            cuts = _cuts(own, axes) if whole else ((),) * len(axes)
            leaves.append(_leaves(own, axes, cuts))
            for axis, places in zip(axes, cuts, strict=True):
                cut[axis].update(places)
    # A window between jumps of two functions is narrow, though neither function is.
    if any(len(places) > 1 for places in cut):
        leaves.append(_between(cut))
    trees = tuple(t for t in dict.fromkeys(leaves) if bool(t.rare.any()))
    hidden = max((float(t.volumes[t.hidden].sum()) for t in leaves), default=0.0)
    return Features(chart, trees, hidden)


def _between(cut: Sequence[set[float]]) -> Leaves:
    """The cells between the jumps of all functions: a window may be the difference of two that have
    one jump each.
    """
    axes = tuple(axis for axis, places in enumerate(cut) if places)
    sides = [sorted(places) for places in cut if places]
    few = math.prod(len(places) + 1 for places in sides) <= CELLS
    low, high = _cells(tuple(tuple(places) if few else () for places in sides))
    return Leaves(
        sympy.S.One, axes, low, high, _rare(high - low), torch.zeros(len(low), dtype=torch.bool)
    )


def varying(expression: sympy.Expr, symbols: set[sympy.Symbol]) -> Iterable[sympy.Expr]:
    """All parts of an expression, of these symbols alone, that may vary fast and can be enclosed,
    each once.

    No sums, products, and low powers of others.
    """
    for e in nodes([expression]):
        own = e.args and isinstance(e, sympy.Expr) and e.free_symbols and e.free_symbols <= symbols
        if own and not _smooth(e) and _known(e):
            yield e


def _smooth(e: sympy.Expr) -> bool:
    return e.is_Add or e.is_Mul or (_is_power(e) and _degree(e) <= SMOOTH_POWER)


def _is_power(e: sympy.Expr) -> bool:
    return e.is_Pow and bool(e.exp.is_Integer and e.exp > 0)


def _degree(e: sympy.Expr) -> int:
    """Of a polynomial, as it is nested; other functions count as symbols."""
    if e.is_Add:
        return max(_degree(a) for a in e.args)
    if e.is_Mul:
        return sum(_degree(a) for a in e.args)
    return int(e.exp) * _degree(e.base) if _is_power(e) else int(bool(e.free_symbols))


def _known(e: sympy.Expr) -> bool:
    parts = (part for part in nodes([e]) if part.args and not isinstance(part, ExprCondPair))
    return all(part.is_number or part.func in ENCLOSURES for part in parts)


def _cuts(function: sympy.Expr, axes: tuple[int, ...]) -> Cuts:
    """By axis, where the function may jump or have a kink across it: boxes end there, and none has
    to close in on it.
    """
    symbols = [sympy.Symbol(f"s{i}", real=True) for i in axes]
    by_axis: list[set[float]] = [set() for _ in axes]
    for surface in surfaces(function):
        if len(surface.free_symbols) == 1:
            (symbol,) = surface.free_symbols
            by_axis[symbols.index(symbol)].update(zeros(surface, symbol, 0.0, 1.0).tolist())
    few = math.prod(len(places) + 1 for places in by_axis) <= CELLS
    return tuple(tuple(sorted(places)) if few else () for places in by_axis)


def _cells(cuts: Cuts) -> tuple[Tensor, Tensor]:
    """The boxes between the cuts, open at them: low and high `(n, k)`."""
    sides = [list(pairwise((-OPEN, *places, 1 + OPEN))) for places in cuts]
    ends = torch.tensor(list(product(*sides)), dtype=torch.float64)
    return ends[:, :, 0] + OPEN, ends[:, :, 1] - OPEN


@lru_cache(maxsize=4096)
def _leaves(function: sympy.Expr, axes: tuple[int, ...], cuts: Cuts) -> Leaves:
    """The tree of a function of s_i, i in `axes`, on the boxes between the `cuts`."""
    symbols = [sympy.Symbol(f"s{i}", real=True) for i in axes]

    def enclosed(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        ends = enclosure(function, {s: (low[:, i], high[:, i]) for i, s in enumerate(symbols)})
        return ends[0].expand(len(low)), ends[1].expand(len(low))

    return grown(function, axes, enclosed, _cells(cuts), MOST.get(len(axes), MANY))


def grown(
    function: Any,
    axes: tuple[int, ...],
    enclosed: Enclosed,
    cells: tuple[Tensor, Tensor],
    most: int,
) -> Leaves:
    """The tree of a function that is `enclosed` on boxes, low and high `(n, k)` to low and high
    `(n,)`, from these cells on.

    Of no more than so many boxes.
    """
    low, high = cells
    below, above = enclosed(low, high)
    while True:
        wide = too_wide(below, above)
        split = wide & ((high - low).max(dim=1).values > SMALLEST)
        room = most - len(low)
        chosen = torch.nonzero(split)[:, 0]
        if len(chosen) > room:
            order = (high - low)[chosen].prod(dim=1).argsort(descending=True, stable=True)
            chosen = chosen[order[:room]]
        if len(chosen) == 0:
            break
        a, b = _halves(low[chosen], high[chosen], enclosed)
        kept = torch.ones(len(low), dtype=torch.bool)
        kept[chosen] = False
        parts = (torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]]))
        ends = enclosed(*parts)
        low, high = torch.cat([low[kept], parts[0]]), torch.cat([high[kept], parts[1]])
        below, above = torch.cat([below[kept], ends[0]]), torch.cat([above[kept], ends[1]])
    hidden = _hidden(low, high, below, above, wide, enclosed)
    return Leaves(function, axes, low, high, _rare(high - low), hidden)


def too_wide(below: Tensor, above: Tensor) -> Tensor:
    """Which enclosures `(n,)` are wide against the range of the function, as far as it is known."""
    width = above - below
    finite = below.isfinite() & above.isfinite()
    if not bool(finite.any()):
        return torch.ones_like(finite)
    span = float(above[finite].max() - below[finite].min())
    size = float(torch.maximum(above[finite].abs(), below[finite].abs()).max())
    return ~(width <= max(WIDE * span, ROUNDOFF * size + UNDERFLOW))


def _halves(
    low: Tensor, high: Tensor, enclosed: Enclosed
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Both halves of boxes, across the side along which the function varies most.

    Flattened along that side, its enclosure narrows most.
    """
    middle, side = (low + high) / 2, high - low
    left = []
    for side_number in range(low.shape[1]):
        flat_low, flat_high = low.clone(), high.clone()
        flat_low[:, side_number] = flat_high[:, side_number] = middle[:, side_number]
        below, above = enclosed(flat_low, flat_high)
        width = (above - below).nan_to_num(posinf=torch.finfo(torch.float64).max)
        left.append(torch.where(side[:, side_number] > SMALLEST, width, torch.inf))
    widths = torch.stack(left, dim=1)
    tied = widths <= widths.min(dim=1, keepdim=True).values
    axis = torch.where(tied, side, -1.0).argmax(dim=1)
    rows = torch.arange(len(low))
    first, second = high.clone(), low.clone()
    first[rows, axis] = second[rows, axis] = middle[rows, axis]
    return (low, first), (second, high)


def _hidden(
    low: Tensor, high: Tensor, below: Tensor, above: Tensor, wide: Tensor, enclosed: Enclosed
) -> Tensor:
    """Boxes whose wide enclosure is not explained by values at their corners and middle."""
    hidden = wide.clone()
    boxes = torch.nonzero(wide)[:, 0]
    if len(boxes) == 0:
        return hidden
    k = low.shape[1]
    corners = torch.cartesian_prod(
        *[torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64)] * k
    ).reshape(-1, k)
    lowest, highest = torch.full((len(boxes),), torch.inf), torch.full((len(boxes),), -torch.inf)
    for corner in corners if k <= 3 else corners[:: len(corners) // 16]:
        x = low[boxes] + corner * (high - low)[boxes]
        ends = enclosed(x, x)
        value = (ends[0] + ends[1]) / 2
        value = torch.where(value.isfinite(), value, torch.nan)
        lowest, highest = torch.fmin(lowest, value), torch.fmax(highest, value)
    hidden[boxes] = ~(highest - lowest >= SEEN * (above - below)[boxes])
    return hidden


def _rare(sides: Tensor) -> Tensor:
    """The smallest boxes, as long as they are of `RARE` volume together, and much smaller than
    boxes are as a rule.
    """
    volumes = sides.prod(dim=1)
    order = volumes.argsort(stable=True)
    share = volumes[order].cumsum(dim=0)
    usual = volumes[order][
        int(torch.searchsorted(share, 0.5 * share[-1:])[0].clamp(max=len(volumes) - 1))
    ]
    rare = torch.zeros(len(volumes), dtype=torch.bool)
    rare[order] = (share <= RARE) & (volumes[order] * SMALLER <= usual)
    return rare
