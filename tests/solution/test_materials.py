"""Solutions of several materials: one unknown is asked for, and one is seen."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Integer, Rational, acos, cos, exp, sin, sqrt

from pinnsolve import (
    LSGD,
    Ball,
    Box,
    Dense,
    Greedy,
    Interval,
    Polygon,
    Problem,
    Waves,
    by_region,
    coordinates,
    decompose,
    divergence,
    gradient,
    hard,
    load,
    manufactured,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.declare.reference import Reference

x, y, t = coordinates("x y t")
v, u = unknown("v", x), unknown("u", x, y)
thirds = [Interval(x, j, j + 1) for j in range(3)]
few = Dense(40, activation="sin", initialize=Waves(3))


def rod():
    """-(k v')' = 1, fixed at both ends: parabolas that meet, by their flux q - x."""
    conductivities, value, pieces = (1, 100, 10), 0, {}
    resistance = sum(Rational(1, k) for k in conductivities)
    moment = sum(Rational(2 * j + 1, 2 * k) for j, k in enumerate(conductivities))
    q = moment / resistance
    for j, k in enumerate(conductivities):
        pieces[thirds[j]] = value + (q * (x - j) - (x**2 - j**2) / 2) / k
        value = pieces[thirds[j]].subs(x, j + 1)
    k, exact = by_region(dict(zip(thirds, conductivities, strict=True))), by_region(pieces)
    law = Eq(-divergence(k * gradient(v)), 1)
    return k, Problem(Interval(x, 0, 3), law, Eq(v(0), 0), Eq(v(3), 0), exact={v: exact})


k, problem = rod()


@pytest.fixture(scope="module")
def solved():
    return solve(problem, few)


def test_a_rod_of_three_pieces(solved):
    assert solved.error() < 1e-12
    assert all(defect == 0 for defect in problem.defects())


def test_the_right_side_answers(solved):
    at = np.array([0.3, 1.0, 1.5, 2.0, 2.9])
    exact = solved(at, problem.exact[v])
    np.testing.assert_allclose(solved(at), exact, atol=1e-12)
    np.testing.assert_allclose(solved(at.reshape(5, 1)), exact, atol=1e-12)
    inner = np.array([0.3, 1.5, 2.9])
    flux = solved(inner, k * v.diff(x))
    np.testing.assert_allclose(np.diff(flux), -np.diff(inner), atol=1e-11)
    np.testing.assert_allclose(solved(inner, k), [1, 100, 10])
    pair = solved(inner, {"all": v + 1, "slopes": gradient(v)})
    np.testing.assert_allclose(pair["all"], solved(inner) + 1)
    np.testing.assert_allclose(pair["slopes"][0], flux / solved(inner, k))
    ends = sample_region(problem.domain.boundary, 2, seed=0)
    out = solved(ends, k * normal_derivative(v))
    assert out.sum() == pytest.approx(-3, abs=1e-10)


def test_report_and_picture_are_those_of_the_whole(solved, tmp_path):
    report = solved.report()
    assert "v_1(x) = v_2(x) on Interface" in report
    assert "error" in report
    solved.plot(tmp_path / "rod.png")
    assert (tmp_path / "rod.png").stat().st_size > 1000


def test_a_file_holds_the_problem_and_its_parts(solved, tmp_path):
    solved.save(tmp_path / "rod.st")
    for again in (load(tmp_path / "rod.st"), load(tmp_path / "rod.st", problem)):
        assert again.problem == problem
        at = np.linspace(0, 3, 11)
        np.testing.assert_array_equal(again(at), solved(at))
    _, other = rod()
    assert solve(other, few, resume=tmp_path / "rod.st").error() < 1e-12


def test_a_basis_and_a_guess_of_the_unknown_serve_its_parts():
    by_unknown = solve(problem, {v: few}, guess={v: by_region(dict.fromkeys(thirds, x))})
    assert by_unknown.error() < 1e-12
    with pytest.raises(TypeError, match="basis has the key"):
        solve(problem, {u: few})


def test_a_reference_is_compared_with_the_right_side():
    at = np.array([[0.5], [1.5], [2.5]])
    values = {"v": solve(problem, few)(at)}
    other = Problem(problem.domain, *problem.conditions, reference=Reference(at, values))
    assert solve(other, few).error() < 1e-12


def test_nonlinear_conduction_in_two_materials():
    """-(k (1 + v) v')' = f, made for an exact solution with a kink at the interface."""
    two = {Interval(x, 0, 1): 2, Interval(x, 1, 2): 1}
    k, line = by_region(two), Interval(x, 0, 2)
    left, right = two
    exact = by_region({left: sin(x - 1) + 1, right: sin(2 * (x - 1)) + 1})
    flux = k * (1 + v) * v.diff(x)
    bar = manufactured(line, -divergence((flux,), x), v @ line.boundary, exact={v: exact})
    solution = solve(bar, few, guess={v: 1})
    assert solution.error() < 1e-10


def cooling():
    """Diffusivities 1 and 4, an eigenfunction that decays at the rate 4 b^2: 2 cos 2b = -8 cos^2 b."""
    w, b = unknown("w", x, t), acos(1 / sqrt(6))
    left, right, line = Interval(x, 0, 1), Interval(x, 1, 2), Interval(x, 0, 2)
    k = by_region({left: 1, right: 4})
    shape = by_region({left: sin(2 * b * x), right: 2 * cos(b) * sin(b * (2 - x))})
    return Problem(
        line * Interval(t, 0, Rational(1, 4)),
        Eq(w.diff(t), divergence(k * gradient(w, x), x)),
        Eq(w, 0) @ line.boundary,
        Eq(w(x, 0), shape),
        exact={w: exp(-4 * b**2 * t) * shape},
    )


def test_heat_in_two_materials_follows_its_slowest_mode():
    assert solve(cooling(), Dense(100, activation="sin", initialize=Waves(3))).error() < 1e-6


def test_a_march_knows_where_each_unknown_lives(tmp_path):
    """Errors are those of an unknown in its own region, in every slab; a file knows it too."""
    heat = cooling()
    marched = solve(heat, Dense(80, activation="sin", initialize=Waves(2)), march=t)
    assert marched.error() < 1e-6
    at = np.array([[0.5, 0.1], [1.5, 0.2]])
    assert marched.field.support(at).tolist() == [[True, False], [False, True]]
    marched.save(tmp_path / "march.st")
    np.testing.assert_array_equal(load(tmp_path / "march.st")(at), marched(at))


def test_training_is_refused_where_there_are_several_regions():
    for given in ({"method": LSGD(steps=2)}, {"grow": Greedy()}):
        with pytest.raises(ValueError, match="each region has its own: give no method and no grow"):
            solve(problem, Dense(10), **given)


def test_cells_of_two_materials():
    plates = half_planes()
    assert solve(plates, cells=(2, 1), tolerance=1e-6, budget=30).error() < 1e-6


def test_hard_conditions_of_two_materials():
    """The flux is kept, and data that differ by region stay equations."""
    parts = {Interval(x, 0, 1): 2, Interval(x, 1, 2): 1}
    line = Interval(x, 0, 2)
    law = Eq(divergence(by_region(parts) * gradient(v)), 1)
    soft = Problem(line, law, Eq(v, 0) @ line.boundary)
    free = hard(soft)
    at = np.array([0.5, 1.5])
    np.testing.assert_allclose(
        solve(free.problem, few)(at, free.fields[v]), solve(soft, few)(at), rtol=1e-9
    )
    ends = by_region(dict.fromkeys(parts, 0))
    with pytest.raises(ValueError, match="nothing can be hard"):
        hard(Problem(line, law, Eq(v, ends) @ line.boundary))


def test_the_way_back_is_an_expression_of_the_parts():
    parts = decompose(problem)
    alone = solve(parts.problem, few)
    at = np.array([0.3, 1.5, 2.9])
    columns = alone(at)
    own = [columns[f"v_{j + 1}"][j] for j in range(3)]
    np.testing.assert_allclose(own, solve(problem, few)(at), rtol=1e-12)


def half_planes():
    left, right = Box({x: (-1, 0), y: (0, 1)}), Box({x: (0, 1), y: (0, 1)})
    whole = Box({x: (-1, 1), y: (0, 1)})
    exact = by_region({left: Rational(1000, 1001) * x, right: x / 1001})
    law = Eq(divergence(by_region({left: 1, right: 1000}) * gradient(u)), 0)
    return Problem(whole, law, Eq(u, exact) @ whole.boundary, exact={u: exact})


def test_two_half_planes_of_a_thousandfold_conductivity():
    plates = half_planes()
    left, right = decompose(plates).pieces.regions
    solution = solve(plates, Dense(100, activation="sin", initialize=Waves(2)))
    assert max(solution.error().by_unknown.values()) < 1e-9
    face, k = sample_region(left.at(x=0), 50, seed=0), by_region({left: 1, right: 1000})
    np.testing.assert_allclose(solution(face, k * u.diff(x)), 1000 / 1001, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("conductivity", [1000, Rational(1, 1000)])
def test_a_disk_in_a_square_is_met_on_both_sides(conductivity):
    """Harmonic on both sides, r cos th and a cos th / r: value and flux of each, blind."""
    plate, k = Box({x: (-1, 1), y: (-1, 1)}), Integer(1) * conductivity
    disk = Ball({x: 0, y: 0}, Rational(1, 2))
    outside = x + (1 - k) / (1 + k) * x / (4 * (x**2 + y**2))
    exact = by_region({disk: 2 * x / (k + 1), plate - disk: outside})
    conduction = by_region({disk: k, plate - disk: 1})
    problem = Problem(
        plate,
        Eq(divergence(conduction * gradient(u)), 0),
        Eq(u, exact) @ plate.boundary,
        exact={u: exact},
    )
    solution = solve(problem, tolerance=1e-9, budget=60)
    assert solution.stopped == "met"
    assert max(solution.error().by_unknown.values()) < 1e-9
    assert solution.error().h1 < 1e-9
    rim = sample_region(disk.boundary, 500, seed=0)
    flux = solution(rim, conduction * normal_derivative(u))
    np.testing.assert_allclose(flux, 2 * float(k / (k + 1)) * rim.normals[:, 0], atol=1e-9)


@pytest.mark.slow
def test_nine_boxes_with_jumps_of_a_millionfold():
    """k = a(x) b(y): of each factor the primitive of its inverse solves the equation."""
    factors = [(1, 100, Rational(1, 10)), (1, Rational(1, 100), 10)]

    def primitives(values, coordinate):
        below = [sum((1 / Integer(1) / v for v in values[:j]), Integer(0)) for j in range(3)]
        return [
            b + (coordinate - j) / v for j, (b, v) in enumerate(zip(below, values, strict=True))
        ]

    along, up = (primitives(f, c) for f, c in zip(factors, (x, y), strict=True))
    boxes = {(i, j): Box({x: (i, i + 1), y: (j, j + 1)}) for i in range(3) for j in range(3)}
    k = by_region({box: factors[0][i] * factors[1][j] for (i, j), box in boxes.items()})
    exact = by_region({box: along[i] + up[j] for (i, j), box in boxes.items()})
    whole = Box({x: (0, 3), y: (0, 3)})
    problem = Problem(
        whole, Eq(divergence(k * gradient(u)), 0), Eq(u, exact) @ whole.boundary, exact={u: exact}
    )
    assert len(decompose(problem).problem.conditions) == 9 + 9 - 1 + 2 * 12
    solution = solve(problem, tolerance=1e-6, budget=60)
    assert max(solution.error().by_unknown.values()) < 1e-6


def test_two_triangles_share_a_slanted_side():
    lower, upper = (
        Polygon((x, y), [(0, 0), (1, 0), (0, 1)]),
        Polygon((x, y), [(1, 0), (1, 1), (0, 1)]),
    )
    square, k = Box({x: (0, 1), y: (0, 1)}), by_region({lower: 1, upper: 100})
    exact = by_region({lower: x + y - 1, upper: (x + y - 1) / 100})
    law = Eq(divergence(k * gradient(u)), 0)
    both = Problem(square, law, Eq(u, exact) @ square.boundary, exact={u: exact})
    assert solve(both, Dense(60, activation="sin", initialize=Waves(2))).error() < 1e-9


def test_an_elastic_body_of_two_materials():
    """Stretched and sheared along x: normal stress and shear are continuous, strains are not."""
    p, q = unknown("p", x, y), unknown("q", x, y)
    left, right = Box({x: (-1, 0), y: (0, 1)}), Box({x: (0, 1), y: (0, 1)})
    mu, lame = by_region({left: 1, right: 10}), by_region({left: 2, right: 5})
    trace, shear = p.diff(x) + q.diff(y), mu * (p.diff(y) + q.diff(x))
    exact = {p: by_region({left: 25 * x, right: 4 * x}), q: by_region({left: 10 * x, right: x})}
    body = Box({x: (-1, 1), y: (0, 1)})
    problem = Problem(
        body,
        Eq(divergence((lame * trace + 2 * mu * p.diff(x), shear)), 0),
        Eq(divergence((shear, lame * trace + 2 * mu * q.diff(y))), 0),
        *[Eq(f, value) @ body.boundary for f, value in exact.items()],
        exact=exact,
    )
    solution = solve(problem, Dense(60, activation="sin", initialize=Waves(2)))
    assert solution.error() < 1e-9
    assert set(solution([[0.5, 0.5]])) == {"p", "q"}


def test_insulated_materials_are_known_up_to_one_constant():
    """Not one for each: the interface joins them."""
    parts, line = {Interval(x, 0, 1): 3, Interval(x, 1, 2): 1}, Interval(x, 0, 2)
    heated = by_region(dict(zip(parts, (1, -1), strict=True)))
    law = Eq(divergence(by_region(parts) * gradient(v)), heated)
    insulated = Problem(line, law, Eq(normal_derivative(v), 0) @ line.boundary)
    with pytest.warns(UserWarning, match="null space of dimension 1"):
        assert solve(insulated, few).null_space == 1
