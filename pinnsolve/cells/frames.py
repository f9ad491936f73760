"""Equations in a cell as they were linearized once: their target at another field, with the slopes
of then.

Newton's method with old slopes, a chord's, F'(u_0) u_new = F'(u_0) u - F(u), has the same solution;
its error falls by a factor that is about how far slopes have moved (Kelley, Iterative Methods for
Linear and Nonlinear Equations, SIAM 1995, section 5.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.cells.teams import Key
from pinnsolve.compile.system import Residual
from pinnsolve.discretize.assemble import NotFiniteError
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.field import Field


@dataclass(frozen=True, eq=False)
class Frame:
    """One equation at its points: `slopes (n_slots, n)` and `target (n,)` of then, the `scale` of
    its rows, and `sizes (n_slots,)` of a row of each slot's functions.
    """

    residual: Residual
    points: Points
    slopes: Tensor
    target: Tensor
    scale: float = 1.0
    sizes: Tensor | None = None

    def at(self, field: Field) -> tuple[Tensor, float]:
        """The scaled target `(n,)` at a field, and how far slopes have moved, beside the size of
        the rows.
        """
        if self.residual.linear:
            return self.scale * self.target, 0.0
        x, normals = self.points.tensors(self.slopes)
        with torch.no_grad():
            u = field.slots(self.residual, x)
            factors = factors_of(self.points, self.slopes)
            target = (self.slopes * u).sum(dim=0) - factors * self.residual.value(x, normals, u)
            moved = factors * self.residual.slopes(x, normals, u) - self.slopes
        require_finite(self.residual, target, moved)
        sizes = torch.ones(len(moved)).to(moved) if self.sizes is None else self.sizes
        change = (moved * sizes[:, None]).square().sum(dim=0).mean().sqrt()
        return self.scale * target, self.scale * float(change)


@dataclass(frozen=True, eq=False)
class Frames:
    """Those of a cell: its `own`, with the `weight` of all its rows, and by key those of conditions
    that it shares and whose target it holds; `offsets (n,)` are what its traces held,
    `nothing` is a target of no rows.
    """

    own: tuple[Frame, ...]
    weight: float
    shared: Mapping[Key, Frame]
    offsets: Mapping[Key, Tensor]
    nothing: Tensor

    def at(self, field: Field) -> tuple[Tensor, dict[Key, Tensor], float]:
        """The target `(n,)` at a field, the offsets, and how far slopes have moved."""
        own = [frame.at(field) for frame in self.own]
        shared = {key: frame.at(field) for key, frame in self.shared.items()}
        targets = torch.cat([self.nothing, *(target for target, _ in own)])
        offsets = {**self.offsets, **{key: -target for key, (target, _) in shared.items()}}
        moved = max((change for _, change in (*own, *shared.values())), default=0.0)
        return self.weight * targets, offsets, moved


def linearized(residual: Residual, p: Points, field: Field | None, like: Tensor) -> Frame:
    """An equation at a field or at zero: slopes `(n_slots, n)`, target `(n,)`."""
    x, normals = p.tensors(like)
    with torch.no_grad():
        u = x.new_zeros(len(residual.slots), len(x)) if field is None else field.slots(residual, x)
        factors = factors_of(p, like)
        slopes = factors * residual.slopes(x, normals, u)
        target = (slopes * u).sum(dim=0) - factors * residual.value(x, normals, u)
    require_finite(residual, target, slopes)
    return Frame(residual, p, slopes, target)


def factors_of(p: Points, like: Tensor) -> Tensor:
    """What the rows of each point are multiplied by, `(n,)`."""
    return like.new_ones(len(p.x)) if p.factors is None else tensor_of(p.factors, like)


def require_finite(residual: Residual, *values: Tensor) -> None:
    """Raise NotFiniteError if some values, `(n,)` or `(n_slots, n)`, are not finite."""
    if not all(bool(each.isfinite().all()) for each in values):
        raise NotFiniteError(f"not finite on the collocation points: {residual.condition}")
