"""How a state travels through a list of layers: the seam for layer parallelism.

A new way is a `Propagator` that defines `__call__`; what else can be asked of it has the answers of
the serial loop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from inspect import isclass
from typing import Any

from torch import Tensor

from pinnsolve.mgrit.communicator import Alone, Communicator

# Parameters of all layers, each stacked along its first axis; the last one holds the step sizes
Layers = tuple[Tensor, ...]
# Of a layer's parameters and a state.
Step = Callable[[Any, Tensor], Tensor]
Watch = Callable[[Tensor], Tensor]  # of the last state


class Propagator(ABC):
    """u_0 -> u_N with u_(n+1) = step(layer_n, u_n), exactly or nearly."""

    @abstractmethod
    def __call__(self, step: Step, layers: Layers, state: Tensor) -> Tensor:
        """The last state, from the first; differentiable in the layers and the state."""

    @property
    def parallel(self) -> bool:
        """Whether layers are solved for together, in cycles: then gradients are inexact."""
        return False

    def ranks(self) -> Communicator:
        """All ranks of this run, where they share the work."""
        return Alone()

    def last_cycles(self) -> tuple[float, ...]:
        """Relative residuals of the states, cycle by cycle, in the last pass."""
        return ()

    def partition(self, depth: int) -> tuple[slice, Communicator]:
        """Which of so many layers this rank owns, and the ranks that own the others."""
        return slice(0, depth), Alone()

    def in_training(self, residual: Watch | None) -> Propagator:
        """The same in a training: until the residual, a function of the last state, has settled;
        with gradients of this rank's layers alone.
        """
        return self

    def with_more_cycles(self) -> Propagator:
        """A more exact one, or the serial loop."""
        return self

    def with_other_coarse_layers(self) -> Propagator:
        """One that errs otherwise and costs as much."""
        return self

    def forget_corrections(self) -> None:
        """Forget what earlier passes told of the errors of this one."""
        return

    def to_roundoff(self) -> Propagator:
        """As exact as the type's precision allows."""
        return self


@dataclass(frozen=True)
class Serial(Propagator):
    """One layer after the other, a layer being one entry of each parameter."""

    def __call__(self, step: Step, layers: Layers, state: Tensor) -> Tensor:
        """The last state: `state <- step(layer, state)`, layer by layer."""
        for layer in zip(*(p.unbind(0) for p in layers), strict=True):
            state = step(layer, state)
        return state


serial = Serial()


@dataclass(frozen=True)
class Given(Propagator):
    """A function of (step, layers, state), as a user gives it: taken to be exact."""

    function: Callable[[Step, Layers, Tensor], Tensor]

    def __call__(self, step: Step, layers: Layers, state: Tensor) -> Tensor:
        """What the function returns."""
        return self.function(step, layers, state)


def propagator(given: object) -> Propagator:
    """What was given as `propagate=`, a propagator or a function. Raises TypeError for others."""
    if isinstance(given, Propagator):
        return given
    if isclass(given) or not callable(given):
        remedy = f": write {given.__name__}()" if isclass(given) else ""
        raise TypeError(
            "propagate is a way to run the layers, ResNet(..., propagate=MGRIT()), or a function"
            f" of (step, layers, state): got {given!r}{remedy}"
        )
    return Given(given)
