"""The seam for layer parallelism: how a state travels through a list of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

Layers = tuple[
    Tensor, ...
]  # parameters of all layers, each stacked along its first axis; step sizes last
Step = Callable[[Any, Tensor], Tensor]
Propagate = Callable[[Step, Layers, Tensor], Tensor]


def serial(step: Step, layers: Layers, state: Tensor) -> Tensor:
    """One layer after the other: `state <- step(layer, state)`, a layer being one entry of each
    parameter.
    """
    for layer in zip(*(p.unbind(0) for p in layers), strict=True):
        state = step(layer, state)
    return state
