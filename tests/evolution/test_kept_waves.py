"""Steps of waves against modes, and what is kept of a path through many nodes."""

from __future__ import annotations

import math

import pytest
import torch
from sympy import Eq, cos, pi

from pinnsolve import Box, Interval, Problem, laplacian
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import compile_problem
from pinnsolve.evolution import kept
from pinnsolve.evolution.kept import Kept, at_nodes
from pinnsolve.evolution.strides import Modified, Runge, strides_of
from pinnsolve.evolution.vibrated import vibrated
from pinnsolve.evolution.vibration import vibration_of
from pinnsolve.evolution.wavelike import wavelike
from pinnsolve.fields.pieces import Pieces
from small_waves import T, U, X, Y, closed, damped, driven, layers, missed, starts


def loaded():
    """u_tt + 3 u = laplacian(u) + cos(pi x), closed: about a bent rest, at a rate of its own."""
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
    law = Eq(U.diff(T, 2) + 3 * U, laplacian(U, X, Y) + cos(pi * X))
    return Problem(domain, law, *closed(domain), *starts(domain, 0, cos(pi * X)))


def vibration(problem, counts=(4, 2), degree=8):
    system = compile_problem(problem)
    return vibration_of(system, wavelike(system), counts, degree)


def test_steps_by_the_modified_equation_have_order_four_in_value_and_rate():
    own = vibration(loaded())
    omega = math.sqrt(math.pi**2 + 3)
    at = torch.cos(math.pi * own.pieces[0].places)[:, None].expand(own.shape)
    rest, errors = at / omega**2, []
    for steps in (80, 160):
        strides = Modified(own, steps, 1 / steps)
        u, v, a = strides.shown(strides.after(0.0, strides.begun()))
        shape = math.sin(omega) / omega * at - math.cos(omega) * rest
        rate = math.cos(omega) * at + math.sin(omega) * omega * rest
        errors.append(max(float((u - rest - shape).abs().max()), float((v - rate).abs().max())))
        assert torch.allclose(a, -(omega**2) * (u - rest), atol=1e-5)
    assert errors[0] < 1e-5
    assert errors[1] < errors[0] / 14


@pytest.mark.parametrize(("made", "kind"), [(layers, Modified), (damped, Runge), (driven, Runge)])
def test_what_feels_no_rate_and_no_moving_data_takes_half_of_the_evaluations(made, kind):
    assert isinstance(strides_of(vibration(made()[0]), 0.1), kind)


def test_values_at_other_nodes_are_those_of_the_polynomials():
    before = (Pieces(0.0, 1.0, 5, 4), Pieces(-1.0, 1.0, 3, 3))
    after = (Pieces(0.0, 1.0, 3, 6), Pieces(-1.0, 1.0, 7, 2))
    values = [a.places[:, None] ** 4 * b.places**3 + b.places for a, b in (before, after)]
    assert torch.allclose(at_nodes(values[0], before, after), values[1], atol=1e-13)


def test_long_paths_keep_fewer_nodes_and_more_again_where_they_miss():
    own = (Pieces(0.0, 1.0, 40, 4),) * 2
    x, y = own[0].places[:, None], own[1].places
    smooth, rough = torch.cos(3 * x + y), torch.cos(60 * x + y)
    path = Kept((own,), (0.0,), ((smooth,) * 3,))
    assert path.thinned(10, 1e-5).layouts == (own,)
    path = path.thinned(10_000, 1e-6).suited(smooth, 1e-6)
    few = path.states[0][0].numel()
    assert few < 0.2 * smooth.numel()
    path = path.after([1.0], [(smooth,) * 3]).suited(rough, 1e-3).after([2.0], [(rough,) * 3])
    assert few < path.states[0][0].numel() < smooth.numel()
    _, states = path.joined()
    back = at_nodes(states[0, 2].reshape(path.states[2][0].shape), path.layouts[0], own)
    assert float((back - rough).abs().max()) < 3e-3
    path = path.suited(torch.rand(smooth.shape, dtype=DOUBLE.dtype), 1e-3)
    assert path.layouts == (own,)
    assert float((path.states[1][0] - smooth).abs().max()) < 1e-5


def test_a_path_through_fewer_nodes_is_the_same_wave(monkeypatch):
    problem, domain, exact = layers()
    monkeypatch.setattr(kept, "KEEPING", kept.Keeping(large=0))
    field = vibrated(vibration(problem, (40, 20), 4), 1e-3, lambda: None, 1e9)
    assert field.functions < 0.6 * 161 * 81
    assert missed(field, domain, exact) < 1e-3
    assert field.states.dtype == torch.float32
    assert field.values(domain.bounds.T).dtype == torch.float64
