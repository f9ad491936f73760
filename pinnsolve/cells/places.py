"""Points of all conditions, dealt to the cells where their rows stand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.cells.kinds import looking_alike
from pinnsolve.cells.pins import pins_of, with_pins
from pinnsolve.cells.points import (
    DENSITY,
    Placed,
    lengths_alike,
    on_sides,
    points_along,
    spread,
)
from pinnsolve.cells.rims import with_rims
from pinnsolve.cells.rows import Rows, Shared
from pinnsolve.cells.spaces import inside
from pinnsolve.cells.teams import dealt
from pinnsolve.cells.tips import beside_tips, within_tips
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.draw import joined
from pinnsolve.discretize.points import Points, dimension, fills_domain, sample_region
from pinnsolve.discretize.rough import Roughness, roughness
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.cellwise import Cells
from pinnsolve.fields.tree import faces
from pinnsolve.jets.indices import members
from pinnsolve.mgrit.communicator import ALONE, Communicator

Held = list[tuple[Residual, Points]]


def rows_of(
    system: System,
    cells: Cells,
    seed: int,
    units: Tensor | None = None,
    placed: Placed = on_sides,
    ranks: Communicator = ALONE,
) -> Rows:
    """Points of all conditions, dealt to the cells; alike cells get alike points, those of plane
    faces as they are `placed`. Units of the unknowns are `(n_unknowns,)` (None: they are alike).
    Each rank has those of its own cells.
    """
    own = range(*dealt(cells.tree, ranks.size)[ranks.rank])
    local, beside = ([Held() for _ in cells.tree.cells] for _ in range(2))
    shared, rough = list[Shared](), roughness(system)
    for k, residual in enumerate(system.residuals):
        if not fills_domain(residual.condition.region):
            p = _on_faces(residual, cells, seed + k, placed, rough)
            _deal(residual, p, cells, beside, shared)
    between = tuple(faces(cells.tree))
    # Slopes of nonlinear equations differ from cell to cell.
    every = tuple(range(len(cells.spaces)))
    looks = looking_alike(cells, between, beside) if system.linear else every
    wanted = {*own, *(looks[number] for number in own)}
    equations = [r for r in system.residuals if fills_domain(r.condition.region)]
    for number in range(len(cells.tree.cells)):
        pins = pins_of(beside[number])
        held = _inside(equations, cells, number, rough, pins, seed, number in wanted)
        for residual, p, here in held:
            if here:
                local[number].append((residual, p))
            else:
                _deal(residual, p, cells, local, shared)
    both = tuple((*a, *b) for a, b in zip(local, beside, strict=True))
    count = sum(len(p.x) for number in own for _, p in both[number])
    return Rows(
        system,
        cells,
        both,
        int(ranks.total(DOUBLE.new_tensor([float(count)]))),
        between,
        tuple(shared),
        orders(system),
        cells.spaces[0].like.new_ones(system.n_unknowns) if units is None else units,
        looks,
    )


def _inside(
    equations: Sequence[Residual],
    cells: Cells,
    number: int,
    rough: Roughness,
    pins: Sequence[Array],
    seed: int,
    wanted: bool,
) -> Iterator[tuple[Residual, Points, bool]]:
    """Points of the equations in a cell's box, and whether all that they take is there: of these,
    if the cell is wanted.
    """
    box, columns = cells.tree.cells[number], cells.spaces[number].columns
    each = math.ceil(DENSITY.rows * columns / max(1, _living(equations, cells, number)))
    for residual in equations:
        here = _is_local(residual, cells, number)
        if wanted or not here:
            x = inside(residual.condition.region, box, each, seed)
            if len(x):
                x = with_pins(x, pins, residual.condition.region, seed)
                p = with_rims(residual, box, x, seed)
                yield residual, within_tips(residual, p, rough, box, seed), here


def _is_local(residual: Residual, cells: Cells, number: int) -> bool:
    """Whether an equation takes, at points of a cell, nothing but what lives there."""
    here = all(trace.points is None for trace in residual.traces)
    return here and all(cells.alive[slot.unknown, number] for slot in residual.slots)


def _living(equations: Sequence[Residual], cells: Cells, number: int) -> int:
    """How many of the equations hold in a cell."""
    alive = cells.alive[:, number]
    return sum(any(alive[s.unknown] for s in r.slots) for r in equations)


def orders(system: System) -> tuple[tuple[int, ...], ...]:
    """The highest derivative of every unknown along every coordinate: `[unknown][axis]`."""
    dim = len(system.domain.coordinates)
    highest = np.zeros((system.n_unknowns, dim), dtype=int)
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            for slot in residual.slots:
                for index in members(slot.index):
                    highest[slot.unknown] = np.maximum(highest[slot.unknown], index)
    return tuple(tuple(int(n) for n in row) for row in highest)


def _on_faces(
    residual: Residual, cells: Cells, seed: int, placed: Placed, rough: Roughness
) -> Points:
    """Points of a condition on faces: in every cell as densely as its functions ask for."""
    region, dim = residual.condition.region, len(cells.tree.bounds)
    flat = dimension(region)
    if flat == 0 or region.is_listed:
        return sample_region(region, 1, seed)
    owners_of = [s.unknown for s in residual.slots] or [0]
    poles = [max(block.basis.harmonic for block in space.blocks) for space in cells.spaces]
    seen = poles if dim == 3 else [0] * len(poles)
    along = np.array(
        [points_along(space.columns, n, dim) for space, n in zip(cells.spaces, seen, strict=True)]
    )
    dense = along[:, None] / np.array(list(map(lengths_alike, cells.tree.cells)))
    probe = sample_region(region, 4096, seed)
    area = float(probe.weights.sum())
    wanted = _wanted(probe, dense[cells.owners(probe.x, owners_of[0])], flat)
    total = max(math.ceil(area * wanted.max()), 2 * flat)
    # The rim of a tiny hole wants as many as the side of its cell, and as poles: all of them are
    # seen there, and those that are solutions of the equation nowhere else.
    least = np.ceil(np.maximum(along**flat, DENSITY.rows * np.array(poles))).astype(int)
    lacking = 1.0
    while True:
        total = min(DENSITY.drawn, math.ceil(lacking * total))
        p = sample_region(region, total, seed)
        owner = cells.owners(p.x, owners_of[0])
        numbers, counts = np.unique(owner, return_counts=True)
        lacking = float((least[numbers] / counts).max())
        if lacking <= 1 or total == DENSITY.drawn:
            break
    wanted = _wanted(p, dense[owner], flat)
    kept = []
    for number in np.unique(owner):
        mine = np.flatnonzero(owner == number)
        share = min(1.0, float(wanted[mine].mean()) * area / max(total, 1))
        n = max(math.ceil(share * len(mine)), int(least[number]))
        own = p.taken(mine[spread(p.x[mine], n)])
        if dim == 2:
            box = cells.tree.cells[number]
            own = placed(own, box, region, dense[number])
            own = beside_tips(residual, own, rough, box, seed)
        kept.append(own)
    return joined(kept[0], kept[1:])


def _wanted(p: Points, dense: Array, flat: int) -> Array:
    """Points a unit of area, `(n,)`, that surfaces want there, with so many a unit of length along
    each coordinate, `dense (n, dim)`.
    """
    if p.normals is None or flat < dense.shape[1] - 1:
        alike: Array = dense.max(axis=1) ** flat
        return alike
    # Of an area across each coordinate, those along all others.
    each = [np.delete(dense, axis, axis=1).prod(axis=1) for axis in range(dense.shape[1])]
    wanted: Array = np.linalg.norm(np.stack(each, axis=1) * p.normals, axis=1)
    return wanted


def _deal(
    residual: Residual,
    p: Points,
    cells: Cells,
    local: Sequence[Held],
    shared: list[Shared],
) -> None:
    """Points of a condition to the cells that hold all of its places; others are shared."""
    x = p.tensors()[0]
    places = [array_of(trace(x)) for trace in residual.traces]
    if any(trace.rule is not None for trace in residual.traces):
        raise ValueError(f"cells know no integrals: {residual.condition}")
    owners = np.stack([cells.owners(places[s.trace], s.unknown) for s in residual.slots])
    kinds, which = np.unique(owners, axis=1, return_inverse=True)
    for k, kind in enumerate(kinds.T):
        mine = p.taken(np.flatnonzero(which.ravel() == k))
        if (kind == kind[0]).all():
            local[int(kind[0])].append((residual, mine))
        else:
            slots = {
                int(n): tuple(int(i) for i in np.flatnonzero(kind == n)) for n in np.unique(kind)
            }
            shared.append(Shared(residual, mine, slots))
