"""Activations and jets against nested autograd; box initialization against its definition."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch

from pinnsolve import BoxPlanes, Dense, Graded, ResNet, Sparse, Waves, coordinates
from pinnsolve.basis.adapted.lifted import Level, Lifted
from pinnsolve.basis.adapted.stretch import Stretch, Stretched
from pinnsolve.basis.initialize import check_names
from pinnsolve.compile.functions import Functions
from pinnsolve.jets.activations import ACTIVATIONS
from pinnsolve.jets.indices import closure, composition, order_of

x, y, t = coordinates("x y t")
UNIT = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
SKEW = {"x": (-1.0, 2.0), "t": (0.0, 10.0)}
SMOOTH = ("tanh", "sin", "gaussian", "softplus")
LAPLACE = frozenset({(2, 0), (0, 2)})
INDICES = [i for i in product(range(5), repeat=2) if sum(i) <= 4]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def nested(function, points, index):
    """D^index of function, (n, dim) -> (n, width), one neuron at a time by nested autograd."""
    points = points.clone().requires_grad_(True)
    columns = []
    for neuron in range(function(points).shape[1]):
        value = function(points)[:, neuron]
        for axis, order in enumerate(index):
            for _ in range(order):
                if value.requires_grad:
                    value = torch.autograd.grad(
                        value.sum(), points, create_graph=True, materialize_grads=True
                    )[0][:, axis]
        columns.append(value.detach())
    return torch.stack(columns, dim=1)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_derivatives_against_autograd(name):
    z = torch.linspace(-3.1, 2.9, 41, dtype=torch.float64, requires_grad=True)
    found = ACTIVATIONS[name](z, range(6))
    value = found[0]
    for k in range(1, 6):
        value = torch.autograd.grad(value.sum(), z, create_graph=True, materialize_grads=True)[0]
        if not value.requires_grad:
            value = value.detach() + 0 * z
        assert torch.allclose(found[k], value, rtol=1e-11, atol=1e-11), k


NETWORKS = [
    Dense(5, 1, "tanh"),
    Dense(5, 1, "sin", Waves(3)),
    Dense(4, 2, "tanh"),
    Dense(4, 3, "sin"),
    Dense(3, 2, "gaussian"),
    Dense(3, 2, "softplus"),
    ResNet(3, 4, "tanh"),
    ResNet(3, 3, "sin"),
    Dense(3, 1, "gaussian") + ResNet(2, 2, "tanh"),
    Stretched(Dense(4, activation="sin", initialize=Waves(2)), 0.3, {x: 2.0}),
    Stretched(Dense(3), 1.0, {x: 0.5, t: 10}) + Dense(2),
    Lifted(
        4,
        Level((((0, 0), -0.4), ((2, 0), 1.5), ((1, 1), 0.3), ((0, 3), 0.01))),
        0.7,
        Waves({x: 2, t: 1, "front": 3}),
    ),
]


@pytest.mark.parametrize("declared", NETWORKS, ids=str)
def test_jets_against_nested_autograd(declared):
    """All derivatives to order 4, mixed ones included, and the collapsed Laplacian, on a box that
    is not the unit box.
    """
    basis = declared.build(SKEW, seed=3)
    points = torch.tensor([[-0.3, 1.0], [1.7, 8.2], [0.4, 5.0]], dtype=torch.float64)
    found = basis(points, [*INDICES, LAPLACE]).detach()
    by_index = dict(zip(INDICES, found, strict=False))
    for index in INDICES:
        oracle = nested(lambda p: basis(p, [(0, 0)])[0], points, index)
        scale = max(1.0, float(oracle.abs().max()))
        assert float((by_index[index] - oracle).abs().max()) < 1e-11 * scale, index
    assert torch.allclose(found[-1], by_index[2, 0] + by_index[0, 2], rtol=1e-12, atol=1e-12)


def test_jet_rows_do_not_depend_on_what_else_is_asked():
    basis = Dense(4, 2, "tanh").build(UNIT, 0)
    points = torch.rand(6, 2, generator=generator(), dtype=torch.float64)
    everything = basis(points, INDICES)
    for index in INDICES:
        assert torch.allclose(
            basis(points, [index])[0], everything[INDICES.index(index)], rtol=1e-14, atol=1e-14
        )


def test_jets_have_parameter_gradients():
    """One reverse pass through a jet against finite differences of a parameter."""
    basis = Dense(4, 2, "tanh").build(UNIT, 1)
    points = torch.rand(5, 2, generator=generator(), dtype=torch.float64)

    def loss():
        return basis(points, [LAPLACE])[0].square().sum()

    gradient = torch.autograd.grad(loss(), basis.weights[0])[0][0, 0]
    with torch.no_grad():
        ends = []
        for step in (1e-6, -2e-6):
            basis.weights[0][0, 0] += step
            ends.append(float(loss()))
    assert float(gradient) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)


def test_faa_di_bruno_counts_set_partitions():
    """The counts of all terms add up to Bell's numbers."""
    for order, bell in enumerate((1, 1, 2, 5, 15, 52)):
        assert sum(term.count for term in composition((order,))) == bell
        assert sum(term.count for term in composition((order, 0, 0))) == bell
    assert sum(term.count for term in composition((2, 2))) == 15


def test_closure_is_downward_closed_and_collapsed_jets_are_short():
    rows = closure([(2, 1)], 2)
    assert set(rows) == {(0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (2, 1)}
    assert rows[0] == (0, 0)
    ten = frozenset(tuple(2 * int(i == j) for i in range(10)) for j in range(10))
    assert (
        len(closure([ten], 10)) == 12
    )  # value, ten slopes, one Laplacian in place of ten second derivatives
    assert order_of(ten) == 2


def test_bad_index_is_refused():
    basis = Dense(3).build(UNIT, 0)
    points = torch.zeros(1, 2, dtype=torch.float64)
    with pytest.raises(ValueError, match="does not fit"):
        basis(points, [(1, 0, 0)])
    with pytest.raises(ValueError, match="only sums of pure second"):
        basis(points, [frozenset({(1, 1)})])


# ---- box initialization (arXiv 1912.04862)


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


def test_functions_of_the_user_against_autograd():
    basis = Functions(x**3 * t, (x**2 + 1) ** 0.5).build(SKEW, 0)
    points = torch.tensor([[0.5, 1.0], [-0.7, 3.0]], dtype=torch.float64)
    found = basis(points, [(0, 0), (1, 1), LAPLACE])
    for row, index in enumerate([(0, 0), (1, 1)]):
        oracle = nested(
            lambda p: torch.stack([p[:, 0] ** 3 * p[:, 1], (p[:, 0] ** 2 + 1).sqrt()], dim=1),
            points,
            index,
        )
        assert torch.allclose(found[row], oracle, atol=1e-13)
    assert found[2][:, 0].tolist() == pytest.approx([3.0, -12.6])


MISTAKES = [
    (lambda: Dense(10, activation="tan"), "no activation 'tan'; there are tanh"),
    (lambda: Dense(0), "at least 1"),
    (lambda: ResNet(10, 1), "at least depth 2"),
    (Functions, "at least one"),
    (lambda: Functions(x * y).build(SKEW, 0), "mention y"),
    (lambda: Dense(5, initialize=Waves({y: 3})).build(SKEW, 0), "names y"),
    (lambda: check_names(Sparse(1, BoxPlanes({y: 3})), ["x"]), "names y"),
]


@pytest.mark.parametrize("number", range(len(MISTAKES)))
def test_mistakes_are_named(number):
    make, message = MISTAKES[number]
    with pytest.raises(ValueError, match=message):
        make()


def test_stretched_coordinate_inverts_and_spreads_points_into_the_layer():
    f = Stretch(1.0, 1e-3)
    points = torch.linspace(0, 1, 11, dtype=torch.float64)
    assert torch.allclose(f.inverse(f(points)), points, atol=1e-12)
    basis = Stretched(Dense(5), 1e-3, {x: 1}).build({"x": (0.0, 1.0)}, 0)
    gathered = basis.gather(torch.rand(2000, 1, generator=generator(), dtype=torch.float64))
    assert float((gathered > 0.99).double().mean()) > 0.3
    assert float(gathered.min()) >= 0
    assert float(gathered.max()) <= 1
    with pytest.raises(ValueError, match="positive thickness"):
        Stretched(Dense(5), 0, {x: 1})
    with pytest.raises(ValueError, match="names y"):
        Stretched(Dense(5), 1, {y: 1}).build({"x": (0.0, 1.0)}, 0)
