"""Cells merged, pair by pair, up the tree; and what that decides, carried down again.

A merge costs the cube of what its two parts keep, which is what the faces between them see: P^3 for
P^2 cells of the plane, as in nested dissection (George, SIAM J. Numer. Anal. 10 (1973) 345). Parts
that are alike are condensed once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from pinnsolve.cells.carried import Carried, Decided, Numbers
from pinnsolve.cells.condense import CUTS, Condensation, Cuts, Last, condensation, last
from pinnsolve.cells.fronts import (
    Front,
    decided_alone,
    front_of,
    joined,
    receive_front,
    send_front,
)
from pinnsolve.cells.teams import (
    Key,
    Team,
    above,
    halves,
)
from pinnsolve.fields.tree import Tree
from pinnsolve.mgrit.communicator import ALONE, Communicator


@dataclass(frozen=True, eq=False)
class Trace:
    """What others see of a cell's functions: `matrix (rows, columns)` z + `offset (rows,)`."""

    matrix: Tensor
    offset: Tensor


@dataclass(frozen=True, eq=False)
class Raw:
    """What is known of a cell's functions: `rows (n, columns)` with their `target (n,)`, and the
    traces that others see, by key. So many directions, at least, are left `free` for those. `again`
    says that rows and traces are those of the last time, but for target and offsets.
    """

    rows: Tensor
    target: Tensor
    traces: Mapping[Key, Trace]
    free: int = 0
    again: bool = False


def again(target: Tensor, offsets: Mapping[Key, Tensor]) -> Raw:
    """A cell whose rows and traces are those of the last time, with another target `(n,)` and other
    offsets, each `(m,)`.
    """
    nothing = target.new_zeros(0, 0)
    return Raw(nothing, target, {k: Trace(nothing, t) for k, t in offsets.items()}, again=True)


@dataclass(frozen=True, eq=False)
class Held:
    """All that was condensed, by the cells in it, with what tells it from others; and the factors
    of the last rows: for other targets.
    """

    parts: dict[tuple[int, int], tuple[object, Condensation]]
    roots: dict[object, Last]


@dataclass(frozen=True, eq=False)
class Elimination:
    """Least squares over all cells of a tree: `raw(number)` gives what a cell knows, `members` the
    cells that see each key; the traces of a key add up to zero.

    `ranks` share the work, each on its own part of the tree, and all know the result. `cells` and
    `merges` remember what was condensed, for parts that are alike: `first(number)` is the cell that
    stands for one. `kept`, if it is given, is all that was condensed: cells that are known `again`
    are not condensed anew, nor what is merged of them.
    """

    tree: Tree
    raw: Callable[[int], Raw]
    members: Mapping[Key, Sequence[int]]
    cuts: Cuts = CUTS
    ranks: Communicator = ALONE
    first: Callable[[int], int] = int
    cells: dict[int, Condensation] = field(default_factory=dict)
    merges: dict[tuple[object, ...], Condensation] = field(default_factory=dict)
    kept: Held | None = None

    def decided(self) -> Decided:
        """The coefficients of all cells, on every rank."""
        if not self.tree.parts:
            alone = self.raw(0)
            if self.kept and not alone.again:
                self.kept.roots.clear()
            found = self._root(alone.rows, ())
            y = found.applied(alone.target)
            # Of functions that may be zero but for round-off, as in every cell.
            return Decided((y,), found.singular[:0], (0,), (found.weak,), last=self.cuts.weak)
        team = (0, self.ranks.size)
        fronts = self.fronts()
        like = fronts[0].particular
        seen = [each for part in fronts for each in decided_alone(part)]
        merging, root = above(self.tree, team, self.ranks.rank), 0
        carried = Carried(self.tree, self.ranks, self.cuts)
        if merging is None:
            rows, target, _, _ = joined(fronts, self.members)
            found = self._root(rows, tuple(part.name for part in fronts))
            y = torch.cat([found.applied(target)[:, None], found.weak], dim=1)
            root, seen = len(found.singular), [found.singular, *seen]
            numbers = Numbers(y, tuple(range(self.cuts.weak)))
        else:
            numbers = carried.received(merging, fronts[0].kept.size, like)
        carried.apart(fronts, numbers)
        return carried.known_to_all(torch.cat(seen), root)

    def fronts(self) -> tuple[Front, ...]:
        """Both halves of the tree, condensed, of which there have to be some; on other ranks than
        the first, what they hold.
        """
        return self._parts(self.tree, 0, (0, self.ranks.size))

    def _root(self, rows: Tensor, kind: object) -> Last:
        """The factors of the last rows; those of before, of the same parts."""
        if self.kept is None:
            return last(rows, self.cuts)
        roots = self.kept.roots
        if kind not in roots:
            roots.clear()
            roots[kind] = last(rows, self.cuts)
        return roots[kind]

    def _parts(self, tree: Tree, start: int, team: Team) -> tuple[Front, ...]:
        """Both halves, on the first rank of a team; on others, what they hold, which was sent."""
        first, second = tree.parts
        middle = start + len(first.cells)
        left, right = halves(tree, team)
        if left == right:
            return self._condensed(first, start, left), self._condensed(second, middle, right)
        if self.ranks.rank >= right[0]:
            own = self._condensed(second, middle, right)
            if self.ranks.rank == right[0]:
                send_front(self.ranks, left[0], own)
            return (own,)
        own = self._condensed(first, start, left)
        if self.ranks.rank != left[0]:
            return (own,)
        cells = (middle, middle + len(second.cells))
        return own, receive_front(self.ranks, right[0], cells, own.particular)

    def _condensed(self, tree: Tree, start: int, team: Team) -> Front:
        if not tree.parts:
            cell = self.raw(start)
            condensed = self._cell(start, cell)
            offsets = {key: t.offset for key, t in cell.traces.items()}
            return front_of(condensed, cell.target, offsets, (), start, start + 1)
        parts = self._parts(tree, start, team)
        if len(parts) == 1:
            return parts[0]
        rows, target, traces, offsets = joined(parts, self.members)
        own = start, parts[1].end
        condensed = self._merged(own, parts, rows, traces, offsets)
        return front_of(condensed, target, offsets, parts, start, parts[1].end)

    def _cell(self, number: int, cell: Raw) -> Condensation:
        """The condensation of a cell; that of the last time, if it is the same, or of another one
        that stands for it.
        """
        own, first = (number, number + 1), self.first(number)
        if cell.again and self.kept and own in self.kept.parts:
            return self.kept.parts[own][1]
        condensed = self.cells.get(first)
        if condensed is None:
            known = cell if first == number else self.raw(first)
            matrices = [t.matrix for t in known.traces.values()]
            condensed = condensation(known.rows, matrices, self.cuts.rows, self.cuts, known.free)
            if len(self.cells) < self.cuts.remembered:
                self.cells[first] = condensed
        if self.kept:
            self.kept.parts[own] = (), condensed
        return condensed

    def _merged(
        self,
        own: tuple[int, int],
        parts: Sequence[Front],
        rows: Tensor,
        traces: Sequence[Tensor],
        keys: Iterable[Key],
    ) -> Condensation:
        """The condensation of a merge, of its `own` cells: or of one of the same parts, or of parts
        that are alike and meet alike.
        """
        # Of every trace, first of those that others see, where it stands in each part.
        outer = list(keys)
        every = dict.fromkeys([*outer, *(key for part in parts for key in part.offsets)])
        places = [tuple(_place(k, part.offsets) for k in every) for part in parts]
        kind = (*(part.name for part in parts), len(outer), *places)
        before = self.kept.parts.get(own, ((), None)) if self.kept else ((), None)
        if before[0] == kind and before[1] is not None:
            return before[1]
        condensed = self.merges.get(kind)
        if condensed is None:
            condensed = condensation(rows, traces, self.cuts.resisted, self.cuts)
            if len(self.merges) < self.cuts.remembered:
                self.merges[kind] = condensed
        if self.kept:
            self.kept.parts[own] = kind, condensed
        return condensed


def _place(key: Key, among: Iterable[Key]) -> int:
    """The place of a key among others; -1, if it is not there."""
    return next((n for n, other in enumerate(among) if other == key), -1)
