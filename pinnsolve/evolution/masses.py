"""The mass of an element's nodes, beside a medium that may jump within it.

Where 1 / c is a polynomial of the element's degree, nearly, a node has its own value: the rule of
its nodes integrates that best. Where it is only smooth, a node has the integral of 1 / c times the
node's function: together nodes then integrate 1 / c times any polynomial exactly. Elsewhere, and
where such a mass would hardly be positive, it has the mean over its own part of the element, which
is what a wave feels of layers that are thinner than it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.evolution.wavelike import Wavelike
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.pieces import Pieces, lobatto, nodes_of, through_nodes


@dataclass(frozen=True)
class Masses:
    """How the mass of nodes is found."""

    # Gauss points of a node's part of an element, along a coordinate, by which 1 / c is looked at
    seen: int = 2
    # Of 1 / c: what its polynomial in an element may miss, else means are taken
    smooth: float = 1e-3
    # Gauss points of an element along a coordinate, for integrals of 1 / c: both numbers agree as
    # well as that, where it does not jump
    gauss: tuple[int, int] = (12, 16)
    # Of the least 1 / c in an element: a smaller mass of a node makes steps too short
    least: float = 0.05
    # Points of a part, evenly spaced, by which its mean is taken: a jump is between two of them
    points: int = 8
    # Points of a batch of elements
    batch: int = 200_000


MASSES = Masses()


def speeds_of(wave: Wavelike, pieces: Sequence[Pieces], dim: int) -> tuple[Tensor, bool]:
    """c of all nodes, `(nodes,)`: the sum of weights over that of masses; and whether it jumps
    within an element, where it is a mean.
    """
    degree, d = pieces[0].degree, len(pieces)
    nodes, _ = lobatto(degree)
    seen, _ = _parts(degree, *np.polynomial.legendre.leggauss(MASSES.seen))
    between = _together([through_nodes(degree, seen, 0)[0]] * d)
    integrals = [_integrals(degree, n, d) for n in MASSES.gauss]
    even = (2 * np.arange(MASSES.points) + 1) / MASSES.points - 1
    points, means = _parts(degree, even, np.full(MASSES.points, 2 / MASSES.points))
    means = _together([means] * d)
    weights = _together([own.weights[None] for own in pieces])[0]
    jumps = False
    mass, whole = (DOUBLE.new_zeros(math.prod(own.nodes for own in pieces)) for _ in range(2))

    def slowness(numbers: Tensor, local: Tensor) -> Tensor:
        x = _inside(wave, pieces, numbers, local, dim)
        return 1 / wave.rates(x)[0].reshape(len(numbers), len(local) ** d)

    for numbers in _batches(pieces, means.shape[1]):
        own, fine = slowness(numbers, nodes), slowness(numbers, seen)
        rough = _missed(own @ between.T, fine).nonzero()[:, 0]
        few, many = (slowness(numbers[rough], at) @ held.T for at, held in integrals)
        least = fine[rough].amin(dim=1)
        smooth = ((few - many).abs().amax(dim=1) <= MASSES.smooth * least) & (
            many.amin(dim=1) >= MASSES.least * least
        )
        own[rough[smooth]] = many[smooth]
        rough = rough[~smooth]
        own[rough] = slowness(numbers[rough], points) @ means.T
        # A jump at an element's end is none within it: only its last node was on the other side.
        jumps = jumps or bool(_missed(own[rough] @ between.T, fine[rough]).any())
        columns = nodes_of(pieces, list(degree * numbers.T)).flatten()
        mass.index_add_(0, columns, (weights * own).flatten())
        whole.index_add_(0, columns, weights.repeat(len(numbers)))
    return whole / mass, jumps


def _missed(found: Tensor, fine: Tensor) -> Tensor:
    """In which elements values `(n, m)` are not those of a polynomial: `(n,)`."""
    return (found - fine).abs().amax(dim=1) > MASSES.smooth * fine.amin(dim=1)


def _integrals(degree: int, points: int, d: int) -> tuple[Tensor, Tensor]:
    """Gauss's points of an element along a coordinate, `(n,)`, and what takes values at all of them
    to integrals with every node's function, over that function's own: `(nodes, n^d)`.
    """
    at, weights = map(tensor_of, np.polynomial.legendre.leggauss(points))
    own = (through_nodes(degree, at, 0)[0] * weights[:, None]).T / lobatto(degree)[1][:, None]
    return at, _together([own] * d)


def _parts(degree: int, places: Array, weights: Array) -> tuple[Tensor, Tensor]:
    """A rule on [-1, 1] in the part of every node, whose length is its weight: all points, `(n,)`,
    and means over the parts, `(degree + 1, n)`.
    """
    ends = [-1.0, *(lobatto(degree)[1].cumsum(0) - 1).tolist()]
    points = [(a + b) / 2 + (b - a) / 2 * tensor_of(places) for a, b in pairwise(ends)]
    means = torch.kron(torch.eye(degree + 1, dtype=DOUBLE.dtype), tensor_of(weights / 2)[None])
    return torch.cat(points), means


def _together(factors: Sequence[Tensor]) -> Tensor:
    """One matrix for all coordinates, of one for each."""
    return reduce(torch.kron, factors)


def _batches(pieces: Sequence[Pieces], points: int) -> Iterator[Tensor]:
    """The numbers of elements along every coordinate, `(n, d)`, some elements at a time."""
    every = torch.cartesian_prod(*[torch.arange(own.count) for own in pieces])
    yield from torch.split(every, max(1, MASSES.batch // points))


def _inside(
    wave: Wavelike, pieces: Sequence[Pieces], numbers: Tensor, local: Tensor, dim: int
) -> Tensor:
    """The same places `(m,)` of [-1, 1] along every coordinate of each element: `(n m^d, dim)`."""
    offsets = torch.cartesian_prod(*[(local + 1) / 2 for _ in pieces])
    x = local.new_full((len(numbers), len(offsets), dim), wave.form.start)
    pairs = zip(wave.space, pieces, strict=True)
    for k, (i, own) in enumerate(pairs):
        x[:, :, i] = own.low + own.length * (numbers[:, k, None] + offsets[:, k])
    return x.flatten(0, 1)
