"""The studies of PINNacle's tasks and DeepXDE's demonstrations: what they claim, one row again, and what its media are made of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import lambdify

from pinnsolve.problems.deepxde import DEMOS
from pinnsolve.problems.pinnacle import PINNACLE
from pinnsolve.problems.pinnacle_evolutions import random_field, two_media, vortices, x, y
from pinnsolve.problems.pinnacle_steady import many_areas
from pinnsolve.problems.reference import apart, reference
from results import deepxde, flow_references, pinnacle, pinnacle_references
from results.writing import read_csv


def test_every_task_is_declared():
    assert set(pinnacle.PROBLEMS) == set(pinnacle.TASKS)
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


@pytest.mark.slow
@pytest.mark.parametrize("demo", DEMOS)
def test_a_demonstration_can_be_declared(demo):
    assert DEMOS[demo]().conditions


def test_no_demonstration_is_met_and_wrong():
    rows = read_csv("deepxde.csv", deepxde.Row)
    assert {row.demo for row in rows} <= set(DEMOS)
    assert len(rows) >= 20
    for row in rows:
        if row.stopped == "met" and not math.isnan(row.error):
            assert row.error <= 3 * deepxde.TOLERANCE + 3 * deepxde.known_to(row.demo), row


def test_a_quick_demonstration_again():
    row = next(r for r in read_csv("deepxde.csv", deepxde.Row) if r.demo == "ode.2nd")
    assert deepxde.solve_row("ode.2nd").error < 10 * row.error


def test_the_power_where_four_cells_meet():
    """Kellogg's checkerboard of two materials as cot(pi / 8)^2: the distance to the power 1/2."""
    first = (1 + np.sqrt(2)) ** 2
    assert pinnacle_references.turned(np.array([first, 1, first, 1]), 0.5) == pytest.approx(0)
    assert 0.1 < pinnacle_references.exponent() < 0.11


def test_elements_of_a_side_integrate_and_sample():
    side = pinnacle_references.Side([pinnacle_references.graded(1.0, 2, 3)] * 2, 5)
    (first, slope), (second, _) = side.matrices
    ones = np.ones(len(side.places))
    assert ones @ first @ ones == pytest.approx(1)
    assert ones @ second @ side.places**4 == pytest.approx((2**5 - 1) / 5)
    assert side.places @ slope @ side.places == pytest.approx(1)
    line = np.array([0.3, 0.99, 1.7])
    assert side.sample(line) @ side.places**5 == pytest.approx(line**5)


def test_the_cavity_is_still_at_its_walls_and_keeps_its_mass():
    """And is near what fewer points say: velocities converge, although the lid's ends are rough."""
    line = np.linspace(0, 1, 9)
    rough, fine = (flow_references.flow(degree, line) for degree in (14, 20))
    for name in "ab":
        assert np.abs(fine[name][[0, -1]]).max() < 1e-2
        assert np.linalg.norm(fine[name] - rough[name]) < 0.02 * np.linalg.norm(fine[name])
    assert fine["a"][4, -1] == pytest.approx(1, abs=1e-3)
    assert fine["p"][0, 0] == pytest.approx(0, abs=1e-9)
    # The lid carries the flow along: it goes down faster than it comes up.
    assert -fine["b"].min() > 1.2 * fine["b"].max()
