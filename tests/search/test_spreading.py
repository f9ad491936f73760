"""Initial values of plates that jump, or have kinks: where that is seen, and what comes of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erfc, ndtr
from sympy import (
    Abs,
    Eq,
    Max,
    Min,
    Piecewise,
    Rational,
    cos,
    erf,
    lambdify,
    log,
    pi,
    sin,
    sqrt,
)
from sympy import erfc as complementary
from sympy import exp as exponential

from pinnsolve import Box, BoxPlanes, Dense, Problem, coordinates, laplacian, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.kinked import sides_have_kinks
from pinnsolve.search.confirm import DOUBT, least_error
from pinnsolve.search.families.spreading import candidates, disagreeing
from pinnsolve.search.fit import fit

x, y, t = coordinates("x y t")
u = unknown("u", x, y, t)
square = Box({x: (-1, 1), y: (-1, 1), t: (0, Rational(1, 4))})


def on_sides(box, exact):
    """Values all around."""
    low, high = box.bounds.T
    ends = [(c, end) for c, axis in ((x, 0), (y, 1)) for end in (low[axis], high[axis])]
    return [Eq(u.subs(c, end), exact.subs(c, end)) for c, end in ends]


def ramp(d, diffusivity):
    """What becomes of max(d, 0), where u_t = a u_dd."""
    root = sqrt(4 * diffusivity * t)
    across = d / root
    return d / 2 * complementary(-across) + root / (2 * sqrt(pi)) * exponential(-(across**2))


def heat(initial, exact):
    return Problem(
        square, Eq(u.diff(t), laplacian(u, x, y)), Eq(u(x, y, 0), initial), *on_sides(square, exact)
    )


def margrabe():
    """The option to give one asset for another (Margrabe, J. Finance 33 (1978) 177)."""
    first, second, joint, rate = (Rational(k, 100) for k in (30, 20, 50, 5))
    spread = sqrt(first**2 + second**2 - 2 * joint * first * second)
    above = (log(x / y) + spread**2 * t / 2) / (spread * sqrt(t))
    exact = sum(
        sign * asset * (1 + erf(each / sqrt(2))) / 2
        for sign, asset, each in ((1, x, above), (-1, y, above - spread * sqrt(t)))
    )
    box = Box({x: (Rational(1, 2), 2), y: (Rational(1, 2), 2), t: (0, 1)})
    diffusion = (
        first**2 * x**2 / 2 * u.diff(x, 2)
        + joint * first * second * x * y * u.diff(x, y)
        + second**2 * y**2 / 2 * u.diff(y, 2)
    )
    carried = rate * (x * u.diff(x) + y * u.diff(y) - u)
    start = Eq(u(x, y, 0), Max(x - y, 0))
    return Problem(box, Eq(u.diff(t), diffusion + carried), start, *on_sides(box, exact)), exact


def slanted():
    """Diffusion that is not the same in all directions, a wind, and decay."""
    across = 2 * x - y
    exact = exponential(-t) * ramp(across + 2 * t, 4)
    diffusion = u.diff(x, 2) + u.diff(x, y) + 2 * u.diff(y, 2)
    law = Eq(u.diff(t), diffusion + u.diff(x) - u)
    return Problem(square, law, Eq(u(x, y, 0), Max(across, 0)), *on_sides(square, exact)), exact


LINE = x + 2 * y - Rational(3, 10)
STEP = x + y - Rational(1, 5)
SMALLER = (x + y) / 2 - (ramp(x - y, 2) + ramp(y - x, 2)) / 2
STARTS = {
    "kink": (heat(Max(LINE, 0), ramp(LINE, 5)), ramp(LINE, 5), 1),
    "smaller one": (heat(Min(x, y), SMALLER), SMALLER, 1),
    "jump": (
        heat(Piecewise((1, STEP > 0), (0, True)), complementary(-STEP / sqrt(8 * t)) / 2),
        complementary(-STEP / sqrt(8 * t)) / 2,
        0,
    ),
    "option": (*margrabe(), 1),
    "slanted": (*slanted(), 1),
}
SMOOTH = sin(pi * x) * cos(pi * y)
OTHERS = {
    "smooth": (heat(SMOOTH, SMOOTH), False),
    "circle": (heat(Max(Rational(1, 4) - x**2 - y**2, 0), x), True),
    "pyramid": (heat(Max(Rational(3, 4) - Abs(x) - Abs(y), 0), x), True),
}


@pytest.mark.parametrize("name", sorted(STARTS))
def test_surfaces_of_jumps_and_kinks_are_found(name):
    problem, _, order = STARTS[name]
    (surface,) = disagreeing(compile_problem(problem)).surfaces
    assert surface.first == order


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_others_have_no_such_functions(name):
    problem, kinked = OTHERS[name]
    system = compile_problem(problem)
    assert candidates(system) == []
    assert sides_have_kinks(system) == kinked


def test_a_distance_is_that_of_the_equation():
    """Between two assets it is that of their logarithms."""
    problem, _, _ = STARTS["option"]
    functions = disagreeing(compile_problem(problem))
    (sheet,) = functions.build({"x": (0.5, 2), "y": (0.5, 2), "t": (0, 1)}, 0).sheets
    at = np.random.default_rng(0).uniform(0.6, 1.8, (50, 3))
    at[:, 1] = at[:, 0] * np.random.default_rng(1).uniform(0.9, 1.1, 50)
    found = sheet.distance(sheet.box.new_tensor(at), [(0, 0, 0)])[0, 0, 0].numpy()
    wanted = np.log(at[:, 0] / at[:, 1])
    ratio = found / wanted
    np.testing.assert_allclose(ratio, ratio.mean(), rtol=1e-6)
    spread = 0.3**2 + 0.2**2 - 2 * 0.5 * 0.3 * 0.2
    assert sheet.surface.diffusivity == pytest.approx(spread / 2 * ratio.mean() ** 2)


def gap_of(solution, problem, exact):
    low, high = problem.domain.bounds.T
    places = low + np.random.default_rng(0).random((4000, 3)) * (high - low)
    wanted = lambdify(
        (x, y, t), exact, [{"erfc": erfc, "erf": lambda z: 2 * ndtr(z * 2**0.5) - 1}, "numpy"]
    )(*places.T)
    return np.sqrt(((solution(places) - wanted) ** 2).mean() / wanted.var())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(STARTS))
def test_starts_with_jumps_and_kinks_are_met(name):
    problem, exact, _ = STARTS[name]
    solution = solve(problem, tolerance=1e-5)
    assert solution.stopped == "met"
    assert gap_of(solution, problem, exact) < solution.estimate


def test_draws_that_know_nothing_of_a_kink_do_not_vouch_for_each_other():
    """Both were off alike at the kink: their difference was 0.6 of the error."""
    problem, exact, _ = STARTS["option"]
    system, ridges = compile_problem(problem), BoxPlanes({x: 3, y: 3, t: 1})
    fitted = fit(system, Dense(900, 1, "tanh", ridges), 0)
    assert fitted.residual < DOUBT.unreliable
    error = gap_of(lambda at: fitted.field.values(at)[0].numpy(), problem, exact)
    assert least_error(system, fitted.field, 0, 0.0, fitted.residual) > error
