"""Neurons along the directions in which the solution varies, learned from a first solution.

The covariance of the gradient, C = mean(grad u grad u'), shows them: weights are drawn as W =
C^(p/2) g. Where u depends on few combinations of the coordinates (ridge functions, oblique layers,
travelling waves) C has low rank, a few rounds of solving and learning find it, and a problem in
many dimensions becomes one in few. C is the active subspace matrix of Constantine, Dow and Wang,
SIAM J. Sci. Comput. 36 (2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch

from pinnsolve.basis.initialize import BoxPlanes, Matrix, Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.compile.system import System
from pinnsolve.discretize.points import sample_region
from pinnsolve.search.families.family import Family, Parameter
from pinnsolve.search.families.hints import gradients
from pinnsolve.search.families.smooth import IN_SPACE, shorter
from pinnsolve.search.fit import Fit

KIND = "oriented"


@dataclass(frozen=True)
class Oriented:
    """Which scales are tried in the directions of a solution."""

    # Activation, power p of the covariance, and scales tried
    tried: tuple[tuple[str, float, tuple[float, ...]], ...] = (
        ("sin", 1.0, (0.4, 0.8, 1.6)),
        ("sin", 0.5, (1.0, 2.0, 4.0)),
        ("tanh", 1.0, (0.7, 1.4, 2.8)),
    )
    # Times the scale of an oriented family, in newer directions
    again: tuple[float, ...] = (0.7, 1.0, 1.4)
    # Functions in space among which waves have these scales: more of them are shorter
    together: int = 480
    # On which gradients are averaged
    points: int = 2048


ORIENTED = Oriented()


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """Activations, powers and scales, in the directions of `fitted`; of an oriented family, itself
    in newer directions.
    """
    if len(system.domain.coordinates) == 1:
        return []
    if family.relearn is not None:
        anew = family.relearn(system, fitted, family)
        return [
            replace(anew, shape=(Parameter("scale", anew.values["scale"] * by),))
            for by in ORIENTED.again
        ]
    return [
        _with_directions(
            system,
            fitted,
            Family(f"{KIND} {name} {power}", (Parameter("scale", s),), _none, family.extra),
        )
        for name, power, tried in ORIENTED.tried
        for s in tried
    ]


def _with_directions(system: System, fitted: Fit, family: Family) -> Family:
    """The family with the directions of a solution."""
    _, name, power = family.kind.split(",")[0].split()
    slopes = gradients(system, fitted, sample_region(system.domain, ORIENTED.points, fitted.seed).x)
    flat = slopes.flatten(1)
    values, vectors = torch.linalg.eigh(flat @ flat.T / flat.shape[1])
    root = vectors @ torch.diag(values.clamp(min=0.0) ** (float(power) / 2)) @ vectors.T
    matrix = tuple(tuple(row) for row in root.tolist())
    return replace(
        family, declare=partial(_oriented, activation=name, matrix=matrix), relearn=_with_directions
    )


def _oriented(shape: Mapping[str, float], width: int, activation: str, matrix: Matrix) -> Dense:
    waves = activation == "sin"
    scale = shape["scale"]
    if waves and len(matrix) == IN_SPACE:
        scale *= shorter(width, ORIENTED.together)
    scaled = tuple(tuple(scale * entry for entry in row) for row in matrix)
    return Dense(width, 1, activation, Waves(scaled) if waves else BoxPlanes(scaled))


def _none(shape: Mapping[str, float], width: int) -> Dense:
    raise AssertionError("directions come from a solution")
