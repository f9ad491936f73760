"""Ranks that leave, are interrupted, or have declared something else: no other rank waits for
them.
"""

from __future__ import annotations

import re
import signal

import pytest

from under_mpi import ended, started

pytestmark = pytest.mark.slow
SOON = 60  # seconds, on a machine with other work: the ranks themselves take less than ten
TASK = """
import sys, sympy
import pinnsolve as ps
from mpi4py import MPI
from pinnsolve import laplacian, solve
rank = MPI.COMM_WORLD.rank
x, y = ps.coordinates("x y")
u, square = ps.unknown("u", x, y), ps.Box({x: (0, 1), y: (0, 1)})
problem = ps.manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sympy.sin(3 * x) * sympy.sin(3 * y)})
def basis(width=4, steps=9, levels=2):
    return ps.ResNet(width, steps, propagate=ps.MGRIT(coarsening=3 if levels == 2 else (2, 2), levels=levels))
method = ps.LSGD(2, ps.Adam(1e-2))
long = ps.LSGD(10**6, ps.Adam(1e-2))
"""


DIFFERENT = """
other = ps.Problem(square, sympy.Eq(laplacian(u), rank), sympy.Eq(u, 0) @ square.boundary)
for asked in (
    (problem, basis(steps=9 + 3 * rank), method),
    (problem, basis(levels=2 + rank), method),
    (problem, basis(4 + rank), method),
    (problem, basis(), ps.LSGD(2 + rank, ps.Adam(1e-2))),
    (problem, basis(), method, 1e-3 * (1 + rank)),
    (problem, basis(), method, None, rank),
    (other, basis(), method),
):
    try:
        solve(*asked)
    except ValueError as error:
        print(error, flush=True)
print("solved", solve(problem, basis(), method).stopped, flush=True)
short = solve(problem, basis(), long, budget=0.5)  # ended by the first rank's clock
print("rank", rank, short.stopped, len(short.history.training), flush=True)
"""
PARTS = ["basis", "basis", "basis", "method", "tolerance", "seed", "problem"]


def test_what_ranks_declare_otherwise_is_named_on_each_and_what_they_declare_alike_is_solved():
    with started(2, TASK + DIFFERENT) as process:
        code, out, err = ended(process, SOON)
    assert code == 0, err
    named = re.findall(r"the ranks declare different tasks: (.*) differ", out)
    assert sorted(named) == sorted(2 * PARTS)
    assert out.count("solved trained") == 2
    ends = re.findall(r"rank . (\w+ \d+)", out)
    assert ends[0] == ends[1]
    assert ends[0].startswith("budget")


@pytest.mark.parametrize(
    "leave", ["sys.exit('no input')", "1 / 0", "solve(problem, ps.ResNet(4, 9), method)"]
)
def test_a_rank_that_leaves_before_it_has_asked_for_mpi_ends_all(leave):
    own = TASK.replace("from mpi4py import MPI\n", "import os\n")
    own = own.replace("MPI.COMM_WORLD.rank", 'int(os.environ["PMI_RANK"])')
    script = f"{own}\nif rank == 1:\n    {leave}\nelse:\n    solve(problem, basis(), long)"
    with started(2, script) as process:
        code, _, err = ended(process, SOON)
    assert code != 0
    assert "rank 0 waits for ranks that have left the run: [1]" in err


@pytest.mark.parametrize(
    "leave",
    [
        "if rank == 1:\n    sys.exit(0)\nsolve(problem, basis(), long)",
        (
            "def leave(step):\n    sys.exit(0)\nsolve(problem, basis(), long, callbacks=leave if"
            " rank else ())"
        ),
    ],
    ids=["before", "inside"],
)
def test_a_rank_that_leaves_ends_all(leave):
    """Rank 0 cannot go on: it says for whom it waits."""
    with started(2, TASK + leave) as process:
        code, _, err = ended(process, SOON)
    assert code == 1
    assert "rank 0 waits for ranks that have left the run: [1]" in err


INTERRUPTED = """
import signal
def tell(step):
    if rank == 0:
        print("step", flush=True)
def interrupt(step):
    if rank == 1 and step.stage == "descent":
        signal.raise_signal(signal.SIGINT)
for callback in (tell, tell, interrupt):
    solution = solve(problem, basis(), long, callbacks=callback)
    print("rank", rank, solution.stopped, solution([[0.5, 0.5]])[0], len(solution.history.training), flush=True)
"""


def told_by_both(process):
    """What the ranks print after a solve."""
    found = []
    while len(found) < 2:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        found += [line.split()[2:]] if line.startswith("rank") else []
    return found


def test_interruptions_return_the_best_so_far_on_every_rank():
    """Ctrl-C at mpiexec, then SIGTERM, then an interruption of one rank alone: all ranks hold the
    same.
    """
    with started(2, TASK + INTERRUPTED) as process:
        try:
            for number in (signal.SIGINT, signal.SIGTERM, None):
                if number is not None:
                    assert [process.stdout.readline() for _ in range(4)] == ["step\n"] * 4
                    process.send_signal(number)
                first, second = told_by_both(process)
                assert first == second
                assert first[0] == "interrupted"
        finally:
            code, _, err = ended(process, SOON)
    assert code == 0, err
