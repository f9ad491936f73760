"""What the tests share: symbols, two seeds, and threads that do not fight."""

from __future__ import annotations

import pytest
import torch
from sympy import Symbol

from pinnsolve import Box, coordinates, unknown
from pinnsolve.declare.symbols import Unknown

torch.set_num_threads(2)


@pytest.fixture(scope="session")
def xy() -> tuple[Symbol, ...]:
    return coordinates("x y")


@pytest.fixture(scope="session")
def u(xy: tuple[Symbol, ...]) -> Unknown:
    return unknown("u", *xy)


@pytest.fixture(scope="session")
def square(xy: tuple[Symbol, ...]) -> Box:
    return Box(dict.fromkeys(xy, (0, 1)))
