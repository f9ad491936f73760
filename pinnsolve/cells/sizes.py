"""How large the unknowns of a field are, beside each other."""

from __future__ import annotations

import torch
from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import deviation, not_negligible, of_each, rms, shares_of
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.rough import roughness
from pinnsolve.discretize.sizes import natural_sizes
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.field import Field


def sizes_of(system: System, field: Field, seed: int) -> Tensor:
    """The sizes `(n_unknowns,)` of what varies in the unknowns of a field."""
    p = quadrature(system, 1024, seed)
    sizes = deviation(system, field.values(p.x), field.support(p.x), shares_of(p))
    return not_negligible(sizes, natural_sizes(system))


def sizes_across(system: System, field: Field, seed: int, order: int) -> Tensor:
    """The sizes of what varies, or of derivatives of an order along each coordinate, `(n_unknowns,
    dim)`: their root mean square, and at least that of an unknown which varies once along the
    domain. Near a rough corner they count as in residuals.
    """
    along = field.like.new_tensor(system.domain.extent)
    least = sizes_of(system, field, seed)[:, None] / along**order
    if not order:
        return least
    p = quadrature(system, 1024, seed)
    dim = len(along)
    indices = [tuple(order * (a == axis) for a in range(dim)) for axis in range(dim)]
    x, rough = tensor_of(p.x, field.like), roughness(system)
    counted = [rough.order(k, indices[0]) for k in range(len(least))]
    with torch.no_grad():
        derivatives = rough.of_derivatives(x, counted)[:, None] * field(x, indices)
    found = of_each(derivatives, field.support(p.x), rms, shares_of(p))
    return torch.maximum(found, least)
