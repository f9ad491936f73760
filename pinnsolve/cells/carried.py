"""What was decided at the root of a tree of cells, carried down to all of them; and with it the
functions that hardly change the rows: of the last ones, and of those by which a merge decided what
nobody else sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from pinnsolve.cells.condense import Cuts
from pinnsolve.cells.fronts import Front
from pinnsolve.cells.teams import dealt
from pinnsolve.fields.tree import Tree
from pinnsolve.mgrit.communicator import Communicator


@dataclass(frozen=True, eq=False)
class Decided:
    """Coefficients of each cell, `(columns,)`; `singular (n,)` are the singular values of the last
    rows, the first `root` of them, and of those by which merges decided what nobody else sees;
    `kept` is how many numbers each cell left to be decided. `weak`, `(columns, directions)` of each
    cell, are functions that change the last rows least, the first `last` of them, and those of
    merges that hardly change their own.
    """

    coefficients: tuple[Tensor, ...]
    singular: Tensor
    kept: tuple[int, ...]
    weak: tuple[Tensor, ...]
    root: int = 0
    last: int = 0

    def hardly_seen(self, many: int) -> list[Tensor]:
        """The functions of merges, and so `many` of those of the last rows: `(columns, n)` of each
        cell.
        """
        first = min(many, self.last)
        return [torch.cat([w[:, :first], w[:, self.last :]], dim=1) for w in self.weak]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of a part of the tree, `(n, 1 + functions)`: of the solution, and of functions, of
    which each has a label.
    """

    values: Tensor
    labels: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Carried:
    """What is carried down on one rank; of its `cells` the numbers, and how many each has kept."""

    tree: Tree
    ranks: Communicator
    cuts: Cuts
    cells: dict[int, Numbers] = field(default_factory=dict)
    kept: dict[int, int] = field(default_factory=dict)

    def received(self, source: int, kept: int, like: Tensor) -> Numbers:
        """The numbers `(kept, 1 + n)` of a part that another rank has merged with others."""
        (functions,) = self.ranks.receive(like.new_zeros(1), source).int().tolist()
        numbers = self.ranks.receive(like.new_zeros(functions + kept * (1 + functions)), source)
        labels, values = numbers[:functions], numbers[functions:]
        return Numbers(values.reshape(kept, 1 + functions), tuple(labels.int().tolist()))

    def down(self, front: Front, numbers: Numbers) -> None:
        """Note the coefficients of all cells of a part, from what was decided above it."""
        values = numbers.values
        if front.owner is not None:
            labels = values.new_tensor(numbers.labels)
            self.ranks.send(values.new_tensor([float(len(labels))]), front.owner)
            self.ranks.send(torch.cat([labels, values.flatten()]), front.owner)
            return
        z = front.kept.homogeneous @ values
        z[:, 0] += front.particular
        if front.parts:
            self.apart(front.parts, self._with_own(front, Numbers(z, numbers.labels)))
        else:
            self.cells[front.first] = Numbers(z, numbers.labels)
            self.kept[front.first] = front.kept.size

    def apart(self, parts: Sequence[Front], numbers: Numbers) -> None:
        """The same of several parts, from the numbers of all together."""
        for part, own in zip(parts, split(numbers.values, parts), strict=True):
            self.down(part, Numbers(own, numbers.labels))

    def _with_own(self, front: Front, numbers: Numbers) -> Numbers:
        """And those of the merge's own functions that hardly change its rows."""
        assert front.condensed is not None
        own, many = front.condensed.hidden(self.cuts), self.cuts.weak
        # Merges of the same tree differ in their first cell, or in their last.
        place = front.first * len(self.tree.cells) + front.end - 1
        labels = range(many * (1 + place), many * (1 + place) + own.shape[1])
        values = torch.cat([numbers.values, own], dim=1)
        return Numbers(values, (*numbers.labels, *labels))

    def known_to_all(self, seen: Tensor, root: int) -> Decided:
        """What every rank knows of its cells, on all of them, with the singular values `(n,)` that
        it has `seen`.
        """
        shares = dealt(self.tree, self.ranks.size)
        own = [self.cells[k] for k in range(*shares[self.ranks.rank])]
        kept = [self.kept[k] for k in range(*shares[self.ranks.rank])]
        counts = [(len(n.values), k, len(n.labels)) for n, k in zip(own, kept, strict=True)]
        every = self._gathered(torch.tensor(counts).flatten(), [3 * (b - a) for a, b in shares])
        sizes = every.reshape(-1, 3).tolist()
        lengths = [columns * (1 + functions) for columns, _, functions in sizes]
        flat = torch.cat([n.values.flatten() for n in own])
        flat = self._gathered(flat, [sum(lengths[a:b]) for a, b in shares])
        labels = torch.tensor([label for n in own for label in n.labels], dtype=torch.int64)
        named = self._gathered(labels, [sum(n for *_, n in sizes[a:b]) for a, b in shares])
        counts_seen = self._gathered(torch.tensor([len(seen), root]), [2] * self.ranks.size)
        singular = self._gathered(seen, counts_seen[::2].tolist())
        places = {label: k for k, label in enumerate(sorted(set(named.tolist())))}
        coefficients, weak = list[Tensor](), list[Tensor]()
        pieces = torch.split(named, [n for *_, n in sizes])
        for numbers, piece, (columns, _, n) in zip(
            torch.split(flat, lengths), pieces, sizes, strict=True
        ):
            values = numbers.reshape(columns, 1 + n)
            coefficients.append(values[:, 0].contiguous())
            functions = values.new_zeros(columns, len(places))
            functions[:, [places[label] for label in piece.tolist()]] = values[:, 1:]
            weak.append(functions)
        first = tuple(k for _, k, _ in sizes)
        return Decided(
            tuple(coefficients), singular, first, tuple(weak), int(counts_seen[1]), self.cuts.weak
        )

    def _gathered(self, own: Tensor, lengths: Sequence[int]) -> Tensor:
        return self.ranks.gathered(own, lengths)


def split(numbers: Tensor, parts: Sequence[Front]) -> tuple[Tensor, ...]:
    """The numbers of each part, `(kept, n)`.

    Copies, as they come to other ranks: products with a view, which lies elsewhere in memory, are
    rounded differently, and coefficients are large enough to show that in the tenth digit.
    """
    each = torch.split(numbers, [part.kept.size for part in parts])
    return tuple(part.clone() for part in each)
