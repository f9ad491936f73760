"""What residuals count near the corners of a flow: as much as they change the solution."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix, diags, identity, kron
from scipy.sparse.linalg import splu

from pinnsolve import compile_problem
from pinnsolve.basis.adapted.biharmonic import FlowCornerFunctions
from pinnsolve.discretize.flow_corners import known_flow_corners
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.rough import Rough, Roughness, roughness
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Block, Space
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.composite import COMPOSITE

CAVITY = compile_problem(CATALOGUE["cavity_100"]())


def points(n, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 2, generator=generator, dtype=torch.float64)


def test_corners_are_rough_where_walls_slide_or_a_corner_is_re_entrant():
    assert [corner.at for corner in roughness(CAVITY).corners] == [(0, 1), (1, 1)]
    # In a right angle stream functions have the power 3.74 (Moffatt 1964), of 270 degrees
    # velocities 0.5445; one more than that counts.
    assert roughness(CAVITY).corners[0].power == pytest.approx(4.7396, abs=1e-4)
    step = roughness(compile_problem(COMPOSITE["backward_step"]()))
    assert [corner.at for corner in step.corners] == [(2, 1)]
    assert step.corners[0].power == pytest.approx(1.5445, abs=1e-4)
    # A pressure is like a slope of the velocity.
    assert step.lower == (0, 0, 1)
    for smooth in ("kovasznay", "beltrami"):
        assert not roughness(compile_problem(CATALOGUE[smooth]())).corners


def test_an_equation_counts_what_its_slopes_and_derivatives_count_together():
    x, rough, (law, *conditions) = points(50), roughness(CAVITY), CAVITY.residuals
    whole = rough.of_equation(law, x)
    near = 2 * torch.stack([(x - x.new_tensor(at)).norm(dim=1) for at in ((0, 1), (1, 1))])
    torch.testing.assert_close(whole, (near.clamp(max=1.0) ** 4).prod(dim=0))
    own = rough.of_derivatives(x, [rough.order(s.unknown, s.index) for s in law.slots])
    torch.testing.assert_close(own * rough.of_slopes(law, x), whole.expand_as(own))
    for condition in conditions:
        assert (rough.of_equation(condition, x) == 1).all()
        assert (rough.of_slopes(condition, x) == 1).all()


def test_no_power_above_that_of_the_corner_counts():
    rough = Roughness((Rough((0.0, 0.0), 1.5),), 0.5, (0,))
    x = torch.tensor([[0.125, 0.0], [0.0, 2.0]], dtype=torch.float64)
    counted = rough.of_derivatives(x, [0, 1, 2, 4])
    assert counted[:, 0].tolist() == pytest.approx([1, 1 / 4, 1 / 8, 1 / 8])
    assert (counted[:, 1] == 1).all()


def test_the_residual_of_a_scraped_fluid_is_the_same_on_all_points():
    """Its terms grow like r^-3: without weights, the nearest point decides."""
    basis = FlowCornerFunctions(known_flow_corners(CAVITY)).build({"x": (0, 1), "y": (0, 1)}, 0)
    field = Expansion(Space((Block(basis),)), torch.linspace(1, 2, basis.size).double())
    seen = [relative_residuals(CAVITY, field, seed, 2048)[0] for seed in range(5)]
    assert max(seen) < 1.2 * min(seen)


def clamped(n):
    """The squared Laplacian on n x n cells of the unit square, zero with its slopes on all sides:
    finite differences.
    """
    ones = np.ones(n - 1)
    second = diags([ones[1:], -2 * ones, ones[1:]], [-1, 0, 1])
    ends = np.where(np.isin(np.arange(n - 1), (0, n - 2)), 7.0, 6.0)
    fourth = diags([ones[2:], -4 * ones[1:], ends, -4 * ones[1:], ones[2:]], [-2, -1, 0, 1, 2])
    one = identity(n - 1)
    both = kron(fourth, one) + 2 * kron(second, second) + kron(one, fourth)
    return csr_matrix(both * n**4)


def test_a_load_near_a_corner_bends_a_plate_by_what_it_counts():
    """Loads in ever smaller disks near the corner, of one size where they count: what they bend
    falls no slower. As they are, loads of one size bend ever less.
    """
    n = 128
    solve = splu(clamped(n).tocsc()).solve
    line = np.arange(1, n) / n
    x = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    rough = Roughness((Rough((0.0, 0.0), 4.74),), 0.5, (0,))
    counted = rough.of_derivatives(torch.from_numpy(x), [4])[0].numpy()
    bent, plain = [], []
    for r in (1 / 4, 1 / 8, 1 / 16):
        load = (np.linalg.norm(x - r, axis=1) < r / 2).astype(float)
        u = np.linalg.norm(solve(load))
        bent.append(u / np.linalg.norm(counted * load))
        plain.append(u / np.linalg.norm(load))
    assert max(bent) < 3 * bent[0]
    assert bent[2] > bent[0] / 10
    assert plain[2] < plain[0] / 100
