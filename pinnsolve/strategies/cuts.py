"""Where cells end at first: where data jump, where materials meet, and where data vary more than a
cell can hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from pinnsolve.basis.adapted.meetings import Meeting
from pinnsolve.cells.foresight import Foresight
from pinnsolve.compile.system import System
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.tree import Tree, contains, grid, holds, replaced
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.holes import slots
from pinnsolve.search.boundary_layers import BoundaryLayer

Point = tuple[float, float]


@dataclass(frozen=True)
class Cutting:
    """How cells are cut before anything is solved."""

    # Of the goal: what the data may leave over in all cells. Solves, whose points are not as dense
    # towards the sides, leave up to seven times as much
    foreseen: float = 0.1
    # Cells, at most, for the sake of the data, by dimension
    most: tuple[int, ...] = (400, 600, 64)
    # Of the largest gain, in orders of magnitude: cuts that gain as much are alike
    alike: float = 0.3
    # Of the domain's sides: a cell between cuts that are given is no thinner
    thinnest: float = 0.02
    # The same beside the middle of a slot, which lies near a wall perhaps, or another slot
    beside_slots: float = 1e-3
    # Halvings towards a corner where a wall slides along another: what its functions do not hold
    # goes like r^3, and falls as fast. Driven cavity, Re = 100: with none 2e-3 to 2e-2 from finite
    # differences, with two 4e-5
    graded: int = 2
    # Of the domain's longest side: no cell is made smaller for a corner
    smallest: float = 1e-6
    # Thicknesses of a boundary layer that a cell on its wall holds: 350 waves leave 1e-7 of
    # exp(-12 s), 250 leave 2e-7
    layer: float = 12.0
    # Of the domain's side: no cell is made thinner for a layer, lest its points are one in float64
    thinnest_in_layers: float = 1e-9


CUTTING = Cutting()


def graded(tree: Tree, corners: Sequence[Point]) -> Tree:
    """The same cells of the plane; those in which a corner lies are quartered, and quartered again
    around it.
    """
    for _ in range(CUTTING.graded):
        tree = _quartered_around(tree, corners)
    return tree


def graded_within(tree: Tree, corners: Sequence[tuple[Point, float]]) -> Tree:
    """The same cells of the plane; those in which a corner lies are quartered until they are no
    larger than its functions reach, one length a corner.
    """
    for at, reach in corners:
        size = max(reach, CUTTING.smallest * float(np.ptp(tree.bounds, axis=1).max()))
        while any(np.ptp(box, axis=1).max() > size for box in tree.cells if holds(box, at)):
            tree = _quartered_around(tree, [at])
    return tree


def _quartered_around(tree: Tree, corners: Sequence[Point]) -> Tree:
    return replaced(tree, lambda _, box: _quartered(box, corners))


def _quartered(box: Array, corners: Sequence[Point]) -> Tree:
    """In four; a cell that is thin across its long side alone."""
    if not any(holds(box, at) for at in corners):
        return Tree(box)
    sides = np.ptp(box, axis=1)
    return grid(box, np.where(2 * sides > sides.max(), 2, 1).tolist())


def graded_to_layers(tree: Tree, layers: Sequence[BoundaryLayer]) -> Tree:
    """The same cells; those on the wall of a boundary layer are halved across it until they are no
    more than some times as thick.
    """
    for layer in layers:
        side = float(np.ptp(tree.bounds[layer.axis]))
        enough = max(CUTTING.layer * layer.thickness, CUTTING.thinnest_in_layers * side)
        tree = replaced(tree, partial(_graded_to, layer, tree.bounds, enough))
    return tree


def _graded_to(layer: BoundaryLayer, whole: Array, enough: float, _: int, box: Array) -> Tree:
    own, end = box[layer.axis], layer.end
    if own[end] != whole[layer.axis, end] or np.ptp(own) <= enough:
        return Tree(box)
    return replaced(_halved(box, layer.axis), partial(_graded_to, layer, whole, enough))


def cut_for_data(
    tree: Tree,
    foresight: Foresight,
    whole: Sequence[Array],
    goal: float,
    most: float = math.inf,
) -> Tree:
    """The same cells, cut until what each can hold of the data allows the goal to be reached, the
    worst first, or there are `most`; boxes `(dim, 2)` that shall be `whole` are not cut.
    """
    most = int(min(most, CUTTING.most[min(len(tree.bounds), 3) - 1]))
    while math.isfinite(goal) and len(tree.cells) < most:
        seen = [foresight.at(box) for box in tree.cells]
        total = sum(each.size for each in seen) or 1.0
        enough = (CUTTING.foreseen * goal) ** 2 / len(seen)
        left = np.array([max(each.left / total, each.bent) for each in seen])
        worst = np.argsort(-left)[: most - len(seen)]
        marked = [int(k) for k in worst if left[k] > enough]
        axes = {
            k: _across(tree.cells[k], foresight)
            for k in marked
            if not any(contains(tree.cells[k], box) for box in whole)
        }
        if not axes:
            break
        tree = replaced(tree, partial(_cut_across, axes))
    return tree


def _across(box: Array, foresight: Foresight) -> int:
    """The coordinate across which a cell `(dim, 2)` is halved, so that its halves hold more of the
    data: its longest side, if they do so alike.
    """
    sides, seen = np.ptp(box, axis=1), foresight.at(box)
    if seen.on_faces or not seen.raw > 0:
        return int(np.argmax(sides))
    halves = [_halved(box, axis).cells for axis in range(len(box))]
    left = [sum(foresight.at(half).raw for half in each) / seen.raw for each in halves]
    # By orders of magnitude: across a front all is gained, along it nothing.
    gained = -np.log(np.clip(left, 1e-300, 1.0))
    alike = np.flatnonzero(gained >= CUTTING.alike * gained.max())
    return int(alike[np.argmax(sides[alike])])


def _cut_across(axes: Mapping[int, int], number: int, box: Array) -> Tree:
    return _halved(box, axes[number]) if number in axes else Tree(box)


def _halved(box: Array, axis: int) -> Tree:
    return grid(box, [2 if a == axis else 1 for a in range(len(box))])


def places_of_cuts(system: System, meetings: Sequence[Meeting]) -> Sequence[Sequence[float]]:
    """Places across each coordinate, at which cells end: where materials meet, in the middle of
    slots, and where the data jump or have a kink; of fewer of them, or none, where some cells would
    be too thin.
    """
    bounds, planes = system.domain.bounds, [k.plane for r in system.residuals for k in r.kinks]
    through = _through(meetings, bounds)
    both = [
        sorted({*own, *(plane[1] for plane in planes if plane and plane[0] == c)})
        for own, c in zip(through, system.domain.coordinates, strict=True)
    ]
    none: Sequence[Sequence[float]] = [[] for _ in bounds]
    ways = (both, through, none)
    lines = next(way for way in ways if not _too_thin(way, bounds, CUTTING.thinnest))
    for across, at in slots(system.domain):
        pairs = zip(lines, system.domain.coordinates, strict=True)
        more = [sorted({*own, at}) if across == c else own for own, c in pairs]
        lines = lines if _too_thin(more, bounds, CUTTING.beside_slots) else more
    return lines


def _through(meetings: Sequence[Meeting], bounds: Array) -> Sequence[Sequence[float]]:
    """Places across each coordinate, at which cuts go through the points where materials meet, of a
    box `(dim, 2)`.
    """
    lines = list[list[float]]()
    for axis, (low, high) in enumerate(bounds):
        near = CLOSE * (high - low)
        # Of the regions themselves, to the last bit: what is left beside a cut would be a sliver.
        sides = {side for m in meetings for sector in m.sectors for side in sector.bounds[axis]}
        at = [m.at[axis] for m in meetings]
        lines.append(sorted(s for s in sides if any(abs(s - place) < near for place in at)))
    return lines


def _too_thin(lines: Sequence[Sequence[float]], bounds: Array, thinnest: float) -> bool:
    """Whether cells between cuts of a box `(dim, 2)` would be thinner than a part of its sides."""
    gaps = [
        np.diff(np.unique([low, *places, high])).min() / (high - low)
        for places, (low, high) in zip(lines, bounds, strict=True)
    ]
    return bool(min(gaps) < thinnest)
