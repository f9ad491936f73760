"""Parameters that are uniform on what a chart maps them to, of ones that are uniform in a cube."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Evening:
    """How densities are known."""

    # Boxes along each parameter, by how many of these there are: weights make up for what is left
    boxes: tuple[int, ...] = (1024, 64, 24)
    # Of the mean element: where a map comes to a point, a box has at least so much
    least: float = 1e-3


EVENING = Evening()


@dataclass(frozen=True)
class Evened:
    """A density that is constant in each of the boxes of a grid of the unit cube, `table (m, ...,
    m)`, with the mean 1.
    """

    table: Array

    @classmethod
    def of(cls, elements: Callable[[Array], Array], count: int) -> Evened:
        """The density of what so many parameters `(n, count)` have of elements `(n,)`, at the
        boxes' middles.
        """
        many = EVENING.boxes[min(count, len(EVENING.boxes)) - 1] if count else 1
        line = (np.arange(many) + 0.5) / many
        middles = np.stack(np.meshgrid(*[line] * count, indexing="ij"), -1).reshape(-1, count)
        each = elements(middles)
        each = np.maximum(each, EVENING.least * each.mean())
        return cls((each / each.mean()).reshape([many] * count))

    def __call__(self, s: Array) -> tuple[Array, Array]:
        """Parameters `(n, k)` with this density, and the density there, `(n,)`, of ones `s (n, k)`
        that are uniform: coordinate by coordinate, given those before (Rosenblatt, 1952).
        """
        moved, density = np.empty_like(s), np.ones(len(s))
        boxes: list[NDArray[np.int64]] = []
        for axis in range(s.shape[1]):
            many = self.table.shape[axis]
            later = tuple(range(axis + 1, s.shape[1]))
            mass = self.table.sum(axis=later)[tuple(boxes)]
            share = mass / mass.sum(axis=-1, keepdims=True)
            share = np.broadcast_to(share, (len(s), many))
            ends = np.cumsum(share, axis=1)
            box = np.minimum((ends <= s[:, axis, None]).sum(axis=1), many - 1)
            own = np.take_along_axis(share, box[:, None], 1)[:, 0]
            above = np.take_along_axis(ends, box[:, None], 1)[:, 0]
            moved[:, axis] = np.clip((box + 1 - (above - s[:, axis]) / own) / many, 0.0, 1.0)
            density *= own * many
            boxes.append(box)
        return moved, density
