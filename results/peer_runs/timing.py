"""Seconds of what is solved more than once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def repeated(solve: Callable[[], T], times: int = 3) -> tuple[T, dict[str, list[float]]]:
    """The last answer, and CPU and wall seconds of each."""
    taken: dict[str, list[float]] = {"cpu": [], "seconds": []}
    for _ in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        answer = solve()
        taken["cpu"].append(time.process_time() - cpu)
        taken["seconds"].append(time.perf_counter() - start)
    return answer, taken
