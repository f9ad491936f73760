"""Networks as bases: the hidden layers make the functions, the coefficients of the last layer are
not part of them.

A declaration (`Dense`, `ResNet`) is frozen data; `.build(domain, seed)` makes a torch module from
it, `basis(X, indices) -> (n_indices, n_points, n_neurons)`, which holds the hidden parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import isclass
from numbers import Integral
from typing import ClassVar

import torch
from torch import Generator, Tensor, nn

from pinnsolve.basis.basis import DOUBLE, Basis, Domain
from pinnsolve.basis.classical import EVERY_LAYER
from pinnsolve.basis.initialize import Initializer, check_names, default_initializer
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.activations import activation, value_range
from pinnsolve.jets.indices import JetIndex, check_index, closure
from pinnsolve.jets.propagation import Traced, activate, affine, coordinates_jet, ridge
from pinnsolve.mgrit.propagator import Layers, Propagator, Step, propagator, serial


@dataclass(frozen=True)
class Dense(Sums):
    """A plain network: `depth` hidden layers of `width` neurons, `x -> sigma(W x + b)` each.

    One hidden layer has its derivatives in closed form; box initialization keeps plain networks
    useful to depth 2, beyond that take a `ResNet`. Raises ValueError for an unknown activation or a
    width or depth below 1.

    >>> from pinnsolve import Dense
    >>> Dense(400, activation="sin")  # as in solve(problem, Dense(400, activation="sin"))
    Dense(width=400, depth=1, activation='sin', initialize=None)
    """

    width: int
    depth: int = 1
    activation: str = "tanh"
    initialize: Initializer | None = None

    def __post_init__(self) -> None:
        _check(self)

    def build(self, domain: Domain, seed: int) -> DenseBasis:
        """The torch module for a domain's box; the same seed gives the same neurons."""
        generator = Generator().manual_seed(seed)
        start = _start(self, domain)
        layers = [start(_box(domain), list(domain), self.width, generator)]
        hidden = DOUBLE.new_tensor([value_range(self.activation)]).expand(self.width, 2)
        names = [str(i) for i in range(self.width)]
        inner = _hidden_initializer(self)
        for _ in range(1, self.depth):
            layers.append(inner(hidden, names, self.width, generator))
        return DenseBasis(self.activation, layers)


class DenseBasis(Basis):
    """The neurons of the last hidden layer, as functions of x."""

    def __init__(self, name: str, layers: Sequence[tuple[Tensor, Tensor]]) -> None:
        super().__init__()
        self.sigma = activation(name)
        self.weights = nn.ParameterList([nn.Parameter(w.clone()) for w, _ in layers])
        self.biases = nn.ParameterList([nn.Parameter(b.clone()) for _, b in layers])
        self.size = len(layers[-1][1])

    @property
    def layered(self) -> bool:
        """Its linear maps are known."""
        return True

    def planes(self) -> tuple[Tensor, Tensor]:
        """Hyperplanes of the first layer: `weight (dim, width)` and `bias (width,)`."""
        return self.weights[0].detach(), self.biases[0].detach()

    def arguments(self, x: Tensor) -> list[Tensor]:
        """What every layer's activation is applied to, each `(n, width)`: its zeros are the
        neurons' hyperplanes, bent.
        """
        arguments = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            arguments.append(x @ weight + bias)
            x = self.sigma(arguments[-1], (0,))[0]
        return arguments

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all neurons at points `(n, dim)`: `(n_indices, n, width)`."""
        for index in indices:
            check_index(index, x.shape[1])
        if len(self.weights) == 1:
            return ridge(x, self.weights[0], self.biases[0], indices, self.sigma)
        rows = closure(indices, x.shape[1])
        jet = ridge(x, self.weights[0], self.biases[0], rows, self.sigma)
        for weight, bias in self._layers()[1:]:
            jet = activate(affine(jet, weight, bias), rows, self.sigma)
        return jet[[rows.index(i) for i in indices]]

    def _layers(self) -> list[tuple[Tensor, Tensor]]:
        # A slice of a ParameterList would copy tensors that torch.func put in the parameters'
        # place.
        return list(zip(self.weights, self.biases, strict=True))

    def traced(self, x: Tensor, indices: Sequence[JetIndex]) -> Traced:
        """What `forward` gives, and the jets before and behind every linear map."""
        rows = closure(indices, x.shape[1])
        jet, maps = coordinates_jet(x, rows), []
        for weight, bias in self._layers():
            maps.append((jet, affine(jet, weight, bias)))
            jet = activate(maps[-1][1], rows, self.sigma)
        return Traced(jet[[rows.index(i) for i in indices]], maps)

    def in_order(self, slopes: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Slopes in weights `(n, inputs, outputs)` and biases `(n, outputs)` of every map, in the
        order of the parameters.
        """
        return torch.cat([*(w.flatten(1) for w, _ in slopes), *(b for _, b in slopes)], dim=1)


@dataclass(frozen=True)
class ResNet(Sums):
    """A residual network: one plain layer, then `depth - 1` steps `x <- x + h sigma(W x + b)` with
    h = horizon / (depth - 1).

    With horizon 1 and ReLU this is the paper's residual box initialization: every branch stays in
    [0, h], every state in a box below e, at any depth. `propagate(step, layers, state)` runs the
    steps: `serial`, or in parallel in depth. Raises as `Dense`, and ValueError for one layer.

    >>> from pinnsolve import Box, ResNet, coordinates, inspect
    >>> square = Box({c: (0, 1) for c in coordinates("x y")})
    >>> inspect(ResNet(32, depth=16, activation="relu"), square).rank
    32
    """

    width: int
    depth: int
    activation: str = "tanh"
    initialize: Initializer | None = None
    horizon: float = 1.0
    propagate: Propagator | Callable[[Step, Layers, Tensor], Tensor] = serial
    local: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _check(self)
        propagator(self.propagate)
        if self.depth < 2:
            raise ValueError(
                "a ResNet has at least depth 2 (its first layer is plain): take Dense for one"
                " hidden layer"
            )

    def build(self, domain: Domain, seed: int) -> ResidualBasis:
        """The torch module for a domain's box; the same seed gives the same neurons."""
        generator = Generator().manual_seed(seed)
        start = _start(self, domain)
        first = start(_box(domain), list(domain), self.width, generator)
        names = [str(i) for i in range(self.width)]
        inner = _hidden_initializer(self)
        # Short steps: depth costs no rank (docs/decisions/0020).
        step = self.horizon / (self.depth - 1)
        side = DOUBLE.new_tensor([value_range(self.activation)])
        steps = []
        for layer in range(self.depth - 1):
            # m_l of the paper: the box that holds this layer's input.
            growing = side * (1 + step) ** layer
            steps.append(inner(growing.expand(self.width, 2), names, self.width, generator))
        return ResidualBasis(self, first, steps)


class ResidualBasis(Basis):
    """The last state of a residual network, as functions of x; hidden layers are stored stacked,
    `(depth - 1, ...)`.
    """

    def __init__(
        self, declared: ResNet, first: tuple[Tensor, Tensor], steps: Sequence[tuple[Tensor, Tensor]]
    ) -> None:
        super().__init__()
        self.sigma = activation(declared.activation)
        self.step_size = declared.horizon / (declared.depth - 1)
        self.propagate = propagator(declared.propagate)
        self.first_weight = nn.Parameter(first[0].clone())
        self.first_bias = nn.Parameter(first[1].clone())
        self.weights = nn.Parameter(torch.stack([w for w, _ in steps]))
        self.biases = nn.Parameter(torch.stack([b for _, b in steps]))
        self.size = declared.width

    @property
    def layered(self) -> bool:
        """Its linear maps are known."""
        return True

    def planes(self) -> tuple[Tensor, Tensor]:
        """Hyperplanes of the first layer: `weight (dim, width)` and `bias (width,)`."""
        return self.first_weight.detach(), self.first_bias.detach()

    def arguments(self, x: Tensor) -> list[Tensor]:
        """What every layer's activation is applied to, each `(n, width)`."""
        arguments = [x @ self.first_weight + self.first_bias]
        state = self.sigma(arguments[0], (0,))[0]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            arguments.append(state @ weight + bias)
            state = state + self.step_size * self.sigma(arguments[-1], (0,))[0]
        return arguments

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all neurons at points `(n, dim)`: `(n_indices, n, width)`."""
        for index in indices:
            check_index(index, x.shape[1])
        rows = closure(indices, x.shape[1])

        def step(layer: tuple[Tensor, Tensor, Tensor], jet: Tensor) -> Tensor:
            return jet + layer[2] * activate(affine(jet, *layer[:2]), rows, self.sigma)

        jet = ridge(x, self.first_weight, self.first_bias, rows, self.sigma)
        sizes = jet.new_full((len(self.weights), 1, 1), self.step_size)
        return self.read(
            self.propagate(step, (self.weights, self.biases.unsqueeze(1), sizes), jet),
            indices,
            x.shape[1],
        )

    def roughness(self) -> Tensor:
        """The integral over the depth, from 0 to 1, of |d theta / ds|^2: n sum |theta_(k+1) -
        theta_k|^2 of n steps.
        """
        return len(self.weights) * (
            self.weights.diff(dim=0).square().sum() + self.biases.diff(dim=0).square().sum()
        )

    @staticmethod
    def read(state: Tensor, indices: Sequence[JetIndex], dimension: int) -> Tensor:
        """What `forward` gives, from the last state `(rows, n, width)` of such a call."""
        rows = closure(indices, dimension)
        return state[[rows.index(i) for i in indices]]

    def traced(self, x: Tensor, indices: Sequence[JetIndex]) -> Traced:
        """What `forward` gives, and the jets before and behind every linear map."""
        rows = closure(indices, x.shape[1])
        start = coordinates_jet(x, rows)
        maps = [(start, affine(start, self.first_weight, self.first_bias))]
        jet = activate(maps[0][1], rows, self.sigma)
        for weight, bias in zip(self.weights, self.biases, strict=True):
            maps.append((jet, affine(jet, weight, bias)))
            jet = jet + self.step_size * activate(maps[-1][1], rows, self.sigma)
        return Traced(jet[[rows.index(i) for i in indices]], maps)

    def in_order(self, slopes: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Slopes in weights `(n, inputs, outputs)` and biases `(n, outputs)` of every map, in the
        order of the parameters.
        """
        (weight, bias), *inner = slopes
        parts = (weight, bias, *(w for w, _ in inner), *(b for _, b in inner))
        return torch.cat([part.flatten(1) for part in parts], dim=1)


def _check(declared: Dense | ResNet) -> None:
    name = type(declared).__name__
    activation(declared.activation)
    for size in (declared.width, declared.depth):
        if not isinstance(size, Integral):
            raise TypeError(
                f"{name} wants whole numbers as width and depth, {name}(400, 2): got {size!r}"
            )
    if isclass(declared.initialize) or not (
        declared.initialize is None or callable(declared.initialize)
    ):
        raise TypeError(
            f"{name} wants an initializer, {name}(400, initialize=Waves(3.0)): got"
            f" {declared.initialize!r}"
        )
    if declared.width < 1 or declared.depth < 1:
        raise ValueError(
            f"{name} wants width and depth of at least 1: got {declared.width}, {declared.depth}"
        )


def _start(declared: Dense | ResNet, domain: Domain) -> Initializer:
    check_names(declared.initialize, list(domain))
    return declared.initialize or default_initializer(declared.activation)


def _box(domain: Domain) -> Tensor:
    return DOUBLE.new_tensor(list(domain.values()))


def _hidden_initializer(declared: Dense | ResNet) -> Initializer:
    """Hidden layers see a box, not the domain: waves there would have no meaning, planes have."""
    if isinstance(declared.initialize, EVERY_LAYER):
        return declared.initialize
    return default_initializer("tanh" if declared.activation == "sin" else declared.activation)
