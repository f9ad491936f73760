"""Bessel functions of the second kind: those of PyTorch are wrong by up to 2e-6 (version 2.13)."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def second_kind(x: Tensor) -> tuple[Tensor, Tensor]:
    """Y_0 and Y_1 at positive places `(n,)`, in double precision.

    By Neumann's series in J_k, which Miller's backward recurrence gives (Abramowitz and Stegun,
    Handbook of Mathematical Functions, 9.1.46, 9.1.88 and 9.1.89).

    >>> from pinnsolve.basis.basis import DOUBLE
    >>> round(second_kind(DOUBLE.new_tensor([1.0]))[0].item(), 12)
    0.088256964216
    """
    above, now = torch.zeros_like(x), torch.full_like(x, 1e-300)
    one = torch.ones_like(x)
    whole, even, odd = (torch.zeros_like(x) for _ in range(3))
    most = float(x.detach().max()) if len(x) else 0.0
    first = 2 * math.ceil((most + 20 + 6 * most ** (1 / 3)) / 2) + 20
    for n in range(first, 1, -1):  # J_n is `now`, but for a factor
        k = n // 2
        if n % 2:
            odd = odd + (-1) ** k * n / (k * (k + 1)) * now
        else:
            whole, even = whole + 2 * now, even + (-1) ** k / k * now
        above, now = now, 2 * n / x * now - above
        # It starts anywhere, and is normalized at last.
        smaller = torch.where(now.abs() > 1e100, 1e-100 * one, one)
        above, now, whole, even, odd = (v * smaller for v in (above, now, whole, even, odd))
    zeroth = 2 / x * now - above
    whole = whole + zeroth
    j0, j1, even, odd = (v / whole for v in (zeroth, now, even, odd))
    log = torch.log(x / 2) - torch.digamma(one)
    y0 = 2 / math.pi * (log * j0 - 2 * even)
    y1 = 2 / math.pi * ((log - 1) * j1 - j0 / x - odd)
    return y0, y1
