"""The slopes of residuals in all parameters of a network, point by point: the Jacobian of
Gauss-Newton methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap

from pinnsolve.basis.basis import Basis
from pinnsolve.compile.system import Residual
from pinnsolve.fields.space import Space
from pinnsolve.jets.propagation import Traced


def slopes(
    space: Space,
    parameters: Sequence[Tensor],
    residual: Residual,
    coefficients: Tensor,
    x: Tensor,
    normals: Tensor | None,
    weights: Tensor,
) -> Tensor:
    """Of every point's residual, times its weight, in all parameters, `(n, n_parameters)`,
    coefficients frozen.
    """
    if space.basis.layered:
        return _by_layers(space, residual, coefficients, x, normals, weights)
    return weights[:, None] * _by_rows(space, parameters, residual, coefficients, x, normals)


def _by_layers(
    space: Space,
    residual: Residual,
    coefficients: Tensor,
    x: Tensor,
    normals: Tensor | None,
    weights: Tensor,
) -> Tensor:
    """Slopes of every residual in all parameters, `(n, n_parameters)`, by one reverse pass.

    A point's residual knows only the jets at that point, so that the gradient of the sum of all
    residuals in the jets Z = J W behind a linear map holds each one's own; its slopes in W are then
    outer products, sum over rows of J' dZ.
    """
    basis: Any = space.basis
    calls: list[Traced] = []

    def traced(_: Basis, points: Tensor, indices: Sequence[Any]) -> Tensor:
        calls.append(basis.traced(points, indices))
        return calls[-1].found

    u = space.values(residual, space.slots(residual, x, traced), coefficients)
    total = (weights * residual.value(x, normals, u)).sum()
    behind = [z for call in calls for _, z in call.maps]
    gradients = iter(torch.autograd.grad(total, behind, allow_unused=True, materialize_grads=True))
    by_call = []
    with torch.no_grad():
        for call in calls:
            each = [(j, next(gradients)) for j, _ in call.maps]
            by_call.append(
                basis.in_order([(torch.einsum("rni,rno->nio", j, g), g[0]) for j, g in each])
            )
    whole: Tensor = sum(by_call[1:], by_call[0])  # of a point and its traces
    return whole


def _by_rows(
    space: Space,
    parameters: Sequence[Tensor],
    residual: Residual,
    coefficients: Tensor,
    x: Tensor,
    normals: Tensor | None,
) -> Tensor:
    """The same for bases that are no networks: one gradient a point."""
    basis: Any = space.basis
    names = [name for name, p in basis.named_parameters() if p.requires_grad]
    by_name = dict(zip(names, parameters, strict=True))
    of_row = vmap(
        grad(_one_row), in_dims=(None, None, None, None, 0, None if normals is None else 0)
    )
    by_parameter = of_row(by_name, space, residual, coefficients, x, normals)
    return torch.cat([by_parameter[name].flatten(1) for name in names], dim=1)


def _one_row(
    parameters: dict[str, Tensor],
    space: Space,
    residual: Residual,
    coefficients: Tensor,
    x: Tensor,
    normal: Tensor | None,
) -> Tensor:
    """The residual at one point `(dim,)`, as a function of the parameters."""

    def moved(basis: Any, points: Tensor, indices: Any) -> Tensor:
        values: Tensor = functional_call(basis, parameters, (points, indices))
        return values

    u = space.values(residual, space.slots(residual, x[None], moved), coefficients)
    return residual.value(x[None], None if normal is None else normal[None], u)[0]
