"""Cells that were condensed once, for one target after the other: steps in time, and Newton's
method with the slopes of another iterate.

Matrices are applied one after the other, never as their product: that is a pseudo-inverse of size
1e12, whose round-off is no smaller than that times the target's. Parts that share a condensation
have their targets side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.cells.condense import Condensation, Last, last
from pinnsolve.cells.eliminate import Elimination
from pinnsolve.cells.fronts import Front, decided_alone, inner_keys, joined
from pinnsolve.cells.teams import Key

# Of every cell what others see besides its functions, by key: `(rows,)`.
Offsets = Sequence[Mapping[Key, Tensor]]


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the tree, without what one target made of it. `inner` are the keys that only its
    own two parts see, `outer` the others, in the order of the traces; `below` are the numbers of
    these parts, or that of a cell, `cell`.
    """

    condensed: Condensation
    inner: tuple[Key, ...]
    outer: tuple[Key, ...]
    below: tuple[int, ...]
    cell: int


@dataclass(frozen=True, eq=False)
class Raised:
    """What one target makes of a part: the particular solution `(columns,)`, what is left of the
    target `(kept,)`, and what others see.
    """

    particular: Tensor
    left: Tensor
    seen: Mapping[Key, Tensor]


@dataclass(frozen=True, eq=False)
class Factored:
    """Least squares over all cells of a tree, for any target: all `parts`, in `layers`, from cells
    up to the two at the `top`, of numbers of alike ones; and the factors of the last rows, the
    `root`. `singular` and `kept` are those of `Decided`.
    """

    parts: tuple[Part, ...]
    layers: tuple[tuple[tuple[int, ...], ...], ...]
    top: tuple[int, ...]
    inner: tuple[Key, ...]
    root: Last
    singular: Tensor
    kept: tuple[int, ...]

    def solve(self, targets: Sequence[Tensor], offsets: Offsets) -> list[Tensor]:
        """The coefficients `(columns,)` of every cell, whose rows have the targets `(n,)`."""
        raised: dict[int, Raised] = {}
        for layer in self.layers:
            for alike in layer:
                raised |= self._raised(alike, raised, targets, offsets)
        y = self.root.applied(_joined([raised[k] for k in self.top], self.inner))
        decided = self._split(y, self.top)
        coefficients: dict[int, Tensor] = {}
        for layer in reversed(self.layers):
            for alike in layer:
                kept = self.parts[alike[0]].condensed.kept.homogeneous
                found = torch.stack([raised[k].particular for k in alike], dim=1)
                found = found + kept @ torch.stack([decided[k] for k in alike], dim=1)
                for k, z in zip(alike, found.T, strict=True):
                    if self.parts[k].below:
                        decided |= self._split(z, self.parts[k].below)
                    else:
                        coefficients[self.parts[k].cell] = z
        return [coefficients[k] for k in range(len(targets))]

    def _raised(
        self,
        alike: Sequence[int],
        raised: Mapping[int, Raised],
        targets: Sequence[Tensor],
        offsets: Offsets,
    ) -> dict[int, Raised]:
        """What targets make of parts that share a condensation."""
        parts = [self.parts[k] for k in alike]
        below = [[raised[k] for k in part.below] for part in parts]
        pairs = list(zip(parts, below, strict=True))
        own = [_joined(b, p.inner) if b else targets[p.cell] for p, b in pairs]
        condensed = parts[0].condensed
        particular, left = condensed.applied(torch.stack(own, dim=1))
        seen = [matrix @ particular for matrix in condensed.seen_by_others]
        found = {}
        for n, (k, (part, b)) in enumerate(zip(alike, pairs, strict=True)):
            held = {key: _sum(key, b) for key in part.outer} if b else offsets[part.cell]
            values = {
                key: each[:, n] + held[key] if key in held else each[:, n]
                for key, each in zip(part.outer, seen, strict=True)
            }
            found[k] = Raised(particular[:, n], left[:, n], values)
        return found

    def _split(self, numbers: Tensor, parts: Sequence[int]) -> dict[int, Tensor]:
        sizes = [self.parts[k].condensed.kept.size for k in parts]
        return dict(zip(parts, torch.split(numbers, sizes), strict=True))


def factored(elimination: Elimination) -> Factored:
    """The same cells, for any target. There have to be at least two, on one rank."""
    fronts, members = elimination.fronts(), elimination.members
    rows, _, _, _ = joined(fronts, members)
    root = last(rows, elimination.cuts)
    parts, heights = list[Part](), list[int]()
    top = tuple(_listed(front, members, parts, heights) for front in fronts)
    seen = [each for front in fronts for each in decided_alone(front)]
    return Factored(
        tuple(parts),
        _layers(parts, heights),
        top,
        tuple(inner_keys(fronts, members)),
        root,
        torch.cat([root.singular, *seen]),
        tuple(part.condensed.kept.size for part in parts if not part.below),
    )


def _listed(
    front: Front, members: Mapping[Key, Sequence[int]], parts: list[Part], heights: list[int]
) -> int:
    """Write down a part after those below it, and how high it stands; its number."""
    below = tuple(_listed(each, members, parts, heights) for each in front.parts)
    inner = tuple(inner_keys(front.parts, members)) if below else ()
    assert front.condensed is not None
    parts.append(Part(front.condensed, inner, tuple(front.offsets), below, front.first))
    heights.append(1 + max((heights[k] for k in below), default=-1))
    return len(parts) - 1


def _layers(
    parts: Sequence[Part], heights: Sequence[int]
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    layers = []
    for height in range(1 + max(heights)):
        alike: dict[int, list[int]] = {}
        for k, part in enumerate(parts):
            if heights[k] == height:
                alike.setdefault(id(part.condensed), []).append(k)
        layers.append(tuple(map(tuple, alike.values())))
    return tuple(layers)


def _joined(raised: Sequence[Raised], inner: Sequence[Key]) -> Tensor:
    """The target of two neighbours: what they shall see alike, and what each has left."""
    return torch.cat([*(-_sum(key, raised) for key in inner), *(one.left for one in raised)])


def _sum(key: Key, raised: Iterable[Raised]) -> Tensor:
    first, *others = (one.seen[key] for one in raised if key in one.seen)
    return first + others[0] if others else first
