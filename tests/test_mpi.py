"""Ranks that leave, are interrupted, or have declared something else: no other rank waits for them."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MPIEXEC = Path(sys.executable).with_name("mpiexec")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
TASK = """
import os, sys, time, sympy
import pinnsolve as ps
from sympy import sin
from pinnsolve import laplacian, solve
from pinnsolve.mgrit.communicator import ranks
x, y = ps.coordinates("x y")
u, square = ps.unknown("u", x, y), ps.Box({x: (0, 1), y: (0, 1)})
problem = ps.manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(3 * x) * sin(3 * y)})
def basis(width=5, steps=22):
    return ps.ResNet(width, steps, propagate=ps.MGRIT(coarsening=(3, 2), levels=3))
method = ps.LSGD(3, ps.Adam(1e-2))
rank = ranks().rank
"""


def started(code, n=2):
    environment = {"OMP_NUM_THREADS": "1", "PATH": str(MPIEXEC.parent), "PYTHONPATH": str(ROOT)}
    environment["LD_LIBRARY_PATH"] = str(MPIEXEC.resolve().parents[1] / "lib")  # where the environment links to another's MPI
    command = [str(MPIEXEC), "-n", str(n), sys.executable, "-c", TASK + code]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def ended(code, n=2):
    with started(code, n) as process:
        try:
            out, err = process.communicate(timeout=90)
        finally:
            process.kill()
    return process.returncode, out, err


def test_ranks_of_one_task_end_well():
    code, out, err = ended("solve(problem, basis(), method)\nprint('solved', flush=True)")
    assert code == 0, err
    assert out.split() == ["solved"] * 2


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ("solve(problem, basis(steps=22 + 2 * rank), method)", "basis"),
        ("solve(problem, basis(5 + rank), method)", "basis"),
        ("solve(problem, basis(), method, seed=rank)", "seed"),
        ("solve(problem, basis(), ps.LSGD(3 + rank, ps.Adam(1e-2)))", "method"),
        ("solve(ps.Problem(square, sympy.Eq(laplacian(u), rank), sympy.Eq(u, 0) @ square.boundary), basis())", "problem"),
    ],
)
def test_what_ranks_declare_otherwise_is_named_on_each(other, name):
    code, out, err = ended(f"try:\n    {other}\nexcept ValueError as error:\n    print(error, flush=True)")
    assert code == 0, err
    assert out.count(f"the ranks declare different tasks: {name} differ") == 2


WAITS = "waits for ranks that have left the run: [1]"


@pytest.mark.parametrize(
    ("leave", "said"),
    [
        ("if rank == 1:\n    sys.exit(0)\nsolve(problem, basis(), method)", WAITS),
        ("def go(step):\n    sys.exit(3)\nsolve(problem, basis(), method, callbacks=go if rank else ())", WAITS),
        ("if rank == 1:\n    raise KeyboardInterrupt\nsolve(problem, basis(), method)", "KeyboardInterrupt"),
        ("if rank == 0:\n    solve(problem, basis(), method)", WAITS),
    ],
)
def test_a_rank_that_leaves_ends_all(leave, said):
    """Rank 0 cannot go on: it says for whom it waits, or is ended by the other's error."""
    code, _, err = ended("basis()\n" + leave)
    assert code != 0
    assert said in err


def test_an_interruption_returns_the_best_so_far_on_the_first_rank():
    code = """
def tell(step):
    print("step", flush=True)
solution = solve(problem, basis(), ps.LSGD(100000, ps.Adam(1e-2)), callbacks=tell)
print("rank", rank, solution.stopped, float(abs(solution([[0.5, 0.5]])[0]) < 2), flush=True)
"""
    with started(code) as process:
        try:
            for _ in range(4):
                assert "step" in process.stdout.readline()
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert "rank 0 interrupted 1.0" in out, (out[-500:], err[-2000:])
    assert process.returncode == 0
