"""Networks and the user's own functions: all their derivatives against nested autograd."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from oracles import generator, nested
from pinnsolve import BoxPlanes, Dense, ResNet, Sparse, Waves, coordinates
from pinnsolve.basis.adapted.lifted import Level, Lifted
from pinnsolve.basis.adapted.stretch import Stretch, Stretched
from pinnsolve.basis.initialize import check_names
from pinnsolve.compile.functions import Functions

x, y, t = coordinates("x y t")
UNIT = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
SKEW = {"x": (-1.0, 2.0), "t": (0.0, 10.0)}

LAPLACE = frozenset({(2, 0), (0, 2)})
INDICES = [i for i in product(range(5), repeat=2) if sum(i) <= 4]


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


@pytest.mark.slow
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
