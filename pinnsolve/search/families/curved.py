"""Curved fronts: where residual or slope is concentrated along a curve, its distance becomes one
more coordinate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from scipy.linalg import eigh

from pinnsolve.basis.adapted.lifted import FRONT, Level, Lifted, LiftedBasis
from pinnsolve.basis.initialize import Waves
from pinnsolve.compile.system import System
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.search.families.family import Family, Parameter, scales
from pinnsolve.search.families.hints import concentrations, highest_order
from pinnsolve.search.families.localized import LOCALIZED
from pinnsolve.search.families.smooth import MANY_COORDINATES
from pinnsolve.search.fit import Fit


@dataclass(frozen=True)
class CurvedFronts:
    """Where curved fronts are looked for, and how functions vary across them."""

    # Of the polynomial whose zeros are the front: conics, quadrics, cubics
    degrees: tuple[int, ...] = (2, 3)
    # A relative residual below which no front is missed
    no_front_below: float = 0.03
    # Order of the equations: jets of higher order through the new coordinate cost more than they
    # gain
    highest_order: int = 2
    # Among which those are found where something is concentrated
    points: int = 4096
    # Times their distance from the front
    thicknesses: tuple[float, ...] = (1.0, 2.0)
    # Waves across and along the front
    across: float = 8.0
    along: float = 3.0


CURVED = CurvedFronts()

KIND = "curved front"


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """Curves through what is concentrated, for a few thicknesses and scales; of a curved front,
    through what is now.
    """
    names = [c.name for c in system.domain.coordinates]
    side = float(np.ptp(system.domain.bounds, axis=1).max())
    resolved = fitted.residual < CURVED.no_front_below and family.kind != KIND
    costly = highest_order(system) > CURVED.highest_order
    if not 1 < len(names) < MANY_COORDINATES or resolved or costly:
        return []
    proposed = []
    for level, spread in _curves(system, fitted):
        shapes = [
            (
                *scales([*names, FRONT], [*[CURVED.along] * len(names), CURVED.across]),
                Parameter("thickness", by * spread, steep=False),
            )
            for by in CURVED.thicknesses
        ]
        if family.kind == KIND:
            shapes = [family.shape]
        if spread < LOCALIZED.concentrated * side:
            proposed += [Family(KIND, shape, partial(_lifted, level=level)) for shape in shapes]
    return proposed


def _curves(system: System, fitted: Fit) -> list[tuple[Level, float]]:
    """Some for everything that may be concentrated, with the distance of that from it."""
    x = sample_region(system.domain, CURVED.points, fitted.seed + 5).x
    for basis in fitted.field.bases:
        if not isinstance(basis, LiftedBasis):
            continue
        near = array_of(basis.gather(tensor_of(x, fitted.field.like)))
        x = np.concatenate([x, near[system.domain.contains(near)]])
    bounds = system.domain.bounds
    return [
        through(at, weights / weights.sum(), bounds, degree)
        for at, weights in concentrations(system, fitted, x)
        for degree in CURVED.degrees
    ]


def through(x: Array, weights: Array, bounds: Array, degree: int) -> tuple[Level, float]:
    """A polynomial near its zero at weighted points `(n, dim)`, with slope 1 there, and its root
    mean square, a distance.

    Taubin (1991): of all polynomials the one with the least sum of squares for its slopes, an
    eigenvalue problem. Monomials are of the coordinates on the box [-1, 1]; the result is in the
    given ones.
    """
    dim = x.shape[1]
    middle, half = bounds.mean(axis=1), np.ptp(bounds, axis=1) / 2
    exponents = [e for e in product(range(degree + 1), repeat=dim) if sum(e) <= degree]
    z = tensor_of((x - middle) / half)
    monomials = [Level(((e, 1.0),)) for e in exponents]
    values = np.stack([array_of(m(z, (0,) * dim)) for m in monomials])
    slopes = np.stack([(array_of(m.gradient(z)) / half).T for m in monomials])  # (terms, dim, n)
    left = np.einsum("in,jn,n->ij", values, values, weights)
    right = np.einsum("ikn,jkn,n->ij", slopes, slopes, weights)
    # Monomials are nearly dependent on the curve itself, which makes the matrix singular there.
    smallest = np.finfo(np.float64).eps * np.trace(left)
    ratios, vectors = eigh(right, left + smallest * np.eye(len(left)))
    c = vectors[:, -1] / np.sqrt(ratios[-1])
    terms: dict[tuple[int, ...], float] = {}
    for e, factor in zip(exponents, c, strict=True):
        for lower, part in _expanded(e, middle, half):
            terms[lower] = terms.get(lower, 0.0) + float(factor * part)
    return Level(tuple(terms.items())), float(ratios[-1] ** -0.5)


def _expanded(
    exponents: tuple[int, ...], middle: Array, half: Array
) -> list[tuple[tuple[int, ...], float]]:
    """prod ((x - middle) / half)^e in powers of x."""
    lines = [
        np.poly1d([1 / h, -m / h]) ** e for e, m, h in zip(exponents, middle, half, strict=True)
    ]
    return [
        (
            powers,
            float(np.prod([line.coeffs[::-1][k] for line, k in zip(lines, powers, strict=True)])),
        )
        for powers in product(*(range(e + 1) for e in exponents))
    ]


def _lifted(shape: Mapping[str, float], width: int, level: Level) -> Lifted:
    waves = {name: s for name, s in shape.items() if name != "thickness"}
    return Lifted(width, level, shape["thickness"], Waves(waves))
