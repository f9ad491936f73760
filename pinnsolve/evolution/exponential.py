"""Exponential steps of y' = lambda y + F, number by number: exact in lambda, a polynomial in F.

With F a polynomial through its values at nodes of a step, y is known exactly at all of them, by the
functions phi_k(z) = integral of exp((1 - s) z) s^(k - 1) / (k - 1)! over [0, 1] (Hochbruck and
Ostermann, Acta Numerica 19 (2010) 209). What is stiff and linear costs no small steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pinnsolve.fields.arrays import array_of, tensor_of


@dataclass(frozen=True)
class Rule:
    """Nodes of a step."""

    # So many Chebyshev-Lobatto nodes, both ends among them: beyond, powers lose digits
    nodes: int = 7
    # Terms of phi's power series within the unit circle, for round-off
    terms: int = 20

    @property
    def places(self) -> Tensor:
        """In [0, 1], increasing: `(nodes,)`."""
        angles = np.arange(self.nodes) * math.pi / (self.nodes - 1)
        return tensor_of((1 - np.cos(angles)) / 2)


RULE = Rule()


def phis(z: Tensor, count: int) -> Tensor:
    """phi_0, phi_1, .. at z `(...)`: `(count + 1, ...)`; phi_0 is exp.

    Upwards by phi_(k + 1) = (phi_k - 1 / k!) / z, which divides errors by z; within the unit
    circle downwards, from a power series.
    """
    far = z.abs() > 1
    safe = torch.where(far, z, torch.ones_like(z))
    up = [z.exp()]
    for k in range(count):
        up.append((up[-1] - 1 / math.factorial(k)) / safe)
    near = torch.where(far, torch.zeros_like(z), z)
    last = sum(near**j * (1 / math.factorial(j + count)) for j in range(RULE.terms))
    down = [torch.as_tensor(last)]
    for k in range(count - 1, -1, -1):
        down.append(near * down[-1] + 1 / math.factorial(k))
    pairs = zip(up, reversed(down), strict=True)
    return torch.stack([torch.where(far, a, b) for a, b in pairs])


@dataclass(frozen=True, eq=False)
class Weights:
    """Of one step size: y at the nodes is `decay (nodes, n)` times y at the start, plus sums of
    `force (nodes, nodes, n)` times F at the nodes.
    """

    h: float
    decay: Tensor
    force: Tensor

    def at_nodes(self, y: Tensor, forces: Tensor) -> Tensor:
        """y `(nodes, n)`, from y at the start `(n,)` and F at the nodes `(nodes, n)`."""
        return torch.stack([self.at_node(i, y, forces) for i in range(len(self.decay))])

    def at_node(self, number: int, y: Tensor, forces: Tensor) -> Tensor:
        """y `(n,)` at one of them."""
        found = self.decay[number] * y
        # A third to a quarter of what einsum takes for 200,000 numbers
        for weight, force in zip(self.force[number], forces, strict=True):
            found.addcmul_(weight, force)
        return found


def weights_of(rates: Tensor, h: float) -> Weights:
    """Of all `rates` lambda `(n,)`, real or complex."""
    c = RULE.places
    p = len(c)
    found = phis(h * c[:, None] * rates, p)
    # The integral of exp((t - s) lambda) (s / h)^k to t = c h is h c^(k + 1) k! phi_(k + 1)(t
    # lambda).
    powers = torch.stack(
        [h * (c ** (k + 1) * math.factorial(k))[:, None] * found[k + 1] for k in range(p)]
    )
    into = tensor_of(_POWERS, powers)
    return Weights(h, found[0], torch.einsum("kin,kj->ijn", powers, into))


def slope_at_ends(h: float, values: Tensor) -> Tensor:
    """Derivatives in time at both ends, `(2, n)`, of the polynomial through values at the nodes
    `(nodes, n)`.
    """
    return tensor_of(_SLOPES, values) @ values / h


def further(values: Tensor, ratio: float) -> Tensor:
    """What a polynomial through values at the nodes of a step `(nodes, n)` gives at those of the
    next one, so many times as long.
    """
    later = 1 + 2 * ratio * array_of(RULE.places)
    onward = np.polynomial.chebyshev.chebvander(later, RULE.nodes - 1) @ _INVERSE
    return tensor_of(onward, values) @ values


def taylor(values: Tensor) -> Tensor:
    """Derivatives at a step's start, in its own time from zero to one, of the polynomial through
    values at its nodes `(nodes, n)`; of one value, that alone.
    """
    if len(values) == 1:
        return values
    factorials = [float(math.factorial(k)) for k in range(len(values))]
    return values.new_tensor(factorials)[:, None] * (tensor_of(_POWERS, values) @ values)


def top_part(values: Tensor) -> Tensor:
    """That of the highest degree, in Chebyshev's polynomials, of values at the nodes, `(nodes,
    n)`.
    """
    return tensor_of(_TOP, values) @ values


def _matrices() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    c = array_of(RULE.places)
    chebyshev = np.polynomial.chebyshev.chebvander(2 * c - 1, len(c) - 1)
    inverse = np.linalg.inv(chebyshev)
    slopes = [
        2 * np.polynomial.chebyshev.chebval([-1.0, 1.0], np.polynomial.chebyshev.chebder(row))
        for row in np.eye(len(c))
    ]
    powers = np.linalg.inv(np.vander(c, increasing=True))
    top = np.outer(chebyshev[:, -1], inverse[-1])
    return np.stack(slopes, axis=1) @ inverse, top, inverse, powers


_SLOPES, _TOP, _INVERSE, _POWERS = _matrices()
