"""Standing waves between two ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.basis.initialize import in_box


@dataclass(frozen=True)
class Standing:
    """Waves of one coordinate for the sine, whose derivatives of orders `low` and `high`, 0 or 1,
    vanish at its ends: the `width` ones of lowest frequency. cos(k pi x) of (1, 1), sin(k pi x) of
    (0, 0), quarter waves of the others.
    """

    low: int
    high: int

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        first = 1.0 - (self.low + self.high) / 2
        waves = math.pi * (first + torch.arange(width).to(DOUBLE))
        return in_box(waves[None], DOUBLE.new_full((width,), self.low * math.pi / 2), box)
