"""Narrow features that a solution makes itself: functions of the unknowns, enclosed along a field.

exp(-10^8 (u - 1/2)^2) varies fast where u passes 1/2, which nothing tells before u is known. So a
nonlinear equation's functions are enclosed on such a tree of boxes as data are, with the values of
a field there in place of the unknowns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
import sympy
import torch
from torch import Tensor

from pinnsolve.compile.collapse import collapse_laplacians
from pinnsolve.compile.enclose import enclosure
from pinnsolve.compile.features import Features, varying
from pinnsolve.compile.system import Residual, System
from pinnsolve.compile.trees import Halving, Leaves, corners, grown, too_wide
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.changes import rms
from pinnsolve.discretize.draw import in_boxes
from pinnsolve.discretize.places import narrow, places
from pinnsolve.discretize.points import Points, fills_domain, sample_region
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.field import Field
from pinnsolve.geometry.charts import Chart
from pinnsolve.geometry.filters import Inside
from pinnsolve.geometry.solids import Box
from pinnsolve.jets.indices import order_of
from pinnsolve.symbols.occurrences import separate

Ends = tuple[Tensor, Tensor]
Instants = tuple[tuple[float, float], ...]  # times and widths


@dataclass(frozen=True)
class AlongField:
    """How functions of the unknowns are enclosed along a field, and what of a residual counts where
    they are narrow.
    """

    # Fewer boxes than for data: in each the field is evaluated.
    halving: Halving = field(default=Halving(boxes=(1024, 1024, 512)))
    # Points by which the range of all arguments is known, and about as many parts of it.
    range_points: int = 512
    # Beyond the range of the values in a box that are seen, times that range.
    slack: float = 0.25
    # Of such a residual, that counts: terms are larger where the features are not.
    share: float = 0.05


ALONG_FIELD = AlongField()


def own_features(system: System, field: Field) -> list[tuple[Residual, Features]]:
    """Of every nonlinear equation of full dimension: the narrow features of its functions of the
    unknowns, along this field.
    """
    nonlinear = (r for r in system.residuals if not r.linear and fills_domain(r.condition.region))
    along = ((residual, _along(residual, field)) for residual in nonlinear)
    return [(r, f) for r, f in along if f.trees or f.hidden]


def own_residual(system: System, field: Field, n: int, seed: int) -> float:
    """The largest relative residual on about n points in each of these features; at least the root
    of what is hidden.

    Relative to what the equation's terms contribute, there and on n points of its region.
    """
    residuals = [0.0]
    for residual, features in own_features(system, field):
        whole = sample_region(residual.condition.region, n, seed)
        parts = (in_boxes(features, tree, n, seed) for tree in features.trees)
        residuals += [
            ALONG_FIELD.share * _contributed(residual, field, part, whole)
            for part in parts
            if len(part.x)
        ]
        residuals.append(features.hidden**0.5)
    return max(residuals)


def _contributed(residual: Residual, field: Field, part: Points, whole: Points) -> float:
    """The residual, relative to the contributions of the equation's terms.

    A slot's is what changes where a derivative is zero, or a value that of another point: the slope
    of a function that rises and falls again at once would say far more.
    """
    largest, scale, volume = 0.0, 0.0, float(whole.weights.sum())
    elsewhere = slots_at(residual, field, whole.x).roll(1, dims=1)
    for p in (part, whole):
        x, shares = tensor_of(p.x, field.like), tensor_of(p.weights / volume, field.like)
        u = slots_at(residual, field, p.x)
        value = residual.value(x, None, u)
        largest = max(largest, float(rms(value, shares)))
        for k, slot in enumerate(residual.slots):
            other = u.clone()
            other[k] = (
                0.0 if order_of(slot.index) else elsewhere[k, torch.arange(len(x)) % len(whole.x)]
            )
            lost = value - residual.value(x, None, other)
            scale += float(rms(lost.nan_to_num(0.0, 0.0, 0.0), shares))
    return largest / scale if scale > 0 else largest


def slots_at(residual: Residual, field: Field, x: Array) -> Tensor:
    """The numbers `(n_slots, n)` that an equation takes at points `(n, dim)`."""
    values = field.like.new_empty(len(residual.slots), len(x))
    with torch.no_grad():
        for rows, part, _ in field.blocks(x, None, len(residual.slots)):
            values[:, rows] = field.slots(residual, part)
    return values


def _along(residual: Residual, field: Field) -> Features:
    rest, summed = collapse_laplacians(*separate(difference(residual.condition)))
    region = residual.condition.region
    limits = dict(zip(region.coordinates, region.bounds.tolist(), strict=True))
    (chart,) = (chart.filtered(Inside(region)) for chart in Box(limits).charts())
    own = [f for f in varying(rest, {*region.coordinates, *summed}) if f.free_symbols & set(summed)]
    along = _Along(residual, field, chart, tuple(summed))
    trees = [along.tree(function) for function in own if along.steep(function)]
    hidden = max((float(t.volumes[t.hidden].sum()) for t in trees), default=0.0)
    return Features(chart, tuple(t for t in trees if bool(t.rare.any())), hidden)


def narrow_instants(system: System, axis: int) -> Instants:
    """Of what the data do in a short time: when, and the width, along the axis of time."""
    time = system.domain.coordinates[axis].name
    return tuple(place.at[time] for place in places(system) if time in place.at)


def reach(known: Sequence[tuple[float, float]], t: float) -> float:
    """How far a step in time may go from t, without jumping over any of them."""
    return min((max(width, abs(t - at)) / 2 for at, width in known), default=math.inf)


def instants(system: System, field: Field, axis: int, known: Instants = ()) -> Instants:
    """When, and for how long, functions of the unknowns do what lasts a short time along a field,
    by the coordinate of time.

    Without those that are `known`.
    """
    time = system.domain.coordinates[axis].name
    places = (
        place.at
        for _, f in own_features(system, field)
        for place in narrow(f, system.domain.bounds)
    )
    times = dict.fromkeys(at[time] for at in places if time in at)
    return tuple(
        (t, width) for t, width in times if not any(abs(t - at) <= max(width, w) for at, w in known)
    )


@dataclass(frozen=True, eq=False)
class _Along:
    """Boxes of the unit cube, mapped to a region by a chart, and the values there of an equation's
    `symbols`.
    """

    residual: Residual
    field: Field
    chart: Chart
    symbols: tuple[Any, ...]

    def steep(self, function: sympy.Expr) -> bool:
        """Whether a small part of the range of its arguments is much of the function's own; else
        nothing is narrow.
        """
        n = ALONG_FIELD.range_points
        s = torch.from_numpy(np.random.default_rng(0).random((n, len(self.chart.parameters))))
        seen = {
            v: (float(low.min()), float(high.max()))
            for v, (low, high) in self._values(s, s).items()
        }
        symbols = [v for v in seen if v in function.free_symbols]
        pieces = round(n ** (1 / len(symbols)))
        ends = torch.linspace(0, 1, pieces + 1, dtype=torch.float64)
        grid = torch.cartesian_prod(*[torch.arange(pieces)] * len(symbols)).reshape(
            -1, len(symbols)
        )
        sides = [(low + (high - low) * ends) for low, high in (seen[v] for v in symbols)]
        boxes = {
            v: (side[k], side[k + 1])
            for v, side, k in zip(symbols, sides, grid.unbind(dim=1), strict=True)
        }
        below, above = enclosure(function, boxes)
        return bool(
            too_wide(below.expand(len(grid)), above.expand(len(grid)), ALONG_FIELD.halving).any()
        )

    def tree(self, function: sympy.Expr) -> Leaves:
        """Of a function of coordinates and symbols. A box of its pole hides nothing: the residual
        there is infinite too.
        """
        k = len(self.chart.parameters)

        def enclosed(low: Tensor, high: Tensor) -> Ends:
            below, above = enclosure(function, self._values(low, high))
            return below.expand(len(low)), above.expand(len(low))

        whole = torch.zeros(1, k, dtype=torch.float64), torch.ones(1, k, dtype=torch.float64)
        leaves = grown(function, tuple(range(k)), enclosed, whole, ALONG_FIELD.halving)
        below, above = enclosed(leaves.low, leaves.high)
        leaves.hidden.logical_and_(below.isfinite() & above.isfinite())
        return leaves

    def _values(self, low: Tensor, high: Tensor) -> dict[Any, Ends]:
        """By coordinate and symbol, what each may be in the boxes."""
        first, last = (torch.from_numpy(self.chart.points(end.numpy())[0]) for end in (low, high))
        places = zip(self.chart.coordinates, first.unbind(dim=1), last.unbind(dim=1), strict=True)
        held: dict[Any, Ends] = {c: (a, b) for c, a, b in places}
        points = (
            self.chart.points((low + c * (high - low)).numpy())[0] for c in corners(low.shape[1])
        )
        seen = [slots_at(self.residual, self.field, x) for x in points]
        least, most = reduce(torch.minimum, seen), reduce(torch.maximum, seen)
        # A field has no enclosure: what is seen of it in a box, and a little more, stands for one.
        slack = ALONG_FIELD.slack * (most - least)
        return held | {
            s: (a, b) for s, a, b in zip(self.symbols, least - slack, most + slack, strict=True)
        }
