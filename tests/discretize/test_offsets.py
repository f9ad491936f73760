"""Offsets: a temperature in kelvin is judged as it is in degrees. Sizes are those of deviations
from the mean.
"""

from __future__ import annotations

import pytest
import torch
from sympy import Derivative, Eq, I, Integer, Subs

from pinnsolve import Budget, Dense, Problem, Waves, solve
from pinnsolve.basis.basis import Basis
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.problem import difference
from pinnsolve.discretize.changes import relative_change
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.expansion import Expansion
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.integral import ENTRIES as INTEGRALS
from pinnsolve.symbols.occurrences import separate
from small_problems import compiled, declared

# Integrals do not move with their letters here; of an unknown of 4e-5, whose square counts 3e7
# times, 128 more leave no digit.
NEITHER = {*(entry.__name__ for entry in INTEGRALS), "robertson"}
POINTWISE = [name for name in CATALOGUE if name not in NEITHER]

OFFSET = Integer(128)
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning"
)  # of budgets too small, which are compared


def shifted(problem):
    """The same problem for unknowns that are `OFFSET` larger, in both parts of complex ones."""

    def occurrence(o):
        u = o.function(*o.function.coordinates)
        orders = [(c, k) for c, k in zip(o.function.coordinates, o.index, strict=True) if k]
        if not orders:
            parts = 1 + I if o.function.values == "complex" else 1
            return o.function(*o.arguments) - OFFSET * parts
        moved = [(c, a) for c, a in zip(o.function.coordinates, o.arguments, strict=True) if c != a]
        value = Derivative(u, *orders)
        return Subs(value, *zip(*moved, strict=True)) if moved else value

    equations = []
    for condition in problem.conditions:
        rest, found = separate(difference(condition))
        side = rest.xreplace({d: occurrence(o) for d, o in found.items()})
        equations.append(Eq(side, 0, evaluate=False) @ condition.region)
    return Problem(problem.domain, *equations)


class WithOne(Basis):
    """The functions of a basis, and 1."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.size = inner, inner.size + 1

    def forward(self, points, indices):
        value = [
            points.new_full((len(points), 1), float(index == (0,) * points.shape[1]))
            for index in indices
        ]
        return torch.cat([self.inner(points, indices), torch.stack(value)], dim=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", POINTWISE)
def test_residuals_and_differences_are_measured_about_the_mean(name):
    problem, system = declared(name), compiled(name)
    other = compile_problem(shifted(problem))
    inner = Dense(12, 1, "sin", Waves(3.0)).build(bounds_by_name(problem), 0)
    random = torch.Generator().manual_seed(1)
    small = 1 + 0.1 * torch.rand(
        system.n_unknowns, inner.size, generator=random, dtype=torch.float64
    )
    here = torch.cat([small, small.new_zeros(len(small), 1)], dim=1)
    there = torch.cat([small, small.new_full((len(small), 1), float(OFFSET))], dim=1)
    basis = WithOne(inner)
    found = relative_residuals(other, Expansion.of(basis, there), 3)
    assert found == pytest.approx(
        relative_residuals(system, Expansion.of(basis, here), 3), rel=0.5, abs=1e-12
    )
    x = torch.rand(
        500,
        len(problem.domain.coordinates),
        generator=torch.Generator().manual_seed(2),
        dtype=torch.float64,
    ).numpy()
    change = [Expansion.of(basis, c).values(x) for c in (here, 1.01 * here, there)]
    moved = change[2] + (change[1] - change[0])
    assert relative_change(other, moved, change[2]) == pytest.approx(
        relative_change(system, change[1], change[0]), rel=1e-4
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["poisson_2d", "square_minus_disk", "variable_diffusion", "heat_1d", "beam", "bratu_1d"],
)
def test_offsets_change_no_verdict(name):
    problem = CATALOGUE[name]()
    first, second = (
        solve(p, tolerance=1e-6, budget=Budget(columns=400), seed=1)
        for p in (problem, shifted(problem))
    )
    assert (first.stopped, first.null_space) == (second.stopped, second.null_space)
    assert max(second.estimate, 1e-10) == pytest.approx(max(first.estimate, 1e-10), rel=0.5)
