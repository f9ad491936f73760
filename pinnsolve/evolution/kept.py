"""What is kept of waves on elements: the states between which polynomials in time miss little, and
of long paths through many nodes values at fewer ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.discretize.changes import rms
from pinnsolve.evolution.strides import State
from pinnsolve.fields.pieces import Pieces
from pinnsolve.fields.separated import between

# Pieces along each coordinate.
Layout = tuple[Pieces, ...]


@dataclass(frozen=True)
class Keeping:
    """How much is kept."""

    # Numbers of a node and a state: three, twice while they are joined
    numbers: int = 6
    # Bytes of a path, above which numbers have seven digits, where these miss a hundredth of what
    # polynomials may; and fewer nodes are tried: these shares of them along each coordinate, with
    # polynomials of a degree
    large: float = 5e8
    single: float = 1e-5
    shares: tuple[float, ...] = (0.35, 0.5, 0.7)
    degree: int = 4


KEEPING = Keeping()


@dataclass(frozen=True, eq=False)
class Kept:
    """A path so far: `states` at `times`, by values at the nodes of the first of the `layouts`; the
    others are finer, the last one is the wave's own.
    """

    layouts: tuple[Layout, ...]
    times: tuple[float, ...]
    states: tuple[State, ...]
    dtype: torch.dtype = DOUBLE.dtype

    @property
    def bytes(self) -> float:
        """Of memory, while they are joined."""
        numbers = KEEPING.numbers * self.states[0][0].numel() * len(self.states)
        return float(numbers * self.dtype.itemsize)

    def thinned(self, blocks: int, missed: float) -> Kept:
        """Of a first block of so many, of which polynomials may miss a share: where the path is
        large, with layouts of fewer nodes, and fewer digits.
        """
        own = self.layouts[-1]
        if blocks * self.bytes <= KEEPING.large:
            return self
        fewer = [tuple(_fewer(line, share) for line in own) for share in KEEPING.shares]
        single = missed >= KEEPING.single
        return replace(self, dtype=torch.float32 if single else self.dtype)._through((*fewer, own))

    def suited(self, u: Tensor, allowed: float) -> Kept:
        """With the fewest nodes whose polynomials miss no more of values `(n_1, n_2, ..)` at the
        wave's own, nor of what there was.
        """
        own = self.layouts[-1]
        for k, layout in enumerate(self.layouts[:-1]):
            back = at_nodes(at_nodes(u, own, layout), layout, own)
            if float(rms((back - u).flatten())) <= allowed:
                return self._through(self.layouts[k:])
        return self._through((own,))

    def after(self, times: Iterable[float], states: Iterable[State]) -> Kept:
        """With states at the wave's own nodes that follow."""
        own, layout = self.layouts[-1], self.layouts[0]
        new = (_moved(state, own, layout, self.dtype) for state in states)
        return replace(self, times=(*self.times, *times), states=(*self.states, *new))

    def joined(self) -> tuple[Tensor, Tensor]:
        """Times `(m,)`, and states `(3, m, nodes)`."""
        nodes = self.states[0][0].numel()
        states = torch.empty(3, len(self.states), nodes, dtype=self.dtype)
        for number, state in enumerate(self.states):
            for part, values in zip(states[:, number], state, strict=True):
                part.copy_(values.flatten())
        return DOUBLE.new_tensor(self.times), states

    def _through(self, layouts: tuple[Layout, ...]) -> Kept:
        """With these layouts: states are moved to the first."""
        before, after = self.layouts[0], layouts[0]
        moved = tuple(_moved(state, before, after, self.dtype) for state in self.states)
        return replace(self, layouts=layouts, states=moved)


def _fewer(own: Pieces, share: float) -> Pieces:
    count = max(1, math.ceil(share * own.count * own.degree / KEEPING.degree))
    return replace(own, count=count, degree=KEEPING.degree)


def _moved(state: State, before: Layout, after: Layout, dtype: torch.dtype) -> State:
    if before is not after:
        u, v, a = (at_nodes(each, before, after) for each in state)
        state = u, v, a
    u, v, a = (each.to(dtype) for each in state)
    return u, v, a


def at_nodes(u: Tensor, before: Layout, after: Layout) -> Tensor:
    """Values `(n_1, n_2, ..)` at nodes, by their polynomials at the nodes of another layout."""
    for place, (own, other) in enumerate(zip(before, after, strict=True)):
        first, tables = own.at(other.places, 0)
        lines = u.movedim(place, 0)
        shape = (-1, *[1] * (u.dim() - 1))
        found = sum(tables[0, :, j].view(shape) * lines[first + j] for j in range(own.degree + 1))
        u = torch.as_tensor(found).movedim(0, place)
    return u.contiguous()


def needed(block: Sequence[State], part: float, allowed: float) -> list[int]:
    """The ends of parts that are kept of a block, without the first: those between which a
    polynomial through the states misses the middle by no more than that.
    """
    last = len(block) - 1
    if last == 1:
        return [1]
    half = last // 2
    ends = [each for pair in zip(block[0], block[-1], strict=True) for each in pair]
    length = ends[0].new_tensor([0.0, last * part])
    weights = between(length, length[1:] / 2, 0)[:, 0].tolist()
    guess = sum(w * each for w, each in zip(weights, ends, strict=True))
    if float(rms((torch.as_tensor(guess) - block[half][0]).flatten())) <= allowed:
        return [last]
    first, second = (needed(each, part, allowed) for each in (block[: half + 1], block[half:]))
    return [*first, *(half + k for k in second)]
