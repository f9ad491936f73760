"""The committed tables hold what the generator still finds: quick rows of all studies are run again."""

from __future__ import annotations

from itertools import islice
from statistics import median

import pytest

from pinnsolve import Budget
from pinnsolve.problems.deep import DEEP
from results import (
    accuracy,
    adaptive,
    blind,
    box,
    cavity,
    deep,
    evolutions,
    hostile,
    layer_convergence,
    layer_training,
    lsgd,
    lsgd_report,
    lsgd_run,
    nonlinear,
    peers,
)
from study_tables import committed, lsgd_errors


@pytest.mark.slow
@pytest.mark.parametrize("name", ["poisson_2d", "convection_diffusion_1e3", "poisson_10d"])
def test_a_row_of_accuracy_can_be_reproduced(name):
    (row,) = [
        r
        for r in committed("accuracy.csv")
        if (r["problem"], r["mode"], r["seed"]) == (name, "given", "0")
    ]
    again = accuracy.solve_row(name, "given", 0)
    assert again.error <= again.asked_error
    assert again.error < 100 * max(float(row["error"]), 1e-15)
    assert again.neurons == int(row["neurons"])


@pytest.mark.slow
def test_a_row_of_the_cavity_can_be_reproduced():
    rows = [r for r in committed("cavity.csv") if r["given"] == "its corners"]
    assert {r["reynolds"] for r in rows} == {"100", "400"}
    assert all(float(r["error"]) < 3e-2 for r in rows)
    few = cavity.solve_row(100, "its corners", 0, width=400)
    assert few.error < 3e-2
    assert abs(few.lowest_u + 0.2140424) < 5e-3  # Botella and Peyret 1998


@pytest.mark.slow
def test_finite_differences_of_the_cavity_against_a_spectral_method():
    """Its extremes by Botella and Peyret (1998); the table of Ghia, Ghia and Shin is further
    away.
    """
    far_u, far_v, *extremes = cavity.centre_lines(*cavity.differences(100, 128), 100)
    assert extremes == pytest.approx([-0.2140424, 0.1795728, -0.2538030], abs=5e-5)
    assert far_u > 4e-3
    assert far_v > 8e-3


@pytest.mark.slow
def test_a_row_of_the_blind_study_can_be_reproduced(clock):
    clock(1e-4)
    (row,) = [
        r for r in committed("blind.csv") if (r["seed"], float(r["tolerance"])) == ("1000", 1e-8)
    ]
    again = blind.solve_row(1000)
    assert (again.equation, again.solution, again.stopped) == (
        row["equation"],
        row["solution"],
        row["stopped"],
    )
    assert again.error < 100 * max(float(row["error"]), 1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["load_5", "wall_4", "kick_3", "growing_10", "blip_4"])
def test_a_row_of_the_hostile_study_can_be_reproduced(name):
    (row,) = [r for r in committed("hostile.csv") if r["name"] == name]
    again = hostile.solve_row(name, Budget(columns=1500))
    assert again.stopped == row["stopped"]
    assert again.error < 1e-5
    assert not hostile.false(again)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hat", "plane_odd"])
def test_a_row_of_the_evolutions_that_deceive_can_be_reproduced(name):
    again = evolutions.solve_row(name, 0, 120.0)
    assert again.stopped == "met"
    assert not again.false
    assert not again.small


@pytest.mark.slow
def test_rows_of_the_peers_can_be_reproduced():
    """Those that need no other package: our own collocation in 30 lines, and pinnsolve."""
    (row,) = [
        r
        for r in committed("peers.csv")
        if (r["problem"], r["note"]) == ("poisson_2d", "17 x 17 nodes")
    ]
    assert peers.one("chebyshev_run", "Chebyshev", "poisson_2d", 16).error < 10 * float(
        row["error"]
    )
    assert peers.one("ours", "pinnsolve", "poisson_2d", 1e-4).error < 1e-4


@pytest.mark.slow
def test_a_row_of_the_lsgd_study_can_be_reproduced(clock):
    key = ("Poisson", "tanh plain 1", "50", "box", "LS once")
    again = lsgd_run.run_one(("Poisson", "tanh plain 1", 50, "box", "LS once", 0, 1.0))[-1]
    assert again.error == pytest.approx(lsgd_errors(*key)[0], rel=1e-3)
    clock(0.01)  # 200 steps
    trained = lsgd_run.run_one(("Poisson", "tanh plain 1", 50, "box", "LS/GD", 0, 2.0))[-1]
    assert trained.error < again.error / 100
    assert lsgd_report.finals([trained])


@pytest.mark.slow
def test_a_row_of_the_box_study_can_be_reproduced():
    for row in committed("box.csv")[:: len(committed("box.csv")) // 20]:
        domain = lsgd.LINE if row["domain"] == "interval" else lsgd.SQUARE
        again = box.initial_row(
            row["kind"], row["start"], int(row["depth"]), int(row["seed"]), domain
        )
        assert (again.rank, again.last_hyperplanes) == (
            int(row["rank"]),
            int(row["last_hyperplanes"]),
        )


@pytest.mark.slow
def test_a_row_of_the_adaptive_study_can_be_reproduced():
    (row,) = [
        r
        for r in committed("adaptive.csv")
        if (r["basis"], r["way"], r["seed"]) == ("100 tanh", "greedy", "0")
    ]
    assert adaptive.solve_row(("peak", "100 tanh", "greedy", 0)).error == pytest.approx(
        float(row["error"]), rel=0.5
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nonlinear_helmholtz", "fisher"])
def test_a_row_of_the_nonlinear_study_can_be_reproduced(name, clock):
    clock(1e-4)
    again = nonlinear.solve_row(name, 1)
    assert again.error <= again.asked_error
    assert again.stopped == "met"


@pytest.mark.slow
def test_deep_networks_train_alike_serially_and_in_parallel():
    rows = committed("deep_parallel.csv")
    assert {r["problem"] for r in rows} == set(DEEP)
    for name in DEEP:
        serially, together = (float(r["last"]) for r in rows if r["problem"] == name)
        assert together == pytest.approx(serially, rel=0.1)
    shares = [deep.row("peaks_classes", way, 2, 32) for way in deep.WAYS]
    assert shares[0].last == pytest.approx(shares[1].last, rel=1e-2)
    assert min(share.accuracy for share in shares) > 0.6


@pytest.mark.slow
def test_a_trained_deep_network_comes_closer(clock):
    """A quick row of the study: some twenty steps bring it below what least squares alone finds."""
    rows = committed("deep_accurate.csv")
    middle = {
        name: median(float(r["error"]) for r in rows if r["problem"] == name)
        for name in deep.RESIDUAL
    }
    assert max(middle.values()) < deep.ASKED
    clock(0.1)
    assert deep.accurate("burgers", 0, 12.0).error < 0.3


@pytest.mark.slow
def test_rows_of_layer_parallelism_can_be_reproduced():
    rows = committed("layer_convergence.csv")
    again = list(islice(layer_convergence.convergence(), 2))
    assert [r.error for r in again] == pytest.approx(
        [float(r["error"]) for r in rows[:2]], rel=1e-3
    )
    (row,) = islice(layer_training.training("poisson", "fixed", "one cycle each way", 25), 1)
    same = (row.problem, row.points, row.scheme)
    first = next(
        r
        for r in committed("layer_training.csv")
        if (r["problem"], r["points"], r["scheme"]) == same
    )
    assert row.loss == pytest.approx(float(first["loss"]), rel=1e-3)
