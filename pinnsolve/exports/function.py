"""Solutions as plain torch modules, which torch.export and ONNX carry to where pinnsolve is not
installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import singledispatch

import torch
from torch import Tensor, nn

from pinnsolve.basis.basis import Basis
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.separated import Separated, between
from pinnsolve.fields.space import Block


class Terms(nn.Module):
    """sum_j c_kj phi_j for some unknowns that share their functions: `coefficients (size,
    n_sharing)`, of points `(n, dim)` of the domain, `(n, n_sharing)`.
    """

    coefficients: Tensor

    def __init__(self, block: Block, coefficients: Tensor) -> None:
        super().__init__()
        self.basis: Basis = deepcopy(block.basis)
        self.axes = None if block.axes is None else list(block.axes)
        self.register_buffer("coefficients", coefficients.clone())
        for parameter in self.parameters():
            parameter.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Values `(n, n_unknowns)` at points `(n, dim)`."""
        own = x if self.axes is None else x[:, self.axes]
        value = (0,) * own.shape[1]
        functions: Tensor = self.basis(own, [value])[0]
        return functions @ self.coefficients


class InSpace(nn.Module):
    """An expansion: points `(n, dim)` to the unknowns, `(n, n_unknowns)`."""

    def __init__(self, field: Expansion) -> None:
        super().__init__()
        groups = field.space.groups
        self.order = [k for _, unknowns in groups for k in unknowns]
        columns = [
            torch.stack([field.coefficients[field.space.slices[k]] for k in unknowns], dim=1)
            for _, unknowns in groups
        ]
        self.groups = nn.ModuleList(
            Terms(block, own) for (block, _), own in zip(groups, columns, strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Values `(n, n_unknowns)` at points `(n, dim)`."""
        values = torch.cat([terms(x) for terms in self.groups], dim=1)
        return values[:, [self.order.index(k) for k in range(len(self.order))]]


class InTime(nn.Module):
    """Functions of space whose coefficients move in time: points `(n, dim)` to the unknowns, `(n,
    n_unknowns)`.
    """

    times: Tensor
    states: Tensor

    def __init__(self, field: Separated) -> None:
        super().__init__()
        self.functions = Terms(field.modes, field.transform)
        self.axis = field.axis
        self.register_buffer("times", field.times.clone())
        self.register_buffer("states", field.states.clone())

    def forward(self, x: Tensor) -> Tensor:
        """Values `(n, n_unknowns)` at points `(n, dim)`."""
        t = x[:, self.axis]
        # Not searchsorted, which ONNX does not know
        step = ((t[:, None] >= self.times).sum(dim=1) - 1).clamp(0, len(self.times) - 2)
        weights = between(torch.stack([self.times[step], self.times[step + 1]]), t, 0)
        sides = [self.states[power, step + side] for power in range(3) for side in (0, 1)]
        moved = (weights[:, :, None, None] * torch.stack(sides)).sum(dim=0)
        return torch.einsum("nr,nkr->nk", self.functions(x), moved)


class InOrder(nn.Module):
    """A module whose points have their columns in another order: `columns` says where each of its
    own is.
    """

    def __init__(self, inner: nn.Module, columns: Sequence[int]) -> None:
        super().__init__()
        self.inner, self.columns = inner, list(columns)

    def forward(self, x: Tensor) -> Tensor:
        """Values `(n, n_unknowns)` at points `(n, dim)`."""
        values: Tensor = self.inner(x[:, self.columns])
        return values


def function_of(field: Field, columns: Sequence[int]) -> nn.Module:
    """A module from points `(n, dim)` to unknowns `(n, n_unknowns)`, with the field's numbers as
    its buffers; `columns` says where each of the domain's coordinates is.

    Raises TypeError for fields that are no expansion in one space, of space or of space and time.
    """
    module = _module(field)
    return module if list(columns) == sorted(columns) else InOrder(module, columns)


@singledispatch
def _module(field: Field) -> nn.Module:
    raise TypeError(
        f"to_function wants a solution in one basis, or functions of space that move in time: this"
        f" one is {type(field).__name__}; to_vtk and to_xarray give its values"
    )


@_module.register
def _(field: Expansion) -> nn.Module:
    return InSpace(field)


@_module.register
def _(field: Separated) -> nn.Module:
    return InTime(field)
