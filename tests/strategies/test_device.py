"""A solve on another device: refused where there is none, and the same two kernels where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import cos, exp

from pinnsolve import (
    LSGD,
    Box,
    Dense,
    Waves,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.coefficients import least_squares as module
from pinnsolve.coefficients.sketch import sketch_of
from pinnsolve.compile.system import compile_problem
from pinnsolve.devices import device_in, require_solvable
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.streamed import Streamed
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
EXACT = cos(7 * x + 3 * y) + exp(x)
helmholtz = manufactured(square, laplacian(u) + 40 * u, u @ square.boundary, exact={u: EXACT})
waves = Dense(300, activation="sin", initialize=Waves(7.0))
META = torch.empty(0, dtype=torch.float64, device="meta")
without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")


@without_gpu
def test_a_device_that_is_not_here_is_refused_before_any_work(monkeypatch):
    monkeypatch.setattr("pinnsolve.solver.compile_problem", None)
    with pytest.raises(ValueError, match=r"sees no such device here\. Install torch for CUDA"):
        solve(helmholtz, waves, device="cuda")


def test_what_is_not_solved_on_a_device_is_refused(monkeypatch):
    for wrong in ("gpu", "cuda:x", 3, torch.float32):
        with pytest.raises(TypeError, match="device must be 'cuda' or 'cpu'"):
            solve(helmholtz, waves, device=wrong)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert device_in("cuda", waves, (None,)) == torch.device("cuda")
    with pytest.raises(ValueError, match="sees no such device"):
        solve(helmholtz, waves, device="cuda:1")
    with pytest.raises(ValueError, match="a device wants a given basis"):
        solve(helmholtz, device="cuda")
    with pytest.raises(ValueError, match="give no method, growth"):
        solve(helmholtz, waves, LSGD(), device="cuda")
    with pytest.raises(ValueError, match="give no method, growth, march, cells"):
        solve(helmholtz, waves, cells=2, device="cuda")
    cubic = manufactured(square, laplacian(u) + u**3, u @ square.boundary, exact={u: EXACT})
    with pytest.raises(ValueError, match="its equations are not linear: give no device"):
        solve(cubic, waves, device="cuda")
    system = compile_problem(helmholtz)
    with pytest.raises(ValueError, match="2 processes were started: start one"):
        require_solvable(torch.device("cuda"), system, divided=False, ranks=2)
    with pytest.raises(ValueError, match="in parts of the domain"):
        require_solvable(torch.device("cuda"), system, divided=True, ranks=1)


def test_a_device_takes_the_sketch_and_gives_the_same(monkeypatch):
    """What would be a GPU is this CPU, told by the place where the device is asked for."""
    expected = solve(helmholtz, waves)
    taken = []

    def sketched(rows, held_out):
        taken.append(rows.columns)
        return kernel(rows, held_out)

    kernel = module.sketched_least_squares
    monkeypatch.setattr(module, "sketched_least_squares", sketched)
    monkeypatch.setattr(module, "elsewhere", lambda like: True)
    found = solve(helmholtz, waves, device="cpu")
    assert taken[0] == 300
    at = np.random.default_rng(0).random((500, 2))
    assert np.abs(found(at) - expected(at)).max() < 1e-11
    assert found.error() < 1e-11


def test_rows_stay_on_the_device_of_the_functions():
    system = compile_problem(helmholtz)
    here = build_space(system, waves, 0)
    points = collocation_points(system, here, 1)
    rows = Streamed.of(system, points, here)
    space = build_space(system, waves, 0, META)
    there = replace(rows, space=space, norms=rows.norms.to(META.device))
    blocks = list(there.blocks())
    assert {block.device.type for block in blocks} == {"meta"}
    assert sum(map(len, blocks)) == rows.rows
    assert sketch_of(there, 0).device.type == "meta"
    expansion = Expansion(here, torch.zeros(300, dtype=torch.float64))
    assert expansion.on(torch.device("cpu")) is expansion
    assert expansion.on(META.device).like.device.type == "meta"
