"""How large fields are, about their means, and how much they change: by root mean squares over
points.

Values may be of any size, and points weigh what they stand for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.sizes import natural_sizes
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.field import Field


@dataclass(frozen=True)
class Smallness:
    """What is so small that it counts as larger: zero and round-off are compared with nothing."""

    # An unknown that is smaller against the others counts as that large.
    negligible: float = 1e-4
    # A deviation that is smaller against the mean counts as that large: a constant has none but
    # round-off;
    of_mean: float = 1e-6
    # Unless it is so many times the change from draw to draw: then it is none.
    real: float = 10.0


SMALLNESS = Smallness()


def rms(values: Tensor, shares: Tensor | None = None) -> Tensor:
    """Root mean square along the last dimension, of equal shares or of given ones `(n,)`.

    Values may be of any size: their squares need not be numbers.
    """
    unit = power_of_two(values)
    squares = (values / unit).square()
    return (squares.mean(dim=-1) if shares is None else squares @ shares.to(squares)).sqrt() * unit


def power_of_two(values: Tensor) -> float:
    """One of about the size of the largest of the values `(...)`, by which to divide without
    rounding; 1, if that is zero or not finite.
    """
    largest = float(values.detach().abs().max()) if values.numel() else 0.0
    return math.ldexp(1.0, math.frexp(largest)[1]) if 0 < largest < 2.0**1023 else 1.0


def shares_of(p: Points) -> Tensor | None:
    """The share of every point in a mean over its region, `(n,)`; None where all are equal."""
    equal = len(p.x) == 0 or bool((p.weights == p.weights[0]).all())
    return None if equal else tensor_of(p.weights / p.weights.sum())


def deviation(
    system: System, values: Tensor, where: Tensor | None = None, shares: Tensor | None = None
) -> Tensor:
    """Root mean square of fields `(n_unknowns, n)` about their means, `where` they live; at least a
    part of the fields' own. The points have equal shares, or these.

    Of functions that part is tiny; of an unknown number, which has no deviation, it is all.
    """
    about, own = (of_each(values, where, size, shares) for size in (about_mean, rms))
    return torch.maximum(jointly(system, about), _least(system, values) * jointly(system, own))


def jointly(system: System, sizes: Tensor) -> Tensor:
    """Sizes `(n_unknowns,)` with that of a complex unknown in the place of those of its parts:
    either may be zero.
    """
    joint = sizes.clone()
    for _, a, b in system.pairs:
        joint[a] = joint[b] = torch.hypot(sizes[a], sizes[b])
    return joint


def of_each(
    values: Tensor,
    where: Tensor | None,
    reduced: Callable[..., Tensor],
    shares: Tensor | None = None,
) -> Tensor:
    """A reduction of the last dimension of `(n_unknowns, ..., n)`, of each unknown at the points
    where it lives; it is given their shares `(n,)`, if these are not equal.
    """
    if shares is not None:
        everywhere = torch.ones(len(values), len(shares), dtype=torch.bool)
        each = zip(values, everywhere if where is None else where, strict=True)
        return torch.stack([reduced(v[..., w], shares[w] / shares[w].sum()) for v, w in each])
    if where is None:
        return reduced(values)
    return torch.stack([reduced(v[..., w]) for v, w in zip(values, where, strict=True)])


def about_mean(values: Tensor, shares: Tensor | None = None) -> Tensor:
    """Root mean square of values `(..., n)` about their mean, along the last dimension."""
    if shares is None:
        return rms(values - values.mean(dim=-1, keepdim=True))
    unit = power_of_two(values)
    return rms(values - (values / unit @ shares.to(values)).unsqueeze(-1) * unit, shares)


def _least(system: System, like: Tensor) -> Tensor:
    """The part of each unknown's own size that its deviation is at least, `(n_unknowns,)`."""
    parts = [SMALLNESS.of_mean if u.args else 1.0 for u in system.problem.unknowns]
    return like.new_tensor(parts)


def relative_change(
    system: System,
    values: Tensor,
    before: Tensor,
    where: Tensor | None = None,
    shares: Tensor | None = None,
) -> float:
    """Largest L2 difference of two sets of fields `(n_unknowns, n)`, over the unknowns, relative to
    their deviations; of points with equal shares `(n,)`, or these.
    """
    change, own, least = (
        jointly(system, of_each(fields, where, size, shares))
        for fields, size in ((values - before, rms), (before, about_mean), (before, rms))
    )
    sizes = _real(own, change, _least(system, before) * least)
    return float((change / beside_peers(system, sizes)).max())


def largest_change(
    system: System, values: Tensor, before: Tensor, where: Tensor | None = None
) -> float:
    """Largest difference of two sets of fields `(n_unknowns, n)`, relative to the largest deviation
    from the mean.
    """
    about = before - of_each(before, where, partial(torch.mean, dim=-1))[:, None]
    change, own, least = (
        jointly(system, of_each(fields, where, _largest))
        for fields in (values - before, about, before)
    )
    sizes = _real(own, change, _least(system, before) * least)
    return float((change / beside_peers(system, sizes)).max())


def difference(system: System, field: Field, before: Field, points: Points) -> float:
    """The relative change from one field to another, at weighted points of the domain."""
    x, where = points.x, before.support(points.x)
    values, others = field.values(x), before.values(x)
    return relative_change(system, values, others, where, shares_of(points))


def _largest(values: Tensor) -> Tensor:
    return values.abs().amax(dim=-1)


def _real(deviations: Tensor, change: Tensor, least: Tensor) -> Tensor:
    """Deviations, at least as large as that, unless they are far above the change and so no
    round-off.
    """
    real = deviations > SMALLNESS.real * change
    return torch.where(real, deviations, torch.maximum(deviations, least))


def not_negligible(sizes: Tensor, natural: Tensor) -> Tensor:
    """Sizes of unknowns `(n_unknowns,)`, none negligible against the largest: zero is compared with
    its peers.

    Of unknowns in other units, parts of their `natural` sizes are compared.
    """
    natural = natural.to(sizes)
    floor = SMALLNESS.negligible * float((sizes / natural).max()) * natural
    return torch.maximum(sizes, floor.clamp(min=torch.finfo(sizes.dtype).tiny))


def beside_peers(system: System, sizes: Tensor) -> Tensor:
    """Sizes of unknowns `(n_unknowns,)`, none negligible against the largest, in their natural
    sizes. A number counts up to its own: 1e150, which an equation divides by, hides no field.
    """
    natural = natural_sizes(system).to(sizes)
    fields = torch.tensor([bool(u.args) for u in system.problem.unknowns])
    held = torch.where(fields, sizes, torch.minimum(sizes, natural))
    return torch.maximum(sizes, not_negligible(held, natural))
