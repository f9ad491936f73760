"""Bases side by side: `Dense(400) + Functions(...)` spans both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Generator, Tensor, nn

from pinnsolve.basis.basis import Basis, Declaration, Domain, Gather, Tip
from pinnsolve.jets.indices import JetIndex


class Sums:
    """Declarations add up: `Dense(400) + Functions(...)` spans both."""

    # Whether each part of a domain can have its own: not, where functions are made for the whole.
    local: ClassVar[bool] = True

    if TYPE_CHECKING:  # every declaration that adds up has its own

        def build(self, domain: Domain, seed: int) -> Basis: ...

    def of_unknown(self, number: int) -> Declaration:
        """What is declared for one of several unknowns, by its number: most often the same for
        all.
        """
        return self

    def __add__(self, other: Declaration) -> Sum:
        return Sum((*summands(self), *summands(other)))

    def __radd__(self, other: Declaration) -> Sum:
        return Sum((*summands(other), *summands(self)))


def summands(declaration: Declaration) -> tuple[Declaration, ...]:
    """The declarations that a sum adds up; one alone is its own. Raises TypeError for no basis."""
    if not hasattr(declaration, "build"):
        raise TypeError(
            f"a basis is added to another, Dense(400) + Functions(x, x**2): got {declaration!r}"
        )
    return declaration.parts if isinstance(declaration, Sum) else (declaration,)


def of_unknown(declaration: Declaration, number: int) -> Declaration:
    """What is declared for one of several unknowns, by its number."""
    return declaration.of_unknown(number) if isinstance(declaration, Sums) else declaration


@dataclass(frozen=True)
class Sum(Sums):
    """The span of several bases together; made by `+`."""

    parts: tuple[Declaration, ...]

    def of_unknown(self, number: int) -> Declaration:
        """The sum of what the parts declare for one unknown."""
        parts = tuple(of_unknown(part, number) for part in self.parts)
        same = all(a is b for a, b in zip(parts, self.parts, strict=True))
        return self if same else Sum(parts)

    def build(self, domain: Domain, seed: int) -> SumBasis:
        """Build the parts, each with a random stream of its own."""
        seeds = torch.randint(
            2**62, (len(self.parts),), generator=Generator().manual_seed(seed)
        ).tolist()
        return SumBasis([part.build(domain, s) for part, s in zip(self.parts, seeds, strict=True)])


class SumBasis(Basis):
    """Functions of several bases, side by side."""

    def __init__(self, parts: Sequence[Basis]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.size = sum(part.size for part in parts)

    @property
    def side_by_side(self) -> tuple[Basis, ...]:
        """The parts."""
        return tuple(self.parts)  # type: ignore[arg-type]

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """Those of all parts."""
        return tuple(gather for part in self.side_by_side for gather in part.gathers)

    @property
    def tips(self) -> tuple[Tip, ...]:
        """Those of all parts."""
        return tuple(tip for part in self.side_by_side for tip in part.tips)

    @property
    def varying(self) -> int | None:
        """The least of the parts, where one varies in fewer directions than there are."""
        return min(
            (part.varying for part in self.side_by_side if part.varying is not None), default=None
        )

    @property
    def harmonic(self) -> int:
        """Those of all parts."""
        return sum(part.harmonic for part in self.side_by_side)

    @property
    def eddies(self) -> int:
        """Those of all parts."""
        return sum(part.eddies for part in self.side_by_side)

    def planes(self) -> tuple[Tensor, Tensor]:
        """Hyperplanes of all parts that have some; no columns, if none has."""
        planes = [part.planes() for part in self.side_by_side]
        planes = [each for each in planes if each[0].numel()]
        return (
            (torch.cat([w for w, _ in planes], dim=1), torch.cat([b for _, b in planes]))
            if planes
            else super().planes()
        )

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions: `(n_indices, n, size)`."""
        return torch.cat([part(x, indices) for part in self.parts], dim=2)
