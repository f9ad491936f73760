"""What is given on a grid, an array of pixels, as what differs by region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike
from sympy import Symbol

from pinnsolve.declare.by_region import ByRegion, by_region
from pinnsolve.declare.gridded import Called, increasing, numbers_on
from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.solids import Box
from pinnsolve.symbols.given import by_symbol, shown

Slices = tuple[slice, ...]


@dataclass(frozen=True)
class Pixels:
    """How many boxes of an array a problem is made of."""

    # Each has an unknown, equations and faces of its own, and all pairs are looked at: 144 boxes
    # are declared in 20 CPU s and compiled in as many, 64 declared and solved to 1e-4 in 55
    boxes: int = 256


PIXELS = Pixels()
EDGES = Called("by_array", "edges", "pixel", "give one value between two edges")


def by_array(edges: Mapping[Symbol, ArrayLike], values: ArrayLike) -> ByRegion:
    """A coefficient or a load that is constant in every pixel of a grid.

    `edges` are those of the pixels along each coordinate, `(n + 1,)`, and `values` one number a
    pixel, `(n_x, n_y, ...)`: `values[i, j]` where x lies between `edges[x][i]` and the next one.
    Neighbours of equal value make one box, so that an array is `by_region` of as few boxes as a
    greedy search finds. The edges end where the domain does. Raises TypeError for what is no
    mapping of coordinates, ValueError for shapes that do not match, edges that do not increase,
    values that are not finite, or more boxes than can be solved for.

    >>> from sympy import Eq
    >>> from pinnsolve import Box, Problem, by_array, coordinates, divergence, gradient, solve
    >>> from pinnsolve import unknown
    >>> x, y = coordinates("x y")
    >>> u, plate = unknown("u", x, y), Box({x: (0, 2), y: (0, 1)})
    >>> k = by_array({x: [0, 1, 2], y: [0, 0.5, 1]}, [[400, 400], [50, 50]])
    >>> len(k.formulas)
    2
    >>> conduction = Eq(divergence(k * gradient(u)), 0)
    >>> walls = [Eq(u.diff(y), 0) @ plate.at(y=at) for at in (0, 1)]
    >>> heated = Problem(plate, conduction, Eq(u(0, y), 0), Eq(u(2, y), 9), *walls)
    >>> solution = solve(heated, tolerance=1e-6)
    >>> f"{solution(1.0, 0.5):.4f}"
    '1.0000'
    """
    held = by_symbol(edges)
    if not held:
        raise TypeError(
            "by_array wants the edges of its pixels by coordinate, {x: [0, 1, 2], y: [0, 1]}: got"
            f" {shown(edges)}"
        )
    lines = [increasing(EDGES, c, line) for c, line in held.items()]
    numbers = numbers_on(EDGES, values, list(held), [len(line) - 1 for line in lines])
    blocks = list(_blocks(numbers))
    if len(blocks) > PIXELS.boxes:
        raise ValueError(
            f"by_array makes {len(blocks)} boxes of {numbers.size} values, and at most"
            f" {PIXELS.boxes} can be solved for: round the values, so that neighbours are equal,"
            " or average them over larger pixels; what varies smoothly is a formula"
        )
    return by_region(
        {_box(list(held), lines, b): _exact(float(numbers[b].flat[0])) for b in blocks}
    )


def _blocks(numbers: Array) -> Iterator[Slices]:
    """Blocks of equal numbers that fill an array: from the first free pixel on, as far as it goes
    along the last axis, then along the one before.
    """
    free = np.ones(numbers.shape, dtype=bool)
    for first in product(*map(range, numbers.shape)):
        if not free[first]:
            continue
        same = free & (numbers == numbers[first])
        block = [slice(k, k + 1) for k in first]
        for axis in reversed(range(numbers.ndim)):
            while block[axis].stop < numbers.shape[axis]:
                end = block[axis].stop
                if not same[(*block[:axis], slice(end, end + 1), *block[axis + 1 :])].all():
                    break
                block[axis] = slice(block[axis].start, end + 1)
        free[tuple(block)] = False
        yield tuple(block)


def _box(names: Sequence[Symbol], lines: Sequence[Array], block: Slices) -> Box:
    return Box(
        {
            c: (_exact(float(line[own.start])), _exact(float(line[own.stop])))
            for c, line, own in zip(names, lines, block, strict=True)
        }
    )


def _exact(value: float) -> int | float:
    """A whole number as one, as a user would write it."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else float(value)
