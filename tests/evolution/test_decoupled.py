"""Least squares that fall apart, beside those of all rows and columns together."""

from __future__ import annotations

import pytest
import torch
from sympy import Eq, sin

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import constrained_form
from pinnsolve.evolution.decoupled import decoupled
from pinnsolve.evolution.held import held_of

X, Y, T = coordinates("x y t")
U, V, P = (unknown(name, X, Y, T) for name in "uvp")


def drawn(rows, columns, seed):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed)).double()


def mirrored_rows(seed):
    """Of even and odd columns, each in three blocks: one a kind, and two on opposite sides."""
    signs = torch.tensor([1.0, -1.0] * 4).double()
    even, odd = drawn(6, 8, seed), drawn(6, 8, seed + 1)
    even[:, 1::2], odd[:, ::2] = 0.0, 0.0
    side = drawn(3, 8, seed + 2)
    return [torch.cat([even, odd]), side, side * signs]


@pytest.mark.parametrize("seed", range(3))
def test_what_falls_apart_is_solved_as_all_together(seed):
    blocks = mirrored_rows(seed)
    right = [drawn(len(b), 2, seed + 9) for b in blocks]
    found = decoupled(blocks, range(3), 1e-11)
    together = torch.linalg.lstsq(torch.cat(blocks), torch.cat(right)).solution
    assert [len(group.columns) for group in found.groups] == [4, 4]
    assert torch.allclose(found.solved(right), together, rtol=0, atol=1e-12)
    assert found.share == pytest.approx(0.5**0.5)


@pytest.mark.parametrize("heard", [(0,), (0, 1), (0, 2)])
def test_rows_without_data_are_not_asked_for_unless_their_mirror_images_have_some(heard):
    blocks = mirrored_rows(0)
    found = decoupled(blocks, heard, 1e-11)
    right = [drawn(len(b), 1, 9) * (k in heard) for k, b in enumerate(blocks)]
    together = torch.linalg.lstsq(torch.cat(blocks), torch.cat(right)).solution
    assert found.heard == ((0,) if heard == (0,) else (0, 1, 2))
    asked = [right[k] for k in found.heard]
    assert torch.allclose(found.solved(asked), together, rtol=0, atol=1e-12)


def test_columns_that_rows_leave_open_have_no_solution():
    blocks = mirrored_rows(1)
    blocks[0][:, 0] = blocks[0][:, 2]
    blocks[1][:, 0] = blocks[1][:, 2]
    blocks[2][:, 0] = blocks[2][:, 2]
    assert decoupled(blocks, range(3), 1e-11) is None
    assert decoupled([drawn(3, 4, 0)], (0,), 1e-11) is None


def flow(shift):
    """In a square, values on all sides, the pressure from a place on; the force, at the end, knows
    directions, and so does what a wall gives.
    """
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
    sides = Box({X: (0, 1), Y: (0, 1)}).boundary * Interval(T, 0, 1)
    laws = [w.diff(T) + U * w.diff(X) + P.diff(c) - laplacian(w, X, Y) for w, c in ((U, X), (V, Y))]
    return Problem(
        domain,
        Eq(laws[0], sin(X + 3 * Y)),
        Eq(laws[1] + shift * V.diff(Y), 0),
        Eq(U.diff(X) + V.diff(Y), 0),
        *[Eq(w, T * sin(2 * X - Y)) @ sides for w in (U, V, P)],
        *[Eq(w(X, Y, 0), 0) for w in (U, V)],
    )


@pytest.mark.parametrize(("shift", "groups"), [(0, 4), (1, 2)])
def test_flows_fall_apart_along_each_coordinate_that_laws_know_no_direction_of(shift, groups):
    system = compile_problem(flow(shift))
    held = held_of(system, constrained_form(system), (7, 7), 8)
    assert len(held.solution.groups) == groups
