"""A real run on two ranks, traced and replayed."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import torch

from pinnsolve.mgrit.traced import read
from results import layer_traces
from results.forked import forked
from results.layer_rank import Task, found_in, traced_in
from results.replay import Network, passes, replayed
from results.writing import read_csv
from under_mpi import ended, started

pytestmark = pytest.mark.slow
TASKS = [
    Task(64, 0, 32, "fixed", 3, (8,), 1, 1),
    Task(64, 2, 32, "fresh", 3, (4, 2), 2, 3),
]
FREE = Network(0.0, 1e300)
CODE = """
import sys
from results.forked import forked
from results.layer_rank import main
sys.argv[1:] = {words}
main()
"""


@pytest.fixture(scope="module")
def folder_and_found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traces")
    with started(2, CODE.format(words=[str(folder), *map(str, TASKS)])) as process:
        code, _, err = ended(process, 120)
    assert code == 0, err
    return folder, [
        json.loads(found_in(folder, k).read_text(encoding="utf-8")) for k in range(len(TASKS))
    ]


@pytest.mark.parametrize("number", range(len(TASKS)))
def test_what_one_rank_sends_the_other_receives_and_both_add_up(folder_and_found, number):
    folder, _ = folder_and_found
    traces = [read(traced_in(folder, number, rank)) for rank in range(2)]

    def said(rank, kind):
        return [e.size for e in traces[rank] if e.kind == kind]

    for rank in range(2):
        assert said(rank, "send") == said(1 - rank, "receive") != []
        assert [e.seconds >= 0 for e in traces[rank]] == [True] * len(traces[rank])
        assert all(a.wall <= b.wall for a, b in pairwise(traces[rank]))
    for kind in ("total", "share", "gathered"):
        assert said(0, kind) == said(1, kind) != []


@pytest.mark.parametrize("number", range(len(TASKS)))
def test_a_replay_lies_between_the_busier_rank_and_one_core_for_all(folder_and_found, number):
    folder, _ = folder_and_found
    traces = [passes(read(traced_in(folder, number, rank))) for rank in range(2)]
    assert [len(each) for each in traces] == [TASKS[number].steps] * 2
    for step in zip(*traces, strict=True):
        work = [sum(e.seconds for e in each) for each in step]
        free, slow = (replayed(step, net).seconds for net in (FREE, Network(1.0, 1e300)))
        assert max(work) <= free <= sum(work)
        among_all = sum(e.kind in ("total", "gathered", "share") for e in step[0])
        assert slow >= among_all


def test_few_cycles_give_gradients_near_the_serial_ones_and_more_cycles_nearer(folder_and_found):
    _, found = folder_and_found
    few, more = (each["error"] for each in found)
    assert max(more) < 1e-2
    assert 0 < max(few[1:]) < 1e-1
    assert [len(each["serial"]) for each in found] == [task.steps for task in TASKS]


def test_a_row_of_the_table_can_be_reproduced():
    """Four ranks that are forked: gradients are those of the table, and seconds are counted."""
    case = layer_traces.CASES[4][0]
    (again,) = layer_traces.traced(4, [layer_traces.task_of(4, *case)])
    rows = read_csv("layer_traces.csv", layer_traces.Row)
    (row,) = (r for r in rows if (r.ranks, r.case) == (4, case))
    assert again.error == pytest.approx(row.error, rel=1e-3)
    assert 0 < again.replay < again.slower
    assert again.factors == row.factors


def test_a_forked_rank_that_fails_ends_the_others():
    def waiting(here):
        if here.rank == 2:
            raise ValueError("had enough")
        here.total(torch.zeros(1))

    with pytest.raises(RuntimeError, match="a rank of 3 ended"):
        forked(3, waiting)
