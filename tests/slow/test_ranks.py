"""Layers on several ranks: results do not depend on their number, and an error on one ends all."""

from __future__ import annotations

import sys
from itertools import product

import pytest

from layers import ORDERS, network, points
from pinnsolve import MGRIT
from under_mpi import ended, started


@pytest.mark.slow
def test_several_processes_without_mpi4py(monkeypatch):
    monkeypatch.setenv("PMI_SIZE", "2")
    monkeypatch.setitem(sys.modules, "pinnsolve.mgrit.mpi", None)
    with pytest.raises(ImportError, match=r"pinnsolve\[mpi\]"):
        network(16, MGRIT())(points(), ORDERS[0])


ON_RANKS = """
from functools import cache
import torch
from layers import ORDERS, distance, network, run
from pinnsolve import MGRIT
from pinnsolve.mgrit.communicator import ranks
alone = cache(lambda depth, order: run(network(depth), ORDERS[order]))  # many cases have the same
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
    *product(GRIDS, (0,), (2,), ({},)),
    *product(GRIDS, (2,), (0, 2, 12), ({},)),
    *product(GRIDS, (4,), (2,), ({"relaxation": "FCF"},)),
    *product(GRIDS, (2,), (12,), ({"cycle": "F", "relaxation": "FCFCF"},)),
]


def on_ranks(n, code, timeout=240):
    """Exit code, output and errors."""
    with started(n, code) as process:
        return ended(process, timeout)


@pytest.fixture(scope="module")
def one_rank():
    code, out, err = on_ranks(1, ON_RANKS.format(cases=CASES))
    assert code == 0, err
    return out.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 4])
def test_results_do_not_depend_on_the_number_of_ranks(n, one_rank):
    code, out, err = on_ranks(n, ON_RANKS.format(cases=CASES))
    assert code == 0, err
    lines_found = out.splitlines()
    assert len(lines_found) == len(CASES) == len(one_rank)
    for (_, _, cycles, _), here, alone in zip(CASES, lines_found, one_rank, strict=True):
        *numbers, error = map(float, here.split())
        assert numbers == pytest.approx(list(map(float, alone.split()))[:-1], rel=1e-9)
        assert error < (1e-1 if cycles == 2 else 1e-12)


PRODUCT = """
from layers import ORDERS, distance, network, points, run
from pinnsolve import MGRIT
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
    code, out, err = on_ranks(4, PRODUCT)
    assert code == 0, err
    assert out.split() == ["same"] * 4
    with pytest.raises(ValueError, match="1 ranks are no groups of 2"):
        network(16, MGRIT(layer_ranks=2))(points(), ORDERS[0])
    with pytest.raises(ValueError, match="at least 1"):
        MGRIT(layer_ranks=0)


PARTITIONED = """
from itertools import product
import torch
from sympy import sin
from layers import ORDERS, network, run
from pinnsolve import *
from pinnsolve.mgrit.propagator import serial
from pinnsolve.training.partition import partition
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
    before = [p.detach().clone() for p in variables]
    with torch.no_grad():
        basis.weights[elsewhere] = basis.biases[elsewhere] = torch.nan
    mgrit.memory.kept.clear()
    unknowing = run(basis, ORDERS[2])  # a pass asks for no others' layers
    assert torch.equal(unknowing[0], values) and all(map(torch.equal, unknowing[1], gradients))
    with torch.no_grad():
        own.add(own.of(v), variables)
    moved = zip(own.wholes(own.flat(variables)), before, v.split([p.numel() for p in variables]))
    assert all(torch.equal(whole, old.flatten() + part) for whole, old, part in moved)
x, y = coordinates("x y")
u, square = unknown("u", x, y), Box({x: (0, 1), y: (0, 1)})
problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(3 * x) * sin(3 * y)})
places = torch.rand(50, 2, generator=torch.Generator().manual_seed(8), dtype=torch.float64).numpy()
for method in (LSGD(2, Adam(1e-2)), LSGD(3, LBFGS()), LSGD(3, SelfScaledBroyden()), GradientDescent(4, Adam(1e-2), batch=40)):
    alone = solve(problem, ResNet(5, 22, propagate=serial), method)(places)
    for layer_ranks in (None, 2):
        mgrit = MGRIT(coarsening=(3, 2), levels=3, tolerance=0.0, layer_ranks=layer_ranks)
        found = solve(problem, ResNet(5, 22, propagate=mgrit), method)(places)
        assert abs(found - alone).max() < 1e-7 * abs(alone).max(), (layer_ranks, method, abs(found - alone).max())
print("same", flush=True)
"""


@pytest.mark.slow
def test_each_rank_moves_its_own_layers():
    """Gradients, inner products and quasi-Newton's pairs are of the own layers, and all trainings
    are those of one process.
    """
    code, out, err = on_ranks(4, PARTITIONED)
    assert code == 0, err
    assert out.split() == ["same"] * 4


FEW = "from layers import ORDERS, network, points; from pinnsolve import MGRIT"


@pytest.mark.slow
def test_an_exception_on_one_rank_ends_all_of_them():
    given = (
        f"{FEW}\nfrom pinnsolve.mgrit.communicator import ranks\n"
        "if ranks().rank == 1:\n    raise RuntimeError('rank one has had enough')\n"
        "network(33, MGRIT(coarsening=4))(points(), ORDERS[0])"
    )
    code, _, err = on_ranks(2, given, timeout=60)
    assert code != 0
    assert "rank one has had enough" in err


@pytest.mark.slow
def test_more_ranks_than_intervals_are_refused():
    given = f"{FEW}\nnetwork(8, MGRIT(coarsening=4))(points(), ORDERS[0])"
    code, _, err = on_ranks(3, given, timeout=60)
    assert code != 0
    assert "3 ranks for 2 intervals of layers" in err
