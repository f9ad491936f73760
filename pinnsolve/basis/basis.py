"""What a basis is: functions with derivatives; and what declares one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from pinnsolve.jets.indices import JetIndex
from pinnsolve.jets.propagation import Traced
from pinnsolve.mgrit.propagator import Propagator, serial

# Bounds of the domain's box, by name of coordinate.
Domain = Mapping[str, tuple[float, float]]
DOUBLE = torch.empty(0, dtype=torch.float64)  # bases are built in it; tasks have it by default
Gather = Callable[[Tensor, Tensor | None], Tensor]
Tip = tuple[float, float]  # a point of the plane


class Basis(nn.Module, ABC):
    """Functions phi_j, j < `size`, of points of some coordinates; what training moves is among the
    module's parameters.

    A new basis defines `size` and `forward`. The rest tells what else is known of its functions,
    and has defaults.
    """

    size: int
    propagate: Propagator = serial  # how layers are run, where there are several

    if TYPE_CHECKING:  # what a module returns when it is called, torch leaves open

        def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor: ...

    @property
    def like(self) -> Tensor:
        """An empty tensor `(0,)` of the dtype, and on the device, of the module's numbers."""
        numbers = (*self.parameters(), *self.buffers())
        return next((v.detach().new_empty(0) for v in numbers if v.is_floating_point()), DOUBLE)

    @abstractmethod
    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""

    @property
    def side_by_side(self) -> tuple[Basis, ...]:
        """The bases whose functions these are, one after the other."""
        return (self,)

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """Maps from points uniform in the box, and normals or None, to where functions that are
        steep somewhere want them.
        """
        return ()

    @property
    def tips(self) -> tuple[Tip, ...]:
        """Points around which functions are powers of the distance."""
        return ()

    @property
    def varying(self) -> int | None:
        """In how many directions the functions vary; None, if in all."""
        return None

    @property
    def harmonic(self) -> int:
        """How many of the functions solve Laplace's equation by themselves."""
        return 0

    @property
    def eddies(self) -> int:
        """How many of the functions are those of a flow's corners."""
        return 0

    def planes(self) -> tuple[Tensor, Tensor]:
        """Hyperplanes of the neurons: `weight (dim, width)` and `bias (width,)`; of no width, where
        there are none.
        """
        return torch.empty(0, 0), torch.empty(0)

    @property
    def layered(self) -> bool:
        """Whether the functions are a network's, whose linear maps `traced` hands out."""
        return False

    def traced(self, x: Tensor, indices: Sequence[JetIndex]) -> Traced:
        """What `forward` gives at points `(n, dim)`, `(n_indices, n, size)`, and the jets before
        and behind every linear map. Raises NotImplementedError without layers.
        """
        raise NotImplementedError(f"{type(self).__name__} has no layers")

    def in_order(self, slopes: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Slopes in weights `(in, out)` and biases `(out,)` of every map, in the order of the
        parameters, as one vector `(n_parameters,)`. Raises as `traced` does.
        """
        raise NotImplementedError(f"{type(self).__name__} has no layers")

    def arguments(self, x: Tensor) -> list[Tensor]:
        """What every layer's activation is applied to, each `(n, width)`: its zeros are the
        neurons' hyperplanes, bent.
        """
        return []

    def roughness(self) -> Tensor:
        """How fast layers change with depth, a number `()`. Raises ValueError where they are no
        steps of a residual network.
        """
        raise ValueError(
            "smoothness is of a ResNet's layers, from one to the next: this basis has none"
        )

    @property
    def moved(self) -> list[nn.Parameter]:
        """The parameters that a training moves."""
        return [p for p in self.parameters() if p.requires_grad]


class Declaration(Protocol):
    """What can be given as `basis=`: builds itself for a domain."""

    def build(self, domain: Domain, seed: int) -> Basis:
        """The basis for a domain's box; the same seed gives the same functions."""
        ...
