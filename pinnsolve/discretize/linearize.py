"""A nonlinear system near a field: every residual replaced by its tangent, a linear equation for
the whole unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import members, order_of


@dataclass(frozen=True)
class Linearized(Residual):
    """N(u0) + N'(u0) (u - u0) in place of N(u): linear in u, with the slopes of N at the field u0 =
    `about`.
    """

    about: Field

    def value(self, x: Tensor, normals: Tensor | None, u: Tensor) -> Tensor:
        """The tangent of the residual at `about`, `(n,)`."""
        u0 = self._slots(x)
        return super().value(x, normals, u0) + (super().slopes(x, normals, u0) * (u - u0)).sum(
            dim=0
        )

    def slopes(self, x: Tensor, normals: Tensor | None, u: Tensor) -> Tensor:
        """The slopes at `about`, `(n_slots, n)`; u does not matter."""
        return super().slopes(x, normals, self._slots(x))

    def _slots(self, x: Tensor) -> Tensor:
        """What the equation takes of `about`, which may have another dtype than the points."""
        return self.about.slots(self, x.to(self.about.like)).to(x)


@dataclass(frozen=True)
class Blended(Residual):
    """The linear part of the equation (its tangent at zero), and `share` of the rest: a homotopy to
    the equation itself.
    """

    share: float

    def value(self, x: Tensor, normals: Tensor | None, u: Tensor) -> Tensor:
        """The blended residual, `(n,)`."""
        zero = torch.zeros_like(u)
        linear = super().value(x, normals, zero) + (super().slopes(x, normals, zero) * u).sum(dim=0)
        return torch.lerp(linear, super().value(x, normals, u), self.share)

    def slopes(self, x: Tensor, normals: Tensor | None, u: Tensor) -> Tensor:
        """Its slopes, `(n_slots, n)`."""
        return torch.lerp(
            super().slopes(x, normals, torch.zeros_like(u)),
            super().slopes(x, normals, u),
            self.share,
        )


@dataclass(frozen=True)
class Strengthened(Residual):
    """`share` of the equation, and the rest of its derivatives of the highest order, with their
    slopes at zero: of e^2 u'' = f(u) that is e^2/share u'' = f(u), a homotopy from what is smooth
    to layers and fronts.
    """

    share: float

    def value(self, x: Tensor, normals: Tensor | None, u: Tensor) -> Tensor:
        """The residual with stronger derivatives of the highest order, `(n,)`."""
        highest = (self._highest(x, normals) * u).sum(dim=0)
        return torch.lerp(highest, super().value(x, normals, u), self.share)

    def slopes(self, x: Tensor, normals: Tensor | None, u: Tensor) -> Tensor:
        """Its slopes, `(n_slots, n)`."""
        return torch.lerp(self._highest(x, normals), super().slopes(x, normals, u), self.share)

    def _highest(self, x: Tensor, normals: Tensor | None) -> Tensor:
        order = max(order_of(slot.index) for slot in self.slots)
        kept = x.new_tensor([float(order_of(slot.index) == order) for slot in self.slots])
        zero = x.new_zeros(len(self.slots), len(x))
        return kept[:, None] * super().slopes(x, normals, zero)


def linearized(system: System, about: Field) -> System:
    """The system's tangent at a field: Newton's equations for the updated field. Linear equations
    stay as they are.
    """
    validation = None if system.validation is None else linearized(system.validation, about)
    return replace(
        system,
        residuals=tuple(_as(Linearized, r, linear=True, about=about) for r in system.residuals),
        validation=validation,
    )


def blended(system: System, share: float) -> System:
    """The system with only a share of its nonlinearity."""
    return replace(system, residuals=tuple(_as(Blended, r, share=share) for r in system.residuals))


def strengthened(system: System, share: float) -> System | None:
    """The system with a share of what nonlinear equations have beside their derivatives of the
    highest order; None, if that is not the highest along every coordinate, as of heat in time.
    """
    if not all(map(_is_highest_everywhere, (r for r in system.residuals if not r.linear))):
        return None
    return replace(
        system, residuals=tuple(_as(Strengthened, r, share=share) for r in system.residuals)
    )


def _is_highest_everywhere(residual: Residual) -> bool:
    """Whether every coordinate that is differentiated by is so as often as the highest order is."""
    every = [index for slot in residual.slots for index in members(slot.index)]
    along = [max(orders) for orders in zip(*every, strict=True)]
    order = max(map(sum, every))
    return order > 1 and all(each in (0, order) for each in along)


def _as(kind: type[Residual], residual: Residual, **more: Any) -> Residual:
    if residual.linear:
        return residual
    held = {f.name: getattr(residual, f.name) for f in fields(Residual)}
    return kind(**{**held, **more})
