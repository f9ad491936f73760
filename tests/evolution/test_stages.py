"""A stage over space is the evolution's own equation, with what a stage knows of its rate."""

from __future__ import annotations

import pytest
import torch
from sympy import Eq, cos, exp, sin

from pinnsolve import Ball, Box, Interval, Problem, coordinates, sample_region, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.stages import stages_of

X, Y, T = coordinates("x y t")
U, V = (unknown(name, X, Y, T) for name in "uv")
PLATE = Box({X: (0, 2), Y: (0, 1)}) - Ball({X: 1, Y: 0.5}, 0.2)
TIME = Interval(T, 0, 3)


def problem(*equations, domain=PLATE * TIME):
    return compile_problem(Problem(domain, *equations))


def stages(system):
    return stages_of(system, evolution_form(system))


def reacting():
    return problem(
        Eq(exp(X) * U.diff(T) + U * U.diff(X), U.diff(X, 2) + U.diff(Y, 2) + V * sin(T)),
        Eq(V.diff(T), V.diff(X, Y) - U**3),
        Eq(U(X, Y, 0), X),
        Eq(V(X, Y, 0), Y),
        Eq(U, T) @ PLATE.boundary,
        Eq(V, 0) @ PLATE.boundary,
    )


def test_residuals_and_slopes_are_those_of_the_evolution():
    system = reacting()
    made, form = stages(system), evolution_form(system)
    laws = [*(law.residual for law in form.laws), *form.sides]
    torch.manual_seed(0)
    t, size = 1.7, 0.3
    for k, (whole, stage) in enumerate(zip(laws, made.system.residuals, strict=True)):
        p = sample_region(stage.condition.region, 20, 0)
        x, normals = p.tensors()
        normals = torch.full_like(x, torch.nan) if normals is None else normals
        u = torch.randn(len(stage.slots), len(x), dtype=torch.float64)
        data = made.data(k, t, 1 / size, len(x))
        data[:, 2:] = torch.randn(data[:, 2:].shape, dtype=torch.float64)
        known, full = iter(data[:, 2:].T), u.clone()
        for i, order in enumerate(made.orders[k]):
            if order:
                full[i] = u[i] / size + next(known)
        given = torch.cat([normals, data], dim=1)
        still = torch.cat([normals, torch.zeros(len(x), 1, dtype=torch.float64)], dim=1)
        at = made.at(x, t)
        assert torch.allclose(stage.value(x, given, u), whole.value(at, still, full))
        slopes = whole.slopes(at, still, full)
        factors = [1 / size if order else 1.0 for order in made.orders[k]]
        wanted = slopes * slopes.new_tensor(factors)[:, None]
        assert torch.allclose(stage.slopes(x, given, u), wanted)


def test_regions_of_space_are_those_of_the_evolution():
    made = stages(reacting())
    assert made.system.domain == PLATE
    assert [r.condition.region for r in made.system.residuals][2:] == [PLATE.boundary] * 2
    assert not made.steady


@pytest.mark.parametrize(("factor", "steady"), [(1, True), (1 + T, False)])
def test_matrices_are_the_same_where_slopes_do_not_change(factor, steady):
    made = stages(
        problem(
            Eq(U.diff(T), factor * (U.diff(X, 2) + U.diff(Y, 2)) + cos(T)),
            Eq(U(X, Y, 0), X),
            Eq(U, T) @ PLATE.boundary,
        )
    )
    assert made.steady is steady


def test_waves_are_no_such_stages():
    """In cells their spurious modes grow: see docs/decisions/0033."""
    box = Box({X: (0, 1), Y: (0, 1)})
    system = problem(
        Eq(U.diff(T, 2), U.diff(X, 2) + U.diff(Y, 2)),
        Eq(U(X, Y, 0), sin(X)),
        Eq(U.diff(T).subs(T, 0), 0),
        Eq(U, 0) @ box.boundary,
        domain=box * TIME,
    )
    assert stages(system) is None


def heated(law, *sides):
    return problem(Eq(law, 0), Eq(U(X, Y, 0), 0), *sides)


def test_what_changes_for_an_instant_is_not_steady():
    """No sample of times sees it: the symbols do."""
    flash = exp(-(((T - 1.2345) * 10**6) ** 2))
    walls = Eq(U, T) @ (PLATE.boundary * TIME)
    law = U.diff(T) - U.diff(X, 2) - U.diff(Y, 2)
    assert stages(heated(law - flash, walls)).steady
    assert not stages(heated(law + flash * U, walls)).steady
    # A side that is another one for a moment has no functions of its own for all times.
    assert evolution_form(heated(law, Eq((1 + flash) * U, T) @ (PLATE.boundary * TIME))) is None


def test_stages_know_when_data_are_narrow():
    flash = exp(-(((T - 1.2345) * 10**4) ** 2))
    law = U.diff(T) - U.diff(X, 2) - U.diff(Y, 2)
    ((at, width),) = stages(heated(law - flash, Eq(U, 0) @ (PLATE.boundary * TIME))).narrow
    assert abs(at - 1.2345) < width < 1e-2
