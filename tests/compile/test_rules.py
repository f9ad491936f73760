"""A trace with a quadrature rule: rows that take integrals of the unknown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, sin

from pinnsolve import LSGD, Dense, Interval, Problem, coordinates, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.compile.traces import Rule
from pinnsolve.fields.field import Field
from pinnsolve.search.fit import fit

(x,) = coordinates("x")
v = unknown("v", x)
line = Interval(x, 0, 1)
GAUSS = [torch.from_numpy(part) for part in np.polynomial.legendre.leggauss(12)]
NODES, WEIGHTS = (GAUSS[0] + 1) / 2, GAUSS[1] / 2
whole = Rule(
    lambda at: NODES[None, :, None].expand(len(at), -1, -1),
    lambda at: WEIGHTS.expand(len(at), -1),
    12,
)
so_far = Rule(lambda at: at[:, None] * NODES[None, :, None], lambda at: at * WEIGHTS, 12)


def with_rule(problem, number, trace, rule):
    """The compiled problem, one of whose conditions takes an integral where it took a value."""
    system = compile_problem(problem)
    residual = system.residuals[number]
    traces = list(residual.traces)
    traces[trace] = replace(traces[trace], points=None, rule=rule)
    residuals = list(system.residuals)
    residuals[number] = replace(residual, traces=tuple(traces))
    return replace(system, residuals=tuple(residuals))


# v' = cos x with the mean of v given, and Volterra's equation v - (integral of v from 0 to x) = 1.
mean = with_rule(Problem(line, Eq(v.diff(x), cos(x)), Eq(v(0), 1 - np.cos(1.0))), 1, 0, whole)
memory = with_rule(Problem(line, Eq(v - v.subs(x, x / 2), 1)), 0, 0, so_far)
SYSTEMS = {"a mean": (mean, sin(x)), "a memory": (memory, exp(x))}


@pytest.mark.parametrize("kind", SYSTEMS)
def test_integrals_determine_the_solution(kind):
    system, exact = SYSTEMS[kind]
    found = fit(system, Dense(40, activation="sin"), 0)
    at = np.linspace(0, 1, 41)[:, None]
    expected = [float(exact.subs(x, value)) for value in at[:, 0]]
    assert found.field.values(at)[0].numpy() == pytest.approx(expected, abs=1e-9)
    assert found.residual < 1e-9


def by_hand(field, residual, slot, at):
    """What one row takes for a slot, node by node."""
    trace = residual.traces[slot.trace]
    place = at if trace.points is None else trace.points(at.T, 1).T
    if trace.rule is None:
        return float(field(place, [slot.index])[slot.unknown, 0, 0])
    pairs = zip(trace.rule.weights(place)[0], trace.rule.nodes(place)[0], strict=True)
    return sum(float(w * field(node[None], [slot.index])[slot.unknown, 0, 0]) for w, node in pairs)


@pytest.mark.parametrize("kind", SYSTEMS)
def test_spaces_and_fields_take_the_same_integrals(kind):
    system, _ = SYSTEMS[kind]
    field = fit(system, Dense(20), 0).field
    at = torch.linspace(0.1, 1, 7, dtype=torch.float64)[:, None]
    with torch.no_grad():
        for residual in system.residuals:
            held = field.slots(residual, at)
            assert torch.allclose(held, Field.slots(field, residual, at), rtol=1e-8, atol=1e-8)
            expected = [[by_hand(field, residual, s, p[None]) for p in at] for s in residual.slots]
            assert held.numpy() == pytest.approx(np.array(expected), abs=1e-8)


def test_a_basis_is_trained_through_integrals():
    before = fit(memory, Dense(6), 0)
    after = fit(memory, Dense(6), 0, method=LSGD(60))
    assert after.residual < 0.5 * before.residual
