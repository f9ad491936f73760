"""Eigenvalues of problems, against formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, I, conjugate, cos, sin

from pinnsolve import (
    Box,
    Budget,
    Dense,
    Interval,
    Problem,
    Waves,
    coordinates,
    eigenmodes,
    eigenvalue,
    laplacian,
    load,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.biharmonic import FlowCornerFunctions
from pinnsolve.coefficients.eigen import nearest_eigenvalues
from pinnsolve.declare.pencil import pencil_of
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.pencil_rows import CompiledPencil
from pinnsolve.discretize.plate_corners import known_plate_corners
from pinnsolve.fields.building import build_space
from pinnsolve.problems.spectra import SPECTRA
from pinnsolve.running.stop import Stop
from pinnsolve.strategies import spectrum
from results.plate_references import squared_frequencies

(x, y) = coordinates("x y")
u, v, lam = unknown("u", x), unknown("v", x, y), eigenvalue("lam")
w, r = unknown("w", x, complex=True), unknown("r", x)
line, square = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)})
QUICK = {
    "string": 8,
    "damped_string": 6,
    "carried": 6,
    "clamped_beam": 4,
    "damped_beam": 4,
    "free_beam": 4,
    "turning": 7,
    "flux_in_a_ring": 7,
}
SLOW = {
    "square_drum": 6,
    "insulated_plate": 6,
    "round_drum": 12,
    "sloshing": 11,
    "oscillator": 8,
    "absorbing_well": 4,
    "charge_in_a_field": 2,
}


def errors(spectrum, known):
    """Of every eigenvalue, relative, with each known one taken once."""
    left, found = list(known), []
    for value in spectrum.eigenvalues:
        nearest = min(range(len(left)), key=lambda k: abs(left[k] - value))
        found.append(abs(left.pop(nearest) - value) / max(1.0, abs(value)))
    return np.array(found)


def check(name, count):
    problem, known = SPECTRA[name]()
    modes = eigenmodes(problem, count)
    assert modes.stopped == Stop.MET
    found = errors(modes, known)
    assert found.max() < 1e-10
    uncertain = modes.uncertainties / np.maximum(1.0, np.abs(modes.eigenvalues))
    assert found.max() < 30 * uncertain.max() + 1e-12


@pytest.mark.parametrize("name", QUICK)
def test_eigenvalues_of_an_interval(name):
    check(name, QUICK[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_eigenvalues_in_the_plane(name):
    check(name, SLOW[name])


@pytest.mark.slow
def test_the_l_shaped_drum():
    problem, (first, third) = SPECTRA["l_shaped_drum"]()
    found = eigenmodes(problem, 3, tolerance=1e-5)
    assert found.stopped == Stop.MET
    assert found.eigenvalues[[0, 2]] == pytest.approx([first, third], rel=1e-5)


def plate_in(problem, count, *, corners):
    """Its lowest eigenvalues in 400 waves, and functions of its corners."""
    held = CompiledPencil.of(pencil_of(problem), -50.0)
    declared = Dense(400, activation="sin", initialize=Waves(4.0))
    if corners:
        declared += FlowCornerFunctions(known_plate_corners(held.system))
    space = build_space(held.system, declared, 0)
    points = collocation_points(held.system, space, 0)
    values, _ = nearest_eigenvalues(*held.rows(points, space), count)
    return np.sort(values.real - 50.0)


@pytest.mark.parametrize("name", ["free_plate", "shelf"])
def test_plates_with_free_sides(name):
    """Against Ritz's method in splines, and what others found with it: frequencies of Leissa (1973)
    are 13.49 and above, 3.4917 and above.
    """
    problem, known = SPECTRA[name]()
    ends = ((0, 0), (0, 0)) if name == "free_plate" else ((2, 0), (0, 0))
    ritz = squared_frequencies(len(known), ends, 0.3, degree=8, short=0.05)
    assert known == pytest.approx(ritz, rel=2e-5, abs=1e-8)
    sizes = np.maximum(1.0, known)
    found = plate_in(problem, len(known), corners=True)
    assert (np.abs(found - known) / sizes).max() < 3e-6
    without = plate_in(problem, len(known), corners=False)
    assert (np.abs(without - known) / sizes).max() > 3e-5


def test_modes_are_solutions_of_their_problem(tmp_path):
    problem, _ = SPECTRA["string"]()
    found = eigenmodes(problem, 3)
    at = np.linspace(0, 1, 50)
    for k, mode in enumerate(found, start=1):
        exact = np.sqrt(2) * np.sin(k * np.pi * at)
        sign = np.sign(mode(at) @ exact)
        assert sign * mode(at) == pytest.approx(exact, abs=1e-3)  # the size, by random points
        assert mode.residual() < 1e-8
        assert mode(sample_region(line, 500, 0)).max() > 0
    assert len(found) == len(found.modes) == 3
    assert "eigenvalue" in found.report()
    found[0].save(tmp_path / "mode.st")
    assert load(tmp_path / "mode.st")(0.5) == found[0](0.5)


def test_modes_of_a_complex_unknown_are_complex(tmp_path):
    """-w'' + 5 i w: those of a string, moved along the imaginary axis."""
    problem = Problem(line, Eq(-w.diff(x, 2) + 5 * I * w, lam * w), Eq(w, 0) @ line.boundary)
    found = eigenmodes(problem, 3)
    assert found.stopped == Stop.MET
    assert found.eigenvalues == pytest.approx((np.pi * np.arange(1, 4)) ** 2 + 5j)
    at = np.linspace(0, 1, 50)
    for k, mode in enumerate(found, start=1):
        sine = np.sqrt(2) * np.sin(k * np.pi * at)
        assert np.abs(mode(at)) == pytest.approx(np.abs(sine), abs=1e-3)
        assert np.abs(mode(at) - (mode(at) @ sine / (sine @ sine)) * sine).max() < 1e-9
        assert mode.residual() < 1e-8
    found[0].save(tmp_path / "mode.st")
    assert load(tmp_path / "mode.st")(0.3) == found[0](0.3)
    assert "w" in found.plot().axes[0].get_ylabel()


@pytest.mark.parametrize("coupling", [1e-6, 1e-8])
def test_a_pair_that_is_nearly_real_is_a_pair(coupling):
    """What the tolerance is above of is no round-off: lam = (k pi)^2 +- i coupling."""
    pair = (
        Eq(-u.diff(x, 2) + coupling * r, lam * u),
        Eq(-r.diff(x, 2) - coupling * u, lam * r),
    )
    found = eigenmodes(Problem(line, *pair, Eq(u, 0) @ line.boundary, Eq(r, 0) @ line.boundary), 2)
    assert found.stopped == Stop.MET
    assert sorted(found.eigenvalues.imag) == pytest.approx([-coupling, coupling], rel=1e-2)


def test_eigenvalues_near_a_number():
    problem, _ = SPECTRA["string"]()
    found = eigenmodes(problem, 2, near=400.0)
    assert sorted(found.eigenvalues) == pytest.approx([(6 * np.pi) ** 2, (7 * np.pi) ** 2])


def test_two_unknowns():
    """u' = lam w, w' = -lam u with u = 0 at both ends: sines and cosines, lam = +- k pi and 0."""
    problem = Problem(
        line, Eq(u.diff(x), lam * r), Eq(r.diff(x), -lam * u), Eq(u, 0) @ line.boundary
    )
    found = eigenmodes(problem, 5)
    assert sorted(found.eigenvalues) == pytest.approx(np.pi * np.arange(-2, 3), abs=1e-8)


WRONG = {
    "none": (lambda: Problem(line, Eq(u.diff(x, 2), 1), Eq(u(0), 0), Eq(u(1), 0)), "no eigenvalue"),
    "data": (
        lambda: Problem(line, Eq(-u.diff(x, 2), lam * u), Eq(u(0), 1), Eq(u(1), 0)),
        "homogen",
    ),
    "source": (
        lambda: Problem(line, Eq(-u.diff(x, 2), lam * u + sin(x)), Eq(u, 0) @ line.boundary),
        "homogeneous",
    ),
    "nonlinear": (
        lambda: Problem(line, Eq(-u.diff(x, 2) + u**3, lam * u), Eq(u, 0) @ line.boundary),
        "not linear",
    ),
    "no polynomial": (
        lambda: Problem(line, Eq(-u.diff(x, 2), cos(lam) * u), Eq(u, 0) @ line.boundary),
        "no polynomial",
    ),
    "open": (
        lambda: Problem(line, Eq(-u.diff(x, 2), lam * u), Eq(u(0), 0)),
        "every number is an eigenvalue",
    ),
    "finitely many": (
        lambda: Problem(
            line, Eq(u.diff(x, 2), 0), Eq(normal_derivative(u), lam * u) @ line.boundary
        ),
        "there are 2: all others are infinite.*ask for count=2",
    ),
    "conjugate": (
        lambda: Problem(line, Eq(-w.diff(x, 2) + conjugate(w), lam * w), Eq(w, 0) @ line.boundary),
        "takes the conjugate.*declare its two parts",
    ),
    "real beside complex": (
        lambda: Problem(line, Eq(w.diff(x), lam * u), Eq(u.diff(x), -lam * w), Eq(u(0), 0)),
        r"declare u = unknown\('u', x, complex=True\)",
    ),
    "two": (
        lambda: Problem(line, Eq(-u.diff(x, 2), lam * eigenvalue("mu") * u), Eq(u(0), 0)),
        "one eigenvalue",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_pencil_is_said(kind):
    declare, words = WRONG[kind]
    with pytest.raises(ValueError, match=words):
        eigenmodes(declare())


def test_more_than_a_basis_resolves_is_said():
    problem, _ = SPECTRA["string"]()
    with pytest.raises(ValueError, match="count=5000 is above the 200 eigenvalues"):
        eigenmodes(problem, 5000)


def test_a_budget_gives_the_best_so_far_or_says_that_there_is_nothing():
    problem, _ = SPECTRA["string"]()
    with pytest.raises(TimeoutError, match="more seconds"):
        eigenmodes(problem, 2, budget=Budget(1e-3))
    short = eigenmodes(problem, 2, tolerance=1e-15, budget=Budget(columns=150))
    assert short.stopped == Stop.BUDGET
    assert short.eigenvalues == pytest.approx([np.pi**2, 4 * np.pi**2], abs=1e-6)


def test_a_spectrum_with_holes_is_not_met(monkeypatch):
    """The lowest two are taken away from both draws: only Weyl's law can tell."""
    problem, _ = SPECTRA["round_drum"]()
    plain = spectrum.nearest_eigenvalues

    def without_two(rows, powers, count):
        values, functions = plain(rows, powers, count + 2)
        return values[2:], functions[:, 2:]

    monkeypatch.setattr(spectrum, "nearest_eigenvalues", without_two)
    monkeypatch.setattr(spectrum, "SOUNDING", replace(spectrum.SOUNDING, most=300))
    found = eigenmodes(problem, 4, tolerance=1e-6)
    assert found.stopped == Stop.STAGNATED
    assert found.uncertainties.max() < 1e-5
    assert f"{found.expected:.1f} up to the last" in found.report()


def test_counts_and_places_are_numbers():
    problem, _ = SPECTRA["string"]()
    for wrong in ({"count": 0}, {"count": "two"}, {"near": "zero"}, {"near": float("inf")}):
        with pytest.raises(TypeError, match="must be a"):
            eigenmodes(problem, **wrong)
    with pytest.raises(TypeError, match="a word in a string"):
        eigenvalue(3)


def test_solve_says_where_eigenvalues_are_found():
    problem = Problem(square, Eq(-laplacian(v), lam * v), Eq(v, 0) @ square.boundary)
    with pytest.raises(ValueError, match="eigenmodes"):
        solve(problem)
