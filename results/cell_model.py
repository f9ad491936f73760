"""A performance model of cells on many ranks: measured costs of cells and of merges, and the
schedule of one solve on a grid of the plane.

What a part of the domain keeps is proportional to its sides towards others; a merge of n numbers
costs a n + b n^2 + c n^3. Both are fitted to every merge of one solve.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import nnls

from pinnsolve.basis.basis import Declaration
from pinnsolve.cells.eliminate import Elimination
from pinnsolve.cells.fronts import Front
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.spaces import cells_of
from pinnsolve.cells.teams import Team
from pinnsolve.compile.system import System
from pinnsolve.fields.tree import Tree, grid
from results.replay import Network


@dataclass(frozen=True)
class Node:
    """A cell or a merge that was timed: numbers to condense, numbers kept, CPU seconds."""

    cells: int
    numbers: int
    kept: int
    seen: int
    seconds: float


@dataclass(eq=False)
class _Timed:
    """What each node took, without what is below it."""

    nodes: list[Node] = field(default_factory=list)
    below: list[float] = field(default_factory=lambda: [0.0])


@dataclass(frozen=True, eq=False)
class TimedElimination(Elimination):
    """An elimination that takes the time of its nodes."""

    timed: _Timed = field(default_factory=_Timed)

    def _condensed(self, tree: Tree, start: int, team: Team) -> Front:
        begun = time.thread_time()
        self.timed.below.append(0.0)
        front = super()._condensed(tree, start, team)
        spent = time.thread_time() - begun
        own = spent - self.timed.below.pop()
        self.timed.below[-1] += spent
        numbers = sum(part.kept.size for part in front.parts)
        seen = sum(map(len, front.offsets.values()))
        self.timed.nodes.append(Node(len(tree.cells), numbers, front.kept.size, seen, own))
        return front


@dataclass(frozen=True)
class Costs:
    """Of one problem and kind of cell."""

    functions: int
    setup: float  # seconds a cell, which every rank spends on all cells
    cell: float  # seconds of condensing a cell
    merge: tuple[float, float, float]  # of n, n^2 and n^3
    carried: float  # seconds a cell, of what was decided above it
    kept: float  # numbers a side of a cell
    seen: float  # rows of traces a side of a cell

    def merged(self, numbers: float) -> float:
        """Seconds of a merge of so many numbers."""
        return sum(c * numbers**k for k, c in enumerate(self.merge, 1))

    def front(self, sides: int) -> int:
        """Bytes that are kept of a part with so many sides of cells towards others."""
        kept, seen = self.kept * sides, self.seen * sides
        return math.ceil(8 * (kept + seen) * (kept + 1))


def measured(system: System, counts: tuple[int, int], part: Declaration, functions: int) -> Costs:
    """Costs of one solve on a grid of so many cells along both coordinates, on this machine."""
    tree, begun = grid(system.domain.bounds, counts), time.thread_time()
    cells = cells_of(system, tree, (part,) * len(tree.cells), 0)
    rows = rows_of(system, cells, 1)
    members = rows.members
    placed = time.thread_time()
    elimination = TimedElimination(tree, rows.raw, members)
    elimination.decided()
    decided, nodes = time.thread_time() - placed, elimination.timed.nodes
    merges = [node for node in nodes if node.cells > 1]
    n = np.array([node.numbers for node in merges], dtype=float)
    seconds = np.array([node.seconds for node in merges])
    powers = np.stack([n, n**2, n**3], axis=1) / seconds[:, None]
    scale = np.linalg.norm(powers, axis=0)
    # Relative: small merges are many, and large ones are those that ranks wait for.
    merge = nnls(powers / scale, np.ones(len(n)))[0] / scale
    alone = [node for node in nodes if node.cells == 1]
    # The median cell has four sides towards others.
    whole = len(tree.cells)
    (nx, ny), kept, seen = counts, sum(n.kept for n in alone), sum(n.seen for n in alone)
    sides = 2 * ((nx - 1) * ny + (ny - 1) * nx)
    rest = decided - sum(node.seconds for node in nodes)
    return Costs(
        functions,
        (placed - begun) / whole,
        float(np.mean([node.seconds for node in alone])),
        (float(merge[0]), float(merge[1]), float(merge[2])),
        max(0.0, rest / whole),
        kept / sides,
        seen / sides,
    )


@dataclass(frozen=True)
class Part:
    """Cells `counts` along both coordinates of a grid, and on which of their sides others are:
    `beside[axis]` of below and above.
    """

    counts: tuple[int, int]
    beside: tuple[tuple[bool, bool], tuple[bool, bool]] = ((False, False), (False, False))

    @property
    def cells(self) -> int:
        """How many there are."""
        return self.counts[0] * self.counts[1]

    @property
    def sides(self) -> int:
        """Sides of cells towards others."""
        return sum(self.counts[1 - axis] * sum(self.beside[axis]) for axis in (0, 1))

    @property
    def halves(self) -> tuple[Part, Part]:
        """As `grid` cuts it: where there are most cells."""
        axis = int(np.argmax(self.counts))
        first = self.counts[axis] // 2
        below, above = self.beside[axis]
        return (
            self._with(axis, first, (below, True)),
            self._with(axis, self.counts[axis] - first, (True, above)),
        )

    def _with(self, axis: int, count: int, sides: tuple[bool, bool]) -> Part:
        counts, beside = list(self.counts), list(self.beside)
        counts[axis], beside[axis] = count, sides
        return Part((counts[0], counts[1]), (beside[0], beside[1]))


@dataclass(frozen=True, eq=False)
class Model:
    """Seconds of a solve, from its costs and those of messages."""

    costs: Costs
    network: Network

    def seconds(self, counts: tuple[int, int], ranks: int = 1) -> float:
        """Of so many cells along both coordinates, on so many ranks, each with a core."""
        whole, costs = Part(counts), self.costs
        placed = costs.setup * whole.cells
        up_and_down = self._part(whole, ranks, {})
        if ranks == 1:
            return placed + up_and_down
        size = 8 * costs.functions * whole.cells
        return placed + up_and_down + self.network.gathered(ranks, size)

    def _part(self, part: Part, ranks: int, known: dict[tuple[Part, int], float]) -> float:
        """Seconds until a part is condensed, and what was decided above it carried down."""
        if part.cells == 1:
            return self.costs.cell + self.costs.carried
        if (part, ranks) not in known:
            first, second = part.halves
            merge = self.costs.merged(self.costs.kept * (first.sides + second.sides))
            if ranks == 1:
                below = self._part(first, 1, known) + self._part(second, 1, known)
            else:
                one = max(self._part(half, ranks // 2, known) for half in (first, second))
                kept = math.ceil(8 * self.costs.kept * second.sides)
                sent = self.network.message(self.costs.front(second.sides))
                below = one + sent + self.network.message(kept)
            known[part, ranks] = below + merge
        return known[part, ranks]
