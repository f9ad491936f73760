"""How good a field is, judged by points that no solve has seen.

An equation's residual is measured against *the size of its own terms*: the root mean square of each
slope times that of the derivative it multiplies (over the domain, so that u = 0 on a face is judged
by the size of u), plus what slopes do not explain: the data, and of a nonlinear equation, N(u) -
N'(u) u, at the field itself, never at zero. This depends on the equation and the field alone, not
on scalings or on the basis, so candidates can be compared.

Near a corner where the terms have no bound, r^m times an equation of order m counts, and r^k
times a derivative of order k (`rough`).

Values count by their deviation from their mean, and slopes explain that alone: temperatures in
kelvin are judged like those in degrees.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.changes import rms, shares_of
from pinnsolve.discretize.derivative_sizes import Sizes, derivative_sizes
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.points import Points, fills_domain, sample_region
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import order_of


@dataclass(frozen=True)
class Hiding:
    """Where terms of an equation are so much smaller than elsewhere that residuals are hidden."""

    # Times as large, from which on terms belong to another part of the domain
    apart: float = 100.0
    # Of the largest terms: smaller ones count as that large
    least: float = 1e-12
    # Fresh points
    points: int = 4096
    # Of an equation with integrals on a line, of whose points each has a hundred nodes
    of_integrals: int = 512


HIDING = Hiding()


def many(system: System, points: int) -> int:
    """So many fresh points, or as many as do where each stands for all nodes of its integrals: on a
    line those of 512 lie closer than any others do in the plane.
    """
    line = len(system.domain.coordinates) == 1
    return min(points, HIDING.of_integrals) if line and system.integrates else points


def relative_residuals(
    system: System, field: Field, seed: int, n: int = 512, source: float = 1.0
) -> tuple[float, ...]:
    """For every condition, root mean square residual on fresh points, n in the domain, relative to
    the size of the equation's terms.

    A field that is zero where it should not be scores 1. With a `source` of 0 the field is judged
    by the homogeneous (linear) equations, else it is 1.
    """
    fresh, sizes = _fresh(system, field, seed, n)
    return tuple(
        _relative(r, p, field, sizes, source) for r, p in zip(system.residuals, fresh, strict=True)
    )


def sizes_of_terms(
    system: System, field: Field, seed: int, wanted: Sequence[bool], n: int = 512
) -> tuple[float, ...]:
    """For every condition that is wanted, the size of its terms, by which `relative_residuals`
    divides; 1 for others.
    """
    fresh, sizes = _fresh(system, field, seed, n)
    found = []
    for residual, p, mine in zip(system.residuals, fresh, wanted, strict=True):
        own, data = _measured(residual, p, field, sizes, 1.0, None)[1:] if mine else ([], 1.0)
        found.append(sum(own) + data)
    return tuple(found)


def largest_residual(
    system: System, field: Field, seed: int, n: int, groups: Sequence[Points] = ()
) -> float:
    """The largest relative residual on n fresh points, and on groups of others in the domain, each
    with a sum of its own.

    A group's weights are volumes: it may have its points where the uniform ones have none.
    """
    fresh, sizes = _fresh(system, field, seed, n)
    pairs = list(zip(system.residuals, fresh, strict=True))
    residuals = [_relative(r, p, field, sizes) for r, p in pairs]
    for r, p in pairs:
        if fills_domain(r.condition.region):
            volume = float(p.weights.sum())
            for group in groups:
                # Pieces end on sides of others: what is near to them is not asked for.
                held = r.condition.region.contains(group.x, 0.0)
                inside = group.taken(np.flatnonzero(held))
                if len(inside.x):
                    residuals.append(_relative(r, inside, field, sizes, volume=volume))
    return max(residuals)


def gap(system: System, field: Field, seed: int, n: int = 512) -> float:
    """The largest jump of values where unknowns of different regions meet: root mean square on
    fresh points, relative to the smaller unknown; zero, where none meet.

    Values in a conductor may vary a thousand times less than around it: what is small beside the
    sum of both is not small beside these.
    """
    meeting = [k for k, r in enumerate(system.residuals) if _joins(system, r)]
    if not meeting:
        return 0.0
    fresh, sizes = _fresh(system, field, seed, n)
    each = (_measured(system.residuals[k], fresh[k], field, sizes, 1.0, None) for k in meeting)
    return max(size / min(own) for size, own, _ in each)


def _joins(system: System, residual: Residual) -> bool:
    """Whether an equation is one of values of unknowns that live in different regions."""
    values = all(order_of(slot.index) == 0 for slot in residual.slots)
    return values and len({system.supports[slot.unknown] for slot in residual.slots}) > 1


def local_sizes(system: System, field: Field, points: Sequence[Points], seed: int) -> list[Tensor]:
    """For every condition, the size of its terms at each of its points, `(n,)`, none of which is
    smaller than the part `HIDING.least` of the largest.

    Slopes are those at the point, derivatives count as in the root mean square over the domain.
    """
    _, sizes = _fresh(system, field, seed, many(system, HIDING.points))
    return [
        _local(r, _terms(r, p, field, sizes, 1.0), sizes)
        for r, p in zip(system.residuals, points, strict=True)
    ]


def hidden_residual(system: System, field: Field, seed: int) -> float:
    """The largest relative residual where an equation's terms are far smaller than elsewhere, times
    the root of the part of the domain that is like this; zero, where there is no such part.

    A stiff term, which holds on a part of the domain alone, makes an equation's size: beside it, no
    residual in the rest is large. Points go by the size of their terms, each level `HIDING.apart`
    times that of the next.
    """
    fresh, sizes = _fresh(system, field, seed, many(system, HIDING.points))
    largest = 0.0
    for residual, p in zip(system.residuals, fresh, strict=True):
        if not fills_domain(residual.condition.region):
            continue
        terms, weights = _terms(residual, p, field, sizes, 1.0), tensor_of(p.weights)
        local = _local(residual, terms, sizes)
        levels = ((local.max() / local).log() / math.log(HIDING.apart)).floor()
        for level in sorted(set(levels.tolist()))[1:]:
            there = levels == level
            share = float(weights[there].sum() / weights.sum())
            size, scale = (float(rms(v[there], weights[there])) for v in (terms.values, local))
            largest = max(largest, share**0.5 * size / scale)
    return largest


def _local(residual: Residual, terms: _Terms, sizes: Sizes) -> Tensor:
    own = terms.slopes.new_tensor([[sizes.size(s.unknown, s.index)] for s in residual.slots])
    slopes = (terms.slopes.abs() * own).nan_to_num(0.0, 0.0, 0.0)
    local = slopes.sum(dim=0) + terms.data.abs()
    return local.clamp(min=max(HIDING.least * float(local.max()), 1e-300))


def _fresh(system: System, field: Field, seed: int, n: int) -> tuple[tuple[Points, ...], Sizes]:
    fresh = drawn(system, n, seed)
    on_domain = [
        p
        for c, p in zip(system.problem.conditions, fresh, strict=True)
        if c.region is system.domain
    ]
    inside = on_domain[0] if on_domain else sample_region(system.domain, n, seed + 1)
    return fresh, derivative_sizes(system, field, inside)


def _relative(
    residual: Residual,
    p: Points,
    field: Field,
    sizes: Sizes,
    source: float = 1.0,
    volume: float | None = None,
) -> float:
    size, own, data = _measured(residual, p, field, sizes, source, volume)
    # By the equation's own terms: data may be zero (docs/decisions/0010).
    scale = sum(own) + data
    return size / scale if scale > 0 else size


def _measured(
    residual: Residual, p: Points, field: Field, sizes: Sizes, source: float, volume: float | None
) -> tuple[float, list[float], float]:
    """Root mean squares of a residual, of each of its terms, and of its data."""
    terms = _terms(residual, p, field, sizes, source)
    shares = shares_of(p) if volume is None else tensor_of(p.weights / volume)
    each = (rms(parts, shares).tolist() for parts in (terms.slopes, terms.products))
    own = [
        slope * sizes.size(s.unknown, s.index) if math.isfinite(slope) else product
        for slope, product, s in zip(*each, residual.slots, strict=True)
    ]
    return float(rms(terms.values, shares)), own, float(rms(terms.data, shares))


@dataclass(frozen=True)
class _Terms:
    """Of an equation at points: its values and its data `(n,)`, its slopes, and what each explains
    `(n_slots, n)`.
    """

    values: Tensor
    slopes: Tensor
    data: Tensor
    products: Tensor


def _terms(residual: Residual, p: Points, field: Field, sizes: Sizes, source: float) -> _Terms:
    values, slopes, data, products = [], [], [], []
    rough = sizes.rough
    means = [[source * sizes.mean(s.unknown, s.index)] for s in residual.slots]
    about = field.like.new_tensor(means)
    with torch.no_grad():
        for _, x, normals in field.blocks(p.x, p.normals, len(residual.slots)):
            u = field.slots(residual, x)
            slope, (mass, reach) = residual.slopes(x, normals, u), _masses(residual, x)
            counted = rough.of_equation(residual, x)
            value = counted * residual.value(x, normals, u)
            # A slope that is infinite, of a root at zero, explains nothing.
            products.append((counted * slope * (u - about * mass)).nan_to_num(0.0, 0.0, 0.0))
            slopes.append(slope * reach * rough.of_slopes(residual, x))
            explained = products[-1].sum(dim=0)
            values.append(value if source else explained)
            data.append(source * (value - explained))
    return _Terms(
        torch.cat(values), torch.cat(slopes, dim=1), torch.cat(data), torch.cat(products, dim=1)
    )


def _masses(residual: Residual, x: Tensor) -> tuple[Tensor, Tensor]:
    """What each slot takes at points `(n, dim)` of the constant 1, and at most of values up to 1,
    each `(n_slots, n)`: 1, but of integrals.
    """
    if not residual.slots:
        return x.new_zeros(0, len(x)), x.new_zeros(0, len(x))
    masses = [trace.mass(x) for trace in residual.traces]
    mass, reach = zip(*(masses[s.trace] for s in residual.slots), strict=True)
    return torch.stack(mass), torch.stack(reach)


def residual_field(
    residual: Residual, field: Field, x: Array, normals: Array | None = None
) -> Tensor:
    """The residual of an equation at points `(n, dim)` of its region, with normals `(n, dim)` if it
    takes them: `(n,)`.
    """
    values = field.like.new_empty(len(x))
    with torch.no_grad():
        for rows, part, across in field.blocks(x, normals, len(residual.slots)):
            values[rows] = residual.value(part, across, field.slots(residual, part))
    return values
