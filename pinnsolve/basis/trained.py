"""Bases as training left them: to train further from there, or to use again."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from pinnsolve.basis.networks import Basis, Declaration, Domain, Sums


@dataclass(frozen=True, repr=False)
class Trained(Sums):
    """A basis as training left it: to train further from there, or to use its functions again. Made by `solution.trained`."""

    declared: Declaration
    basis: Basis

    def build(self, domain: Domain, seed: int) -> Basis:
        """A copy; nothing is drawn."""
        return deepcopy(self.basis)

    def __repr__(self) -> str:
        return f"Trained({self.declared})"
