"""Initializers of every layer, as other packages have them: He, Glorot, uniform, unit variance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.basis.initialize import normal_numbers, uniform_numbers


@dataclass(frozen=True)
class He:
    """Weights N(0, 2 / fan-in), biases zero, in every layer (He et al. 2015): the usual start of a
    ReLU network.

    All its hyperplanes pass through the origin: in one dimension, its functions are one.

    >>> from pinnsolve import Dense, He, Interval, coordinates, inspect
    >>> line = Interval(*coordinates("x"), 0, 1)
    >>> inspect(Dense(32, activation="relu", initialize=He()), line).rank
    1
    """

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        return math.sqrt(2 / len(box)) * normal_numbers(
            len(box), width, generator=generator
        ), DOUBLE.new_zeros(width)


@dataclass(frozen=True)
class Glorot:
    """Weights N(0, 2 / (fan-in + fan-out)), biases zero, in every layer (Glorot and Bengio 2010):
    the usual start of a PINN.

    >>> from pinnsolve import Box, Dense, Glorot, coordinates, inspect
    >>> square = Box({c: (0, 1) for c in coordinates("x y")})
    >>> inspect(Dense(32, initialize=Glorot()), square).rank
    26
    """

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        deviation = math.sqrt(2 / (len(box) + width))
        return deviation * normal_numbers(len(box), width, generator=generator), torch.zeros(
            width, dtype=torch.float64
        )


@dataclass(frozen=True)
class Uniform:
    """Weights and biases uniform in +-1 / sqrt(fan-in), in every layer: what torch's linear layers
    start from.

    >>> from pinnsolve import Box, Dense, Uniform, coordinates, inspect
    >>> square = Box({c: (0, 1) for c in coordinates("x y")})
    >>> inspect(Dense(32, activation="relu", initialize=Uniform()), square).hyperplanes
    (12,)
    """

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        bound = 1 / math.sqrt(len(box))
        weight = 2 * uniform_numbers(len(box), width, generator=generator) - 1
        return bound * weight, bound * (2 * uniform_numbers(width, generator=generator) - 1)


@dataclass(frozen=True)
class UnitVariance:
    """Orthogonal weights, scaled so that each argument has unit variance over its box, in every
    layer; biases centre it.

    In the manner of LSUV (Mishkin and Matas 2016), with the box in the place of data.

    >>> from pinnsolve import Box, Dense, UnitVariance, coordinates, inspect
    >>> square = Box({c: (0, 1) for c in coordinates("x y")})
    >>> inspect(Dense(32, depth=4, initialize=UnitVariance()), square).rank
    32
    """

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        drawn = normal_numbers(max(len(box), width), max(len(box), width), generator=generator)
        weight = torch.linalg.qr(drawn).Q[: len(box), :width]
        variance = ((box[:, 1] - box[:, 0]) ** 2 / 12)[:, None]
        weight = weight / (weight.square() * variance).sum(dim=0).clamp(min=1e-12).sqrt()
        return weight, -box.mean(dim=1) @ weight


EVERY_LAYER = (He, Glorot, Uniform, UnitVariance)
