"""How good a field is, judged by points that no solve has seen.

An equation's residual is measured against *the size of its own terms*: the root mean square of each slope times that of
the derivative it multiplies (over the domain, so that u = 0 on a face is judged by the size of u), plus what slopes do
not explain: the data, and of a nonlinear equation, N(u) - N'(u) u, at the field itself, never at zero.
This depends on the equation and the field alone, not on scalings or on the basis, so candidates can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.indices import members
from pinnsolve.basis.networks import Basis
from pinnsolve.compile.jets import JetIndex
from pinnsolve.compile.system import Residual, System
from pinnsolve.sample.points import Points, sample_points, sample_region
from pinnsolve.train.assemble import Array, blocks, slot_functions, slot_values

NEGLIGIBLE = 1e-4  # an unknown that is smaller against the others counts as that large
LARGEST = 2.0**1023
FRESH = 512  # points in the domain on which residuals are judged


def relative_residuals(
    system: System, basis: Basis, coefficients: Tensor, seed: int, n: int = FRESH, source: float = 1.0
) -> tuple[float, ...]:
    """For every condition, root mean square residual on fresh points, relative to the size of the equation's terms.

    `coefficients` is `(n_unknowns, basis.size)`. A field that is zero where it should not be scores 1.
    `source` scales the data: with 0 the field is judged by the homogeneous (linear) equations.
    """
    fresh = sample_points(system.problem, n, seed)
    on_domain = [p for c, p in zip(system.problem.conditions, fresh, strict=True) if c.region is system.domain]
    inside = on_domain[0] if on_domain else sample_region(system.domain, n, seed + 1)
    sizes = _derivative_sizes(system, basis, coefficients, inside)
    return tuple(_relative(r, p, basis, coefficients, sizes, source) for r, p in zip(system.residuals, fresh, strict=True))


def _relative(
    residual: Residual,
    p: Points,
    basis: Basis,
    coefficients: Tensor,
    sizes: dict[tuple[int, JetIndex], float],
    source: float,
) -> float:
    values, slopes, data, products = [], [], [], []
    with torch.no_grad():
        for _, x, normals in blocks(p.x, p.normals, basis.size * len(residual.slots)):
            u = slot_values(residual, slot_functions(residual, basis, x), coefficients)
            values.append(residual.value(x, normals, u))
            slopes.append(residual.slopes(x, normals, u))
            data.append(residual.rest(x, normals, u))
            products.append((slopes[-1] * u).nan_to_num(nan=0.0, posinf=0.0, neginf=0.0))
    each, there = (rms(torch.cat(parts, dim=1), dim=1).tolist() for parts in (slopes, products))
    terms = sum(
        slope * sizes[s.unknown, s.index] if math.isfinite(slope) else product
        for slope, product, s in zip(each, there, residual.slots, strict=True)
    )
    scale = terms + source * float(rms(torch.cat(data)))
    found = float(rms(torch.cat(values) + (source - 1) * torch.cat(data)))
    return found / scale if scale > 0 else found


def residual_field(residual: Residual, basis: Basis, coefficients: Tensor, x: Array) -> Tensor:
    """The residual of an equation at points `(n, dim)` of its region: `(n,)`."""
    with torch.no_grad():
        return torch.cat(
            [
                residual.value(part, None, slot_values(residual, slot_functions(residual, basis, part), coefficients))
                for _, part, _ in blocks(x, None, basis.size * len(residual.slots))
            ]
        )


def _derivative_sizes(system: System, basis: Basis, coefficients: Tensor, inside: Points) -> dict[tuple[int, JetIndex], float]:
    """Root mean square over the domain of every derivative of every unknown that occurs.

    That of a collapsed Laplacian is the sum over its members: the terms of Laplace's equation cancel, but are not small.
    No derivative counts as smaller than that of a function that varies by itself across the domain, |u| / side^order:
    a linear function has no curvature, and its residual would be measured by round-off.
    """
    wanted = list(dict.fromkeys((s.unknown, s.index) for r in system.residuals for s in r.slots))
    single = list(dict.fromkeys(m for _, index in wanted for m in members(index)))
    value = (0,) * inside.x.shape[1]
    sizes = rms(evaluate(basis, coefficients, inside.x, [value, *single]))
    sides = torch.from_numpy(np.ptp(system.domain.bounds, axis=1))
    natural = torch.stack([torch.prod(sides ** -torch.tensor(m, dtype=sides.dtype)) for m in single])
    size = torch.maximum(sizes[:, 1:], not_negligible(sizes[:, :1]) * natural).tolist()
    return {(k, i): sum(size[k][single.index(m)] for m in members(i)) for k, i in wanted}


def evaluate(basis: Basis, coefficients: Tensor, x: Array, indices: Sequence[JetIndex]) -> Tensor:
    """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`, block by block."""
    with torch.no_grad():
        parts = [
            torch.einsum("anj,kj->kan", basis(block, indices), coefficients)
            for _, block, _ in blocks(x, None, basis.size * len(indices))
        ]
    return torch.cat(parts, dim=2)


def values_at(basis: Basis, coefficients: Tensor, x: Array) -> Tensor:
    """The unknowns themselves at points `(n, dim)`: `(n_unknowns, n)`."""
    return evaluate(basis, coefficients, x, [(0,) * x.shape[1]])[:, 0]


def values_of(basis: Basis, x: Array) -> Tensor:
    """The basis functions at points `(n, dim)`: `(n, size)`."""
    index = (0,) * x.shape[1]
    with torch.no_grad():
        return torch.cat([basis(block, [index])[0] for _, block, _ in blocks(x, None, basis.size)])


def rms(values: Tensor, dim: int = -1) -> Tensor:
    """Root mean square along a dimension, of values of any size: their squares need not be numbers."""
    unit = power_of_two(values)
    return (values / unit).square().mean(dim=dim).sqrt() * unit


def power_of_two(values: Tensor) -> float:
    """One of about the size of the largest value, by which to divide without rounding; 1, if that is zero or not finite."""
    largest = float(values.detach().abs().max()) if values.numel() else 0.0
    return math.ldexp(1.0, math.frexp(largest)[1]) if 0 < largest < LARGEST else 1.0


def relative_change(values: Tensor, before: Tensor) -> float:
    """Largest relative L2 difference of two sets of fields `(n_unknowns, n)`, over the unknowns."""
    return float((rms(values - before) / not_negligible(rms(before))).max())


def not_negligible(sizes: Tensor) -> Tensor:
    """Sizes of unknowns (along the first axis), none below `NEGLIGIBLE` times the largest: zero is compared with its peers."""
    return sizes.clamp(min=max(NEGLIGIBLE * float(sizes.max()), torch.finfo(sizes.dtype).tiny))
