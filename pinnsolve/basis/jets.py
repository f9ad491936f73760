"""Jets through layers: a function and its derivatives in the coordinates, stacked in one tensor.

A jet is a tensor `(n_rows, n_points, width)`, its rows the entries of a `closure` of jet indices, value first.
Derivatives travel forward with the values, so one reverse pass gives parameter gradients of anything made from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import torch
from torch import Tensor

from pinnsolve.basis.activations import Derivatives
from pinnsolve.basis.indices import JetIndex, MultiIndex, composition, members, order_of, unit


def affine_input(x: Tensor, weight: Tensor, bias: Tensor, rows: Sequence[JetIndex]) -> Tensor:
    """The jet of x @ weight + bias as a function of x: constant slopes, no curvature. `x (n, dim)`, `weight (dim, width)`."""
    first = {unit(len(weight), axis): w for axis, w in enumerate(weight)}
    jet = [x @ weight + bias]
    for index in rows[1:]:
        slope = first.get(index) if isinstance(index, tuple) else None
        jet.append(torch.zeros_like(jet[0]) if slope is None else slope.expand_as(jet[0]))
    return torch.stack(jet)


def affine(jet: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A linear layer acts on every row alike; only the value row feels the bias."""
    return torch.cat([jet[:1] @ weight + bias, jet[1:] @ weight])


def activate(jet: Tensor, rows: Sequence[JetIndex], sigma: Derivatives) -> Tensor:
    """The jet of sigma(z) from the jet of z, by Faa di Bruno's formula."""
    place = {index: i for i, index in enumerate(rows)}
    highest = max(map(order_of, rows))
    derivatives = sigma(jet[0], range(highest + 1))
    out = []
    for index in rows:
        total = None
        for term in composition(index):
            product = derivatives[term.order]
            for factor in term.factors:
                product = product * jet[place[factor]]
            product = product if term.count == 1 else term.count * product
            total = product if total is None else total + product
        out.append(total)
    return torch.stack(out)  # type: ignore[arg-type]  # every composition has a term


def ridge(x: Tensor, weight: Tensor, bias: Tensor, indices: Sequence[JetIndex], sigma: Derivatives) -> Tensor:
    """Derivatives of one hidden layer in closed form: D^a sigma(w.x + b) = w^a sigma^(|a|)(w.x + b).

    Only the rows that are asked for are made: `(n_indices, n_points, width)`.
    """
    orders = sorted({order_of(i) for i in indices})
    derivatives = dict(zip(orders, sigma(x @ weight + bias, orders), strict=True))
    return torch.stack([derivatives[order_of(i)] * _monomial(weight, i) for i in indices])


def _monomial(weight: Tensor, index: JetIndex) -> Tensor:
    """w^a for every neuron, `(width,)`; summed over the members of a collapsed index."""
    powers = torch.stack([(weight ** weight.new_tensor(m)[:, None]).prod(dim=0) for m in members(index)])
    return powers.sum(dim=0)


def summed(indices: Sequence[JetIndex], single: Callable[[MultiIndex], Tensor]) -> Tensor:
    """Rows for indices, from a function that makes those of multi-indices; each is made once."""
    of = {m: single(m) for m in dict.fromkeys(m for i in indices for m in members(i))}
    return torch.stack([reduce(torch.add, [of[m] for m in members(i)]) for i in indices])
