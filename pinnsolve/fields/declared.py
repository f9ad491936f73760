"""What can be declared to make a field."""

from __future__ import annotations

from dataclasses import dataclass

from pinnsolve.basis.basis import Declaration
from pinnsolve.fields.separated import Modes
from pinnsolve.fields.slabs import SlabBases


@dataclass(frozen=True)
class BasisEach:
    """A basis for each unknown, by name; unknowns that are numbers need none."""

    parts: tuple[tuple[str, Declaration], ...]

    def __repr__(self) -> str:
        return f"{{{', '.join(f'{name}: {part}' for name, part in self.parts)}}}"


Bases = Declaration | BasisEach  # one for all unknowns, or one for each
Declared = (
    Bases | Modes | SlabBases
)  # those; functions of space that move in time; a basis a slab of time


def of_basis(declared: Declared) -> Bases:
    """The declaration of bases, to solve in once more. Raises TypeError for an evolution that was
    followed in time.
    """
    if isinstance(declared, Modes | SlabBases):
        raise TypeError(f"{declared} is followed in time: no basis of space and time was declared")
    return declared


def one_basis(declared: Declared) -> Declaration:
    """The declaration of the one basis for all unknowns. Raises TypeError if it is something
    else.
    """
    found = of_basis(declared)
    if isinstance(found, BasisEach):
        raise TypeError(f"this wants one basis for all unknowns: each has its own, {found}")
    return found


def for_unknown(declared: Bases, name: str) -> Declaration:
    """The basis that is declared for an unknown. Raises ValueError if there is none."""
    if not isinstance(declared, BasisEach):
        return declared
    found = dict(declared.parts).get(name)
    if found is None:
        raise ValueError(f"no basis is given for {name}: write {{..., {name}: Dense(40)}}")
    return found
