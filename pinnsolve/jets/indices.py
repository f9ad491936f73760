"""The combinatorics of jets: which derivatives travel together, and Faa di Bruno's formula as a
table.

A jet index is a multi-index (a tuple of orders, one a coordinate) or a frozenset of multi-indices
that stands for their sum: the collapsed Laplacian {2e_1, ..., 2e_d}, one entry in place of d.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb, factorial, prod

MultiIndex = tuple[int, ...]
JetIndex = MultiIndex | frozenset[MultiIndex]


@dataclass(frozen=True)
class Product:
    """One term of Faa di Bruno's formula: count * sigma^(order) * product of the inner jet's
    entries `factors`.
    """

    count: int
    order: int
    factors: tuple[JetIndex, ...]


def members(index: JetIndex) -> tuple[MultiIndex, ...]:
    """The multi-indices that an index sums up; of a multi-index, itself."""
    return tuple(sorted(index)) if isinstance(index, frozenset) else (index,)


def is_sum(index: JetIndex) -> bool:
    """Whether it stands for a sum of derivatives."""
    return members(index) != (index,)


def in_others(index: JetIndex, axis: int) -> JetIndex:
    """The derivative in all other coordinates: of members that are of one order in this."""
    left = [(*m[:axis], *m[axis + 1 :]) for m in members(index)]
    return frozenset(left) if is_sum(index) else left[0]


def order_of(index: JetIndex) -> int:
    """Order of derivation; that of a sum is the order of its members."""
    return max(map(sum, members(index)))


def unit(dimension: int, axis: int) -> MultiIndex:
    """The multi-index of the first derivative along an axis."""
    return tuple(int(i == axis) for i in range(dimension))


@cache
def composition(index: JetIndex) -> tuple[Product, ...]:
    """D^index of sigma(z(x)) in terms of derivatives of z (Faa di Bruno, by partitions of the set
    of differentiations).

    For a sum of pure second derivatives: L sigma(z) = sigma' L z + sigma'' sum_i (z_i)^2.
    """
    if is_sum(index):
        squares = []
        for member in members(index):
            axis = member.index(2)
            first = unit(len(member), axis)
            squares.append(Product(1, 2, (first, first)))
        return (Product(1, 1, (index,)), *squares)
    (single,) = members(index)
    if not any(single):
        return (Product(1, 0, ()),)
    # Alike ones are counted, not listed: a set of sixteen differentiations has 10^10 partitions.
    terms = [(blocks, _count(single, blocks)) for blocks in _partitions(single, single)]
    return tuple(Product(count, len(blocks), blocks) for blocks, count in sorted(terms))


def _partitions(index: MultiIndex, most: MultiIndex) -> Iterator[tuple[MultiIndex, ...]]:
    """All ways to write a multi-index as a sum of others, none later in the lexicographic order
    than `most`, in order.
    """
    if not any(index):
        yield ()
        return
    for block in product(*(range(order + 1) for order in index)):
        if any(block) and block <= most:
            rest = tuple(a - b for a, b in zip(index, block, strict=True))
            for blocks in _partitions(rest, block):
                yield (*blocks, block)


def _count(index: MultiIndex, blocks: Sequence[MultiIndex]) -> int:
    """How many partitions of the set of differentiations have these blocks."""
    same = prod(factorial(many) for many in Counter(blocks).values())
    return prod(map(factorial, index)) // (
        same * prod(factorial(order) for block in blocks for order in block)
    )


def below(index: MultiIndex) -> list[MultiIndex]:
    """The derivatives of one factor of a product in Leibniz's rule."""
    return list(product(*(range(order + 1) for order in index)))


def leibniz(index: MultiIndex) -> Iterator[tuple[int, MultiIndex, MultiIndex]]:
    """Leibniz's rule for the derivative of a product of two factors: how many times, and those of
    the first and of the second.
    """
    for first in below(index):
        second = tuple(a - b for a, b in zip(index, first, strict=True))
        yield prod(map(comb, index, first)), first, second


def closure(indices: Sequence[JetIndex], dimension: int) -> tuple[JetIndex, ...]:
    """The indices and all that their compositions need, value first, by order: the rows of a jet
    that layers can pass on.
    """
    needed: set[JetIndex] = {(0,) * dimension}
    waiting = list(indices)
    while waiting:
        index = waiting.pop()
        if index not in needed:
            needed.add(index)
            waiting += [factor for term in composition(index) for factor in term.factors]
    return tuple(sorted(needed, key=lambda i: (order_of(i), is_sum(i), sorted(i))))


def check_index(index: JetIndex, dimension: int) -> None:
    """Raise ValueError unless the index fits the dimension, and a sum consists of pure second
    derivatives.
    """
    if any(len(m) != dimension or min(m) < 0 for m in members(index)):
        raise ValueError(f"jet index {index} does not fit {dimension} coordinates")
    if is_sum(index) and any(sorted(m)[-1] != 2 or sum(m) != 2 for m in members(index)):
        raise ValueError(
            f"jet index {set(index)}: only sums of pure second derivatives are collapsed"
        )
