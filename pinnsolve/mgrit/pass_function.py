"""A pass through the layers and back as one node of autograd's graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from pinnsolve.mgrit.propagator import Layers


class Passed(Protocol):
    """A pass, or one for a share of the points."""

    def spread(self, gradient: Tensor) -> Tensor: ...

    def forward(
        self, state: Tensor, layers: Layers, needed: bool
    ) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, list[Tensor]]] | None]: ...


class PassFunction(torch.autograd.Function):
    """The pass as one node of autograd's graph."""

    @staticmethod
    def forward(ctx: Any, passed: Passed, needed: bool, state: Tensor, *layers: Tensor) -> Tensor:
        out, ctx.back = passed.forward(state.detach(), layers, needed)
        ctx.spread = passed.spread
        ctx.wanted = [p.requires_grad for p in layers]
        return out

    @staticmethod
    def backward(ctx: Any, adjoint: Tensor) -> tuple[Tensor | None, ...]:
        start, gradients = ctx.back(adjoint)
        each = map(ctx.spread, gradients)
        return None, None, start, *(next(each) if wanted else None for wanted in ctx.wanted)
