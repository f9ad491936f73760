"""Stages of implicit steps in cells: one elliptic problem each, in a tree that was condensed once
for all steps of a size.

A nonlinear stage is solved by Newton's method with the slopes of an earlier state (the chord): the
target is what the equations miss at the iterate, plus the known matrix times that, so that the
iterate is replaced, not corrected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.cells.eliminate import Elimination, Raw
from pinnsolve.cells.kept import Factored, factored
from pinnsolve.cells.kinds import same
from pinnsolve.cells.rows import scale_of
from pinnsolve.cells.teams import Key
from pinnsolve.discretize.assemble import NotFiniteError
from pinnsolve.evolution.collocated import Collocated, Places
from pinnsolve.running.budget import Budget


@dataclass(frozen=True, eq=False)
class Matrices:
    """The matrix of stages of one `size`, gamma h: its factors, slopes `(n_slots, n)` of every
    equation at its points, and what rows are multiplied by, `(n,)`. They are those about a state
    `(columns,)`, or about zero (None).
    """

    size: float
    factors: Factored
    slopes: tuple[Tensor, ...]
    scales: tuple[Tensor, ...]
    about: Tensor | None


@dataclass(frozen=True, eq=False)
class Known:
    """What a stage at time t knows of those before: U = a + s U_t, as numbers `(n, timed)` for the
    derivatives in time of every equation.
    """

    t: float
    numbers: tuple[Tensor, ...]


def known_of(space: Collocated, t: float, size: float, a: Tensor) -> Known:
    """Of coefficients `(columns,)`."""
    numbers, each = [], space.each(a)
    for places, orders in zip(space.places, space.stages.orders, strict=True):
        timed = [i for i, order in enumerate(orders) if order]
        held = places.slots(space.spaces, each)[timed] if timed else places.x.T[:0]
        numbers.append(-held.T / size)
    return Known(t, tuple(numbers))


def matrices_of(
    space: Collocated, size: float, known: Known, about: Tensor | None, budget: Budget
) -> Matrices:
    """Condensed about a state `(columns,)`, or zero. Raises NotFiniteError where slopes are not
    finite.
    """
    slopes = []
    for k, places in enumerate(space.places):
        u, data = _slots(space, places, about), _data(space, k, size, known)
        slopes.append(places.residual.slopes(places.x, data, u))
        if not bool(slopes[-1].isfinite().all()):
            raise NotFiniteError(f"not finite on the points: {places.residual.condition}")
    scales = tuple(places.x.new_ones(len(places.x)) for places in space.places)

    def raw(number: int) -> Raw:
        budget.require()
        return _raw(space, number, slopes, scales)

    def first(number: int) -> int:
        other = space.rows.looks[number]
        return other if _alike(space, slopes, number, other) else number

    tree, members = space.rows.cells.tree, space.rows.members
    elimination = Elimination(tree, raw, members, first=first)
    return Matrices(size, factored(elimination), tuple(slopes), scales, about)


def _alike(space: Collocated, slopes: Sequence[Tensor], number: int, other: int) -> bool:
    """Whether two cells that look alike have the same functions, slopes and traces."""
    if number == other:
        return True
    for places, slope in zip(space.places, slopes, strict=True):
        a, b = places.slices.get(number), places.slices.get(other)
        if (a is None) != (b is None):
            return False
        if a is not None and b is not None:
            together = any({number, other} <= set(group.cells) for group in places.groups)
            if not (together and same(slope[:, a], slope[:, b])):
                return False
    ours, theirs = (list(space.traces[k].values()) for k in (number, other))
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) and all(same(s.matrix, t.matrix) for s, t in pairs)


def _raw(space: Collocated, number: int, slopes: Sequence[Tensor], scales: Sequence[Tensor]) -> Raw:
    """The rows of a cell; what they are multiplied by is written down."""
    own, units = space.spaces[number], space.rows.units_of(number)
    held = [
        (places, slope, scale, places.slices[number])
        for places, slope, scale in zip(space.places, slopes, scales, strict=True)
        if number in places.slices
    ]
    weight = max(1, sum(mine.stop - mine.start for *_, mine in held)) ** -0.5
    parts = [own.like.new_zeros(0, own.columns)]
    for places, slope, scale, mine in held:
        functions = next(g.functions for g in places.groups if number in g.cells)
        matrix = own.like.new_zeros(mine.stop - mine.start, own.columns)
        for i, (phi, slot) in enumerate(zip(functions, places.residual.slots, strict=True)):
            matrix[:, own.slices[slot.unknown]] += slope[i, mine, None] * phi
        matrix = units * matrix
        scale[mine] = weight * scale_of(places.residual, matrix)
        parts.append(scale[mine, None] * matrix)
    rows = torch.cat(parts)
    return Raw(rows, rows.new_zeros(len(rows)), space.traces[number], space.rows.free(number))


def solved_stage(
    space: Collocated, matrices: Matrices, known: Known, iterate: Tensor | None
) -> Tensor:
    """The next iterate `(columns,)`; from none, where equations are linear and their matrices the
    same at all times.
    """
    targets = []
    for k, (places, slopes) in enumerate(zip(space.places, matrices.slopes, strict=True)):
        u, data = _slots(space, places, iterate), _data(space, k, matrices.size, known)
        target = (slopes * u).sum(dim=0) - places.residual.value(places.x, data, u)
        targets.append(matrices.scales[k] * target)
    pairs = list(zip(space.places, targets, strict=True))
    of_cells = [
        torch.cat([space.shares[:0], *(t[p.slices[n]] for p, t in pairs if n in p.slices)])
        for n in range(len(space.spaces))
    ]
    found = matrices.factors.solve(of_cells, _offsets(space, known.t))
    return torch.cat([space.rows.units_of(n) * z for n, z in enumerate(found)])


def _slots(space: Collocated, places: Places, state: Tensor | None) -> Tensor:
    if state is None:
        return places.x.new_zeros(len(places.residual.slots), len(places.x))
    return places.slots(space.spaces, space.each(state))


def _data(space: Collocated, k: int, size: float, known: Known) -> Tensor:
    places = space.places[k]
    data = space.stages.data(k, known.t, 1 / size, len(places.x))
    data[:, 2:] = known.numbers[k]
    return torch.cat([places.normals, data], dim=1)


def _offsets(space: Collocated, t: float) -> list[dict[Key, Tensor]]:
    """What shared conditions ask for at a time, of the first cell of each."""
    offsets: list[dict[Key, Tensor]] = [{} for _ in space.spaces]
    for key, shared in enumerate(space.shared, len(space.rows.faces)):
        offsets[shared.first][key] = -shared.target(t)
    return offsets
