"""Which holes have a cell of their own, and with how many poles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.compile.system import System
from pinnsolve.discretize.points import fills_domain
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.holes import in_holes
from pinnsolve.fields.tree import Tree, around, contains, replaced
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.jets.indices import order_of
from pinnsolve.strategies.own_poles import order_of_data, square_in, with_own_poles


@dataclass(frozen=True)
class Kept:
    """Which holes are kept whole, in a cell of their own."""

    # The last pole's coefficient, relative to the first one's
    smallest: float = 1e-10
    # Poles: with more of them, cells that a hole cuts are better
    most: int = 32
    # The same of poles of the equation's own, in cells that cut a hole
    most_cut: int = 64
    # The same in space, where they are the square; there the last one is this part of the goal
    of_goal: float = 0.1
    most_in_space: int = 12
    # An order that is too high for any
    nearly_touching: int = 1_000_000
    # Powers of |z|^2 beside poles, where equations have terms of lower order
    depth: int = 4
    # The same in space
    depth_in_space: int = 2
    # Diameters, of which the cell of a hole is no longer than so many, in systems with terms of
    # lower order: poles are those of the principal part, and waves have to make up for the rest.
    # Flow at Re = 20 in cells of 2.65 diameters: Newton's method did not converge; of 1.33 it did
    diameters: float = 1.4
    # And a cell beside it no longer than so many times its distance to the hole
    distances: float = 2.0
    # But longer than this part of the distance of the nearest image: tiny holes have rows of their
    # own beside their rims
    of_image: float = 1 / 8


KEPT = Kept()


def holes_kept(system: System, goal: float) -> tuple[Hole, ...]:
    """Holes around which a cell is worth while, with as many poles as their neighbours ask for."""
    return tuple(hole for hole in holes_with_orders(system, goal) if hole.order <= _most(system))


def holes_with_orders(system: System, goal: float) -> tuple[Hole, ...]:
    """All round holes, with as many poles as their neighbours ask for.

    Inside of a hole the solution goes on to where its boundary, and walls and holes nearby, mirror
    it: the nearest such place says how fast the poles' coefficients fall.
    """
    poles = in_holes(system)
    holes = poles.holes if poles else ()
    in_space = len(system.domain.coordinates) == 3
    smallest = max(KEPT.smallest, KEPT.of_goal * min(goal, 0.1)) if in_space else KEPT.smallest
    deep = KEPT.depth_in_space if in_space else KEPT.depth
    depth = deep if holes and _has_lower_terms(system) else 1
    found = []
    for hole in holes:
        ratio = hole.radius / _nearest_image(hole, holes, system.domain.bounds)
        order = max(hole.order, _last_seen(ratio, smallest))
        # Its own poles are few, and hold what data on the rim ask for, too.
        if has_own_poles(system, hole) and order <= _most(system):
            order = max(order, min(_most(system), order_of_data(system, hole, smallest)))
        found.append(replace(hole, order=order, depth=depth))
    return tuple(found)


def _last_seen(ratio: float, smallest: float) -> int:
    """Up to which order n powers ratio^n are no smaller than that."""
    if ratio >= 1:
        return KEPT.nearly_touching
    return math.ceil(math.log(smallest) / math.log(ratio)) if ratio else 0


def _most(system: System) -> int:
    """Poles that a hole may have in a cell that holds it."""
    return KEPT.most if len(system.domain.coordinates) == 2 else KEPT.most_in_space


def holes_of_systems(system: System, goal: float) -> bool:
    """Whether a system has holes in the plane that are kept whole."""
    return _holes_of_systems(system, holes_kept(system, goal))


def _holes_of_systems(system: System, holes: Sequence[Hole]) -> bool:
    together = system.n_unknowns // len(set(system.supports))
    return together > 1 and len(holes) > 0 and len(system.domain.coordinates) == 2


def graded_to_holes(tree: Tree, system: System, holes: Sequence[Hole]) -> Tree:
    """The same cells of the plane, and smaller ones near holes of a system: as long as the nearest
    mirror image is away, up to which its poles converge.

    Cells that are too large cost a system as much as the right ones, and Newton's method more.
    """
    if not _holes_of_systems(system, holes):
        return tree
    boxes, lower = [box_of(hole) for hole in holes], _has_lower_terms(system)
    longest = list[float]()
    for hole in holes:
        image = _nearest_image(hole, holes, system.domain.bounds)
        near = max(2 * KEPT.diameters * hole.radius, KEPT.of_image * image)
        longest.append(near if lower else image)

    def grown(_: int, box: Array) -> Tree:
        side, held = float(np.ptp(box, axis=1).max()), [x for x in boxes if contains(box, x)]
        allowed = [
            max(own, KEPT.distances * _apart(box, hole))
            for own, hole in zip(longest, boxes, strict=True)
        ]
        if side <= min(allowed):
            return Tree(box)
        return around(box, np.ptp(box, axis=1) / 2, held)

    finer = replaced(tree, grown)
    while len(finer.cells) > len(tree.cells):
        tree, finer = finer, replaced(finer, grown)
    return tree


def _apart(a: Array, b: Array) -> float:
    """The distance of two boxes `(dim, 2)`."""
    gaps = np.maximum(a[:, 0] - b[:, 1], b[:, 0] - a[:, 1])
    return float(np.linalg.norm(np.maximum(gaps, 0.0)))


def _nearest_image(hole: Hole, holes: Sequence[Hole], bounds: Array) -> float:
    """How far from a hole's center the nearest mirror image of its own center lies, in walls of the
    domain's box that it does not cut (one that it touches mirrors it), and in the other holes;
    infinity, if there is none, as of circles around it.
    """
    at = np.array(hole.at)
    walls = np.abs(bounds - at[:, None])
    twice = 2 * walls[walls > (1 - CLOSE) * hole.radius]
    images = [float(wall - hole.radius**2 / wall) for wall in twice]
    for other in holes:
        if other is not hole:
            apart = float(np.linalg.norm(at - other.at))
            images.append(abs(apart - other.radius**2 / apart) if apart else math.inf)
    return min(images, default=math.inf)


def _has_lower_terms(system: System) -> bool:
    """Whether an equation has derivatives of different orders of one unknown."""
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            orders: dict[int, set[int]] = {}
            for slot in residual.slots:
                orders.setdefault(slot.unknown, set()).add(order_of(slot.index))
            if any(len(found) > 1 for found in orders.values()):
                return True
    return False


def cut_by(
    box: Array, balls: Sequence[Hole], wavenumber: float, near: float = 0.0
) -> tuple[Hole, ...]:
    """The balls that a box `(3, 2)` meets, or is as `near` to as so many of its sides, with poles
    up to two orders more than waves of so many radians along its sides, in the mean, vary around
    the rim; not those beside which the box is so small that its waves hold what is around them.
    """
    side, found = float(np.cbrt(np.ptp(box, axis=1).prod())), []
    for hole in balls:
        order = math.ceil(wavenumber * hole.radius / side) + 2
        apart = float(np.linalg.norm(np.clip(hole.at, box[:, 0], box[:, 1]) - hole.at))
        if apart < hole.radius + near * side and order <= KEPT.most_in_space:
            depth = 1 if hole.square is None else 0
            found.append(replace(hole, order=order, depth=depth))
    return tuple(found)


def holes_cut(system: System, goal: float) -> tuple[Hole, ...]:
    """The balls that are cut out of a domain, where all unknowns live in the whole of it: those
    that live in a ball have no poles in its middle. In the plane those alone whose equation has
    poles of its own, of which as many as may be: of others there are too many.
    """
    if not all(region == system.domain for region in system.supports):
        return ()
    holes = holes_with_orders(system, goal)
    if len(system.domain.coordinates) == 2:
        holes = tuple(hole for hole in holes if has_own_poles(system, hole))
    return tuple(replace(hole, order=min(hole.order, KEPT.most_cut)) for hole in holes)


def box_of(hole: Hole) -> Array:
    """The box `(dim, 2)` around a hole."""
    return np.array([[c - hole.radius, c + hole.radius] for c in hole.at])


def has_own_poles(system: System, hole: Hole) -> bool:
    """Whether the equations around a hole have poles of their own."""
    return with_own_poles(hole, square_in(system, box_of(hole))).square is not None


def is_cut(hole: Hole, lines: Sequence[Sequence[float]]) -> bool:
    """Whether cuts at places across each coordinate go through a hole."""
    return any(a < at < b for (a, b), line in zip(box_of(hole), lines, strict=True) for at in line)
