"""What a single large fit takes of time, foreseen: its factorization cannot look at the clock, so
that it is not begun late.
"""

from __future__ import annotations

import math

import torch

from pinnsolve.running.budget import Budget, OutOfTimeError

# Columns, below which a fit is over in a second.
SECONDS_LONG = 1000
# Rows and columns of a factorization that tells how fast this machine is: some hundredths of a
# second.
PROBE_SHAPE = (1600, 400)
# Cubes of the width, besides the factorization: ridges, the rank, held-out rows (measured 1.5 to
# 2.3)
AFTER = 2.0


def require_time(budget: Budget, rows: int, columns: int) -> None:
    """Raise OutOfTimeError, in words, if a least-squares problem of that size takes longer than the
    budget has left.
    """
    left = budget.left()
    if columns < SECONDS_LONG or not math.isfinite(left):
        return
    needed = _seconds_a_flop(budget) * (_flops(rows, columns) + AFTER * columns**3)
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
    rows, columns = PROBE_SHAPE
    a = torch.randn(
        columns, rows, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).T
    begun = budget.spent()
    torch.geqrf(a, out=(a, a.new_empty(columns)))
    return (budget.spent() - begun) / _flops(rows, columns)


def _flops(rows: int, columns: int) -> float:
    """Of Householder's QR."""
    return 2.0 * rows * columns**2 - 2.0 / 3.0 * columns**3
