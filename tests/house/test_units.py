"""Units: a problem in millimetres and hours has the answer, the words and the numbers that it has
in metres and seconds.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
import torch
from sympy import Derivative, Eq, Integer, Rational, Subs, exp, tanh

from pinnsolve import Ball, Box, Budget, Dense, Polygon, Problem, coordinates, solve, unknown
from pinnsolve.basis.initialize import Waves
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.decompose import solved_problem
from pinnsolve.declare.problem import difference
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.consistency import open_coordinates, require_consistent
from pinnsolve.discretize.points import sample_points, sample_region
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.discretize.sizes import natural_sizes
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.vertices import vertices
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.integral import ENTRIES as INTEGRALS
from pinnsolve.search.families import localized as concentrated
from pinnsolve.search.families import smooth
from pinnsolve.search.fit import fit
from pinnsolve.search.scales import natural_wavenumbers
from pinnsolve.symbols.occurrences import separate
from small_problems import declared

# Problems whose equations take unknowns at points: integrals do not move with their letters.
POINTWISE = [name for name in CATALOGUE if name not in {entry.__name__ for entry in INTEGRALS}]

MICROMETRE, HOUR = (
    Rational(1, 2**18),
    Integer(2**12),
)  # nearly: powers of two are exact in floating point
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning"
)  # of bases too small, which are compared
x, y, t = coordinates("x y t")


def in_units(problem, units, sizes=None):
    """The same problem with each coordinate multiplied by its unit, and each unknown by its
    size.
    """
    sizes = sizes or {}
    old = {c: c / unit for c, unit in units.items()}
    done = {}

    def region(part):
        if id(part) not in done:
            done[id(part)] = _region(part, units, old, region)
        return done[id(part)]

    def occurrence(o):
        own = o.function.coordinates
        u = o.function(*own)
        orders = [(c, k) for c, k in zip(own, o.index, strict=True) if k]
        factor = 1 / sizes.get(u, Integer(1))
        for c, k in orders:
            factor *= units[c] ** k
        value = Derivative(u, *orders) if orders else u
        there = [
            units[c] * a.subs(old, simultaneous=True) for c, a in zip(own, o.arguments, strict=True)
        ]
        moved = [(c, a) for c, a in zip(own, there, strict=True) if c != a]
        return factor * (Subs(value, *zip(*moved, strict=True)) if moved else value)

    equations = []
    for condition in problem.conditions:
        rest, found = separate(difference(condition))
        side = rest.subs(old, simultaneous=True).xreplace(
            {d: occurrence(o) for d, o in found.items()}
        )
        equations.append(Eq(side, 0, evaluate=False) @ region(condition.region))
    return Problem(region(problem.domain), *equations)


def _region(part, units, old, region):
    if isinstance(part, Box):
        return Box({c: (a * units[c], b * units[c]) for c, (a, b) in part.limits.items()})
    if isinstance(part, Ball):
        (unit,) = {units[c] for c in part.center}
        return Ball({c: v * unit for c, v in part.center.items()}, part.radius * unit)
    if isinstance(part, Polygon):
        return Polygon(
            part.coordinates,
            [
                tuple(v * units[c] for v, c in zip(p, part.coordinates, strict=True))
                for p in part.vertices
            ],
        )
    held = {f.name: getattr(part, f.name) for f in fields(part) if f.init}
    made = {name: region(value) for name, value in held.items() if isinstance(value, Region)}
    if "values" in held:
        made["values"] = {c: v * units[c] for c, v in held["values"].items()}
    if "relation" in held:
        made["relation"] = held["relation"].subs(old, simultaneous=True)
    assert is_dataclass(part)
    return replace(part, **made)


def units_of(problem):
    """Space in micrometres, time in hours."""
    return {c: HOUR if c.name == "t" else MICROMETRE for c in problem.domain.coordinates}


def scaled(problem, units):
    return np.array([float(units[c]) for c in problem.domain.coordinates])


@pytest.mark.slow
@pytest.mark.parametrize("name", POINTWISE)
def test_what_is_read_off_a_problem_has_no_units(name):
    problem = solved_problem(declared(name))
    system = compile_problem(problem)  # of a complex unknown, too, that of its parts
    units = units_of(problem)
    other = in_units(problem, units)
    again = compile_problem(other)
    require_consistent(again)
    assert open_coordinates(system) == open_coordinates(again)
    assert natural_wavenumbers(again) == pytest.approx(natural_wavenumbers(system), rel=1e-12)
    assert len(vertices(problem.domain)) == len(vertices(other.domain))
    for p, q in zip(sample_points(problem, 200, 3), sample_points(other, 200, 3), strict=True):
        assert q.x / scaled(problem, units) == pytest.approx(p.x, rel=1e-11, abs=1e-12)
        assert q.normals is None or q.normals == pytest.approx(p.normals, abs=1e-9)
    form, same = evolution_form(system), evolution_form(again)
    assert getattr(form, "axis", None) == getattr(same, "axis", None)
    if (
        len(units) > 1
    ):  # Newton's way through an ordinary equation that is not resolved makes much of round-off
        require_same_fits(system, again, scaled(problem, units))


def require_same_fits(system, again, units):
    """In a basis of few functions, which says nothing of the answer, and all of its units."""
    first, second = (fit(each, Dense(12, 1, "sin"), 1) for each in (system, again))
    at = torch.from_numpy(sample_region(system.domain, 40, 5).x)
    values = {}
    for each, found, scale in ((system, first, 1.0), (again, second, torch.from_numpy(units))):
        rows = found.field(at * scale, [(0,) * at.shape[1]])[:, 0]
        values[id(each)] = dict(
            zip((str(u.func) for u in each.problem.unknowns), rows, strict=True)
        )
    assert second.stopped == first.stopped
    assert second.residual == pytest.approx(first.residual, rel=1e-6)
    for name, expected in values[id(system)].items():
        assert torch.allclose(
            values[id(again)][name], expected, rtol=0, atol=1e-6 * float(expected.abs().max())
        ), name


GIVEN = (
    "poisson_1d",
    "poisson_2d",
    "disk",
    "square_minus_disk",
    "l_shape",
    "heat_1d",
    "wave_1d",
    "beam",
    "stokes",
    "elasticity",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", GIVEN)
def test_a_solution_in_a_given_basis_has_no_units(name):
    problem = CATALOGUE[name]()
    units = units_of(problem)
    first, second = (solve(p, Dense(60), seed=1) for p in (problem, in_units(problem, units)))
    x = sample_region(problem.domain, 300, 5).x
    a, b = (
        np.column_stack([each[k] for k in sorted(each)]) if isinstance(each, dict) else each
        for each in (first(x), second(x * scaled(problem, units)))
    )
    assert np.abs(a - b).max() <= 1e-8 * np.abs(a).max()
    assert second.residuals() == pytest.approx(first.residuals(), rel=1e-3)
    assert (second.stopped, second.null_space) == (first.stopped, first.null_space)


@pytest.mark.slow
def test_a_battery_particle_in_metres_and_seconds():
    """Diffusion in a sphere of 5 micrometres over an hour: sides of 1 : 7e8."""
    r, c = coordinates("r")[0], 1e-14
    u = unknown("u", r, t)
    radius = 5e-6
    domain = Box({r: (0, radius), t: (0, 3600)})
    exact = 1000 + (r / radius) ** 2 * 100 + 6 * c * 100 / radius**2 * t
    problem = Problem(
        domain,
        Eq(r * u.diff(t), c * (r * u.diff(r, 2) + 2 * u.diff(r))),
        Eq(u.diff(r), 0) @ domain.at(r=0),
        Eq(u, exact) @ domain.at(r=radius),
        Eq(u, exact) @ domain.at(t=0),
        exact={u: exact},
    )
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=1000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stokes", "kovasznay", "maxwell_tm", "lorenz", "gray_scott"])
def test_natural_sizes_go_with_the_units_of_unknowns_and_coordinates(name):
    problem = CATALOGUE[name]()
    sizes = {u: Integer(2) ** (9 * k - 20) for k, u in enumerate(problem.unknowns)}
    other = in_units(problem, units_of(problem), sizes)
    first, second = (natural_sizes(compile_problem(p)) for p in (problem, other))
    by_name = dict(zip(map(str, (u.func for u in other.unknowns)), second.tolist(), strict=True))
    for u, size in zip(problem.unknowns, first.tolist(), strict=True):
        assert by_name[str(u.func)] / float(sizes[u]) == pytest.approx(size, rel=1e-6), u


@pytest.mark.slow
@pytest.mark.parametrize("name", ["heat_1d", "convection_diffusion_1e2", "logistic"])
def test_an_automatic_solve_has_no_units(name):
    problem = CATALOGUE[name]()
    work = Budget(seconds=200, columns=400)
    first, second = (
        solve(p, tolerance=1e-5, budget=work)
        for p in (problem, in_units(problem, units_of(problem)))
    )
    assert second.stopped == first.stopped == "met"
    assert [s.functions for s in second.history.steps] == [s.functions for s in first.history.steps]
    assert second.estimate == pytest.approx(first.estimate, rel=0.1)
    x = sample_region(problem.domain, 300, 5).x
    assert second(np.asarray(x) * scaled(problem, units_of(problem))) == pytest.approx(
        first(x), abs=1e-8
    )


@pytest.mark.slow
def test_the_unit_of_one_unknown_changes_no_verdict():
    """Pressure in another unit than velocity times viscosity over length: walls are not judged by
    the pressure's number.
    """
    problem = CATALOGUE["stokes"]()
    (p,) = (u for u in problem.unknowns if str(u.func) == "p")
    same = {c: Integer(1) for c in problem.domain.coordinates}
    found = [
        solve(in_units(problem, same, {p: size}), Dense(100, activation="sin"), seed=1)
        for size in (Integer(1), Integer(2) ** 20, Rational(1, 2**20))
    ]
    x = sample_region(problem.domain, 300, 5).x
    true = np.array(
        [
            float(problem.exact[p].subs(dict(zip(problem.domain.coordinates, row, strict=True))))
            for row in x
        ]
    )
    for solution, size in zip(found, (1.0, 2.0**20, 2.0**-20), strict=True):
        gap = solution(x)["p"] / size - true
        assert (
            np.abs(gap).max() < 1e3 * solution.estimate
        )  # the smallest number is no smaller a share
        assert solution.residual() > 0.01 * found[0].residual()
    walls = [solution.residuals()[3:5] for solution in found]
    assert np.max(walls) < 30 * np.min(walls)


@pytest.mark.slow
@pytest.mark.parametrize(
    "exact", [exp(-((x - 0.3) ** 2 + (t - 0.7) ** 2) / 0.0032), tanh(40 * (x + 2 * t - 1.5))]
)
def test_spots_and_fronts_have_no_units(exact):
    u = unknown("u", x, t)
    domain = Box({x: (0, 1), t: (0, 3)})
    problem = Problem(
        domain,
        Eq(u.diff(t) - u.diff(x, 2), exact.diff(t) - exact.diff(x, 2)),
        Eq(u, exact) @ domain.at(t=0),
    )
    units = units_of(problem)
    bases, proposed = [], []
    for each in (problem, in_units(problem, units)):
        system = compile_problem(each)
        found = fit(system, Dense(40, 1, "sin", Waves(3.0)), 0)
        proposed.append(concentrated.variants(system, smooth.candidates(system)[0], found))
        bases.append([f.of_width(9).build(bounds_by_name(each), 0) for f in proposed[-1]])
    assert proposed[0]
    assert [f.kind for f in proposed[0]] == [f.kind for f in proposed[1]]
    at = torch.from_numpy(sample_region(domain, 50, 5).x)
    scale = torch.from_numpy(scaled(problem, units))
    for one, other in zip(*bases, strict=True):
        assert torch.allclose(one(at, [(0, 0)]), other(at * scale, [(0, 0)]), atol=1e-6)
        assert torch.allclose(one(at, [(1, 0)]), other(at * scale, [(1, 0)]) * scale[0], atol=1e-4)
