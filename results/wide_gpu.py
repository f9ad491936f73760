"""One wide basis on a GPU: `python -m results.wide_gpu`. Says so, and measures nothing, where there
is no CUDA device.

The problem of `results.wide` by `solve(..., device=...)`: by the sketch on the device, and by
Householder's QR, rows in memory up to 6,000 columns, on all threads of this CPU. Wall seconds of a
whole solve; the first one on a device is not counted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from pinnsolve import Dense, Waves, solve
from results.wide import K, waves
from results.writing import markdown_table

COLUMNS = (2000, 4000, 8000)


@dataclass(frozen=True)
class Speed:
    """One solve."""

    device: str
    columns: int
    error: float
    seconds: float


def speeds(devices: Sequence[str], columns: Sequence[int] = COLUMNS) -> Iterator[Speed]:
    """Every width on each device."""
    for device in devices:
        _speed(device, min(columns) // 4)  # libraries are loaded, kernels chosen
        for many in columns:
            yield _speed(device, many)


def _speed(device: str, columns: int, k: float = K) -> Speed:
    problem = waves(k)
    begun = time.perf_counter()
    found = solve(problem, Dense(columns, activation="sin", initialize=Waves(k)), device=device)
    seconds = time.perf_counter() - begun
    return Speed(device, columns, found.error(), seconds)


def table(found: Sequence[Speed]) -> str:
    """A line a solve."""
    lines = [(r.device, f"{r.columns:,}", f"{r.error:.1e}", f"{r.seconds:.2f}") for r in found]
    return markdown_table(("device", "columns", "error", "seconds"), lines)


def main(say: Callable[[str], None]) -> None:
    """Measure where there is a device, and say so where there is none."""
    if not torch.cuda.is_available():
        say("no CUDA device is here: the GPU part was not run")
        return
    say(f"{torch.cuda.get_device_name()}\n\n{table(list(speeds(('cuda', 'cpu'))))}")


if __name__ == "__main__":
    main(lambda text: print(text, file=sys.stdout))
