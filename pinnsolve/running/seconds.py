"""What a single large fit takes of time, foreseen: its factorization cannot look at the clock, so
that it is not begun late.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from pinnsolve.running.budget import Budget, OutOfTimeError


@dataclass(frozen=True)
class Foresight:
    """Whose time is foreseen, and by what."""

    # Columns, below which a fit is over in a second.
    least_columns: int = 1000
    # Rows and columns of a factorization that tells how fast this machine is: some hundredths of a
    # second.
    tried_shape: tuple[int, int] = (1600, 400)
    # Cubes of the width, besides the factorization: ridges, the rank, held-out rows (measured 1.5
    # to 2.3).
    cubes_besides: float = 2.0


FORESIGHT = Foresight()


def require_time(budget: Budget, rows: int, columns: int) -> None:
    """Raise OutOfTimeError, in words, if a least-squares problem of that size takes longer than the
    budget has left.
    """
    left = budget.left()
    if columns < FORESIGHT.least_columns or not math.isfinite(left):
        return
    flops = _flops(rows, columns) + FORESIGHT.cubes_besides * columns**3
    needed = _seconds_a_flop(budget) * flops
    if needed > left:
        widest = math.floor(columns * (max(left, 0.0) / needed) ** (1 / 3))
        raise OutOfTimeError(
            words=(
                f"a solve for {columns} coefficients takes about {needed:.2g} s, and"
                f" {max(left, 0.0):.2g} s are left: give the budget more seconds, or solve for"
                f" about {widest}"
            )
        )


def _seconds_a_flop(budget: Budget) -> float:
    rows, columns = FORESIGHT.tried_shape
    a = torch.randn(
        columns, rows, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).T
    begun = budget.spent()
    torch.geqrf(a, out=(a, a.new_empty(columns)))
    return (budget.spent() - begun) / _flops(rows, columns)


def _flops(rows: int, columns: int) -> float:
    """Of Householder's QR."""
    return 2.0 * rows * columns**2 - 2.0 / 3.0 * columns**3
