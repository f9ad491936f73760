"""The seam for layer parallelism: how a state travels through a list of steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

Step = Callable[[Any, Tensor], Tensor]
Propagate = Callable[[Step, Sequence[Any], Tensor], Tensor]


def serial(step: Step, layers: Sequence[Any], state: Tensor) -> Tensor:
    """One layer after the other: `state <- step(layer, state)`."""
    for layer in layers:
        state = step(layer, state)
    return state
