"""Jets through layers: a function and its derivatives in the coordinates, stacked in one tensor.

A jet is a tensor `(n_rows, n_points, width)`, its rows the entries of a `closure` of jet indices,
value first. Derivatives travel forward with the values, so one reverse pass gives parameter
gradients of anything made from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import torch
from torch import Tensor

from pinnsolve.jets.activations import Derivatives
from pinnsolve.jets.indices import JetIndex, MultiIndex, composition, members, order_of


@dataclass(frozen=True)
class Traced:
    """Derivatives of all neurons, and for every linear map of the network the jets `(rows, n,
    width)` it takes and gives.
    """

    found: Tensor
    maps: Sequence[tuple[Tensor, Tensor]]


def affine(jet: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A linear layer, `weight (in, out)` and `bias (out,)`, acts on every row of a jet `(n_rows, n,
    in)` alike; only the value row feels the bias.
    """
    out = jet @ weight
    return torch.cat([out[:1] + bias, out[1:]])


def coordinates_jet(x: Tensor, rows: Sequence[JetIndex]) -> Tensor:
    """The jet of the coordinates themselves at points `(n, dim)`: values, unit slopes, and nothing
    of higher order.
    """
    zero = torch.zeros_like(x)
    return torch.stack(
        [
            x if order_of(i) == 0 else zero + x.new_tensor(i) if order_of(i) == 1 else zero
            for i in rows
        ]
    )


def activate(jet: Tensor, rows: Sequence[JetIndex], sigma: Derivatives) -> Tensor:
    """The jet of sigma(z) from the jet of z, both `(n_rows, n, width)`, by Faa di Bruno's formula;
    with a reverse of its own, written out by hand.
    """
    plan = _plan(tuple(rows))
    # A compiler fuses, and reverses, what it sees.
    if not torch.is_grad_enabled() or torch.compiler.is_compiling():
        return _forward(jet, plan, sigma(jet[0], range(plan.highest + 1)))
    # Reversed by hand: with the reverse that autograd makes jets were slower than nested
    # derivatives (docs/decisions/0002).
    out: Tensor = _Activation.apply(jet, plan, sigma)[0]  # type: ignore[no-untyped-call]
    return out


@dataclass(frozen=True)
class _Plan:
    """Faa di Bruno's terms by row: `(order, count, places of the factors)`, and the highest order
    among them.
    """

    terms: tuple[tuple[tuple[int, int, tuple[int, ...]], ...], ...]
    highest: int


@cache
def _plan(rows: tuple[JetIndex, ...]) -> _Plan:
    place = {index: i for i, index in enumerate(rows)}
    terms = tuple(
        tuple((t.order, t.count, tuple(place[f] for f in t.factors)) for t in composition(index))
        for index in rows
    )
    return _Plan(terms, max(map(order_of, rows)))


def _forward(jet: Tensor, plan: _Plan, derivatives: Sequence[Tensor]) -> Tensor:
    out = []
    for terms in plan.terms:
        # Terms of one order share the derivative that multiplies them.
        by_order: dict[int, list[Tensor]] = {}
        for order, count, factors in terms:
            if factors:
                product = reduce(torch.mul, [jet[f] for f in factors])
                by_order.setdefault(order, []).append(product if count == 1 else count * product)
        parts = [derivatives[k] * reduce(torch.add, products) for k, products in by_order.items()]
        out.append(reduce(torch.add, parts) if parts else derivatives[0])
    return torch.stack(out)


class _Activation(torch.autograd.Function):
    """Saves the argument's jet and the activation's derivatives, nothing in between."""

    generate_vmap_rule = True

    @staticmethod
    def forward(jet: Tensor, plan: _Plan, sigma: Derivatives) -> tuple[Tensor, Tensor]:
        derivatives = sigma(jet[0], range(plan.highest + 2))
        return _forward(jet, plan, derivatives), torch.stack(derivatives)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        jet, ctx.plan, ctx.sigma = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(jet, output[1])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[Tensor, None, None]:
        jet, derivatives = ctx.saved_tensors
        # Differentiated once more: the derivatives too are functions of the argument.
        if torch.is_grad_enabled():
            derivatives = torch.stack(ctx.sigma(jet[0], range(ctx.plan.highest + 2)))
        return _backward(gradient, jet, derivatives, ctx.plan), None, None


def _backward(gradient: Tensor, jet: Tensor, derivatives: Tensor, plan: _Plan) -> Tensor:
    """The gradient in the argument's jet: each term's in every factor, and in the value through the
    next derivative.
    """
    # By order: what multiplies sigma^(order) in the scalar that is differentiated.
    weights: dict[int, Tensor] = {}
    parts: list[Tensor | None] = [None] * len(jet)

    def add(place: int, part: Tensor) -> None:
        held = parts[place]
        parts[place] = part if held is None else held + part

    for g, terms in zip(gradient, plan.terms, strict=True):
        times: dict[int, Tensor] = {}
        for order, count, factors in terms:
            if order and order not in times:
                times[order] = g * derivatives[order]
            product = g if count == 1 else count * g
            for f in factors:
                product = product * jet[f]
            weights[order] = weights[order] + product if order in weights else product
            for i, f in enumerate(factors):
                if f in factors[:i]:
                    continue  # a power: counted with its first factor
                others = list(factors)
                others.remove(f)
                times_count = count * factors.count(f)
                slope = times[order] if times_count == 1 else times_count * times[order]
                add(f, reduce(torch.mul, [slope, *(jet[o] for o in others)]))
    for order, weight in weights.items():
        add(0, weight * derivatives[order + 1])
    return torch.stack([torch.zeros_like(jet[0]) if part is None else part for part in parts])


def ridge(
    x: Tensor, weight: Tensor, bias: Tensor, indices: Sequence[JetIndex], sigma: Derivatives
) -> Tensor:
    """Derivatives of one hidden layer in closed form: D^a sigma(w.x + b) = w^a sigma^(|a|)(w.x +
    b).

    Only the rows that are asked for are made: `(n_indices, n_points, width)`.
    """
    orders = sorted({order_of(i) for i in indices})
    derivatives = dict(zip(orders, sigma(x @ weight + bias, orders), strict=True))
    return torch.stack([derivatives[order_of(i)] * _monomial(weight, i) for i in indices])


def _monomial(weight: Tensor, index: JetIndex) -> Tensor:
    """w^a for every neuron, `(width,)`; summed over the members of a collapsed index."""
    return reduce(torch.add, [_power(weight, m) for m in members(index)])


def _power(weight: Tensor, index: MultiIndex) -> Tensor:
    powers = [weight[k] ** p for k, p in enumerate(index) if p]
    return reduce(torch.mul, powers) if powers else torch.ones_like(weight[0])


def summed(indices: Sequence[JetIndex], single: Callable[[MultiIndex], Tensor]) -> Tensor:
    """Rows for indices, `(n_indices, ...)`, from a function that makes those of multi-indices,
    `(...)`; each is made once.
    """
    of = {m: single(m) for m in dict.fromkeys(m for i in indices for m in members(i))}
    return torch.stack([reduce(torch.add, [of[m] for m in members(i)]) for i in indices])


def combined(terms: Iterable[tuple[Tensor | float, Tensor]]) -> Tensor:
    """The sum of factors times tensors `(...)`, of which there is at least one."""
    (factor, value), *others = terms
    total = factor * value
    for factor, value in others:
        total = (
            torch.add(total, value, alpha=factor)
            if isinstance(factor, float)
            else torch.addcmul(total, factor, value)
        )
    return total


def columns_of(table: Tensor, places: Tensor) -> Tensor:
    """Columns of a table `(n, m)` by their places `(k,)`: `(n, k)`, in a quarter of the time that
    indexing takes.
    """
    return torch.gather(table, 1, places.to(table.device).expand(len(table), -1))
