"""What the tests share: symbols, a clock that does not depend on the machine, and one thread."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest
import torch
from sympy import Symbol
from torch.utils._python_dispatch import TorchDispatchMode

from pinnsolve import Box, coordinates, unknown
from pinnsolve.symbols.symbols import Unknown

# Two threads that wait for each other on a busy machine take ten times the CPU seconds of one: here,
# and in every program that a test starts.
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)

# What work takes, in seconds: a look at the clock, so that a loop without torch ends too; a call;
# numbers and flops a second.
LOOK, CALL, NUMBERS, FLOPS = 1e-4, 2e-6, 5e8, 1.5e10
FACTORIZATIONS = {
    "geqrf": 2.0,
    "linalg_qr": 2.0,
    "linalg_cholesky_ex": 1 / 3,
    "_linalg_svd": 12.0,
    "_linalg_eigh": 12.0,
    "linalg_lstsq": 2.0,
}


class Killed(Exception):  # noqa: N818
    """What no solve catches, as a signal that kills."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where two tests run at once, those that start ranks run one after the other: more ranks than
    cores wait for each other.
    """
    for item in items:
        names = vars(getattr(item, "module", None) or object)
        if "started" in names or "on_ranks" in names:
            item.add_marker(pytest.mark.xdist_group("ranks"))


def pytest_collection_finish() -> None:
    """What has been imported stays: the collector of cycles need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def xy() -> tuple[Symbol, ...]:
    return coordinates("x y")


@pytest.fixture(scope="session")
def u(xy: tuple[Symbol, ...]) -> Unknown:
    return unknown("u", *xy)


@pytest.fixture(scope="session")
def square(xy: tuple[Symbol, ...]) -> Box:
    return Box(dict.fromkeys(xy, (0, 1)))


class Work(TorchDispatchMode):
    """The seconds that torch's operations in here would take on a machine with nothing else to do.

    Each operation costs its call, its results and, if it is a matrix product or a factorization,
    its flops.
    """

    seconds = 0.0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        first = found[0] if isinstance(found, tuple | list) and found else found
        made = first.shape if isinstance(first, torch.Tensor) else torch.Size()
        self.seconds += CALL + made.numel() / NUMBERS + _flops(func, args, made) / FLOPS
        return found


def _flops(func: Any, args: Sequence[Any], made: torch.Size) -> float:
    """Twice the multiplications, roughly."""
    name = func._schema.name.removeprefix("aten::")
    if name in {"mm", "addmm", "bmm"}:
        return 2.0 * made.numel() * int(args[-1].shape[-2])
    if name in {"linalg_solve_triangular", "ormqr"}:
        return 2.0 * made.numel() * int(args[0].shape[-1])
    if name in FACTORIZATIONS:
        short, long = sorted(args[0].shape[-2:])
        return FACTORIZATIONS[name] * float(long) * float(short) ** 2
    return 0.0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], float]]:
    """The clock that budgets are measured by, in this test that of the work done: a busy machine is
    slow, not wrong.
    """
    looks = count()
    with Work() as done:

        def seconds() -> float:
            return done.seconds + LOOK * next(looks)

        monkeypatch.setattr(time, "perf_counter", seconds)
        yield seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`clock(tick)`: from now on every look at a clock is a tick later, so that what ends by
    seconds ends by work.
    """

    def ticking(tick: float) -> None:
        looks = count()
        for name in ("perf_counter", "process_time"):
            monkeypatch.setattr(time, name, lambda: tick * next(looks))

    return ticking
