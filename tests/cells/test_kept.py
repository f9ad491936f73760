"""Cells that were condensed once, against those that are condensed for the target."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, exp

from pinnsolve import Box, Dense, Problem, Waves, coordinates, laplacian, unknown
from pinnsolve.cells.eliminate import Elimination, Raw, Trace
from pinnsolve.cells.kept import factored
from pinnsolve.cells.kinds import Kinds
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.spaces import cells_of
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.tree import grid

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
PERIODIC = [
    Eq(U(0, Y), U(1, Y)),
    Eq(U.diff(X).subs(X, 0), U.diff(X).subs(X, 1)),
    Eq(U(X, 0), 1),
    Eq(U(X, 1), 0),
]


@pytest.mark.parametrize(
    "sides", [[Eq(U, X) @ SQUARE.boundary], PERIODIC], ids=["walls", "periodic"]
)
def test_any_target_is_solved_as_if_it_had_been_condensed_with(sides):
    system = compile_problem(Problem(SQUARE, Eq(U - laplacian(U), exp(X)), *sides))
    tree = grid(SQUARE.bounds, (4, 3))
    waves = Dense(40, activation="sin", initialize=Waves(3.0))
    rows = rows_of(system, cells_of(system, tree, [waves] * 12, 0), 0)
    first = Kinds.of(rows).first
    with torch.no_grad():
        kept = factored(Elimination(tree, rows.raw, rows.members, first=first))
    generator = torch.Generator().manual_seed(0)

    def drawn(like):
        return torch.randn(like.shape, generator=generator, dtype=like.dtype)

    known = [rows.raw(k) for k in range(12)]
    targets = [drawn(raw.target) for raw in known]
    offsets = [{key: drawn(t.offset) for key, t in raw.traces.items()} for raw in known]

    def other(number):
        raw = known[number]
        traces = {k: Trace(t.matrix, offsets[number][k]) for k, t in raw.traces.items()}
        return Raw(raw.rows, targets[number], traces, raw.free)

    wanted = Elimination(tree, other, rows.members, first=first).decided()
    found = kept.solve(targets, offsets)
    assert kept.kept == wanted.kept
    assert torch.allclose(kept.singular, wanted.singular)
    x = torch.from_numpy(np.random.default_rng(0).random((30, 2)))
    for space, a, b in zip(rows.cells.spaces, found, wanted.coefficients, strict=True):
        with torch.no_grad():
            phi = space.blocks[0](x, [(0, 0)])[0]
        assert torch.allclose(phi @ a, phi @ b, atol=1e-7 * float((phi @ b).abs().max()))
