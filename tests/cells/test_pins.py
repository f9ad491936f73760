"""Points near where a condition holds at a point alone: what a solution is off by there, it is off
by everywhere.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, cos, exp, lambdify, sin

from pinnsolve import Box, Budget, Problem, compile_problem, coordinates, laplacian, unknown
from pinnsolve.cells import pins
from pinnsolve.cells.solve import solved
from pinnsolve.discretize.points import sample_region
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.strategies.wavelengths import waves_of

x, y = coordinates("x y")
a, b, p = (unknown(name, x, y) for name in "abp")
SQUARE = Box({x: (0, 1), y: (0, 1)})
STREAM, PRESSURE = sin(3 * x + y) * exp(y), cos(4 * x) * exp(2 * y)
EXACT = {a: STREAM.diff(y), b: -STREAM.diff(x), p: PRESSURE - PRESSURE.subs({x: 0, y: 0})}


def slow_flow() -> Problem:
    """Of a known stream function, its pressure given in one corner."""
    laws = [(p.diff(c) - laplacian(v)) for c, v in ((x, a), (y, b))]
    return Problem(
        SQUARE,
        *(Eq(law, law.subs(EXACT).doit()) for law in laws),
        Eq(a.diff(x) + b.diff(y), 0),
        *(Eq(v, EXACT[v]) @ SQUARE.boundary for v in (a, b)),
        Eq(p(0, 0), 0),
        exact=EXACT,
    )


def constant_off(share: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """What the pressure's constant is off by: the root mean square of some seeds."""
    monkeypatch.setattr(pins, "NEAR_PINS", replace(pins.NEAR_PINS, share=share))
    problem = slow_flow()
    system = compile_problem(problem)
    layout = first_layout(system, (1, 1), waves_of(90, 7.0), 1e-4)
    points = sample_region(SQUARE, 500, 0).x
    known, number = lambdify((x, y), EXACT[p])(*points.T), problem.unknowns.index(p)
    found = []
    for seed in range(7):
        field = solved(system, layout.tree, layout.parts, seed, Budget()).field
        found.append(np.mean(field.values(points)[number].numpy() - known))
    return float(np.linalg.norm(found))


def test_the_constant_of_a_pressure_is_better_known_with_points_near_its_pin(monkeypatch):
    with_points = constant_off(pins.NEAR_PINS.share, monkeypatch)
    assert with_points < constant_off(0.0, monkeypatch) / 2


def test_points_near_a_pin_stay_in_the_region_and_in_its_cell():
    system = compile_problem(slow_flow())
    law = system.residuals[0].condition.region
    inside = sample_region(law, 200, 0).x / 2
    every = pins.with_pins(inside, [np.zeros(2)], law, 0)
    near = every[len(inside) :]
    assert len(near) == 100
    assert ((near > 0) & (near < 0.5)).all()
    distance = np.linalg.norm(near, axis=1)
    assert np.median(distance) < np.median(np.linalg.norm(inside, axis=1)) / 4
    assert len(pins.with_pins(inside, [], law, 0)) == len(inside)
