"""Tensor products: functions of some coordinates times functions of the others.

For parametric problems: a shared basis in space, coefficients that depend on a parameter through a
small basis of its own (Wang, Cheng, Sapiro, Qiu, "Stochastic conditional generative networks with
basis decomposition", 2019, for the idea).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import torch
from torch import Generator, Tensor, nn

from pinnsolve.basis.basis import Basis, Declaration, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, check_index
from pinnsolve.jets.propagation import summed


@dataclass(frozen=True)
class TensorProduct(Sums):
    """`TensorProduct({(x, y): Dense(100), (k,): Dense(8)})`: all 800 products phi_i(x, y) psi_j(k).

    Raises ValueError if a coordinate is named twice, or (when it is built) those named are not
    those of the domain.

    >>> from pinnsolve import Dense, TensorProduct, coordinates
    >>> x, y, k = coordinates("x y k")
    >>> products = TensorProduct({(x, y): Dense(100), (k,): Dense(8)})
    >>> products.build({"x": (0, 1), "y": (0, 1), "k": (1, 2)}, seed=0).size
    800
    """

    factors: tuple[tuple[tuple[str, ...], Declaration], ...]

    def __init__(
        self, factors: Mapping[Any, Declaration] | tuple[tuple[tuple[str, ...], Declaration], ...]
    ) -> None:
        if not isinstance(factors, (Mapping, tuple)):
            raise TypeError(
                "TensorProduct wants bases by coordinates, {(x, y): Dense(100), t: Dense(8)}:"
                f" got {factors!r}"
            )
        pairs = factors.items() if isinstance(factors, Mapping) else factors
        named = tuple((tuple(map(str, c if isinstance(c, tuple) else (c,))), d) for c, d in pairs)
        names = [name for group, _ in named for name in group]
        if not names or len(set(names)) < len(names):
            raise ValueError(
                "TensorProduct wants each coordinate in one factor: got"
                f" {', '.join(names) or 'none'}"
            )
        object.__setattr__(self, "factors", named)

    def build(self, domain: Domain, seed: int) -> TensorBasis:
        """Each factor on its coordinates, with a random stream of its own."""
        names = [name for group, _ in self.factors for name in group]
        if set(names) != set(domain):
            raise ValueError(
                f"TensorProduct names {', '.join(names)}: the coordinates are {', '.join(domain)}"
            )
        seeds = torch.randint(
            2**62, (len(self.factors),), generator=Generator().manual_seed(seed)
        ).tolist()
        parts = [
            d.build({n: domain[n] for n in group}, s)
            for (group, d), s in zip(self.factors, seeds, strict=True)
        ]
        order = list(domain)
        return TensorBasis(parts, [[order.index(n) for n in group] for group, _ in self.factors])


class TensorBasis(Basis):
    """Products of the functions of several bases; the last factor's index runs fastest."""

    def __init__(self, parts: Sequence[Basis], axes: Sequence[Sequence[int]]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.axes = [list(a) for a in axes]
        self.size = reduce(lambda n, part: n * part.size, parts, 1)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all products at points `(n, dim)`: `(n_indices, n, size)`, each a product
        of the factors' own.
        """
        for index in indices:
            check_index(index, x.shape[1])
        held: dict[tuple[int, MultiIndex], Tensor] = {}

        def of_part(number: int, part: Basis, index: MultiIndex) -> Tensor:
            own = tuple(index[a] for a in self.axes[number])
            if (number, own) not in held:
                held[number, own] = part(x[:, self.axes[number]], [own])[0]
            return held[number, own]

        def single(index: MultiIndex) -> Tensor:
            values = [of_part(number, part, index) for number, part in enumerate(self.parts)]  # type: ignore[arg-type]
            return reduce(lambda a, b: (a[:, :, None] * b[:, None, :]).flatten(1), values)

        return summed(indices, single)
