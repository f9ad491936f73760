"""What can be declared to make a field."""

from __future__ import annotations

from pinnsolve.basis.basis import Declaration
from pinnsolve.fields.separated import Modes
from pinnsolve.fields.slabs import SlabBases

Declared = Declaration | Modes | SlabBases  # a basis; functions of space that move in time; a basis a slab of time


def of_basis(declared: Declared) -> Declaration:
    """The declaration of a basis, to solve in once more. Raises TypeError for an evolution that was followed in time."""
    if isinstance(declared, Modes | SlabBases):
        raise TypeError(f"{declared} is followed in time: no basis of space and time was declared")
    return declared
