"""The kinds of bases that compete in the blind choice, each against what is known of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sympy import Eq, atan, cos, exp, pi, sin, sqrt, tanh

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Interval,
    Polygon,
    Problem,
    Stretched,
    Waves,
    compile_problem,
    coordinates,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.adapted.lifted import Level, Lifted
from pinnsolve.basis.adapted.rotated import Rotated
from pinnsolve.basis.adapted.scaled import Scaled
from pinnsolve.basis.adapted.separable import LowRank, legendre
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.geometry.vertices import vertices
from pinnsolve.problems import CATALOGUE
from pinnsolve.search.families import corners, curved, oriented, smooth
from pinnsolve.search.families import localized as concentrated
from pinnsolve.search.families.family import Family, Parameter, scales
from pinnsolve.search.fit import fit
from pinnsolve.search.scales import periodic_coordinates

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
ell = Box({x: (-1, 1), y: (-1, 1)}) - Box({x: (0, 1), y: (-1, 0)})
LAPLACIAN = frozenset([(2, 0), (0, 2)])


def against_autograd(basis, points, indices):
    """Largest difference of derivatives of first and second order to nested autograd of the values,
    relative.
    """
    at = points.clone().requires_grad_()
    values = basis(at, [(0,) * at.shape[1]])[0]
    worst = 0.0
    for k in range(values.shape[1]):
        gradient = torch.autograd.grad(values[:, k].sum(), at, create_graph=True)[0]
        for index in indices:
            axes = [axis for axis, order in enumerate(index) for _ in range(order)]
            oracle = gradient[:, axes[0]]
            for axis in axes[1:]:
                oracle = torch.autograd.grad(oracle.sum(), at, create_graph=True)[0][:, axis]
            found = basis(points, [index])[0][:, k]
            worst = max(
                worst,
                float(
                    (found - oracle).abs().max().detach()
                    / oracle.abs().max().clamp(min=1e-8).detach()
                ),
            )
    return worst


# ---- corners


def openings(region):
    return sorted((*v.point, round(v.opening / math.pi, 9)) for v in vertices(region))


def test_vertices_of_regions():
    assert openings(square) == [(0, 0, 0.5), (0, 1, 0.5), (1, 0, 0.5), (1, 1, 0.5)]
    assert [o for *_, o in openings(ell)].count(0.5) == 5
    assert (0, 0, 1.5) in openings(ell)
    assert vertices(Ball({x: 0, y: 0}, 1)) == []
    assert [o for *_, o in openings(Polygon((x, y), [(0, 0), (1, 0), (0, 1)]))] == [0.5, 0.25, 0.25]
    assert len(vertices(square - Ball({x: 0.5, y: 0.5}, 0.25))) == 4
    cross = Box({x: (0, 3), y: (1, 2)}) | Box({x: (1, 2), y: (0, 3)})
    assert sorted(o for *_, o in openings(cross)) == [0.5] * 8 + [1.5] * 4
    assert vertices(square * Interval(t, 0, 1)) == []


@pytest.mark.parametrize("dirichlet", [(True, True), (False, False), (True, False), (False, True)])
def test_corner_functions_are_harmonic_and_meet_the_conditions_on_both_sides(dirichlet):
    opening, start = 4.0, 0.7
    turn = ((math.cos(start), math.sin(start)), (-math.sin(start), math.cos(start)))
    corner = Corner((0.1, 0.2), turn, opening, dirichlet, top=5.0)
    basis = CornerFunctions((corner,)).build({"x": (-1, 1), "y": (-1, 1)}, 0)
    harmonic = [k for k, (_, q, _) in enumerate(corner.terms()) if q == 0]
    inside = torch.tensor(
        [
            [0.1 + 0.5 * math.cos(start + a), 0.2 + 0.5 * math.sin(start + a)]
            for a in (0.3, 2.0, 3.9)
        ]
    )
    inside = inside.to(torch.float64)
    assert against_autograd(basis, inside, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]) < 1e-11
    second = basis(inside, [(2, 0)])[0]
    assert float(basis(inside, [LAPLACIAN])[0][:, harmonic].abs().max()) == 0.0
    assert float(second[:, harmonic].abs().min()) > 1e-3
    for side, given in zip((start, start + opening), dirichlet, strict=True):
        along = torch.tensor([[math.cos(side), math.sin(side)]], dtype=torch.float64)
        across = torch.tensor([-math.sin(side), math.cos(side)], dtype=torch.float64)
        on_side = (
            torch.tensor([[0.1, 0.2]], dtype=torch.float64)
            + torch.tensor([[0.2], [0.6]], dtype=torch.float64) * along
        )
        value, dx, dy = basis(on_side, [(0, 0), (1, 0), (0, 1)])
        powers = [k for k, (p, q, log) in enumerate(corner.terms()) if q == 0 and not log]
        tested = value if given else dx * across[0] + dy * across[1]
        assert float(tested[:, powers].abs().max()) < 1e-12


def test_corner_functions_of_an_anisotropic_equation_solve_it():
    """In the corner's own coordinates the principal part is the Laplacian: 3 u_xx + u_xy + 2 u_yy
    vanishes.
    """
    operator = 3 * u.diff(x, 2) + u.diff(x, y) + 2 * u.diff(y, 2)
    system = compile_problem(Problem(ell, Eq(operator, 1), Eq(u, 0) @ ell.boundary))
    found = corners.known_corners(system)
    assert len(found) == 6
    corner = next(c for c in found if c.at == (0.0, 0.0))
    assert corner.opening > math.pi
    basis = CornerFunctions((corner,)).build(bounds_by_name(system.problem), 0)
    points = torch.tensor([[-0.5, 0.4], [0.3, 0.2], [-0.2, -0.7]], dtype=torch.float64)
    xx, xy, yy = basis(points, [(2, 0), (1, 1), (0, 2)])
    harmonic = [k for k, (p, q, log) in enumerate(corner.terms()) if q == 0]
    assert float((3 * xx + xy + 2 * yy)[:, harmonic].abs().max()) < 1e-11
    assert float(xx[:, harmonic].abs().min()) > 1e-3


def test_corners_know_the_kind_of_their_sides_and_where_nothing_is_known():
    mixed = Problem(
        square,
        Eq(-laplacian(u), 1),
        Eq(u, 0) @ square.boundary.where(x > 0),
        Eq(u.diff(x), 0) @ square.at(x=0),
    )
    kinds = {c.at: c.dirichlet for c in corners.known_corners(compile_problem(mixed))}
    assert kinds[1.0, 0.0] == (True, True)
    assert sorted(kinds[0.0, 0.0]) == [False, True] == sorted(kinds[0.0, 1.0])
    for name in ("heat_1d", "wave_1d", "biharmonic", "stokes", "disk"):
        assert corners.known_corners(compile_problem(CATALOGUE[name]())) == (), name


@pytest.mark.slow
def test_l_shape_blind():
    solution = solve(CATALOGUE["l_shape"](), tolerance=1e-8, budget=Budget(columns=2000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-7


@pytest.mark.slow
def test_jump_in_the_data_of_a_corner():
    """u = 1 on top and 0 elsewhere; at the middle 1/4, by symmetry."""
    problem = Problem(
        square,
        Eq(laplacian(u), 0),
        Eq(u, 0) @ square.boundary.where(y < 1),
        Eq(u, 1) @ square.at(y=1),
    )
    solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "met"
    assert float(solution([[0.5, 0.5]])[0]) == pytest.approx(0.25, abs=1e-6)


# ---- low rank


def test_legendre_against_numpy():
    z = torch.linspace(-1, 1, 7, dtype=torch.float64)
    table = legendre(z, 6, 2)
    for k in range(7):
        oracle = np.polynomial.Legendre.basis(k)
        for order in range(3):
            expected = oracle.deriv(order)(z.numpy()) if order else oracle(z.numpy())
            assert table[order, :, k].numpy() == pytest.approx(
                math.sqrt(2 * k + 1) * expected, abs=1e-11
            )


def test_low_rank_functions_against_autograd_and_their_own_product():
    basis = LowRank(2, 3).build({"x": (0, 2), "y": (-1, 1), "z": (0, 1)}, 0)
    points = torch.rand(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert basis.size == 3 * 2 * 4
    basis.requires_grad_(False)
    assert against_autograd(basis, points, [(1, 0, 0), (0, 0, 2), (1, 1, 0)]) < 1e-10
    tables = [
        legendre(2 * (points[:, i] - low) / (high - low) - 1, 3, 0)[0]
        for i, (low, high) in enumerate(basis.box)
    ]
    product = torch.stack([tables[i] @ basis.factors[i].T for i in range(3)]).prod(dim=0).sum(dim=1)
    assert basis(points, [(0, 0, 0)])[0] @ basis.own_coefficients() == pytest.approx(
        product.numpy(), rel=1e-12
    )
    sum_of_two = basis(points, [frozenset([(2, 0, 0), (0, 2, 0)])])[0]
    assert torch.allclose(
        sum_of_two,
        basis(points, [(0, 2, 0)])[0] + basis(points, [(2, 0, 0)])[0],
        rtol=1e-13,
        atol=1e-13,
    )


def dense_in_five():
    five = coordinates("x1:6")
    v = unknown("v", *five)
    box = Box(dict.fromkeys(five, (0, 1)))
    return manufactured(
        box,
        -laplacian(v),
        v @ box.boundary,
        exact={v: exp(-sum(c**2 for c in five)) * cos(sum(five))},
    )


@pytest.mark.slow
def test_dense_solution_in_five_dimensions_blind():
    solution = solve(dense_in_five(), tolerance=1e-6, budget=Budget(columns=3000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6


# ---- directions


def test_directions_of_a_ridge_function_are_found():
    """tanh of one combination of six coordinates: the first round sees the direction, the next ones
    nothing else.
    """
    six = coordinates("x1:7")
    v = unknown("v", *six)
    box = Box(dict.fromkeys(six, (0, 1)))
    slopes = np.array([1.0, -0.7, 0.4, 0.9, -0.2, 0.5])
    profile = tanh(3 * (sum(float(a) * c for a, c in zip(slopes, six, strict=True)) - 0.9))
    problem = manufactured(box, -laplacian(v), v @ box.boundary, exact={v: profile})
    system = compile_problem(problem)
    found = fit(system, Dense(480, 1, "sin", Waves(1.5)), 0)
    family = Family("sin", scales([c.name for c in six], [1.5] * 6), smooth._waves)
    alignments = []
    for _ in range(3):
        proposed = [f for f in oriented.variants(system, family, found) if "tanh" in f.kind]
        fits = [fit(system, f.of_width(480), 0) for f in proposed]
        found, family = min(zip(fits, proposed, strict=True), key=lambda pair: pair[0].residual)
        matrix = np.array(found.declared.initialize.slope)
        leading = np.linalg.eigh(matrix)[1][:, -1]
        alignments.append(1 - abs(leading @ slopes) / np.linalg.norm(slopes))
    assert alignments[-1] < 1e-8 < alignments[0]
    assert found.residual < 1e-5


# ---- spots and fronts


def test_rotated_functions_against_autograd():
    angle = 0.6
    directions = ((math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle)))
    within = Stretched(Dense(5, 1, "sin", Waves(3.0)), 0.1, {"x": 0.8})
    basis = Rotated(within, directions).build({"x": (0, 1), "y": (0, 2)}, 0)
    points = torch.rand(6, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    assert (
        against_autograd(
            basis.requires_grad_(False), points, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
        )
        < 1e-9
    )
    laplacian_row = basis(points, [LAPLACIAN])[0]
    assert torch.allclose(
        laplacian_row, basis(points, [(2, 0)])[0] + basis(points, [(0, 2)])[0], rtol=1e-10
    )
    ridge = Rotated(within, directions[:1]).build({"x": (0, 1), "y": (0, 2)}, 0)
    assert (
        against_autograd(
            ridge.requires_grad_(False), points, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
        )
        < 1e-9
    )
    across = torch.tensor(directions[1], dtype=torch.float64)
    assert torch.allclose(ridge(points, [(0, 0)]), ridge(points + 0.3 * across, [(0, 0)])), (
        "constant across its direction"
    )
    with pytest.raises(ValueError, match="orthonormal directions"):
        Rotated(within, ((1.0, 0.0), (0.5, 0.5))).build({"x": (0, 1), "y": (0, 2)}, 0)


def test_scaled_functions_against_autograd():
    within = Stretched(Dense(5, 1, "sin", Waves(3.0)), 0.1, {"x": 0.4})
    basis = Scaled(within, (0.5, 4.0)).build({"x": (0, 1), "y": (0, 2)}, 0)
    points = torch.rand(6, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    assert (
        against_autograd(
            basis.requires_grad_(False), points, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
        )
        < 1e-9
    )
    laplacian_row = basis(points, [LAPLACIAN])[0]
    assert torch.allclose(
        laplacian_row, basis(points, [(2, 0)])[0] + basis(points, [(0, 2)])[0], rtol=1e-10
    )
    moved = basis.gathers[0](points * torch.tensor([1.0, 2.0]))
    assert moved[:, 0].min() >= 0
    assert moved[:, 0].max() <= 1
    assert (moved[:, 0] - 0.2).abs().mean() < (points[:, 0] - 0.2).abs().mean()
    with pytest.raises(ValueError, match="positive units"):
        Scaled(within, (0.0, 1.0))
    with pytest.raises(ValueError, match="a unit for each"):
        Scaled(within, (1.0,)).build({"x": (0, 1), "y": (0, 2)}, 0)


def concentrated_around(exact):
    """What is proposed for a right-hand side of which the first basis sees nothing."""
    problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: exact})
    system = compile_problem(problem)
    found = fit(system, Dense(60, 1, "sin", Waves(3.0)), 0)
    return problem, concentrated.variants(
        system, Family("sin", scales(["x", "y"], [3.0, 3.0]), smooth._waves), found
    )


@pytest.mark.slow
def test_a_peak_is_found_and_resolved():
    problem, proposed = concentrated_around(exp(-((x - 0.3) ** 2 + (y - 0.7) ** 2) / 0.0032))
    spots = [f.of_width(10) for f in proposed if f.kind == "spot"]
    assert any(
        abs(s.at["x"] - 0.3) < 0.02 and abs(s.at["y"] - 0.7) < 0.02 and 0.01 < s.thickness < 0.1
        for s in spots
    )
    solution = solve(problem, tolerance=1e-5, budget=Budget(columns=3000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-5


def test_an_oblique_front_is_found():
    _, proposed = concentrated_around(tanh(40 * (x + 2 * y - 1.5)))
    fronts = [f.of_width(10) for f in proposed if f.kind == "front"]
    normal = np.array([1.0, 2.0]) / math.sqrt(5)
    assert fronts
    assert min(1 - abs(np.array(f.directions[0]) @ normal) for f in fronts) < 1e-3
    assert min(abs(abs(f.within.at["x"]) - 1.5 / math.sqrt(5)) for f in fronts) < 0.02


def test_a_conic_through_points_is_found():
    """An ellipse, in coordinates of other units: zero level, and slope 1 there."""
    angle = np.linspace(0, 5, 200)
    points = np.stack([300 + 200 * np.cos(angle), 1 + 0.5 * np.sin(angle)], axis=1)
    bounds = np.array([[0.0, 600.0], [0.0, 2.0]])
    level, distance = curved.through(points, np.full(200, 1 / 200), bounds, 2)
    x = torch.from_numpy(points)
    assert distance < 1e-6
    assert float(level(x, (0, 0)).abs().max()) < 1e-5
    assert float(level.gradient(x).square().sum(dim=1).mean()) == pytest.approx(1)
    assert abs(float(level(torch.tensor([[300.0, 1.0]], dtype=torch.float64), (0, 0)))) > 0.1


def test_points_gather_on_a_level_and_stay_on_their_faces():
    level = Level((((0, 0), -0.25), ((2, 0), 1.0), ((0, 2), 1.0)))
    basis = Lifted(5, level, 1e-3, Waves(3.0)).build({"x": (0, 1), "y": (0, 1)}, 0)
    uniform = torch.rand(2000, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    near = level(basis.gathers[0](uniform), (0, 0)).abs() < 0.01
    assert (
        float(near.double().mean())
        > 0.3
        > float((level(uniform, (0, 0)).abs() < 0.01).double().mean())
    )
    face = torch.column_stack([uniform[:, 0], torch.zeros(2000, dtype=torch.float64)])
    moved = basis.gathers[0](face, torch.tensor([[0.0, -1.0]], dtype=torch.float64).expand(2000, 2))
    assert torch.equal(moved[:, 1], face[:, 1])
    assert float((level(moved, (0, 0)).abs() < 0.01).double().mean()) > 0.3
    with pytest.raises(ValueError, match="positive thickness"):
        Lifted(5, level, 0.0, Waves(3.0))


@pytest.mark.slow
def test_a_curved_front_is_found_and_resolved():
    """NIST's circular wave front of steepness 50, blind: a global basis without it stagnates at
    5e-2.
    """
    distance = sqrt((x + 0.05) ** 2 + (y + 0.05) ** 2)
    problem = manufactured(
        square, -laplacian(u), u @ square.boundary, exact={u: atan(50 * (distance - 0.7))}
    )
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=3000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
    assert "Lifted" in solution.history.final.basis


def test_a_smooth_problem_is_left_as_it_is():
    problem, _ = concentrated_around(sin(3 * x + y))
    solution = solve(problem, tolerance=1e-8)
    assert solution.stopped == "met"
    assert "Stretched" not in solution.history.final.basis


# ---- periodic coordinates, parameters, files


def test_periodic_waves_have_whole_periods():
    basis = Dense(50, 1, "sin", Waves({"x": 9.0, "t": 3.0}, periodic=("x",))).build(
        {"x": (-1, 3), "t": (0, 1)}, 0
    )
    periods = basis.weights[0][0].detach() * 4 / (2 * math.pi)
    assert torch.allclose(periods, periods.round(), atol=1e-12)
    assert len(periods.round().unique()) > 3
    assert not torch.allclose(basis.weights[0][1].detach(), basis.weights[0][1].detach().round())


def test_periodic_coordinates_are_read_off_the_conditions():
    w = unknown("w", x, t)
    ring = Box({x: (0, 2), t: (0, 1)})
    first = Problem(
        ring, Eq(w.diff(t) + w.diff(x), 0), Eq(w(x, 0), sin(pi * x)), Eq(w(0, t), w(2, t))
    )
    assert periodic_coordinates(compile_problem(first)) == ("x",)
    second = Problem(
        ring, Eq(w.diff(t) - w.diff(x, 2), 0), Eq(w(x, 0), sin(pi * x)), Eq(w(0, t), w(2, t))
    )
    assert periodic_coordinates(compile_problem(second)) == ()


def test_parameters_move_by_factors_or_lengths():
    assert Parameter("scale", 2.0).moved(math.log(3)).value == pytest.approx(6)
    assert Parameter("place", 2.0, length=0.1).moved(-3).value == pytest.approx(1.7)
    family = Family("sin", scales(["x", "y"], [1.0, 2.0]), smooth._waves)
    assert family.moved([0.0, math.log(2)]).values == {"x": 1.0, "y": pytest.approx(4)}
    assert family.moved(math.log(0.5)).of_width(7) == Dense(
        7, 1, "sin", Waves({"x": 0.5, "y": 1.0})
    )


@pytest.mark.parametrize(
    "basis",
    [
        Dense(40, 1, "sin", Waves(((4.0, 1.0), (1.0, 3.0))))
        + CornerFunctions((Corner((0.0, 0.0), ((1, 0), (0, 1)), 1.57),)),
        LowRank(3, 6),
        Rotated(
            Stretched(Dense(40, 1, "sin", Waves(9.0)), 0.2, {"x": 0.5}), ((0.6, 0.8), (-0.8, 0.6))
        ),
        Lifted(40, Level((((0, 0), -0.5), ((2, 1), 1.0))), 0.3, Waves(3.0)),
    ],
    ids=["directions and corners", "low rank", "rotated", "lifted"],
)
def test_new_bases_go_into_files(tmp_path, basis):
    problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: exp(x) * sin(y)})
    solution = solve(problem, basis)
    solution.save(tmp_path / "s.safetensors")
    again = load(tmp_path / "s.safetensors", problem)
    points = np.random.default_rng(0).random((20, 2))
    assert np.array_equal(solution(points), again(points))
    assert again.declared == basis


def test_matrix_of_scales_must_be_square():
    with pytest.raises(ValueError, match="square: got shape"):
        solve(manufactured(square, u, exact={u: x}), Dense(5, 1, "sin", Waves(((1.0, 2.0),))))
    with pytest.raises(ValueError, match="rank and degree"):
        LowRank(0, 3)
    with pytest.raises(ValueError, match="two coordinates"):
        CornerFunctions(()).build({"x": (0, 1)}, 0)
