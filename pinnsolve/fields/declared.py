"""What can be declared to make a field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pinnsolve.basis.basis import Declaration
from pinnsolve.fields.cellwise import CellBases
from pinnsolve.fields.elements import MovingElements
from pinnsolve.fields.mixed import MixedCells
from pinnsolve.fields.moving import MovingCells
from pinnsolve.fields.products import MovingProducts
from pinnsolve.fields.resolved import Resolvents
from pinnsolve.fields.separated import Modes
from pinnsolve.fields.slabs import SlabBases


@dataclass(frozen=True)
class BasisEach:
    """A basis for each unknown, by name; unknowns that are numbers need none."""

    parts: tuple[tuple[str, Declaration], ...]

    def __repr__(self) -> str:
        return f"{{{', '.join(f'{name}: {part}' for name, part in self.parts)}}}"


# One for all unknowns, or one for each.
Bases = Declaration | BasisEach
# Those; functions of space that move in time; a basis a slab of time; a basis a cell, which may be
# of space, and move, or be mixed; functions around holes that are mixed; products that move;
# elements of space that move.
Followed = (
    Modes | SlabBases | MovingCells | MixedCells | Resolvents | MovingProducts | MovingElements
)
Declared = Bases | CellBases | Followed


def of_basis(declared: Declared) -> Bases:
    """The declaration of bases, to solve in once more. Raises TypeError for cells, and for an
    evolution that was followed in time.
    """
    if isinstance(declared, CellBases):
        raise TypeError(f"{declared}: every cell has its own, there is no basis for the whole")
    if isinstance(declared, Followed):
        raise TypeError(f"{declared} is followed in time: no basis of space and time was declared")
    return declared


def of_each(declared: object) -> tuple[tuple[str, Declaration], ...] | None:
    """The bases by unknown, where each has its own; None, where there is one for all."""
    return declared.parts if isinstance(declared, BasisEach) else None


def one_basis(declared: Declared) -> Declaration:
    """The declaration of the one basis for all unknowns. Raises TypeError if it is something
    else.
    """
    bases = of_basis(declared)
    if of_each(bases) is not None:
        raise TypeError(f"this wants one basis for all unknowns: each has its own, {bases}")
    return cast(Declaration, bases)


def for_unknown(declared: Bases, name: str) -> Declaration:
    """The basis that is declared for an unknown. Raises ValueError if there is none."""
    each = of_each(declared)
    if each is None:
        return cast(Declaration, declared)
    own = dict(each).get(name)
    if own is None:
        raise ValueError(f"no basis is given for {name}: write {{..., {name}: Dense(40)}}")
    return own
