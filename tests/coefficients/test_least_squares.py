"""Least squares against LAPACK: coefficients, condition, rank, memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.coefficients.triangles import RIDGE


def augmented(matrix, target):
    return np.asfortranarray(np.column_stack([matrix, target]))


def well_conditioned(rows=300, columns=40):
    generator = np.random.default_rng(0)
    return generator.standard_normal((rows, columns)) * np.logspace(
        -6, 6, columns
    ), generator.standard_normal(rows)


def test_least_squares_against_lapack():
    matrix, target = well_conditioned()
    norms = np.linalg.norm(
        matrix, axis=0
    )  # without equilibration the oracle itself loses ten digits
    oracle = (
        torch.linalg.lstsq(
            torch.from_numpy(matrix / norms), torch.from_numpy(target), driver="gelsd"
        ).solution.numpy()
        / norms
    )
    solved = least_squares(augmented(matrix, target))
    assert np.abs((solved.coefficients - oracle) / oracle).max() < 1e-9
    assert solved.residual == pytest.approx(np.linalg.norm(matrix @ oracle - target), rel=1e-12)
    assert solved.rank == pytest.approx(40, abs=1e-6)


def test_condition_estimate_against_the_inverse():
    matrix, target = well_conditioned()
    scaled = matrix / np.linalg.norm(matrix, axis=0)
    r = np.linalg.qr(scaled, mode="r")
    oracle = np.linalg.cond(r, 1)
    assert oracle / 3 < least_squares(augmented(matrix, target)).condition < 3 * oracle


@pytest.mark.parametrize("decay", [12, 18, 25])
def test_rank_counts_singular_values_above_the_ridge(decay):
    """Against the SVD of the column-scaled matrix; the random rotation keeps the columns alike in
    norm.
    """
    generator = np.random.default_rng(1)
    left, right = (np.linalg.qr(generator.standard_normal((n, 60)))[0] for n in (200, 60))
    matrix = left * np.logspace(0, -decay, 60) @ right.T
    scaled = matrix / np.linalg.norm(matrix, axis=0)
    s = np.linalg.svd(scaled, compute_uv=False)
    oracle = (s**2 / (s**2 + (RIDGE * s[0]) ** 2)).sum()
    solved = least_squares(augmented(matrix, left[:, 0].copy()))
    assert solved.rank == pytest.approx(oracle, abs=1)
    assert np.linalg.norm(matrix @ solved.coefficients - left[:, 0]) < 1e-12


def test_rank_deficient_gives_small_coefficients():
    """Duplicate columns: the ridge shares the load evenly, as the minimum norm solution does, but
    for round-off / ridge.
    """
    generator = np.random.default_rng(2)
    half = generator.standard_normal((100, 10))
    target = half @ generator.standard_normal(10)
    solved = least_squares(augmented(np.hstack([half, half]), target))
    oracle = np.linalg.lstsq(half, target, rcond=None)[0]
    assert solved.coefficients[:10] == pytest.approx(oracle / 2, rel=0.05)
    assert solved.rank == pytest.approx(10, abs=0.1)


def test_least_squares_mistakes():
    with pytest.raises(ValueError, match="3 rows for 5 columns"):
        least_squares(np.ones((3, 6), order="F"))
    with pytest.raises(ValueError, match="not finite"):
        least_squares(np.full((5, 4), np.nan, order="F"))
    zero = least_squares(augmented(np.zeros((5, 3)), np.ones(5)))
    assert zero.coefficients.tolist() == [0, 0, 0]


# getrusage's maximum is inherited from the parent process; the kernel's high-water mark of this
# address space is not.
PEAK = """
import re
from pinnsolve import Dense, Waves, compile_problem
from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.problems import CATALOGUE
def high_water():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status", encoding="utf-8").read())[1])
system = compile_problem(CATALOGUE["poisson_2d"]())
space = build_space(system, Dense(1500, activation="sin", initialize=Waves(14)), 0)
points = sample_points(system.problem, 11_500, 0)
small = assemble(system, [type(p)(p.x[:50], p.normals, p.weights[:50]) for p in points], space)
before = high_water()
problem = assemble(system, points, space)
least_squares(problem.augmented)
print((high_water() - before) * 1024 / problem.matrix.nbytes)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").is_file(),
    reason="the high-water mark is read where Linux keeps it",
)
def test_peak_memory_of_assembly_and_solve():
    """At most 2.5 times the matrix, by the operating system's account of a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 1 < float(done.stdout) < 2.5
