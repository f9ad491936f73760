"""Bases as training left them: to train further from there, or to use again."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

import torch
from torch import Tensor, nn

from pinnsolve.basis.basis import Basis, Declaration, Domain
from pinnsolve.basis.networks import ResidualBasis, ResNet
from pinnsolve.basis.sums import Sums

D = TypeVar("D")


@dataclass(frozen=True, repr=False)
class Trained(Sums):
    """A basis as training left it: to train further from there, or to use its functions again. Made
    by `solution.trained`.
    """

    declared: Declaration
    basis: Basis
    local: ClassVar[bool] = False

    def build(self, domain: Domain, seed: int) -> Basis:
        """A copy; nothing is drawn."""
        return deepcopy(self.basis)

    def deeper(self, factor: int = 2) -> Trained:
        """The same residual network with `factor` steps in the place of each, its parameters
        interpolated in depth.

        Steps are those of a differential equation in depth: half as long, with parameters from half
        way between. The deeper network is near the one before, nearer the smoother its layers are,
        and trained on from there (nested iteration over the depth: Günther, Ruthotto, Schroder,
        Cyr, Gauger, arXiv 1812.04352, section 4). Raises TypeError for networks whose layers are no
        steps, ValueError for a factor below 2.
        """
        declared = untrained(self)
        if not isinstance(declared, ResNet) or not isinstance(self.basis, ResidualBasis):
            raise TypeError(
                f"only the layers of a ResNet are steps that can be divided: this is {declared}"
            )
        if factor < 2:
            raise ValueError(f"deeper by a factor of at least 2: got {factor}")
        finer = replace(declared, depth=factor * (declared.depth - 1) + 1)
        basis = deepcopy(self.basis)
        basis.step_size = self.basis.step_size / factor
        basis.weights = nn.Parameter(_between(self.basis.weights.detach(), factor))
        basis.biases = nn.Parameter(_between(self.basis.biases.detach(), factor))
        return Trained(finer, basis)

    def __repr__(self) -> str:
        return f"Trained({self.declared})"


def untrained(declared: D) -> D | Declaration:
    """What was declared before any training; others as they are."""
    return untrained(declared.declared) if isinstance(declared, Trained) else declared


def _between(layers: Tensor, factor: int) -> Tensor:
    """Parameters of `factor` steps in the place of each, linear between the middles of the old
    ones, constant at the ends.
    """
    n = len(layers)
    middles = ((torch.arange(factor * n, dtype=layers.dtype) + 0.5) / factor - 0.5).clamp(0, n - 1)
    low = middles.floor().long().clamp(max=max(n - 2, 0))
    part = (middles - low).reshape(-1, *[1] * (layers.dim() - 1))
    return (1 - part) * layers[low] + part * layers[(low + 1).clamp(max=n - 1)]
