"""Layer parallelism: index arithmetic exhaustively, states and gradients against the serial loop,
ranks under mpiexec.
"""

from __future__ import annotations

import math
import subprocess
import sys
import warnings
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch
from sympy import sin

from pinnsolve import (
    LSGD,
    MGRIT,
    Adam,
    Box,
    Dense,
    He,
    Interval,
    ResNet,
    SelfScaledBroyden,
    compile_problem,
    coordinates,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.space import Space
from pinnsolve.mgrit.adjoint import transposed_steps
from pinnsolve.mgrit.grid import Grid, coarsened
from pinnsolve.mgrit.memory import Memory
from pinnsolve.mgrit.model import Costs, best_factors, parallel_pass, serial_pass
from pinnsolve.mgrit.propagator import serial
from pinnsolve.training.gradient_check import CHECKED_EVERY, GradientChecks, checked, cosine
from pinnsolve.training.objective import Reduced
from pinnsolve.training.weighted_loss import weighted_loss

PLANE = {"x": (0.0, 1.0), "y": (-1.0, 1.0)}
ORDERS = {
    0: [(0, 0)],
    1: [(0, 0), (1, 0), (0, 1)],
    2: [(0, 0), frozenset([(2, 0), (0, 2)]), (1, 1)],
    4: [(4, 0), (2, 2), (0, 0)],
}
MPIEXEC = Path(sys.executable).with_name("mpiexec")


def network(depth, propagate=serial, width=6, horizon=1.0):
    """A residual network of `depth` steps."""
    return ResNet(width, depth + 1, horizon=horizon, propagate=propagate).build(PLANE, 0)


def points(n=9):
    return torch.rand(n, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def run(basis, indices, x=None):
    """Values, and gradients of some function of them."""
    out = basis(points() if x is None else x, indices)
    weights = torch.sin(torch.arange(out.numel(), dtype=out.dtype)).reshape(out.shape)
    return out.detach(), torch.autograd.grad((out * weights).sum(), list(basis.parameters()))


def distance(found, expected):
    """Relative, the worst of values and gradients."""
    pairs = [(found[0], expected[0]), *zip(found[1], expected[1], strict=True)]
    return max(float((a - b).norm() / b.norm()) for a, b in pairs)


# ---- index arithmetic


@pytest.mark.parametrize("depth", range(2, 40))
@pytest.mark.parametrize("factors", [(2,), (3,), (8,), (2, 2), (3, 2), (2, 2, 2)], ids=str)
def test_every_step_belongs_to_one_interval_of_one_rank(depth, factors):
    try:
        counts = coarsened(depth, factors)
    except ValueError:
        assert math.ceil(depth / math.prod(factors)) < 2
        return
    assert counts[0] == depth
    grid = Grid(depth, factors)
    for ranks, direction in product(range(1, counts[1] + 1), (1, -1)):
        people = [grid.slabs(rank, ranks, direction) for rank in range(ranks)]
        order = people[::direction]
        for level, count in enumerate(counts):
            slabs = [slabs[level] for slabs in order]
            assert [n for slab in slabs for n in range(count)[slab.steps]] == list(range(count))
            for slab, finer in zip(slabs, order, strict=True):
                assert slab.line.steps == slab.high - slab.low
                if level:
                    assert slab.line.steps == finer[level - 1].line.intervals
        for level, (points, count) in enumerate(zip(grid.c_points, counts, strict=False)):
            cuts = [count - p for p in points] if direction < 0 else points
            for slab in (slabs[level] for slabs in people):
                line = slab.line
                assert [slab.low + p for p in line.c_points] == sorted(
                    p for p in cuts if slab.low <= p <= slab.high
                )
                assert (line.begins, line.ends) == (slab.low in cuts, slab.high in cuts)
                steps = [
                    list(range(line.steps))[r.steps(j)]
                    for r in line.runs()
                    for j in range(r.length)
                ]
                head = list(range(line.head.length)) if line.head else []
                assert sorted([*head, *(n for each in steps for n in each)]) == list(
                    range(line.steps)
                )
                assert level or (line.begins and line.ends)


def test_what_cannot_be_coarsened_is_refused():
    with pytest.raises(ValueError, match="two coarse steps"):
        coarsened(8, (8,))
    with pytest.raises(ValueError, match="3 ranks for 2 intervals of layers"):
        Grid(8, (4,)).slabs(0, 3)
    with pytest.raises(ValueError, match="wants 2 factors"):
        MGRIT(levels=3, coarsening=(4,))
    for wrong in (
        {"coarse": "median"},
        {"relaxation": "CF"},
        {"cycle": "W"},
        {"cycles": -1},
        {"activations": "lost"},
    ):
        with pytest.raises(ValueError, match=r"coarse is|cycle is|cycles|activations"):
            MGRIT(**wrong)


# ---- against the serial loop


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("relaxation", "cycle"), [("F", "V"), ("FCF", "V"), ("FCFCF", "V"), ("F", "F")]
)
@pytest.mark.parametrize(
    ("depth", "factors"), [(16, (4,)), (17, (4,)), (19, (3, 2)), (33, (2, 2, 2))], ids=str
)
def test_exact_after_as_many_cycles_as_there_are_intervals(
    depth, factors, relaxation, cycle, order
):
    intervals = -(-depth // factors[0])
    mgrit = MGRIT(len(factors) + 1, factors, cycles=intervals, relaxation=relaxation, cycle=cycle)
    assert (
        distance(run(network(depth, mgrit), ORDERS[order]), run(network(depth), ORDERS[order]))
        < 1e-12
    )


def test_single_precision_goes_as_far_as_it_can():
    def single(propagate):
        return run(network(33, propagate).float(), ORDERS[2], points().float())

    for mgrit in (MGRIT(coarsening=4, cycles=9), MGRIT(coarsening=4, tolerance=1e-5)):
        found = single(mgrit)
        assert found[0].dtype == torch.float32
        assert distance(found, single(serial)) < 1e-4


@pytest.mark.parametrize("activation", ["tanh", "sin", "relu3"])
@pytest.mark.parametrize("coarse", ["mean", "first"])
def test_iterates_to_a_tolerance(coarse, activation):
    def built(propagate):
        return ResNet(6, 66, activation, propagate=propagate).build(PLANE, 0)

    mgrit = MGRIT(coarsening=5, coarse=coarse, tolerance=1e-11)
    assert distance(run(built(mgrit), ORDERS[2]), run(built(serial), ORDERS[2])) < 1e-10


@pytest.mark.parametrize("at_once", [None, 1, 2])
def test_activations_that_are_recomputed(at_once):
    mgrit = MGRIT(coarsening=4, cycles=5, at_once=at_once, activations="recomputed")
    assert distance(run(network(18, mgrit), ORDERS[2]), run(network(18), ORDERS[2])) < 1e-12


def test_intervals_together_or_one_by_one_are_the_same():
    results = [
        run(network(34, MGRIT(coarsening=4, cycles=2, at_once=n)), ORDERS[2]) for n in (None, 1, 3)
    ]
    assert max(distance(r, results[0]) for r in results[1:]) < 1e-13


def test_the_serial_solution_is_a_fixed_point():
    """Started from the states of the serial loop, a cycle finds a residual of zero and leaves them
    as they are.
    """
    mgrit = MGRIT(coarsening=4, cycles=1)
    basis, exact = network(16, mgrit), run(network(16), ORDERS[2])
    indices = ORDERS[2]
    for _ in range(4):  # warm starts: as many cycles as intervals
        basis(points(), indices)
    torch.testing.assert_close(basis(points(), indices).detach(), exact[0], rtol=1e-15, atol=1e-14)
    (before,) = mgrit.memory.kept
    basis(points(), indices)
    assert torch.equal(mgrit.memory.kept[-1]["values"], before["values"])


def test_each_cycle_reduces_the_error_by_twenty():
    """Width 32, horizon 1, weights as they are drawn, jets of order 2."""
    exact = run(network(256, width=32), ORDERS[2])
    errors = [
        distance(run(network(256, MGRIT(coarsening=16, cycles=k), 32), ORDERS[2]), exact)
        for k in (1, 2, 3)
    ]
    assert errors[0] > 20 * errors[1] > 400 * errors[2]


def test_the_mean_is_a_better_coarse_layer_than_the_first():
    exact = run(network(256, width=32), ORDERS[2])
    mean, first = (
        distance(
            run(network(256, MGRIT(coarsening=16, cycles=3, coarse=how), 32), ORDERS[2]), exact
        )
        for how in ("mean", "first")
    )
    assert mean < first / 100


def test_more_work_a_cycle_is_more_accurate():
    """Coarse problems solved exactly are the method of two levels: F-cycles are nearer to it. Every
    C-relaxation gains.
    """

    def states(*factors, **options):
        return network(128, MGRIT(len(factors) + 1, factors, cycles=3, **options), 16)(
            points(), ORDERS[2]
        ).detach()

    two = states(4)
    apart = [float((states(4, 2, 2, cycle=cycle) - two).norm()) for cycle in ("V", "F")]
    assert apart[1] < 0.7 * apart[0]
    exact = network(128, width=16)(points(), ORDERS[2]).detach()
    errors = [float((states(8, relaxation=r) - exact).norm()) for r in ("F", "FCF", "FCFCF")]
    assert all(b < 0.7 * a for a, b in pairwise(errors))


def test_a_warm_start_goes_on_where_the_last_call_ended():
    basis, exact = (
        network(64, MGRIT(coarsening=8, cycles=1, adjoint_cycles=8)),
        run(network(64), ORDERS[2]),
    )
    errors = [distance(run(basis, ORDERS[2]), exact) for _ in range(4)]
    assert all(b < a / 5 for a, b in pairwise(errors))
    other = points().flip(0) + 3.0
    assert (
        distance(run(basis, ORDERS[2], other), run(network(64), ORDERS[2], other)) < 1e-1
    )  # cold: not those states
    assert distance(run(basis, ORDERS[2]), exact) < errors[2]  # remembered beside them


@pytest.mark.parametrize("factors", [(16,), (8, 4), (4, 4, 4)], ids=str)
def test_one_warm_cycle_is_enough_while_parameters_move_a_little(factors):
    """What the coarse transposed steps of every level lack is learned from the call before."""
    basis, exact = (
        network(256, how, 32) for how in (MGRIT(len(factors) + 1, factors, cycles=1), serial)
    )
    generator, errors = torch.Generator().manual_seed(7), []
    for _ in range(4):
        errors.append(distance(run(basis, ORDERS[2]), run(exact, ORDERS[2])))
        for p, q in zip(basis.parameters(), exact.parameters(), strict=True):
            change = 1e-3 * torch.randn(p.shape, generator=generator, dtype=p.dtype)
            p.data += change
            q.data += change
    assert max(errors[2:]) < min(5e-3, errors[0] / 5), errors


def test_the_batch_may_change_between_calls():
    basis = network(32, MGRIT(coarsening=4, cycles=8))
    for n in (5, 9, 3):
        assert (
            distance(run(basis, ORDERS[1], points(n)), run(network(32), ORDERS[1], points(n)))
            < 1e-12
        )


def test_memory_keeps_states_of_several_point_sets():
    memory = Memory()
    first, second = torch.ones(3), torch.full((3,), 5.0)
    memory.keep({"first": first, "values": torch.tensor(1)})
    memory.keep({"first": second, "values": torch.tensor(2)})
    assert memory.recall(1.01 * first)["values"] == 1
    assert memory.recall(1.01 * first) is None
    assert memory.recall(torch.ones(4)) is None
    assert memory.recall(second.double()) is None
    assert memory.recall(second)["values"] == 2


@pytest.mark.parametrize("descent", [Adam(3e-3), SelfScaledBroyden()], ids=["Adam", "Broyden"])
def test_training_in_parallel_is_training(descent):
    """One keyword changes how layers are run: LS/GD comes to the same loss, and the solution's
    values are exact.
    """
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    problem = manufactured(
        square, -laplacian(u), u @ square.boundary, exact={u: sin(3 * x) * sin(3 * y)}
    )
    solutions = [
        solve(problem, ResNet(6, 13, propagate=p), LSGD(6, descent))
        for p in (serial, MGRIT(coarsening=4, cycles=1))
    ]
    losses = [s.history.steps[-2].residual ** 2 for s in solutions]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)
    with torch.no_grad():
        found = solutions[1].basis(points(), ORDERS[2])
        solutions[1].basis.propagate = serial
        torch.testing.assert_close(
            found, solutions[1].basis(points(), ORDERS[2]), rtol=1e-13, atol=1e-13
        )


def test_a_solution_made_in_parallel_is_saved_and_loaded(tmp_path):
    """Layers have one order, however many ranks there are."""
    x = coordinates("x")[0]
    u = unknown("u", x)
    problem = manufactured(
        Interval(x, 0, 1), u.diff(x, 2), u @ Interval(x, 0, 1).boundary, exact={u: sin(x)}
    )
    solution = solve(problem, ResNet(8, 17, propagate=MGRIT(coarsening=4)))
    solution.save(tmp_path / "deep.st")
    again = load(tmp_path / "deep.st", problem)
    np.testing.assert_allclose(again([[0.3], [0.7]]), solution([[0.3], [0.7]]), rtol=1e-12)


def test_a_function_is_a_way_to_run_layers_too():
    """It gives what the serial loop gives, and nothing that needs cycles is asked of it."""

    def layer_by_layer(step, layers, state):
        return serial(step, layers, state)

    plain = network(12, layer_by_layer)
    assert not plain.propagate.parallel
    for a, b in zip(run(plain, ORDERS[2]), run(network(12), ORDERS[2]), strict=True):
        assert all(torch.equal(p, q) for p, q in zip(a, b, strict=True))
    x = coordinates("x")[0]
    u, line = unknown("u", x), Box({x: (0, 1)})
    problem = manufactured(line, -laplacian(u), u @ line.boundary, exact={u: sin(3 * x)})
    plain, usual = (
        solve(problem, ResNet(5, 5, propagate=p), LSGD(3, Adam(1e-2)))
        for p in (layer_by_layer, serial)
    )
    assert plain.history.final.residual == usual.history.final.residual


@pytest.mark.parametrize("given", [MGRIT, "mgrit", None])
def test_what_runs_no_layers_is_refused(given):
    with pytest.raises(TypeError, match=r"propagate is a way to run the layers"):
        ResNet(6, 8, propagate=given)


@pytest.mark.parametrize("order", ORDERS)
def test_transposed_steps_are_transposed(order):
    """<J v, w> = <v, J' w> for random v, w."""
    basis, seen = network(12), []
    basis.propagate = lambda *arguments: seen.append(arguments) or serial(*arguments)
    basis(points(), ORDERS[order])
    step, layers, state = seen[0]
    generator = torch.Generator().manual_seed(2)
    states, v, w = torch.randn(
        3, len(state), 12, *state.shape[1:], generator=generator, dtype=torch.float64
    )
    layers = tuple(p.detach() for p in layers)
    forward = torch.autograd.functional.jvp(lambda u: step(layers, u), states, v)[1]
    backward = transposed_steps(step, layers, states)(slice(0, 12), w.flip(1)).flip(1)
    assert float((forward * w).sum()) == pytest.approx(float((v * backward).sum()), rel=1e-12)


# ---- control and model


def test_gradients_that_point_astray_get_more_cycles():
    """Rough layers, one cycle: checks add cycles until gradients are honest, at last the serial
    pass.
    """
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    system = compile_problem(
        manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(3 * x) * sin(3 * y)})
    )
    declared = ResNet(8, 33, initialize=He(), horizon=8.0, propagate=MGRIT(coarsening=8, cycles=1))
    basis = declared.build({"x": (0.0, 1.0), "y": (0.0, 1.0)}, 0)
    rows = weighted_loss(system, sample_points(system.problem, 40, 0), Space.shared(basis, 1))
    late = replace(rows, checks=GradientChecks(1, CHECKED_EVERY))  # the first one is not checked
    objective, now = Reduced(late), rows.solve()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # cycles that diverge say so
        first = objective.gradient(now)
        for _ in range(2 * CHECKED_EVERY):
            last = objective.gradient(now)
    basis.propagate = serial
    exact = objective.gradient(now)
    angle = [float(g @ exact / g.norm() / exact.norm()) for g in (first, last)]
    assert angle[0] < 0.9 < angle[1]


def test_gradients_are_checked_less_often_while_they_are_honest():
    checks, seen = GradientChecks(), []
    for call in range(100):
        if checks.due():
            seen.append(call)
            checks.found(honest=call != 55)
    assert seen == [0, 2, 6, 14, 30, 55, 56, 58, 62, 70, 86]


def test_an_honest_gradient_keeps_its_cycles():
    basis = network(64, MGRIT(coarsening=8, cycles=1))
    weights = torch.randn(6, dtype=torch.float64, generator=torch.Generator().manual_seed(4))

    def pulled():
        loss = (basis(points(), ORDERS[2])[1] @ weights).square().sum()
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(basis.parameters()))])

    exact = cosine(
        checked(basis, pulled, GradientChecks()), checked(network(64), pulled, GradientChecks())
    )
    assert exact > 0.9
    assert basis.propagate.cycles == 1
    assert MGRIT(cycles=1).with_more_cycles() == MGRIT(cycles=2, adjoint_cycles=2)
    assert MGRIT(cycles=6).with_more_cycles() == MGRIT(cycles=0)


@pytest.mark.parametrize(
    ("better_in", "expected"),
    [("first", ("first", 1)), ("more cycles", ("mean", 2)), (None, ("mean", 1))],
)
def test_a_gradient_that_points_astray_changes_how_layers_are_run(better_in, expected):
    """Other coarse layers if they help, else a cycle more; nothing, if it was honest."""

    class Basis:
        propagate = MGRIT(cycles=1)

    basis, honest, astray = Basis(), torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])

    def pulled():
        way = basis.propagate
        good = better_in is None or way.cycles > 1 or way.coarse == better_in
        return honest if good else astray

    assert checked(basis, pulled, GradientChecks()) is honest
    assert (basis.propagate.coarse, basis.propagate.cycles) == expected


def test_the_model_counts_what_a_pass_costs():
    """One rank gains nothing; many gain by what is divided; by hand for two levels on four
    ranks.
    """
    costs = Costs(1.0, 2.0, 1.0, 1.0, 2.0, 0.5)
    assert serial_pass(costs, 64) == 192
    forward = 16 + (4 + 16) * 1.0 + 3 * 0.5
    back = 16 * 2.0 + (4 + 16) * 2.0 + 3 * 0.5
    assert parallel_pass(costs, 64, 4, (4,)) == pytest.approx(forward + back)
    assert parallel_pass(costs, 64, 4, (4,), reverse=2) > parallel_pass(costs, 64, 4, (4,))
    speedups = [serial_pass(Costs(), 1024) / best_factors(1024, ranks)[0] for ranks in (2, 16, 64)]
    assert [speedup > least for speedup, least in zip(speedups, (1.4, 6, 15), strict=True)] == [
        True
    ] * 3
    assert MGRIT.auto(1024, 16).factors == best_factors(1024, 16)[1]
    assert run(network(40, MGRIT.auto(40)), ORDERS[0])[0].isfinite().all()
    with pytest.raises(ValueError, match="too few for 16 ranks"):
        MGRIT.auto(32, 16)


# ---- what goes wrong


def test_divergence_is_seen_and_the_serial_pass_taken():
    """A classic residual network: steps of size 1, horizon N. Nothing is lost, the result is
    exact.
    """
    declared = ResNet(16, 65, initialize=He(), horizon=64.0)
    basis, exact = (
        replace(declared, propagate=p).build(PLANE, 0)
        for p in (MGRIT(coarsening=4, cycles=6), serial)
    )
    exact = run(exact, ORDERS[2])
    with pytest.warns(UserWarning, match="diverge: their residual grew"):
        found = run(basis, ORDERS[2])
    assert distance(found, exact) < 1e-12


@pytest.mark.parametrize("activations", ["kept", "recomputed"])
def test_zero_cycles_are_the_serial_pass(activations):
    mgrit = MGRIT(cycles=0, activations=activations)
    assert distance(run(network(20, mgrit), ORDERS[2]), run(network(20), ORDERS[2])) < 1e-13


def test_plain_layers_are_refused():
    def plain(layer, state):
        return torch.tanh(state @ layer[0])

    layers = (torch.randn(16, 4, 4, dtype=torch.float64), torch.ones(16, 1, 1, dtype=torch.float64))
    with pytest.raises(ValueError, match="take a ResNet"):
        MGRIT()(plain, layers, torch.randn(1, 5, 4, dtype=torch.float64))
    with pytest.raises(TypeError, match="propagate"):
        Dense(4, 8, propagate=MGRIT())


@pytest.mark.slow
def test_several_processes_without_mpi4py(monkeypatch):
    monkeypatch.setenv("PMI_SIZE", "2")
    monkeypatch.setitem(sys.modules, "pinnsolve.mgrit.mpi", None)
    with pytest.raises(ImportError, match=r"pinnsolve\[mpi\]"):
        network(16, MGRIT())(points(), ORDERS[0])


# ---- ranks

ON_RANKS = """
from functools import cache
import torch
from tests.mgrit.test_mgrit import MGRIT, ORDERS, distance, network, run
from pinnsolve.mgrit.communicator import ranks
alone = cache(lambda depth, order: run(network(depth), ORDERS[order]))  # 16 of them, for 88 cases
for (depth, factors), order, cycles, options in {cases}:
    found = run(network(depth, MGRIT(len(factors) + 1, factors, cycles=cycles, **options)), ORDERS[order])
    numbers = [float(t.double().square().sum()) for t in (found[0], *found[1])]
    if ranks().rank == ranks().size - 1:
        print(*[f"{{v:.11e}}" for v in numbers], f"{{distance(found, alone(depth, order)):.1e}}", flush=True)
"""
# Of the last two, some of three and of four ranks own no coarse step, or none of the coarsest;
# intervals lie across ranks.
GRIDS = [(33, (4,)), (35, (3, 2)), (20, (2, 5)), (23, (2, 3, 2))]
CASES = [
    *product(GRIDS, ORDERS, (0, 2, 12), ({},)),
    *product(GRIDS, ORDERS, (2, 12), ({"relaxation": "FCF"},)),
    *product(GRIDS, (2,), (2, 12), ({"cycle": "F", "relaxation": "FCFCF"},)),
]


def on_ranks(n, code, timeout=240):
    environment = {
        "OMP_NUM_THREADS": "1",
        "PATH": str(MPIEXEC.parent),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [str(MPIEXEC), "-n", str(n), sys.executable, "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, env=environment
    )


@pytest.fixture(scope="module")
def one_rank():
    done = on_ranks(1, ON_RANKS.format(cases=CASES))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("n", [2, 3, 4])
def test_results_do_not_depend_on_the_number_of_ranks(n, one_rank):
    done = on_ranks(n, ON_RANKS.format(cases=CASES))
    assert done.returncode == 0, done.stderr
    lines_found = done.stdout.splitlines()
    assert len(lines_found) == len(CASES) == len(one_rank)
    for (_, _, cycles, _), here, alone in zip(CASES, lines_found, one_rank, strict=True):
        *numbers, error = map(float, here.split())
        assert numbers == pytest.approx(list(map(float, alone.split()))[:-1], rel=1e-9)
        assert error < (1e-1 if cycles == 2 else 1e-12)


PRODUCT = """
from tests.mgrit.test_mgrit import MGRIT, ORDERS, distance, network, points, run
from pinnsolve.mgrit.communicator import ranks
for layer_ranks, cycles, n in ((2, 12, 9), (1, 0, 9), (4, 12, 9), (2, 12, 1), (None, 12, 9)):
    mgrit = MGRIT(coarsening=(3, 2), levels=3, cycles=cycles, layer_ranks=layer_ranks)
    found = run(network(35, mgrit), ORDERS[2], points(n))
    error = distance(found, run(network(35), ORDERS[2], points(n)))
    assert error < 1e-12, (ranks().rank, layer_ranks, cycles, n, error)
print("same", flush=True)
"""


@pytest.mark.slow
def test_points_are_dealt_to_groups_of_ranks():
    done = on_ranks(4, PRODUCT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["same"] * 4
    with pytest.raises(ValueError, match="1 ranks are no groups of 2"):
        network(16, MGRIT(layer_ranks=2))(points(), ORDERS[0])
    with pytest.raises(ValueError, match="at least 1"):
        MGRIT(layer_ranks=0)


PARTITIONED = """
import torch
from pinnsolve import LBFGS, GradientDescent
from pinnsolve.training.partition import partition
from tests.mgrit.test_mgrit import *
steps = 35
for layer_ranks in (None, 2):
    mgrit = MGRIT(coarsening=(3, 2), levels=3, cycles=12, layer_ranks=layer_ranks)
    basis, exact = network(steps, mgrit), run(network(steps), ORDERS[2])
    extra = torch.arange(7, dtype=torch.float64)
    variables = [*basis.parameters(), extra]
    own = partition(basis, variables)
    v, w = torch.randn(2, sum(p.numel() for p in variables), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    assert torch.equal(own.whole(own.of(v)), v)
    assert abs(float(own.dot(own.of(v), own.of(w)) / (v @ w)) - 1) < 1e-12
    layers, sharing = mgrit.partition(steps)
    inner = basis.weights[0].numel() + basis.biases[0].numel()
    assert len(own.of(v)) == len(v) - (steps - len(range(steps)[layers])) * inner < len(v)
    basis.propagate = mgrit.with_own_gradients()
    values, gradients = run(basis, ORDERS[2])
    for p, mine, whole in zip(basis.parameters(), gradients, exact[1], strict=True):
        stacked = p is basis.weights or p is basis.biases
        elsewhere = torch.ones(steps, dtype=bool)
        elsewhere[layers] = False
        assert not stacked or not mine[elsewhere].any()
        assert (sharing.total(mine) if stacked else mine).sub(whole).norm() < 1e-12 * whole.norm()
x, y = coordinates("x y")
u, square = unknown("u", x, y), Box({x: (0, 1), y: (0, 1)})
problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(3 * x) * sin(3 * y)})
places = torch.rand(50, 2, generator=torch.Generator().manual_seed(8), dtype=torch.float64).numpy()
for layer_ranks, method in product(
    (None, 2),
    (LSGD(4, Adam(1e-2)), LSGD(3, LBFGS()), LSGD(3, SelfScaledBroyden()), GradientDescent(30, Adam(1e-2), batch=40)),
):
    mgrit = MGRIT(coarsening=(3, 2), levels=3, tolerance=0.0, layer_ranks=layer_ranks)
    found, alone = (solve(problem, ResNet(5, 22, propagate=p), method)(places) for p in (mgrit, serial))
    assert abs(found - alone).max() < 1e-7 * abs(alone).max(), (layer_ranks, method, abs(found - alone).max())
print("same", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("n", [2, 4])
def test_each_rank_moves_its_own_layers(n):
    """Gradients, inner products and quasi-Newton's pairs are of the own layers, and all trainings
    are those of one process.
    """
    done = on_ranks(n, PARTITIONED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["same"] * n


@pytest.mark.slow
def test_an_exception_on_one_rank_ends_all_of_them():
    code = (
        "from tests.mgrit.test_mgrit import *\nfrom pinnsolve.mgrit.communicator import ranks\n"
        "if ranks().rank == 1:\n    raise RuntimeError('rank one has had enough')\n"
        "network(33, MGRIT(coarsening=4))(points(), ORDERS[0])"
    )
    done = on_ranks(2, code, timeout=60)
    assert done.returncode != 0
    assert "rank one has had enough" in done.stderr


@pytest.mark.slow
def test_more_ranks_than_intervals_are_refused():
    code = (
        "from tests.mgrit.test_mgrit import *\nnetwork(8, MGRIT(coarsening=4))(points(), ORDERS[0])"
    )
    done = on_ranks(3, code, timeout=60)
    assert done.returncode != 0
    assert "3 ranks for 2 intervals of layers" in done.stderr
