"""Adaptive coordinates for spots and fronts: stretched around the place where data, residual or
slope are concentrated.

The points that hold the largest of them are weighed, and their principal axes taken: small in all
directions, they are a spot, and every coordinate is stretched around it; small in one, they are a
front, and the coordinate across it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Localized:
    """What counts as a spot or a front, how many there may be, and by which waves they are
    resolved.
    """

    # Spots and fronts that join the first
    most_joined: int = 3
    # Among which those are found where something is concentrated
    points: int = 4096
    # A deviation, relative to the domain's side, of what is concentrated (even points have 0.29)
    concentrated: float = 0.1
    # Of the side, for a front that is exactly a plane: it has no thickness of its own
    thinnest: float = 1e-6
    # Times the deviation: the thicknesses that are tried
    deviations: tuple[float, ...] = (1.0, 2.0)
    # In a spot; across a front, and along it
    spot_waves: tuple[float, ...] = (12.0, 24.0)
    front_waves: tuple[float, ...] = (6.0, 12.0)
    along_front: float = 3.0


LOCALIZED = Localized()


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """Spots and fronts, each for a few thicknesses and scales."""
    names = [c.name for c in system.domain.coordinates]
    if len(names) >= MANY_COORDINATES or family.kind.count(KIND_JOIN) == LOCALIZED.most_joined:
        return []
    sides = np.ptp(system.domain.bounds, axis=1)
    units = sides if np.ptp(sides) > 0 else np.ones_like(sides)  # in which distances are measured
    side = float((sides / units).max())
    points = sample_region(system.domain, LOCALIZED.points, fitted.seed + 5).x
    proposed = [
        each
        for x, weights in concentrations(system, fitted, points)
        for each in _where_concentrated(names, x / units, weights, side, family)
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


def _where_concentrated(
    names: Sequence[str], x: Array, weights: Array, side: float, family: Family
) -> list[Family]:
    """Spots, if weighted points `(n, dim)` are near each other in all directions; fronts, if in
    one.
    """
    centre = np.average(x, axis=0, weights=weights)
    covariance = np.cov(x.T, aweights=weights, ddof=0).reshape(len(names), len(names))
    variances, axes = np.linalg.eigh(covariance)
    # A front that is exactly a plane has no thickness of its own: none is divided by.
    deviations = np.sqrt(np.maximum(variances, (LOCALIZED.thinnest * side) ** 2))
    if deviations[0] > LOCALIZED.concentrated * side:
        return []
    if deviations[-1] < LOCALIZED.concentrated * side:
        spot = partial(stretched, at=tuple(zip(names, centre.tolist(), strict=True)))
        return [
            Family("spot", shape, spot, family.extra)
            for by in LOCALIZED.deviations
            for shape in _spot_shapes(names, by * float(deviations.mean()))
        ]
    rows = tuple(map(tuple, axes.T.tolist()))
    front = partial(_front, names=tuple(names), rows=rows)
    return [
        Family(
            "front",
            (
                *scales(["across", "along"], [s, LOCALIZED.along_front]),
                *_place(centre, rows, by, deviations),
            ),
            front,
        )
        for by in LOCALIZED.deviations
        for s in LOCALIZED.front_waves
    ]


def _spot_shapes(names: Sequence[str], thickness: float) -> list[Shape]:
    parameter = Parameter("thickness", thickness, steep=False)
    return [(*scales(names, [s] * len(names)), parameter) for s in LOCALIZED.spot_waves]


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
