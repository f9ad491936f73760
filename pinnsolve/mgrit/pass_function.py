"""A pass through the layers and back as one node of autograd's graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from pinnsolve.mgrit.propagator import Layers


class Passed(Protocol):
    """A pass, or one for a share of the points."""

    def spread(self, gradient: Tensor) -> Tensor:
        """A gradient of all layers, `(layers, ...)`, from this rank's."""
        ...

    def forward(
        self, state: Tensor, layers: Layers, needed: bool
    ) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, list[Tensor]]] | None]:
        """The last state from the first, both `(rows, points, width)`, and the way back, if it is
        `needed`.
        """
        ...


class PassFunction(torch.autograd.Function):
    """The pass as one node of autograd's graph."""

    @staticmethod
    def forward(ctx: Any, passed: Passed, needed: bool, state: Tensor, *layers: Tensor) -> Tensor:
        """The last state from the first, both `(rows, points, width)`."""
        out, ctx.back = passed.forward(state.detach(), layers, needed)
        ctx.spread = passed.spread
        ctx.wanted = [p.requires_grad for p in layers]
        return out

    @staticmethod
    def backward(ctx: Any, adjoint: Tensor) -> tuple[Tensor | None, ...]:
        """The adjoint of the first state from that of the last, `(rows, points, width)`, and
        gradients.
        """
        start, gradients = ctx.back(adjoint)
        each = map(ctx.spread, gradients)
        return None, None, start, *(next(each) if wanted else None for wanted in ctx.wanted)
