"""Outside of an ellipse: powers of what maps it onto the outside of a circle.

With the foci at -c and c, W(z) = (z + S) / (a + b), where S^2 = z^2 - c^2, is of size one on the
ellipse of semiaxes a and b, and W^-k and log W are analytic outside of it, up to the segment
between the foci (Joukowski's map; Muskhelishvili, Some Basic Problems of the Mathematical Theory of
Elasticity, paragraph 48). Powers of z around its middle converge outside of the circle through the
foci alone. Of a circle c is zero and W = z. Here b is one.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

# Of S^-m z^p: {(m, p): factor, one for all or one for each power of W}
Terms = dict[tuple[int, int], Tensor]


def outside(
    z: Tensor, focus: complex, order: int, highest: int
) -> tuple[list[Tensor], list[Tensor]]:
    """Derivatives up to the highest of W^-k, k = 1 ... order, `(n, order)` each, and of log W,
    `(n,)` each, at complex points `(n,)`, in units of the shorter semiaxis.

    In the place of log W itself is log |W|, which has one value everywhere.
    """
    along = focus / abs(focus) if focus else 1.0 + 0j
    root = along * torch.sqrt((z - focus) / along) * torch.sqrt((z + focus) / along)
    root = torch.where(root == 0, root.new_tensor(1e-300), root)
    mapped = (z + root) / (1 + math.hypot(1, abs(focus)))
    powers = torch.cumprod((1 / mapped)[:, None].expand(-1, order), dim=1)
    k = torch.arange(1, order + 1).to(z.real)
    one = torch.ones_like(k[:1])
    inverse, slopes = [powers], [torch.log(mapped.abs()).to(z.dtype)]
    of_powers, of_slope = {(0, 0): torch.ones_like(k)}, {(1, 0): one}
    for _ in range(highest):
        of_powers = _derivative(of_powers, k)
        inverse.append(powers * _sum(of_powers, root, z))
        slopes.append(_sum(of_slope, root, z)[:, 0])
        of_slope = _derivative(of_slope, 0 * one)
    return inverse, slopes


def _derivative(terms: Terms, k: Tensor) -> Terms:
    """W^k times the derivative of W^-k times the terms: W' is W / S, and S' is z / S."""
    new: Terms = {}
    for (m, p), c in terms.items():
        for key, factor in (((m + 1, p), -k), ((m + 2, p + 1), -m), ((m, p - 1), p)):
            new[key] = new.get(key, 0.0) + c * factor
    return {key: c for key, c in new.items() if c.any()}


def _sum(terms: Terms, root: Tensor, z: Tensor) -> Tensor:
    """The terms at points: `(n, powers)`."""
    total = torch.zeros_like(z)[:, None]
    for (m, p), c in terms.items():
        total = total + c * (z**p / root**m)[:, None]
    return total
