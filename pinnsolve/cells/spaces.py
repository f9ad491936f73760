"""Functions for every cell: a basis over its box, for the unknowns that live there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pinnsolve.basis.basis import Basis, Declaration, Domain
from pinnsolve.basis.sums import of_unknown
from pinnsolve.cells.particular import known_to
from pinnsolve.cells.points import DENSITY
from pinnsolve.cells.shared import shared_by
from pinnsolve.compile.system import System
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.cellwise import NOTHING, Cells
from pinnsolve.fields.space import Block, Space
from pinnsolve.fields.tree import Tree
from pinnsolve.geometry.region import Region
from pinnsolve.running.budget import FOREVER, Budget

# Of the number of a cell, that of the basis among its own, what is declared, and the box.
Make = Callable[[int, int, Declaration, Domain], Basis]


def cells_of(
    system: System,
    tree: Tree,
    declared: Sequence[Declaration],
    seed: int,
    budget: Budget = FOREVER,
) -> Cells:
    """The functions of every cell, drawn by one seed: cells of one shape have the same ones.

    An unknown lives in a cell where its region reaches into it. Raises OutOfTimeError when the
    budget's seconds are used: thousands of cells take as many before anything is solved.
    """

    def lives(region: Region, box: Array) -> bool:
        budget.require()
        return bool(len(inside(region, box, 1, seed)))

    def made(number: int, _: int, part: Declaration, own: Domain) -> Basis:
        budget.require()
        return known_to(part.build(own, seed), system, tree.cells[number], known)

    shared = shared_by(system, tree, declared)
    known = None if shared is None else shared.on
    alive = np.array([[lives(region, box) for box in tree.cells] for region in system.supports])
    spaces = spaces_of(tree, declared, system.supports, alive, made)
    return Cells(tree, spaces, alive, system.supports)


def spaces_of(
    tree: Tree,
    declared: Sequence[Declaration],
    supports: Sequence[Region],
    alive: NDArray[np.bool_],
    make: Make,
) -> tuple[Space, ...]:
    """A space for every cell: functions of the part of it that the box of an unknown's region
    covers; unknowns of one such part share them, unless other ones are declared for them. `alive
    (n_unknowns, n_cells)` says where they live.
    """
    spaces = []
    for number, (box, part) in enumerate(zip(tree.cells, declared, strict=True)):
        blocks: dict[tuple[object, ...], Block] = {}
        mine = []
        for unknown, (region, lives) in enumerate(zip(supports, alive[:, number], strict=True)):
            own, declared_here = _covered(region, box), of_unknown(part, unknown)
            key = (*own.values(), declared_here is part)
            if lives and key not in blocks:
                blocks[key] = Block(make(number, len(blocks), declared_here, own))
            mine.append(blocks[key] if lives else NOTHING)
        spaces.append(Space(tuple(mine)))
    return tuple(spaces)


def _covered(region: Region, box: Array) -> Domain:
    """The part of a box `(dim, 2)` that the bounding box of a region covers."""
    low = np.maximum(box[:, 0], region.bounds[:, 0])
    high = np.minimum(box[:, 1], region.bounds[:, 1])
    sides = zip(region.coordinates, low.tolist(), high.tolist(), strict=True)
    return {c.name: (a, b) for c, a, b in sides}


def inside(region: Region, box: Array, n: int, seed: int) -> Array:
    """About n points of a region in a box `(dim, 2)`, evenly; fewer, and none, where little of it
    lies there.
    """
    low, high = (
        np.maximum(box[:, 0], region.bounds[:, 0]),
        np.minimum(box[:, 1], region.bounds[:, 1]),
    )
    if (high <= low).any():
        return np.empty((0, len(box)))
    # The same points of a box for every seed that is given: alike cells have alike rows.
    generator = np.random.default_rng(seed)
    kept = np.empty((0, len(box)))
    while len(kept) < n:
        found, spacing = _drawn(region, low, high, n - len(kept), generator)
        kept = np.concatenate([kept, found])
        if not len(found):
            break
        # Of a thin part few points are found in the whole box: it is looked at more closely.
        closer = np.maximum(low, kept.min(axis=0) - spacing)
        high, before = np.minimum(high, kept.max(axis=0) + spacing), high - low
        low = closer
        if np.prod((high - low) / before) > DENSITY.closer:
            break
    return kept[:n]


def _drawn(
    region: Region, low: Array, high: Array, n: int, generator: np.random.Generator
) -> tuple[Array, Array]:
    """About n points of a region between two corners, or as many as some draws find; and the
    distances of the last draw's points along each coordinate.
    """
    kept, total, count, last = [np.empty((0, len(low)))], 0, n, n
    while total < n and count <= max(DENSITY.looked_at, 64 * n):
        x = low + (high - low) * sobol(count, len(low), generator)
        x = x[region.signed_distance(x, high - low) < 0]
        kept.append(x)
        total, last = total + len(x), count
        count = max(DENSITY.looked_at // 4, 4 * count)
    return np.concatenate(kept), (high - low) / math.pow(last, 1 / len(low))
