"""Second derivatives of a path in time, from its states and their rates at the steps."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def curvatures(times: Tensor, states: Tensor, rates: Tensor) -> Tensor:
    """Second derivatives `(m, size)` at m times, where states and rates `(m, size)` are known.

    Of Hermite's polynomial of degree five through a step and two others: the error is of fourth
    order in their length, so that quintic polynomials through values, rates and these are of sixth.
    f(t, y) is not differentiated: in a stiff mode its slope multiplies the error of a rate by the
    mode's eigenvalue, and makes the path between right steps wrong.
    """
    return torch.cat(list(curvatures_by_parts(times, states, rates)))


def curvatures_by_parts(times: Tensor, states: Tensor, rates: Tensor) -> Iterator[Tensor]:
    """The same, `(k, size)` of k steps after others: no more are in memory at a time."""
    if len(times) == 2:
        length = times[1] - times[0]
        mean = (states[1] - states[0]) / length
        ends = [6 * mean - 4 * rates[0] - 2 * rates[1], 2 * rates[0] + 4 * rates[1] - 6 * mean]
        yield torch.stack(ends) / length
        return
    others = _others(times)
    rows = torch.arange(len(times))
    at_once = 64  # steps that are joined: more would only take memory
    for own, near in zip(torch.split(rows, at_once), torch.split(others, at_once), strict=True):
        yield _at(times, states, rates, own, near)


def _others(times: Tensor) -> Tensor:
    """Two other steps for each, `(m, 2)`: its neighbours; but two of one side at the ends, and
    where the step on the other side is much shorter, beside which small errors would be large.
    """
    last = len(times) - 1
    k = torch.arange(last + 1)
    lengths = times.diff()
    left = torch.cat([lengths[:1] * 0, lengths])
    right = torch.cat([lengths, lengths[:1] * 0])
    long = 3.0  # times a step, beyond which the next one counts as long beside it
    onwards = (right > long * left) & (k + 2 <= last)
    backwards = (left > long * right) & (k >= 2)
    first = torch.where(onwards, k + 1, torch.where(backwards, k - 2, k - 1))
    second = torch.where(onwards, k + 2, torch.where(backwards, k - 1, k + 1))
    return torch.stack([first, second], dim=1)


def _at(times: Tensor, states: Tensor, rates: Tensor, own: Tensor, others: Tensor) -> Tensor:
    """At the steps `own (n,)`, by two others of each, `(n, 2)`.

    With y(s) = y + y' s + (c_0 + c_1 s + c_2 s^2 + c_3 s^3) s^2, s in units of the farther one,
    the two steps' values and rates are four equations for c; c_0 is half of the second derivative.
    """
    distance = times[others] - times[own, None]
    unit = distance.abs().amax(dim=1)[:, None, None]
    s = distance[:, :, None] / unit
    rate = rates[own, None] * unit
    values = (states[others] - states[own, None] - s * rate) / s**2
    slopes = (rates[others] * unit - rate) / s
    powers = torch.arange(4, dtype=s.dtype)
    matrix = torch.cat([s**powers, (powers + 2) * s**powers], dim=1)
    found: Tensor = torch.linalg.solve(matrix, torch.cat([values, slopes], dim=1))
    return 2 * found[:, 0] / unit[:, 0] ** 2
