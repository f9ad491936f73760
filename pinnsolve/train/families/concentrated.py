"""Adaptive coordinates around the place where the residual is concentrated: peaks, spots, near singularities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.stretch import Stretched
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Array, fills_domain
from pinnsolve.train.families.family import Family, Parameter, scales
from pinnsolve.train.families.learned import gradients
from pinnsolve.train.families.smooth import MANY
from pinnsolve.train.fit import Fit
from pinnsolve.train.measure import residual_field

KIND = "spot"
SAMPLES = 4096
WORST = 0.02  # of the points: if they hold more than
HELD = 0.3  # of the squared residual, it is concentrated
WAVES = (12.0, 24.0)
THICKER = (1.0, 2.0)  # times the spread of the worst points


def variants(system: System, family: Family, found: Fit) -> list[Family]:
    """All coordinates stretched around the centre of residual or slope, if a few points hold much of it."""
    names = [c.name for c in system.domain.coordinates]
    if family.kind.startswith(KIND) or not 2 <= len(names) < MANY:
        return []
    proposed = []
    for x, squares in _densities(system, found):
        worst = np.argsort(squares)[-round(WORST * len(squares)) :]
        if squares[worst].sum() < HELD * squares.sum():
            continue
        centre = np.average(x[worst], axis=0, weights=squares[worst])
        spread = float(np.sqrt(np.average(((x[worst] - centre) ** 2).mean(axis=1), weights=squares[worst])))
        declare = partial(_stretched, at=tuple(zip(names, centre.tolist(), strict=True)))
        for by in THICKER:
            thickness = Parameter("thickness", by * max(spread, 1e-6 * system.domain.size), steep=False)
            proposed += [Family(KIND, (*scales(names, [s] * len(names)), thickness), declare, family.extra) for s in WAVES]
    return proposed


def _densities(system: System, found: Fit) -> Iterator[tuple[Array, Array]]:
    """Squared residuals of the equations, and squared slopes of the solution, each on points of the domain."""
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            x, values = residual_field(residual, found.basis, found.coefficients, SAMPLES, found.seed + 5)
            yield x, values.square().numpy()
    x, slopes = gradients(system, found)
    yield x, slopes.square().sum(dim=(0, 1)).numpy()


def _stretched(shape: Mapping[str, float], width: int, at: tuple[tuple[str, float], ...]) -> Stretched:
    waves = {name: s for name, s in shape.items() if name != "thickness"}
    return Stretched(Dense(width, 1, "sin", Waves(waves)), shape["thickness"], dict(at))
