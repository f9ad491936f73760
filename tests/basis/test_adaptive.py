"""Parts of an adaptive basis: finite elements as networks, tensor products, greedy growth."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, pi, sin, tanh

from pinnsolve import (
    LSGD,
    Adam,
    Box,
    BoxPlanes,
    Dense,
    FiniteElements,
    Glorot,
    Greedy,
    He,
    Problem,
    ResNet,
    TensorProduct,
    Uniform,
    UnitVariance,
    Waves,
    compile_problem,
    compiled,
    coordinates,
    draw_hyperplanes,
    inspect,
    load,
    solve,
    unknown,
)
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.fields.space import Space
from pinnsolve.problems import CATALOGUE
from pinnsolve.training.compiled import eager
from pinnsolve.training.lsgd import first_joint
from pinnsolve.training.objective import Joint
from pinnsolve.training.reference import reference_problem
from pinnsolve.training.weighted_loss import weighted_loss

peak = CATALOGUE["poisson_2d_peak"]()

x, y, k = coordinates("x y k")
line = Box({x: (0, 1)})
square = Box({x: (0, 1), y: (0, 1)})
u1, u2 = unknown("u", x), unknown("u", x, y)


def equal(n):
    return FiniteElements([[i / n] for i in range(n + 1)], [(i, i + 1) for i in range(n)])


def triangulation(n):
    """A tensor grid of unequal spacing, every rectangle cut along the same diagonal: all patches
    are convex.
    """
    lines = [np.sort(np.r_[0, np.random.default_rng(k).random(n - 1), 1]) for k in (1, 2)]
    grid = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 2)
    corners = [(i * (n + 1) + j) for i in range(n) for j in range(n)]
    halves = [((c, c + n + 1, c + n + 2), (c, c + n + 2, c + 1)) for c in corners]
    return FiniteElements(grid, [triangle for pair in halves for triangle in pair])


def test_hat_functions_of_the_line():
    knots = np.sort(np.random.default_rng(1).random(9))
    knots[[0, -1]] = 0, 1
    basis = FiniteElements(knots[:, None], [(i, i + 1) for i in range(8)]).build({"x": (0, 1)}, 0)
    at = np.linspace(0, 1, 1001)
    hats = basis(torch.from_numpy(at[:, None]), [(0,)])[0].detach().numpy()
    np.testing.assert_allclose(
        hats, np.stack([np.interp(at, knots, e) for e in np.eye(9)], axis=1), atol=1e-14
    )


def test_hat_functions_of_a_triangulation():
    """Oracle: barycentric coordinates of the triangle that a point lies in (scipy)."""
    mesh = triangulation(6)
    vertices, elements = np.array(mesh.vertices), np.array(mesh.elements)
    basis = mesh.build({"x": (0, 1), "y": (0, 1)}, 0)
    at = np.random.default_rng(2).random((2000, 2))
    hats = basis(torch.from_numpy(at), [(0, 0)])[0].detach().numpy()
    np.testing.assert_allclose(hats.sum(axis=1), 1, atol=1e-13)
    np.testing.assert_allclose(hats @ vertices, at, atol=1e-13)
    assert ((hats > 1e-12).sum(axis=1) <= 3).all()
    corners = [{*np.flatnonzero(row > 1e-9)} for row in hats]
    triangles = [set(e) for e in elements.tolist()]
    assert all(any(c <= t for t in triangles) for c in corners)


def test_derivatives_of_hat_functions():
    basis = triangulation(4).build({"x": (0, 1), "y": (0, 1)}, 0)
    at = torch.rand(
        50, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    value, dx, dxx = basis(at, [(0, 0), (1, 0), (2, 0)])
    expected = torch.stack(
        [
            torch.autograd.grad(value[:, j].sum(), at, retain_graph=True)[0][:, 0]
            for j in range(basis.size)
        ],
        1,
    )
    torch.testing.assert_close(dx, expected)
    assert not dxx.any()


@pytest.mark.slow
def test_a_trained_mesh_is_ten_times_better_than_its_start():
    target = tanh(30 * (x - 0.4))
    problem = Problem(line, Eq(u1, target), exact={u1: target})
    start = solve(problem, equal(20)).error()
    knots = np.linspace(0, 1, 21)
    values = np.tanh(30 * (knots - 0.4))
    at = np.linspace(0, 1, 10_001)
    exact = np.tanh(30 * (at - 0.4))
    interpolation = np.linalg.norm(np.interp(at, knots, values) - exact) / np.linalg.norm(exact)
    assert interpolation / 10 < start < 1.5 * interpolation  # the finite element error
    assert solve(problem, equal(20), LSGD(300)).error() < start / 10


def test_products_are_products():
    built = TensorProduct(
        {(x, y): Dense(7, 2), k: Dense(5, activation="sin", initialize=Waves(3.0))}
    ).build({"k": (1, 2), "x": (0, 1), "y": (0, 2)}, 3)
    at = torch.rand(20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    space, parameter = built.parts
    found = built(at, [(1, 2, 0), frozenset({(0, 2, 0), (0, 0, 2)})])
    expected = (
        space(at[:, [1, 2]], [(2, 0)])[0][:, :, None] * parameter(at[:, [0]], [(1,)])[0][:, None]
    )
    torch.testing.assert_close(found[0], expected.flatten(1))
    laplacian = (
        space(at[:, [1, 2]], [frozenset({(2, 0), (0, 2)})])[0][:, :, None]
        * parameter(at[:, [0]], [(0,)])[0][:, None]
    )
    torch.testing.assert_close(found[1], laplacian.flatten(1))
    assert built.size == 35


def test_a_parametric_equation_is_solved_for_all_parameters(tmp_path):
    """-k u'' + u = f with k from 1 to 10 as a coordinate: one solve gives u(x; k)."""
    domain = Box({x: (0, 1), k: (1, 10)})
    u = unknown("u", x, k)
    exact = sin(pi * x) / (1 + k) + x * exp(-k / 5)
    problem = Problem(
        domain,
        Eq(-k * u.diff(x, 2) + u, -k * exact.diff(x, 2) + exact),
        Eq(u(0, k), exact.subs(x, 0)),
        Eq(u(1, k), exact.subs(x, 1)),
        exact={u: exact},
    )
    solution = solve(
        problem,
        TensorProduct(
            {
                x: Dense(24, activation="sin", initialize=Waves(5.0)),
                k: Dense(24, activation="sin", initialize=Waves(3.0)),
            }
        ),
    )
    assert solution.error() < 1e-5
    solution.save(tmp_path / "s")
    at = np.random.default_rng(0).random((9, 2)) + np.array([0, 1])
    np.testing.assert_array_equal(load(tmp_path / "s", problem)(at), solution(at))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TensorProduct({(x, y): Dense(3), y: Dense(3)}), "each coordinate in one factor"),
        (
            lambda: solve(Problem(square, Eq(u2, cos(x))), TensorProduct({x: Dense(3)})),
            "the coordinates are x, y",
        ),
        (lambda: solve(Problem(square, Eq(u2, cos(x))), equal(3)), "for 2 coordinates"),
        (lambda: FiniteElements([[0.0], [0.0]], [(0, 1)]).build({"x": (0, 1)}, 0), "no volume"),
        (
            lambda: FiniteElements([[0.0], [1.0], [2.0]], [(0, 1)]).build({"x": (0, 1)}, 0),
            "no element",
        ),
        (
            lambda: FiniteElements(
                [[0, 0], [4, 0], [0.1, 0.1], [0, 4], [0.5, 0.5]],
                [(0, 1, 2), (0, 2, 3), (1, 4, 2), (2, 4, 3)],
            ).build({"x": (0, 4), "y": (0, 4)}, 0),
            "no convex patch",
        ),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_networks_are_worth_at_initialization():
    """The table of METHODS: He has rank 1 in one dimension, residual box initialization all of it
    at every depth.
    """
    for depth in (1, 4, 16):
        assert inspect(Dense(32, depth, "relu", He()), line).rank == 1
        plain, residual = (
            inspect(Dense(32, depth, "relu"), line),
            inspect(ResNet(32, depth + 1, "relu"), line),
        )
        assert residual.rank == 32
        assert residual.largest < np.e
        assert plain.largest <= 1 + 1e-12
        assert (plain.rank == 32) == (depth == 1)
    assert inspect(ResNet(32, 64, "relu", He(), 63.0), line).largest > 1e10


def given(weights, biases):
    """An initializer that gives these planes."""
    return lambda box, names, width, generator: (
        torch.tensor([weights]).double(),
        torch.tensor(biases).double(),
    )


def test_hyperplanes_are_counted_once():
    assert inspect(Dense(2, initialize=given([1.0, -2.0], [-0.5, 1.0])), line).hyperplanes == (1,)
    assert inspect(Dense(2, initialize=given([1.0, 1.0], [1.0, 1.0])), line).hyperplanes == (0,)
    assert inspect(Dense(32), square).hyperplanes == (32,)


def test_hyperplanes_are_drawn(tmp_path):
    draw_hyperplanes(ResNet(8, 3, "relu"), square).savefig(tmp_path / "planes.png")
    assert (tmp_path / "planes.png").stat().st_size > 5000


@pytest.mark.parametrize(
    "start", [He(), Glorot(), Uniform(), UnitVariance()], ids=lambda s: type(s).__name__
)
def test_usual_initializations_have_their_moments(start):
    weight, bias = start(
        torch.tensor([[0.0, 1.0]] * 64).double(),
        [str(i) for i in range(64)],
        400,
        torch.Generator().manual_seed(0),
    )
    deviation = {He: (2 / 64) ** 0.5, Glorot: (2 / 464) ** 0.5, Uniform: (1 / 3 / 64) ** 0.5}
    if type(start) in deviation:
        assert float(weight.std()) == pytest.approx(deviation[type(start)], rel=0.02)
        assert (not bias.any()) == (type(start) is not Uniform)
    else:
        arguments = torch.rand(5000, 64, dtype=torch.float64) @ weight + bias
        torch.testing.assert_close(arguments.var(dim=0), torch.ones(400).double(), rtol=0.2, atol=0)
        assert float(arguments.mean(dim=0).abs().max()) < 0.1
    deep = Dense(16, 3, "tanh", start).build({"x": (0, 1)}, 0)
    assert bool(deep.biases[2].any()) == (type(start) is Uniform)


def distance(matrix, target):
    return np.linalg.norm(target - matrix @ np.linalg.lstsq(matrix, target)[0])


def test_greedy_takes_the_neurons_that_orthogonal_matching_pursuit_takes():
    """Oracle: the same choice made by least squares from scratch for every candidate."""
    system = compile_problem(peak)
    points = sample_points(peak, 150, 0)
    declared = Dense(6)
    basis = declared.build(bounds_by_name(peak), 0)
    Greedy(60, 1, (BoxPlanes(4.0),))(system, points, declared, basis, 5)
    seed = torch.randint(2**62, (1,), generator=torch.Generator().manual_seed(5)).item()
    pool = Dense(60, initialize=BoxPlanes(4.0)).build(bounds_by_name(peak), seed)
    scales = reference_problem(system, points)
    matrix, target = (
        assemble(system, points, Space.shared(pool, 1), row_scales=scales.row_scales).matrix,
        scales.target,
    )
    taken = []
    for _ in range(6):
        left = [
            (
                np.inf
                if j in taken
                else np.linalg.norm(
                    target
                    - matrix[:, [*taken, j]] @ np.linalg.lstsq(matrix[:, [*taken, j]], target)[0]
                )
            )
            for j in range(60)
        ]
        taken.append(int(np.argmin(left)))
    torch.testing.assert_close(basis.biases[0].detach(), pool.planes()[1][taken])


def test_greedy_neurons_are_worth_many_drawn_ones():
    chosen = [solve(peak, Dense(150), grow=Greedy(600, 4), seed=s).error() for s in (0, 1)]
    drawn = [
        solve(peak, Dense(150, initialize=BoxPlanes(slope)), seed=s).error()
        for s in (0, 1)
        for slope in (3.0, 6.0)
    ]
    assert max(chosen) < min(drawn) / 3


def test_greedy_serves_systems_and_training():
    v = unknown("v", x, y)
    problem = Problem(square, Eq(u2, exp(-50 * (x - y) ** 2)), Eq(v, tanh(20 * (x + y - 1))))
    drawn, chosen = solve(problem, Dense(40)), solve(problem, Dense(40), grow=Greedy(300, 4))
    assert chosen.residual() < drawn.residual() / 2
    assert (
        solve(problem, Dense(40), LSGD(30), grow=Greedy(300, 4)).residual() < chosen.residual() / 2
    )
    with pytest.raises(ValueError, match="one hidden layer"):
        solve(problem, Dense(9, 2), grow=Greedy())
    with pytest.raises(ValueError, match="at least 1"):
        Greedy(0)


@pytest.mark.slow
def test_a_compiled_loss_has_the_same_gradient():
    system = compile_problem(peak)
    points, space = sample_points(peak, 60, 0), build_space(system, Dense(6, 2), 0)
    plain, quick = (Joint(weighted_loss(system, points, space, t)) for t in (eager, compiled))
    start = first_joint(plain)
    torch.testing.assert_close(quick.gradient(start), plain.gradient(start), rtol=1e-9, atol=1e-12)


def test_without_a_compiler_the_loss_stays_as_it_is(monkeypatch):
    def no_compiler(loss, dynamic):
        def fails(*arguments):
            raise RuntimeError("no C++ compiler found")

        return fails

    monkeypatch.setattr(torch, "compile", no_compiler)
    with pytest.warns(UserWarning, match="not compiled, since no C"):
        solution = solve(peak, Dense(6, 2), LSGD(3, Adam(1e-2), transform=compiled))
    assert solution.stopped == "trained"
