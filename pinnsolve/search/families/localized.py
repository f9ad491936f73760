"""Adaptive coordinates for spots and fronts: stretched around the place where data, residual or
slope are concentrated.

The points that hold the largest of them are weighed, and their principal axes taken: small in all
directions, they are a spot, and every coordinate is stretched around it; small in one, they are a
front, and the coordinate across it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from pinnsolve.basis.adapted.rotated import Rotated
from pinnsolve.basis.adapted.scaled import Scaled
from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Matrix, Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.compile.system import System
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array
from pinnsolve.search.families.family import Declare, Family, Parameter, Shape, scales
from pinnsolve.search.families.hints import concentrations
from pinnsolve.search.families.layers import stretched
from pinnsolve.search.families.smooth import MANY_COORDINATES
from pinnsolve.search.fit import Fit

LOCAL_KINDS = ("spot", "front")
KIND_JOIN = " and "
# Spots and fronts that join the first.
MOST_JOINED = 3
SPOT_SAMPLES = 4096
# A deviation, relative to the domain's side, of what is concentrated (even points have 0.29)
CONCENTRATED_BELOW = 0.1
DEVIATIONS = (1.0, 2.0)  # times the deviation
SPOT_WAVES = (12.0, 24.0)
FRONT_WAVES = (6.0, 12.0)
ALONG_FRONT = 3.0  # waves along a front


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """Spots and fronts, each for a few thicknesses and scales."""
    names = [c.name for c in system.domain.coordinates]
    if len(names) >= MANY_COORDINATES or family.kind.count(KIND_JOIN) == MOST_JOINED:
        return []
    sides = np.ptp(system.domain.bounds, axis=1)
    units = sides if np.ptp(sides) > 0 else np.ones_like(sides)  # in which distances are measured
    side = float((sides / units).max())
    proposed = []
    for x, weights in concentrations(
        system, fitted, sample_region(system.domain, SPOT_SAMPLES, fitted.seed + 5).x
    ):
        centre = np.average(x / units, axis=0, weights=weights)
        covariance = np.cov((x / units).T, aweights=weights, ddof=0).reshape(len(names), len(names))
        variances, axes = np.linalg.eigh(covariance)
        # A front that is exactly a plane has no thickness of its own: none is divided by.
        deviations = np.sqrt(np.maximum(variances, (1e-6 * side) ** 2))
        if deviations[0] > CONCENTRATED_BELOW * side:
            continue
        for by in DEVIATIONS:
            if deviations[-1] < CONCENTRATED_BELOW * side:
                thickness = Parameter("thickness", by * float(deviations.mean()), steep=False)
                spot = partial(stretched, at=tuple(zip(names, centre.tolist(), strict=True)))
                shapes = [(*scales(names, [s] * len(names)), thickness) for s in SPOT_WAVES]
                proposed += [Family("spot", shape, spot, family.extra) for shape in shapes]
            else:
                rows = tuple(map(tuple, axes.T.tolist()))
                front = partial(_front, names=tuple(names), rows=rows)
                proposed += [
                    Family(
                        "front",
                        (
                            *scales(["across", "along"], [s, ALONG_FRONT]),
                            *_place(centre, rows, by, deviations),
                        ),
                        front,
                    )
                    for s in FRONT_WAVES
                ]
    if np.ptp(sides) > 0:
        proposed = [
            replace(f, declare=partial(_scaled, within=f.declare, units=tuple(units.tolist())))
            for f in proposed
        ]
    return (
        [_joined(family, other) for other in proposed]
        if family.kind.startswith(LOCAL_KINDS)
        else proposed
    )


def _scaled(
    shape: Mapping[str, float], width: int, within: Declare, units: tuple[float, ...]
) -> Scaled:
    return Scaled(within(shape, width), units)


def _joined(family: Family, other: Family) -> Family:
    """Both side by side, the newcomer with half of the neurons; its parameters are told apart by a
    number.
    """
    number = family.kind.count(KIND_JOIN) + 1
    shape = tuple(replace(p, name=f"{p.name} {number}") for p in other.shape)
    declare = partial(
        _side_by_side, first=family.declare, second=other.declare, suffix=f" {number}"
    )
    return replace(
        family,
        kind=family.kind + KIND_JOIN + other.kind,
        shape=(*family.shape, *shape),
        declare=declare,
    )


def _side_by_side(
    shape: Mapping[str, float], width: int, first: Declare, second: Declare, suffix: str
) -> Declaration:
    late = {
        name.removesuffix(suffix): value for name, value in shape.items() if name.endswith(suffix)
    }
    early = {name: value for name, value in shape.items() if not name.endswith(suffix)}
    both: Declaration = first(early, width - width // 2) + second(late, width // 2)  # type: ignore[operator]
    return both


def _place(centre: Array, rows: Matrix, by: float, deviations: Array) -> Shape:
    thickness = by * float(deviations[0])
    place = Parameter("place", float(np.array(rows[0]) @ centre), thickness, steep=False)
    return place, Parameter("thickness", thickness, steep=False)


def _front(
    shape: Mapping[str, float], width: int, names: tuple[str, ...], rows: Matrix
) -> Declaration:
    """Across the front is the first turned coordinate, which goes by the name of the domain's
    first.
    """
    waves = Waves({name: shape["along"] if i else shape["across"] for i, name in enumerate(names)})
    within = Stretched(
        Dense(width, 1, "sin", waves), shape["thickness"], {names[0]: shape["place"]}
    )
    return Rotated(within, rows) if len(names) > 1 else within
