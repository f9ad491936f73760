"""Box initialization against its definition; graded and sparse neurons."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch

from oracles import generator
from pinnsolve import BoxPlanes, Dense, Graded, ResNet, Sparse, Waves, coordinates

x, y, t = coordinates("x y t")
UNIT = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
SKEW = {"x": (-1.0, 2.0), "t": (0.0, 10.0)}


def corners(box):
    return torch.tensor(list(product(*box.tolist())), dtype=torch.float64)


@pytest.mark.parametrize("dim", [1, 2, 3, 5])
def test_box_planes_have_maximum_one_over_the_box_and_meet_it(dim):
    box = torch.tensor([[-1.0, 2.0]] * dim, dtype=torch.float64)
    weight, bias = BoxPlanes()(box, list("abcde"[:dim]), 200, generator())
    values = corners(box) @ weight + bias
    assert values.max(dim=0).values.tolist() == pytest.approx([1.0] * 200, rel=1e-10)
    assert (
        values.min(dim=0).values < 0
    ).all()  # both signs at corners: the plane cuts the open box


def test_plain_box_network_stays_in_the_unit_box():
    basis = Dense(32, 6, "relu").build(UNIT, 5)
    points = torch.rand(2000, 2, generator=generator(), dtype=torch.float64)
    value = points
    for weight, bias in zip(basis.weights, basis.biases, strict=True):
        value = torch.relu(value @ weight + bias)
        assert float(value.detach().max()) <= 1 + 1e-12
    assert torch.allclose(value, basis(points, [(0, 0)])[0])


@pytest.mark.parametrize("depth", [2, 4, 16, 64])
def test_residual_box_network_branches_and_states_stay_in_their_boxes(depth):
    basis = ResNet(32, depth, "relu").build(UNIT, 6)
    points = torch.rand(1000, 2, generator=generator(), dtype=torch.float64)
    state = torch.relu(points @ basis.first_weight + basis.first_bias)
    step = 1 / (depth - 1)
    for layer, (weight, bias) in enumerate(zip(basis.weights, basis.biases, strict=True)):
        side = (1 + step) ** layer
        assert float(state.detach().max()) <= side + 1e-12
        branch = step * torch.relu(state @ weight + bias)
        assert float(branch.detach().max()) <= step + 1e-12
        state = state + branch
    assert float(state.detach().max()) <= math.e
    assert torch.allclose(state, basis(points, [(0, 0)])[0])


def test_residual_box_keeps_its_rank_where_the_plain_one_loses_it():
    points = torch.linspace(0, 1, 1001, dtype=torch.float64)[:, None]
    line = {"x": (0.0, 1.0)}
    ranks = {}
    for name, declared in (("plain", Dense(32, 16, "relu")), ("residual", ResNet(32, 16, "relu"))):
        values = declared.build(line, 0)(points, [(0,)])[0].detach()
        ranks[name] = int(torch.linalg.matrix_rank(values, rtol=1e-10))
    assert ranks["residual"] == 32
    assert ranks["plain"] < 16


def test_layers_have_streams_of_their_own():
    basis = ResNet(8, 4, "tanh").build(UNIT, 0)
    assert not torch.allclose(basis.weights[0], basis.weights[1])


def test_slopes_and_scales_are_those_of_the_unit_box():
    box = torch.tensor(list(SKEW.values()), dtype=torch.float64)
    sides = box[:, 1] - box[:, 0]
    weight, bias = BoxPlanes(3.0)(box, list(SKEW), 100, generator())
    assert (weight * sides[:, None]).norm(dim=0).tolist() == pytest.approx([3.0] * 100)
    values = corners(box) @ weight + bias
    assert ((values.min(dim=0).values < 0) & (values.max(dim=0).values > 0)).all()
    weight, _ = Waves({t: 20.0})(box, list(SKEW), 20_000, generator())
    assert (weight * sides[:, None]).std(dim=1).tolist() == pytest.approx([1.0, 20.0], rel=0.02)


def test_graded_planes_have_all_widths_and_lie_near_the_layer():
    box = torch.tensor([[0.0, 1.0]], dtype=torch.float64)
    weight, bias = Graded(1e-3, {x: 1})(box, ["x"], 4000, generator())
    width = 1 / weight[0].abs()
    planes = -bias / weight[0]
    logs = torch.log10(width)
    assert float(logs.min()) == pytest.approx(math.log10(1e-3 / 3), abs=0.05)
    assert float(logs.max()) == pytest.approx(0, abs=0.05)
    assert float(logs.median()) == pytest.approx(math.log10(1e-3 / 3) / 2, abs=0.1)
    thin = width < 0.1
    assert ((1 - planes[thin]).abs() <= 4 * width[thin] + 1e-12).all()
    assert (planes[thin] <= 1).all()


def test_graded_towards_a_corner_points_in_all_directions():
    box = torch.tensor([[-1.0, 1.0]] * 2, dtype=torch.float64)
    weight, bias = Graded(1e-3, {x: 0, y: 0})(box, ["x", "y"], 2000, generator())
    length = weight.norm(dim=0)
    assert (bias.abs() / length <= 4 * math.sqrt(2) / length + 1e-9).all()
    angle = torch.atan2(weight[1], weight[0])
    assert float(angle.cos().mean()) == pytest.approx(0, abs=0.05)


def test_sparse_neurons_see_few_coordinates_all_of_them_in_turn():
    names = [f"x{i}" for i in range(6)]
    box = torch.tensor([[0.0, 1.0]] * 6, dtype=torch.float64)
    for active, subsets in ((1, 6), (2, 15)):
        weight, _ = Sparse(active, Waves(3))(box, names, 60, generator())
        support = [tuple(torch.nonzero(w).flatten().tolist()) for w in weight.T]
        assert {len(s) for s in support} == {active}
        assert len(set(support)) == subsets
        assert {support.count(s) for s in set(support)} == {60 // subsets}


def test_same_seed_same_neurons():
    a, b, c = (Dense(10, 2).build(UNIT, seed) for seed in (1, 1, 2))
    assert all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))
    assert not torch.equal(a.weights[0], c.weights[0])
