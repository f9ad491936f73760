"""Neurons that others replace: taken out of a network without loss."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
from scipy.linalg import qr
from torch import nn

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.networks import DenseBasis
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.expansion import Expansion

# Rows a column, at which columns are compared.
PROBED = 2
SEED = 271_828


def one_hidden_layer(basis: Basis) -> DenseBasis | None:
    """The basis, if it is a plain network of one hidden layer."""
    return basis if isinstance(basis, DenseBasis) and len(basis.weights) == 1 else None


def without_redundant(
    system: System, field: Expansion, basis: DenseBasis, below: float
) -> DenseBasis:
    """The neurons of the last hidden layer whose columns are independent, in the equations about
    this solution.

    Columns of the tangent problem on fresh points, scaled to equal length, are ordered by QR with
    pivoting (Businger and Golub 1965); what is left of a column after those before it, relative to
    the first, decides. A small coefficient would not: large ones cancel where functions are nearly
    dependent.
    """
    size, unknowns = basis.size, system.n_unknowns
    problem = assemble(
        system, sample_points(system.problem, PROBED * size, SEED), field.space, field.coefficients
    )
    stacked = np.concatenate(
        [problem.matrix[:, k * size : (k + 1) * size] for k in range(unknowns)]
    )
    lengths = np.linalg.norm(stacked, axis=0)
    triangle, order = qr(
        stacked / np.maximum(lengths, 1e-300), mode="r", pivoting=True, check_finite=False
    )
    left = np.abs(np.diag(triangle))
    kept = np.sort(order[: max(1, int((left > below * left[0]).sum()))])
    smaller = deepcopy(basis)
    smaller.weights[-1] = nn.Parameter(basis.weights[-1].detach()[:, kept].clone())
    smaller.biases[-1] = nn.Parameter(basis.biases[-1].detach()[kept].clone())
    smaller.size = len(kept)
    return smaller
