"""The study of PINNacle's tasks: what it claims, one row again, and what its media are made of."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import lambdify

from pinnsolve.problems.pinnacle import PINNACLE
from pinnsolve.problems.pinnacle_evolutions import random_field, two_media, vortices, x, y
from pinnsolve.problems.pinnacle_steady import many_areas
from pinnsolve.problems.reference import apart, reference
from results import pinnacle
from results.writing import read_csv


def test_every_task_is_declared():
    assert set(PINNACLE) == set(pinnacle.TASKS)
    assert len(PINNACLE) == 22


@pytest.mark.slow
@pytest.mark.parametrize("task", PINNACLE)
def test_a_task_can_be_declared(task):
    """Exact solutions are checked in fifty digits; references have the unknowns' names."""
    assert PINNACLE[task]().conditions


def test_nothing_is_met_and_wrong():
    for row in read_csv("pinnacle.csv", pinnacle.Row):
        asked = pinnacle.TASKS[row.task].asked
        if row.stopped == "met":
            assert row.error <= 3 * asked + 3 * row.uncertainty, row


@pytest.mark.parametrize("task", ["poisson-nd", "heat2d-ms", "wave1d-c"])
def test_a_quick_row_again(task):
    row = next(r for r in read_csv("pinnacle.csv", pinnacle.Row) if r.task == task)
    again = pinnacle.solve_row(task)
    assert again.stopped == row.stopped == "met"
    assert again.error < 10 * row.error


def test_random_media_are_of_the_benchmarks_kind():
    """Mean and variance of the field, two phases of similar share, loads and starts by size."""
    line = np.arange(64) / 64
    xs, ys = np.meshgrid(line, line)
    field = lambdify((x, y), random_field(0))(xs, ys)
    assert abs(field.mean()) < 1e-10
    assert field.std() == pytest.approx(1, abs=1e-4)
    share = (two_media() == 12).mean()
    assert set(np.unique(two_media())) == {1, 12}
    assert 0.2 < share < 0.8
    conductivities, _ = many_areas()
    assert 10 < conductivities.max() / conductivities.min() < 1000
    for start in vortices():
        values = lambdify((x, y), start)(xs, ys)
        assert np.abs(values - values.mean()).max() < 4


def test_a_reference_of_points_or_of_a_grid(tmp_path, monkeypatch):
    monkeypatch.setattr("pinnsolve.problems.reference.FOLDER", tmp_path)
    np.savez(tmp_path / "one.npz", points=np.ones((3, 2)), u=np.arange(3.0), apart=1e-3)
    np.savez(tmp_path / "two.npz", axis0=np.arange(2.0), axis1=np.arange(3.0), u=np.ones((2, 3)))
    assert reference("one").points.shape == (3, 2)
    assert apart("one") == 1e-3
    assert set(reference("two").values) == {"u"}
    assert len(reference("two").points) == 6
    assert apart("two") == apart("three") == 0
