"""Where data live: narrow features of an equation's right side and coefficients, found before
anything is solved.

Every function that occurs in an equation, exp(-10^6 r^2) or tanh(10^5 (x - 0.3)), is enclosed by
interval arithmetic on a tree of boxes over its own coordinates. A box is halved as long as the
enclosure there is wide against the function's range, so that none of its variation is overlooked,
however narrow: where nothing happens boxes stay large, and the small ones show where it does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

import numpy as np
import sympy
import torch
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.simplify.fu import TR5
from torch import Tensor

from pinnsolve.compile.enclose import enclosure, is_enclosed
from pinnsolve.compile.lower import nodes
from pinnsolve.compile.trees import Leaves, grown, rare_boxes
from pinnsolve.declare.kinks import zeros
from pinnsolve.declare.surfaces import surfaces
from pinnsolve.geometry.charts import Chart, Straight
from pinnsolve.geometry.holes import convex_holes

Cuts = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Cutting:
    """Where boxes end before any is halved: at the jumps and kinks of the functions."""

    # Between jumps and kinks; where there would be more, boxes are halved towards them.
    cells: int = 256
    # Of a side, between a box and a place where the function jumps.
    gap: float = 1e-12


CUTTING = Cutting()


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
    written_out = not whole or any(p.has(sympy.cos) for p in chart.point)
    for function in varying(expression, set(chart.coordinates)):
        own = function.xreplace(place).xreplace(canonical)
        own = sympy.bottom_up(own, _of_fewer) if written_out else own
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
    hidden = [float(t.volumes[t.hidden & ~_in_holes(t, chart)].sum()) for t in leaves]
    return Features(chart, trees, max(hidden, default=0.0))


def _in_holes(leaves: Leaves, chart: Chart) -> Tensor:
    """Which boxes lie in a hole that is cut out of the chart, where no equation holds: sources in
    it are singular there.
    """
    within = torch.zeros_like(leaves.hidden)
    if not isinstance(chart.place, Straight) or len(leaves.axes) < len(chart.coordinates):
        return within
    sides = torch.stack([leaves.low, leaves.high])
    ends = list(product((0, 1), repeat=len(leaves.axes)))
    at = torch.stack([torch.stack([sides[e, :, k] for k, e in enumerate(end)]) for end in ends])
    for hole in (each for filtered in chart.filters for each in convex_holes(filtered)):
        held = [hole.contains(chart.points(np.asarray(s.T))[0]) for s in at]
        within |= torch.as_tensor(np.all(held, axis=0))
    return within


def _of_fewer(e: sympy.Expr) -> sympy.Expr:
    """A sum, written out where that leaves fewer symbols: the square of a radius, on a sphere or in
    a ball, of which no enclosure of cos^2 + sin^2 is as narrow as its range.
    """
    if not e.is_Add:
        return e
    written_out = TR5(sympy.expand(TR5(e)))
    return written_out if len(written_out.free_symbols) < len(e.free_symbols) else e


def _between(cut: Sequence[set[float]]) -> Leaves:
    """The cells between the jumps of all functions: a window may be the difference of two that have
    one jump each.
    """
    axes = tuple(axis for axis, places in enumerate(cut) if places)
    sides = [sorted(places) for places in cut if places]
    few = math.prod(len(places) + 1 for places in sides) <= CUTTING.cells
    low, high = _cells(tuple(tuple(places) if few else () for places in sides))
    return Leaves(
        sympy.S.One,
        axes,
        low,
        high,
        rare_boxes(high - low),
        torch.zeros(len(low), dtype=torch.bool),
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
    # x^8 and below, also of other powers in all, have no narrow features.
    return e.is_Add or e.is_Mul or (_is_power(e) and _degree(e) <= 8)


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
    return all(part.is_number or is_enclosed(part) for part in parts)


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
    few = math.prod(len(places) + 1 for places in by_axis) <= CUTTING.cells
    return tuple(tuple(sorted(places)) if few else () for places in by_axis)


def _cells(cuts: Cuts) -> tuple[Tensor, Tensor]:
    """The boxes between the cuts, open at them: low and high `(n, k)`."""
    gap = CUTTING.gap
    sides = [list(pairwise((-gap, *places, 1 + gap))) for places in cuts]
    ends = torch.tensor(list(product(*sides)), dtype=torch.float64)
    return ends[:, :, 0] + gap, ends[:, :, 1] - gap


@lru_cache(maxsize=4096)
def _leaves(function: sympy.Expr, axes: tuple[int, ...], cuts: Cuts) -> Leaves:
    """The tree of a function of s_i, i in `axes`, on the boxes between the `cuts`."""
    symbols = [sympy.Symbol(f"s{i}", real=True) for i in axes]

    def enclosed(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        ends = enclosure(function, {s: (low[:, i], high[:, i]) for i, s in enumerate(symbols)})
        return ends[0].expand(len(low)), ends[1].expand(len(low))

    return grown(function, axes, enclosed, _cells(cuts))
