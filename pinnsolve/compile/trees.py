"""Boxes of the unit cube, halved as long as the enclosure of a function there is wide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Enclosed = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Halving:
    """When a box is halved, and when what a function does in it is known well enough."""

    # Of a function's range: an enclosure that wide is split.
    wide: float = 0.5
    # Relative and absolute: functions that vary by no more are constant.
    roundoff: float = 1e-13
    underflow: float = 1e-300
    # A side of a box that is not split any more; the whole side is 1.
    smallest_side: float = 2.0**-36
    # Of a side, from its beginning: where a box is flattened.
    aside: float = 0.4142
    # Boxes of a tree, in one coordinate, in two, and in more of them.
    boxes: tuple[int, ...] = (2048, 4096, 8192)
    # Of an enclosure's width, that the values at corners span: what varies there is no secret.
    explained: float = 0.25

    def most(self, dimension: int) -> int:
        """Boxes of a tree in so many coordinates."""
        return self.boxes[min(dimension, len(self.boxes)) - 1]


@dataclass(frozen=True)
class Rarity:
    """Which boxes are so small that uniform points miss them."""

    # Of the volume: uniform points, some hundreds, would see too little of so small a part.
    share: float = 1 / 64
    # Times smaller than boxes are as a rule: else all are as small.
    smaller: int = 8


HALVING = Halving()
RARITY = Rarity()


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


def grown(
    function: Any,
    axes: tuple[int, ...],
    enclosed: Enclosed,
    cells: tuple[Tensor, Tensor],
    halving: Halving = HALVING,
) -> Leaves:
    """The tree of a function that is `enclosed` on boxes, low and high `(n, k)` to low and high
    `(n,)`, from these cells on.
    """
    low, high = cells
    below, above = enclosed(low, high)
    while True:
        wide = too_wide(below, above, halving)
        split = wide & ((high - low).max(dim=1).values > halving.smallest_side)
        room = halving.most(len(axes)) - len(low)
        chosen = torch.nonzero(split)[:, 0]
        if len(chosen) > room:
            order = (high - low)[chosen].prod(dim=1).argsort(descending=True, stable=True)
            chosen = chosen[order[:room]]
        if len(chosen) == 0:
            break
        a, b = _halves(low[chosen], high[chosen], enclosed, halving)
        kept = torch.ones(len(low), dtype=torch.bool)
        kept[chosen] = False
        parts = (torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]]))
        ends = enclosed(*parts)
        low, high = torch.cat([low[kept], parts[0]]), torch.cat([high[kept], parts[1]])
        below, above = torch.cat([below[kept], ends[0]]), torch.cat([above[kept], ends[1]])
    hidden = _hidden((low, high), (below, above), wide, enclosed, halving)
    return Leaves(function, axes, low, high, rare_boxes(high - low), hidden)


def too_wide(below: Tensor, above: Tensor, halving: Halving = HALVING) -> Tensor:
    """Which enclosures `(n,)` are wide against the range of the function, as far as it is known."""
    width = above - below
    finite = below.isfinite() & above.isfinite()
    if not bool(finite.any()):
        return torch.ones_like(finite)
    span = float(above[finite].max() - below[finite].min())
    size = float(torch.maximum(above[finite].abs(), below[finite].abs()).max())
    return ~(width <= max(halving.wide * span, halving.roundoff * size + halving.underflow))


def _halves(
    low: Tensor, high: Tensor, enclosed: Enclosed, halving: Halving
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Both halves of boxes, across the side along which the function varies most.

    Flattened along that side, its enclosure narrows most. It is flattened onto no place that is
    special, as the middle may be: there a source's enclosure is infinite, and along other sides it
    is not.
    """
    middle, side = (low + high) / 2, high - low
    aside, flattened = low + halving.aside * side, []
    for side_number in range(low.shape[1]):
        flat_low, flat_high = low.clone(), high.clone()
        flat_low[:, side_number] = flat_high[:, side_number] = aside[:, side_number]
        below, above = enclosed(flat_low, flat_high)
        width = (above - below).nan_to_num(posinf=torch.finfo(torch.float64).max)
        flattened.append(
            torch.where(side[:, side_number] > halving.smallest_side, width, torch.inf)
        )
    widths = torch.stack(flattened, dim=1)
    tied = widths <= widths.min(dim=1, keepdim=True).values
    axis = torch.where(tied, side, -1.0).argmax(dim=1)
    rows = torch.arange(len(low))
    first, second = high.clone(), low.clone()
    first[rows, axis] = second[rows, axis] = middle[rows, axis]
    return (low, first), (second, high)


def _hidden(
    boxes: tuple[Tensor, Tensor],
    ends: tuple[Tensor, Tensor],
    wide: Tensor,
    enclosed: Enclosed,
    halving: Halving,
) -> Tensor:
    """Boxes whose wide enclosure is not explained by values at their corners and middle."""
    hidden = wide.clone()
    low, high = (side[wide] for side in boxes)
    if len(low) == 0:
        return hidden
    lowest, highest = torch.full((len(low),), torch.inf), torch.full((len(low),), -torch.inf)
    for corner in corners(low.shape[1]):
        x = low + corner * (high - low)
        below, above = enclosed(x, x)
        value = (below + above) / 2
        value = torch.where(value.isfinite(), value, torch.nan)
        lowest, highest = torch.fmin(lowest, value), torch.fmax(highest, value)
    below, above = (end[wide] for end in ends)
    hidden[wide] = ~(highest - lowest >= halving.explained * (above - below))
    return hidden


def corners(k: int) -> Tensor:
    """Corners and middles `(n, k)` of the unit cube, of its faces and edges; in many coordinates
    some of them.
    """
    of_a_side = torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64)
    points = torch.cartesian_prod(*[of_a_side] * k).reshape(-1, k)
    return points if k <= 3 else points[:: len(points) // 16]


def rare_boxes(sides: Tensor, rarity: Rarity = RARITY) -> Tensor:
    """The smallest boxes `(n,)` by their sides `(n, k)`, as long as they are of little volume
    together, and much smaller than boxes are as a rule.
    """
    volumes = sides.prod(dim=1)
    order = volumes.argsort(stable=True)
    share = volumes[order].cumsum(dim=0)
    usual = volumes[order][
        int(torch.searchsorted(share, 0.5 * share[-1:])[0].clamp(max=len(volumes) - 1))
    ]
    rare = torch.zeros(len(volumes), dtype=torch.bool)
    rare[order] = (share <= rarity.share) & (volumes[order] * rarity.smaller <= usual)
    return rare
