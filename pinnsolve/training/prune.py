"""Neurons that others replace: taken out of a network without loss."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import cast

import numpy as np
from scipy.linalg import qr
from torch import nn

from pinnsolve.basis.basis import Basis, Declaration
from pinnsolve.basis.networks import Dense, DenseBasis
from pinnsolve.basis.trained import Trained
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import sample_points
from pinnsolve.discretize.streams import STREAMS
from pinnsolve.fields.expansion import Expansion
from pinnsolve.symbols.given import number_of


def one_hidden_layer(basis: Basis) -> DenseBasis | None:
    """The basis, if it is a plain network of one hidden layer."""
    return basis if isinstance(basis, DenseBasis) and len(basis.weights) == 1 else None


def pruned(system: System, declared: Declaration, field: Expansion, below: float) -> Trained:
    """The basis of a solution without neurons that others replace to so small a share.

    Raises TypeError for anything but a network of one hidden layer, ValueError for a share that is
    not between 0 and 1.
    """
    network = one_hidden_layer(field.basis)
    if network is None:
        raise TypeError(
            f"only the neurons of one hidden layer, Dense(width), are pruned: this is {declared}"
        )
    if number_of(below) is None:
        raise TypeError(f"below must be a number, pruned(below=1e-10): got {below!r}")
    if not 0 < below < 1:
        raise ValueError(f"pruned(below) wants a share between 0 and 1: got {below}")
    smaller, drawn = without_redundant(system, field, network, below), cast(Dense, declared)
    return Trained(replace(drawn, width=smaller.size), smaller)


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
    points = sample_points(system.problem, 2 * size, STREAMS.pruned)  # two rows a column
    problem = assemble(system, points, field.space, field.coefficients)
    # A neuron goes only if it is dependent in the equations of all unknowns together.
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
