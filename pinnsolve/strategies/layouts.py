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
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum
from pinnsolve.cells.foresight import foresight_of
from pinnsolve.cells.judge import Judged
from pinnsolve.compile.system import System
from pinnsolve.discretize.places import places
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.cellwise import CellBases
from pinnsolve.fields.tree import Tree, along, around, contains, cuts_of, replaced
from pinnsolve.search.families.corners import known_corners
from pinnsolve.search.families.flow_corners import known_flow_corners
from pinnsolve.search.families.meetings import at_meetings
from pinnsolve.search.scales import data_wavenumbers, natural_wavenumbers
from pinnsolve.strategies.cuts import cut_for_data, graded, graded_within, places_of_cuts
from pinnsolve.strategies.kept import box_of, graded_to_holes, holes_kept, is_cut


@dataclass(frozen=True)
class Refinement:
    """How cells are chosen, and made better."""

    # Functions of a cell at first, by dimension
    functions: tuple[int, ...] = (32, 250, 500)
    # Goals below which they are `richer` times as many from the start, once for each
    demanding: tuple[float, ...] = (1e-6, 1e-7)
    # Columns of a cell of several unknowns at first, at most
    columns: int = 600
    # Of the functions at first, where Newton's method takes several steps, and the goal is no
    # smaller than that; in cells that hold a hole, which cannot be cut, all of them. Flow past a
    # cylinder, 46 cells: with 130 everywhere 2e-4, with 260 in the cell of the hole 4e-5
    nonlinear: tuple[float, float] = (0.5, 1e-5)
    # And functions at most, and columns: a cell costs the cube
    most: tuple[int, ...] = (64, 600, 1000)
    widest: int = 1200
    # Cells along a side at first, at least, by dimension
    least: tuple[int, ...] = (8, 4, 2)
    # Radians a cell, where the equations oscillate: two wavelengths
    radians: float = 12.5
    # Frequencies of a cell's functions, radians a side
    wavenumber: float = 7.0
    # A cell's fault that is this part of the largest one is mended
    share: float = 0.05
    # Of all cells: if more are to be mended, all are
    most_marked: float = 0.5
    # A fault above which a cell is cut, unless the goal is larger; below it has more functions: it
    # resolves what it holds
    resolved: float = 1e-6
    # Sides of a cell, within which a corner's functions are its own, too
    corners: float = 1.0
    # The same of a hole's poles: its logarithm is singular in its middle
    holes: float = 0.5
    # The same of the functions of a point where materials meet: they are more
    meetings: float = 0.5
    # So many times more functions
    richer: float = 1.4
    # Times the difference of two draws in the same cells, so much is claimed
    caution: float = 2.0
    # Fits, after which the largest fault shall have halved
    patience: int = 3


REFINEMENT = Refinement()


@dataclass(frozen=True, eq=False)
class Layout:
    """Cells, what is declared for each; corners and holes: cells that are near to a corner have its
    singular functions, too, those that hold a hole, or are near to one, its poles.
    """

    tree: Tree
    parts: tuple[Declaration, ...]
    corners: tuple[Corner, ...] = ()
    holes: tuple[Hole, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    flow_corners: tuple[FlowCorner, ...] = ()

    @cached_property
    def declared(self) -> CellBases:
        """As a solution holds it."""
        pairs = zip(self.tree.cells, self.parts, strict=True)
        return CellBases(cuts_of(self.tree), tuple(self._singular(*pair) for pair in pairs))

    def held(self, box: Array) -> tuple[Hole, ...]:
        """The holes that lie inside of a box `(dim, 2)`."""
        return tuple(hole for hole in self.holes if contains(box, box_of(hole)))

    def _singular(self, box: Array, part: Declaration) -> Declaration:
        """With the functions of what is near."""
        corners = tuple(
            corner
            for corner in self.corners
            if _near(corner.at, box, REFINEMENT.corners) and not _jumps(corner, box)
        )
        meetings = tuple(m for m in self.meetings if _near(m.at, box, REFINEMENT.meetings))
        held, added = self.held(box), list[Declaration]()
        if corners:
            added.append(CornerFunctions(corners))
        flows = tuple(c for c in self.flow_corners if _near(c.at, box, REFINEMENT.corners))
        if flows:
            added.append(FlowCornerFunctions(flows))
        if meetings:
            added.append(MeetingFunctions(meetings))
        beside = tuple(
            hole
            for hole in self.holes
            if not contains(box, box_of(hole))
            and _near(hole.at, box, REFINEMENT.holes)
            # Of a ball there are the square of as many, more than waves of the cell.
            and len(box) == 2
        )
        if held or beside:
            added.append(Poles(held, beside))
        return Sum((part, *added)) if added else part


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
    system: System, counts: Sequence[int] | None, declared: Declaration | None, goal: float
) -> Layout:
    """Cells of about equal sides, two wavelengths each where the equations oscillate, and cut where
    the data ask for it; or as many as are given.
    """
    bounds = system.domain.bounds
    found = at_meetings(system) if declared is None else None
    meetings = found.meetings if found else ()
    holes = holes_kept(system, goal)
    if counts is not None:
        tree = around(bounds, np.ptp(bounds, axis=1) / counts, ())
    else:
        lines = places_of_cuts(system, meetings)
        # A ball whose own cell would be too large for the data is cut.
        most = np.ptp(bounds, axis=1) / np.maximum(_of_data(system) / REFINEMENT.radians, 1.0)
        boxes = [
            box_of(hole)
            for hole in holes
            if not is_cut(hole, lines) and (np.ptp(box_of(hole), axis=1) <= most).all()
        ]
        tree = along(bounds, lines, lambda box: around(box, _sides(system), boxes))
        if declared is None:
            tree = graded_to_holes(tree, system, holes)
            foreseen = foresight_of(system, first_functions(system, goal), REFINEMENT.wavenumber)
            tree = cut_for_data(tree, foreseen, boxes, goal)
    corners = known_corners(system) if declared is None else ()
    holes = holes if declared is None else ()
    flows = known_flow_corners(system) if declared is None else ()
    if counts is None:
        tree = graded(tree, [corner.at for corner in flows if corner.slides])
        tree = graded_within(tree, [(corner.at, corner.reach) for corner in corners])
    layout = Layout(tree, (), corners, holes, meetings, flows)
    parts = [declared or _at_first(system, goal, layout.held(box)) for box in tree.cells]
    return replace(layout, parts=tuple(parts))


def cells_for_data(system: System, goal: float) -> int:
    """How many cells there are at first, if the data ask for any; else none."""
    alone = first_layout(system, None, None, math.inf)
    cells = len(first_layout(system, None, None, goal).tree.cells)
    return cells if cells > len(alone.tree.cells) else 0


def least_cells(system: System) -> int:
    """How many cells of about equal sides there are at first, whatever the data ask for."""
    return int((np.ptp(system.domain.bounds, axis=1) / _sides(system)).round().prod())


def _sides(system: System) -> Array:
    """Of cells, where nothing else is known: `(dim,)`."""
    sides = np.ptp(system.domain.bounds, axis=1)
    waves = np.maximum(natural_wavenumbers(system), _of_data(system)) / REFINEMENT.radians
    least = REFINEMENT.least[min(len(sides), 3) - 1] * sides / sides.max()
    counts = [max(1, math.ceil(max(a, b) - 1e-9)) for a, b in zip(waves, least, strict=True)]
    each: Array = sides / counts
    return each


def _of_data(system: System) -> Array:
    """Wavenumbers of what equations are given, in space, unless that is narrow somewhere: halves of
    all sides are eight cells, and of a cell that is far too large no half holds more.
    """
    dim = len(system.domain.coordinates)
    return np.zeros(dim) if dim < 3 or places(system) else data_wavenumbers(system)


def first_functions(system: System, goal: float) -> int:
    """How many functions each unknown has in a cell at first."""
    kind = min(len(system.domain.bounds), 3) - 1
    more = REFINEMENT.richer ** sum(goal < demanding for demanding in REFINEMENT.demanding)
    functions = min(REFINEMENT.functions[kind], REFINEMENT.columns // unknowns_together(system))
    return math.ceil(more * functions)


def unknowns_together(system: System) -> int:
    """How many unknowns a cell has, most often."""
    return math.ceil(system.n_unknowns / len(set(system.supports)))


def _at_first(system: System, goal: float, held: Sequence[Hole]) -> Dense:
    """The waves of a cell that holds these holes."""
    share, loose = REFINEMENT.nonlinear
    fewer = share if not (system.linear or held or goal < loose) else 1.0
    return waves_of(math.ceil(fewer * first_functions(system, goal)))


def waves_of(n: int) -> Dense:
    """So many random waves in a cell."""
    return Dense(n, 1, "sin", Waves(REFINEMENT.wavenumber))


def refined(layout: Layout, report: Judged, goal: float = 0.0, unknowns: int = 1) -> Layout:
    """Cells whose fault is large are cut, those that resolve what they hold, nearly to the goal,
    have more functions, of so many unknowns.
    """
    faults = report.faults
    marked = faults > REFINEMENT.share * faults.max()
    # Where most cells want more, all have it: those that are alike stay so, and cost less.
    marked |= np.mean(marked) > REFINEMENT.most_marked
    dim = len(layout.tree.bounds)
    most = min(REFINEMENT.most[min(dim, 3) - 1], REFINEMENT.widest // unknowns)

    def grown(number: int, box: Array) -> Tree:
        held = [box_of(hole) for hole in layout.held(box)]
        coarse = (
            faults[number] > max(REFINEMENT.resolved, goal) or _width(layout.parts[number]) >= most
        )
        if not (marked[number] and coarse):
            return Tree(box)
        # What holds a hole has its poles as long as that is whole.
        return around(box, np.ptp(box, axis=1) / 2, held)

    each = [grown(k, box) for k, box in enumerate(layout.tree.cells)]
    parts = list[Declaration]()
    for cell, mark, part in zip(each, marked, layout.parts, strict=True):
        richer = mark and not cell.parts
        parts += [_richer(part, most) if richer else part] * len(cell.cells)
    tree = replaced(layout.tree, lambda k, _: each[k])
    return replace(layout, tree=tree, parts=tuple(parts))


def _width(part: Declaration) -> int:
    return int(getattr(part, "width", 0))


def _richer(part: Declaration, most: int) -> Declaration:
    width = min(most, math.ceil(REFINEMENT.richer * _width(part)))
    return replace(part, width=width)  # type: ignore[type-var]
