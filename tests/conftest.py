"""What the tests share: symbols, a clock that does not depend on the machine, and one thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

import pytest
import torch
from sympy import Symbol

from pinnsolve import Box, coordinates, unknown
from pinnsolve.declare.symbols import Unknown

torch.set_num_threads(1)  # two that wait for each other on a busy machine take ten times the CPU seconds of one


@pytest.fixture(scope="session")
def xy() -> tuple[Symbol, ...]:
    return coordinates("x y")


@pytest.fixture(scope="session")
def u(xy: tuple[Symbol, ...]) -> Unknown:
    return unknown("u", *xy)


@pytest.fixture(scope="session")
def square(xy: tuple[Symbol, ...]) -> Box:
    return Box(dict.fromkeys(xy, (0, 1)))


@pytest.fixture
def cpu_seconds(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """The clock that budgets are measured by, in this test that of the process: others on the machine do not count."""
    monkeypatch.setattr(time, "perf_counter", time.process_time)
    return time.process_time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`clock(tick)`: from now on every look at a clock is a tick later, so that what ends by seconds ends by work."""

    def ticking(tick: float) -> None:
        looks = count()
        for name in ("perf_counter", "process_time"):
            monkeypatch.setattr(time, name, lambda: tick * next(looks))

    return ticking
