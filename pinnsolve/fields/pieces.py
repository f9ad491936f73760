"""A coordinate in equal pieces, with polynomials through Lobatto's points on each: neighbours share
the value at their common end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.adapted.separable import legendre
from pinnsolve.fields.arrays import tensor_of


@dataclass(frozen=True)
class Pieces:
    """[low, high] in `count` pieces, polynomials of a `degree` on each, by their values at its
    nodes.
    """

    low: float
    high: float
    count: int
    degree: int

    @property
    def nodes(self) -> int:
        """How many values there are."""
        return self.count * self.degree + 1

    @property
    def length(self) -> float:
        """Of a piece."""
        return (self.high - self.low) / self.count

    @cached_property
    def places(self) -> Tensor:
        """All nodes, `(nodes,)`."""
        own, _ = lobatto(self.degree)
        starts = self.low + self.length * torch.arange(self.count, dtype=own.dtype)
        inner = (starts[:, None] + self.length * (own[:-1] + 1) / 2).flatten()
        return torch.cat([inner, own.new_tensor([self.high])])

    @cached_property
    def weights(self) -> Tensor:
        """Of an integral through the nodes of one piece, `(degree + 1,)`."""
        return lobatto(self.degree)[1] * (self.length / 2)

    def at(self, x: Tensor, orders: int) -> tuple[Tensor, Tensor]:
        """At points `(n,)` the first node of their piece, `(n,)`, and derivatives of the functions
        of its nodes up to an order, `(orders + 1, n, degree + 1)`.
        """
        place = (x - self.low) / self.length
        piece = place.floor().clamp(0, self.count - 1)
        tables = through_nodes(self.degree, 2 * (place - piece) - 1, orders)
        scales = (2 / self.length) ** torch.arange(orders + 1, dtype=x.dtype)
        return self.degree * piece.long(), scales[:, None, None] * tables

    @cached_property
    def stiffness(self) -> Tensor:
        """Integrals of slopes times slopes over a piece, `(degree + 1, degree + 1)`."""
        points, weights = lobatto(self.degree)
        slopes = through_nodes(self.degree, points, 1)[1]
        # Of degree 2 degree - 2: these points integrate it exactly.
        return slopes.T @ (weights[:, None] * slopes) * (2 / self.length)

    @cached_property
    def fastest(self) -> float:
        """The largest eigenvalue of minus the second derivative."""
        half = self.weights.sqrt()
        return float(torch.linalg.eigvalsh(self.stiffness / torch.outer(half, half)).max())


def lobatto(degree: int) -> tuple[Tensor, Tensor]:
    """Points and weights, `(degree + 1,)` each, of Lobatto's rule on [-1, 1]: both ends, and where
    Legendre's polynomial of that degree is flat.
    """
    last = np.eye(degree + 1)[-1]
    flat = np.polynomial.legendre.legroots(np.polynomial.legendre.legder(last))
    points = np.concatenate([[-1.0], np.sort(flat.real), [1.0]])
    heights = np.polynomial.legendre.legval(points, last)
    return tensor_of(points), tensor_of(2 / (degree * (degree + 1) * heights**2))


def through_nodes(degree: int, x: Tensor, orders: int) -> Tensor:
    """Polynomials that are one at one of Lobatto's points and zero at the others, and their
    derivatives, at points `(n,)` of [-1, 1]: `(orders + 1, n, degree + 1)`.
    """
    points, _ = lobatto(degree)
    through: Tensor = torch.linalg.inv(legendre(points.to(x), degree, 0)[0])
    return legendre(x, degree, orders) @ through


def nodes_of(pieces: Sequence[Pieces], firsts: Sequence[Tensor]) -> Tensor:
    """The nodes of elements, products of pieces, from the first node of each piece, `(n,)` each:
    numbers `(n, nodes of an element)`, the last coordinate's fastest.
    """
    columns = firsts[0].new_zeros(len(firsts[0]), 1)
    for own, first in zip(pieces, firsts, strict=True):
        along = first[:, None] + torch.arange(own.degree + 1)
        columns = (columns[:, :, None] * own.nodes + along[:, None, :]).flatten(1)
    return columns
