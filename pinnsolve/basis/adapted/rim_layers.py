"""Layers along circles: functions that decay within a small distance of a round wall.

Beside a wall solutions of -eps^2 lap u + u = f decay as exp(-s / eps), where s is the distance from
it, times smooth functions along the wall and powers of s / eps, which its bend asks for (Vishik and
Lyusternik, Amer. Math. Soc. Transl. 20 (1962) 239). Each is the real or imaginary part of
exp(i k th) g(r): derivatives with respect to z and its conjugate are so, too, in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from pinnsolve.basis.adapted.corners import wirtinger
from pinnsolve.basis.basis import Basis, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex

# Of exp(-t) t^a / r^p: {(a, p): a factor of each wave}
Radial = dict[tuple[int, int], Tensor]
# Of the radius: nearer to the middle, where no layer comes, places are taken for this far
IN_MIDDLE = 0.02


@dataclass(frozen=True)
class Rim:
    """A circle around `at`, along which layers of a `thickness` lie inside or `outside`; waves up
    to the `order` along it, powers up to the `depth` across.

    >>> from pinnsolve.basis.adapted.rim_layers import Rim
    >>> Rim((0.0, 0.0), 1.0, 0.01, outside=False).functions
    84
    """

    at: tuple[float, float]
    radius: float
    thickness: float
    outside: bool
    order: int = 10
    depth: int = 3

    @property
    def functions(self) -> int:
        """How many."""
        return (2 * self.order + 1) * (self.depth + 1)


@dataclass(frozen=True)
class RimLayers(Sums):
    """The layers of some circles, to be added to a network's basis; for domains of two coordinates.
    Raises ValueError, when built, for others.

    >>> from pinnsolve.basis.adapted.rim_layers import Rim, RimLayers
    >>> layers = RimLayers((Rim((0.0, 0.0), 1.0, 0.01, False, order=1, depth=0),))
    >>> layers.build({"x": (-1, 1), "y": (-1, 1)}, seed=0).size
    3
    """

    rims: tuple[Rim, ...]

    def build(self, domain: Domain, seed: int) -> RimBasis:
        """The functions, the same for every seed. Raises ValueError unless there are two
        coordinates.
        """
        if len(domain) != 2:
            raise ValueError(f"rims are for two coordinates: the domain has {len(domain)}")
        return RimBasis(self.rims)


class RimBasis(Basis):
    """Real and imaginary parts of exp(i k th) exp(-s / eps) (s / eps)^m along each circle."""

    def __init__(self, rims: Sequence[Rim]) -> None:
        super().__init__()
        self.rims = tuple(rims)
        self.size = sum(rim.functions for rim in rims)

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """Into the layers."""
        return tuple(partial(_into, rim) for rim in self.rims)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, 2)`: `(n_indices, n, size)`."""
        return torch.cat([_along(rim, x, indices) for rim in self.rims], dim=2)


def _along(rim: Rim, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
    """Those of a circle: `(n_indices, n, functions)`."""
    first, second = ((x - x.new_tensor(rim.at)) / rim.radius).T
    r = torch.hypot(first, second).clamp(min=IN_MIDDLE)[:, None]
    turn, waves = torch.atan2(second, first)[:, None], torch.arange(rim.order + 1).to(x)
    slope = (1.0 if rim.outside else -1.0) * rim.radius / rim.thickness
    across = slope * (r - 1)
    decay = torch.exp(-across)
    rows = []
    for index in indices:
        columns = [torch.complex(*[x.new_zeros(len(x), len(waves))] * 2)] * (rim.depth + 1)
        for (inner, outer), factor in wirtinger(
            index, [1 / rim.radius + 0j, 1j / rim.radius]
        ).items():
            turned = (
                factor * decay * torch.polar(torch.ones_like(turn), turn * (waves + outer - inner))
            )
            for m in range(rim.depth + 1):
                terms = _derived(m, waves, slope, inner, outer)
                radial = sum(c * (across**a / r**p) for (a, p), c in terms.items())
                columns[m] = columns[m] + turned * radial
        parts = torch.view_as_real(torch.stack(columns, dim=1)).flatten(2)
        rows.append(torch.cat([parts[:, :, :1], parts[:, :, 2:]], dim=2).flatten(1))
    return torch.stack(rows)


def _derived(m: int, waves: Tensor, slope: float, inner: int, outer: int) -> Radial:
    """What stands beside exp(i (k + outer - inner) th) in d^inner dbar^outer of exp(i k th)
    exp(-t) t^m, for all k in `waves`, where t = slope (r - 1).

    d of exp(i k th) g is exp(i (k - 1) th) (g' + k g / r) / 2, and dbar exp(i (k + 1) th)
    (g' - k g / r) / 2.
    """
    terms = {(m, 0): torch.ones_like(waves)}
    for sign in [-1] * outer + [1] * inner:
        new: Radial = {}
        for (a, p), c in terms.items():
            for key, factor in (
                ((a, p), -slope / 2),
                ((a - 1, p), a * slope / 2),
                ((a, p + 1), (sign * waves - p) / 2),
            ):
                new[key] = new.get(key, 0.0) + c * factor
        terms, waves = {key: c for key, c in new.items() if key[0] >= 0}, waves - sign
    return terms


def _into(rim: Rim, x: Tensor, normals: Tensor | None) -> Tensor:
    """Points `(n, 2)` moved along their rays, so that distances from the wall are those of a decay
    over three thicknesses; on walls they stay.
    """
    if normals is not None:
        return x
    away = x - x.new_tensor(rim.at)
    r = away.norm(dim=1, keepdim=True).clamp(min=1e-12)
    share = ((r - rim.radius) if rim.outside else (rim.radius - r)) / rim.radius
    share = share.clamp(min=0.0, max=1 - 1e-9)
    deep = -3 * rim.thickness * torch.log1p(-share)
    moved = rim.radius + deep if rim.outside else rim.radius - deep
    placed: Tensor = x.new_tensor(rim.at) + away * (moved.clamp(min=0.0) / r)
    return placed
