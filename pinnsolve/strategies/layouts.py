"""Which cells, and which functions in each: at first, and where a solution asks for more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pinnsolve.basis.adapted.biharmonic import FlowCorner, FlowCornerFunctions
from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.meetings import Meeting, MeetingFunctions
from pinnsolve.basis.adapted.own_waves import OwnWaves
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Scale
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum
from pinnsolve.cells.foresight import foresight_of
from pinnsolve.cells.judge import Judged
from pinnsolve.cells.particular import particular_in
from pinnsolve.cells.shared import Sides
from pinnsolve.compile.system import System
from pinnsolve.discretize.flow_corners import known_flow_corners
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.cellwise import CellBases
from pinnsolve.fields.tree import Tree, along, around, contains, cuts_of, replaced
from pinnsolve.search.boundary_layers import boundary_layers
from pinnsolve.search.families.corners import known_corners
from pinnsolve.search.families.meetings import at_meetings
from pinnsolve.strategies.cuts import (
    cut_for_data,
    graded,
    graded_to_layers,
    graded_within,
    places_of_cuts,
)
from pinnsolve.strategies.kept import (
    box_of,
    cut_by,
    graded_to_holes,
    holes_cut,
    holes_kept,
    is_cut,
)
from pinnsolve.strategies.own_poles import square_in, with_own_poles
from pinnsolve.strategies.own_waves import OWN
from pinnsolve.strategies.wavelengths import (
    REFINEMENT,
    first_functions,
    of_data,
    scales_of,
    sides_of,
    unknowns_together,
    waves_of,
)


@dataclass(frozen=True, eq=False)
class Layout:
    """Cells, what is declared for each; corners and holes: cells that are near to a corner have its
    singular functions, too, those that hold a hole, or are near to one, its poles; so have cells
    that cut one of the `balls`. Where equations of the `system` have poles of their own, those.
    """

    tree: Tree
    parts: tuple[Declaration, ...]
    corners: tuple[Corner, ...] = ()
    holes: tuple[Hole, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    flow_corners: tuple[FlowCorner, ...] = ()
    balls: tuple[Hole, ...] = ()
    system: System | None = None
    with_fewer: tuple[float, ...] = ()
    shared: Sides | None = None

    @cached_property
    def declared(self) -> CellBases:
        """As a solution holds it."""
        pairs = zip(self.tree.cells, self.parts, strict=True)
        return CellBases(cuts_of(self.tree), tuple(self._singular(*pair) for pair in pairs))

    def held(self, box: Array) -> tuple[Hole, ...]:
        """The holes that lie inside of a box `(dim, 2)`."""
        return tuple(hole for hole in self.holes if contains(box, box_of(hole)))

    def indivisible(self, box: Array) -> list[Array]:
        """Of the holes in a box `(dim, 2)`, the boxes of those that have poles as long as they are
        whole: in the plane cells that cut a hole have those of the equation's own, too.
        """
        held = self.held(box)
        if len(box) == 2 and held:
            square = self._square(box)
            held = tuple(hole for hole in held if with_own_poles(hole, square).square is None)
        return [box_of(hole) for hole in held]

    def _singular(self, box: Array, part: Declaration) -> Declaration:
        """With the functions of what is near."""
        corners = tuple(
            corner
            for corner in self.corners
            if _near(corner.at, box, REFINEMENT.corners) and not _jumps(corner, box)
        )
        meetings = tuple(m for m in self.meetings if _near(m.at, box, REFINEMENT.meetings))
        added = list[Declaration]()
        if isinstance(part, OwnWaves) and self.system is not None:
            given = particular_in(self.system, box, part.square)
            added += [replace(given, shared=self.shared)] if given else []
        if corners:
            added.append(CornerFunctions(corners))
        flows = tuple(c for c in self.flow_corners if _near(c.at, box, REFINEMENT.corners))
        if flows:
            added.append(FlowCornerFunctions(flows))
        if meetings:
            added.append(MeetingFunctions(meetings))
        own = isinstance(part, OwnWaves)
        rim, close = (OWN.rim, OWN.near) if own else (REFINEMENT.wavenumber, 0.0)
        if poles := self._poles(box, rim, close):
            added.append(poles)
        return Sum((part, *added)) if added else part

    def _poles(self, box: Array, rim: float, close: float) -> Poles | None:
        """Those of the holes that a cell holds, is near to, or cuts: in space as far as waves of so
        many radians a side vary along its `rim`, of balls as `close` as so many sides.
        """
        if not (self.balls or self.holes):
            return None
        square = self._square(box)
        held = {hole.at: with_own_poles(hole, square) for hole in self.held(box)}
        known = {hole.at: with_own_poles(hole, square) for hole in (*self.balls, *self.holes)}
        others = [hole for at, hole in known.items() if at not in held]
        near = [hole for hole in others if _near(hole.at, box, _far(hole))]
        beside = tuple(hole for hole in near if hole.square is None)
        cut = tuple(hole for hole in near if hole.square is not None)
        if len(box) == 3:
            # Of a ball there are the square of as many, more than waves of a cell beside it.
            beside, cut = (), cut_by(box, others, rim, close)
        return Poles(tuple(held.values()), beside, cut) if held or beside or cut else None

    def _square(self, box: Array) -> float | None:
        return None if self.system is None else square_in(self.system, box)


def _far(hole: Hole) -> float:
    """Sides of a cell, within which a hole's poles are its own."""
    return REFINEMENT.holes if hole.square is None else REFINEMENT.holes_with_own


def _near(at: Sequence[float], box: Array, sides: float) -> bool:
    """Whether a point is no farther from a box `(2, 2)` than so many of its sides."""
    reach = sides * np.ptp(box, axis=1).max()
    return bool(np.linalg.norm(np.clip(at, box[:, 0], box[:, 1]) - at) <= reach)


def _jumps(corner: Corner, box: Array) -> bool:
    """Whether the functions of a corner jump within the domain in a box `(2, 2)`: on the ray beyond
    their reach.
    """
    if corner.reach == math.inf:
        return False
    along = np.array(corner.cut)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort((box - np.array(corner.at)[:, None]) / along[:, None], axis=1)
    return bool(max(ends[:, 0].max(), corner.reach) < ends[:, 1].min())


def first_layout(
    system: System,
    counts: Sequence[int] | None,
    declared: Declaration | None,
    goal: float,
    most: float = math.inf,
) -> Layout:
    """Cells of about equal sides, two wavelengths each where the equations oscillate, and cut where
    the data ask for it, into so many at `most`; or as many as are given.
    """
    bounds = system.domain.bounds
    if counts is not None:
        tree = around(bounds, np.ptp(bounds, axis=1) / counts, ())
    elif declared is None:
        tree = first_tree(system, goal, most)
    else:
        tree, _ = _uncut(system, goal, ())
    plain = Layout(tree, (), system=system)
    layout = _with_singular(plain, system, goal) if declared is None else plain
    scales = scales_of(system, tree)
    parts = [declared or _at_first(system, goal, layout.held(box), scales) for box in tree.cells]
    return replace(layout, parts=tuple(parts))


def _with_singular(layout: Layout, system: System, goal: float) -> Layout:
    """The same cells, with the functions of all that is singular in the domain."""
    found = at_meetings(system)
    return replace(
        layout,
        corners=known_corners(system),
        holes=holes_kept(system, goal),
        meetings=found.meetings if found else (),
        flow_corners=known_flow_corners(system),
        balls=holes_cut(system, goal),
    )


def first_tree(system: System, goal: float, most: float = math.inf) -> Tree:
    """The cells of the first layout where nothing is given; cutting for the data ends at so many,
    `most`. A goal of infinity asks for no cut of theirs.
    """
    found = at_meetings(system)
    tree, boxes = _uncut(system, goal, found.meetings if found else ())
    tree = graded_to_holes(tree, system, holes_kept(system, goal))
    tree = graded_to_layers(tree, boundary_layers(system))
    foreseen = foresight_of(system, first_functions(system, goal), REFINEMENT.wavenumber)
    tree = cut_for_data(tree, foreseen, boxes, goal, most)
    slides = [corner.at for corner in known_flow_corners(system) if corner.slides]
    return graded_within(graded(tree, slides), [(c.at, c.reach) for c in known_corners(system)])


def _uncut(
    system: System, goal: float, meetings: Sequence[Meeting]
) -> tuple[Tree, Sequence[Array]]:
    """Cells by wavelengths and between cuts through what is rough; and the boxes of the holes that
    are kept whole.
    """
    bounds, lines = system.domain.bounds, places_of_cuts(system, meetings)
    # A ball whose own cell would be too large for the data is cut.
    most = np.ptp(bounds, axis=1) / np.maximum(of_data(system) / REFINEMENT.radians, 1.0)
    whole = [box_of(hole) for hole in holes_kept(system, goal) if not is_cut(hole, lines)]
    boxes = [box for box in whole if (np.ptp(box, axis=1) <= most).all()]
    return along(bounds, lines, lambda box: around(box, sides_of(system), boxes)), boxes


def cells_for_data(system: System, goal: float, most: float) -> int:
    """How many cells there are at first, if the data ask for any; else none. No more than `most`
    and one are counted.
    """
    cells = len(first_tree(system, goal, most + 1).cells)
    return cells if cells > len(first_tree(system, math.inf).cells) else 0


def _at_first(system: System, goal: float, held: Sequence[Hole], scales: Scale) -> Dense:
    """The waves of a cell that holds these holes, of such frequencies."""
    share, loose = REFINEMENT.nonlinear
    alone = unknowns_together(system) == 1
    fewer = 1.0 if system.linear or alone or held or goal < loose else share
    return waves_of(math.ceil(fewer * first_functions(system, goal)), scales)


def refined(layout: Layout, report: Judged, goal: float = 0.0, unknowns: int = 1) -> Layout:
    """Cells whose fault is large are cut; those that resolve what they hold, nearly to the goal,
    have more functions, of so many unknowns, unless such were no help and the fault matters.
    """
    faults = report.faults
    large = faults > REFINEMENT.share * faults.max()
    # Where most cells want more, all have it: those that are alike stay so, and cost less.
    marked = large | (np.mean(large) > REFINEMENT.most_marked)
    dim = len(layout.tree.bounds)
    most = min(REFINEMENT.most[min(dim, 3) - 1], REFINEMENT.widest // unknowns)
    full = np.array([_width(part) >= most for part in layout.parts])
    # Of solutions there are the square of a degree in space: more of them cost less than cells.
    own = np.array([isinstance(part, OwnWaves) for part in layout.parts])
    with_fewer = np.array(layout.with_fewer or (math.inf,) * len(faults))
    enough = REFINEMENT.enough * goal / math.sqrt(len(faults))
    no_help = large & (faults > np.maximum(REFINEMENT.helped * with_fewer, enough))
    cut = marked & (full | no_help | (~own & (faults > max(REFINEMENT.resolved, goal))))

    def grown(number: int, box: Array) -> Tree:
        held = layout.indivisible(box)
        return around(box, np.ptp(box, axis=1) / 2, held) if cut[number] else Tree(box)

    each = [grown(k, box) for k, box in enumerate(layout.tree.cells)]
    parts, before = list[Declaration](), list[float]()
    for k, (cell, part) in enumerate(zip(each, layout.parts, strict=True)):
        many, richer = len(cell.cells), marked[k] and not cell.parts
        parts += [_richer(part, most) if richer else part] * many
        known = faults[k] if richer else with_fewer[k]
        before += [math.inf if cell.parts else float(known)] * many
    tree = replaced(layout.tree, lambda k, _: each[k])
    return replace(layout, tree=tree, parts=tuple(parts), with_fewer=tuple(before))


def _width(part: Declaration) -> int:
    return int(getattr(part, "width", 0))


def _richer(part: Declaration, most: int) -> Declaration:
    width = min(most, math.ceil(REFINEMENT.richer * _width(part)))
    return replace(part, width=width)  # type: ignore[type-var]
