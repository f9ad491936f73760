"""Parts of a tree of cells, condensed: what is left of them, side by side with what is left of a
neighbour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.cells.condense import Condensation, Kept
from pinnsolve.cells.teams import Key
from pinnsolve.mgrit.communicator import Communicator


@dataclass(frozen=True, eq=False)
class Front:
    """Cells `first` to `end` of the tree, condensed, and the parts that they were merged of.

    `particular` and `target` are those of `Condensation.applied`; `offsets` what others see of the
    particular solution, by key, in the order of the traces that are kept; `alone (n,)` the singular
    values of the rows by which a merge decided what no others see. `owner` is the rank that has all
    but what is kept, if it is another; it alone has what it was `condensed` by.
    """

    kept: Kept
    particular: Tensor
    target: Tensor
    offsets: Mapping[Key, Tensor]
    parts: tuple[Front, ...]
    first: int
    end: int
    alone: Tensor
    condensed: Condensation | None = None
    owner: int | None = None

    @property
    def name(self) -> tuple[int | None, int]:
        """What tells the condensation of a part from all others, on all ranks."""
        return self.owner, self.kept.number


def front_of(
    condensed: Condensation,
    target: Tensor,
    offsets: Mapping[Key, Tensor],
    parts: tuple[Front, ...],
    first: int,
    end: int,
) -> Front:
    """A part whose own target is `(n,)`, and what others see of its columns' zero, by key."""
    particular, left = condensed.applied(target)
    seen = {
        key: offset + matrix @ particular
        for (key, offset), matrix in zip(offsets.items(), condensed.seen_by_others, strict=True)
    }
    # Cells have functions that are zero but for round-off: of them it says nothing.
    alone = condensed.alone if parts else target[:0]
    return Front(condensed.kept, particular, left, seen, parts, first, end, alone, condensed)


def joined(
    sides: Sequence[Front], members: Mapping[Key, Sequence[int]]
) -> tuple[Tensor, Tensor, list[Tensor], dict[Key, Tensor]]:
    """Two neighbours side by side: rows `(n, kept)` and target `(n,)`, of both and of the traces
    that no other cell shares; and what others see.
    """
    first, second = sides
    keys = list(dict.fromkeys([*first.offsets, *second.offsets]))
    inner = inner_keys(sides, members)
    rows, target, traces, offsets = [], [], [], {}
    for key in keys:
        matrix, offset = _sum(key, sides)
        if key in inner:
            rows.append(matrix)
            target.append(-offset)
        else:
            traces.append(matrix)
            offsets[key] = offset
    a, b = (side.kept.rows for side in sides)
    rows += [
        torch.cat([a, a.new_zeros(len(a), b.shape[1])], dim=1),
        torch.cat([b.new_zeros(len(b), a.shape[1]), b], dim=1),
    ]
    target += [side.target for side in sides]
    return torch.cat(rows), torch.cat(target), traces, offsets


def inner_keys(sides: Sequence[Front], members: Mapping[Key, Sequence[int]]) -> list[Key]:
    """What two neighbours see, and no other cell."""
    first, second = sides
    keys = dict.fromkeys([*first.offsets, *second.offsets])
    return [k for k in keys if all(first.first <= n < second.end for n in members[k])]


def _sum(key: Key, sides: Sequence[Front]) -> tuple[Tensor, Tensor]:
    """A trace of two parts together, in the numbers of both."""
    length = next(len(side.offsets[key]) for side in sides if key in side.offsets)
    like = sides[0].particular
    matrices, offset = [], like.new_zeros(length)
    for side in sides:
        if key in side.offsets:
            matrices.append(side.kept.traces[list(side.offsets).index(key)])
            offset = offset + side.offsets[key]
        else:
            matrices.append(like.new_zeros(length, side.kept.size))
    return torch.cat(matrices, dim=1), offset


def decided_alone(front: Front) -> Iterator[Tensor]:
    """Singular values, `(n,)` of each merge, of what it decided that no others see; in units of
    traces, like those of the last rows.
    """
    yield front.alone
    for part in front.parts:
        yield from decided_alone(part)


def send_front(ranks: Communicator, target: int, front: Front) -> None:
    """What is kept of a part, its target, and what others see of it: in one vector `(n,)`, after
    its length.
    """
    kept, offsets = front.kept, front.offsets
    shapes = [kept.number, kept.size, len(kept.rows)]
    for key, offset in offsets.items():
        shapes += [key, len(offset)]
    numbers = [kept.rows.new_tensor([float(n) for n in shapes]), kept.rows.flatten(), front.target]
    numbers += [t.flatten() for t in kept.traces] + list(offsets.values())
    whole = torch.cat(numbers)
    ranks.send(whole.new_tensor([float(len(whole)), float(len(shapes))]), target)
    ranks.send(whole, target)


def receive_front(ranks: Communicator, owner: int, cells: tuple[int, int], like: Tensor) -> Front:
    """The same, on the other side, of cells `(first, end)`: its functions, `(0, kept)`, and what it
    was merged of stay where they are.
    """
    n, heads = map(int, ranks.receive(like.new_zeros(2), owner).tolist())
    whole = ranks.receive(like.new_zeros(n), owner)
    number, size, rows, *seen = map(int, whole[:heads].tolist())
    keys, lengths = seen[::2], seen[1::2]
    parts = torch.split(whole[heads:], [rows * size, rows, *(m * size for m in lengths), *lengths])
    seen_by_others = zip(parts[2 : 2 + len(keys)], lengths, strict=True)
    traces = tuple(t.reshape(m, size) for t, m in seen_by_others)
    kept = Kept(like.new_zeros(0, size), parts[0].reshape(rows, size), traces, number)
    offsets = dict(zip(keys, parts[2 + len(keys) :], strict=True))
    nothing = like.new_zeros(0)
    return Front(kept, nothing, parts[1], offsets, (), *cells, nothing, owner=owner)
