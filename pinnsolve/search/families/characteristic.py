"""Features of boundary and initial data that travel: along characteristics, lines on which an
equation carries them inwards.

In the plane, a direction n is normal to a characteristic where the principal part vanishes, sum_(i
+ j = m) a_ij n_1^i n_2^j = 0 with the coefficients a_ij of the highest order m (Courant and
Hilbert, vol. 2, ch. 3). Across it, the coordinate n . x is stretched around the line through the
feature. Coefficients are taken at the feature: curved characteristics are not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import product

import numpy as np

from pinnsolve.basis.adapted.rotated import Rotated
from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.basis import Declaration, Domain
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.places import Place, places
from pinnsolve.discretize.points import fills_domain
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.jets.indices import order_of
from pinnsolve.search.families.family import Family, Parameter
from pinnsolve.search.families.located import LOCATED, shares

KIND = "characteristic"

# Unit normal n, n . x on the line, and the width across it.
Line = tuple[tuple[float, float], float, float]


def candidates(system: System) -> list[Family]:
    """Waves in coordinates across all characteristics that begin at narrow features of the data on
    faces.
    """
    inside = [r for r in system.residuals if fills_domain(r.condition.region)]
    if len(system.domain.coordinates) != 2 or system.n_unknowns > 1 or len(inside) != 1:
        return []
    lines = tuple(line for place in places(system) for line in _lines(system, inside[0], place))
    if not 0 < len(lines) <= LOCATED.most_places:
        return []
    bounds = bounds_by_name(system.problem)
    wider = Parameter("wider", 1.0, steep=False)
    # No wave along the lines, too: what has neither sources nor terms of lower order is carried as
    # it is.
    shapes = [
        (Parameter("across", a), Parameter("along", b), wider)
        for a, b in product(LOCATED.stretched_waves, (0.0, *LOCATED.side_waves))
    ]
    return [Family(KIND, shape, partial(_across, bounds=bounds, lines=lines)) for shape in shapes]


def _lines(system: System, equation: Residual, place: Place) -> list[Line]:
    """The characteristics through a feature of one coordinate on a face where the other is
    fixed.
    """
    names = [c.name for c in system.domain.coordinates]
    if len(place.at) != 1 or set(place.at) | set(place.fixed) != set(names):
        return []
    ((name, (centre, width)),) = place.at.items()
    point = np.array([centre if n == name else place.fixed[n] for n in names])
    # A line along a coordinate is left out: that is stretched as it is.
    return [
        ((float(n[0]), float(n[1])), float(n @ point), float(abs(n[names.index(name)]) * width))
        for n in normals(equation, point)
        if np.abs(n).min() > 1e-6
    ]


def normals(equation: Residual, point: Array) -> list[Array]:
    """Unit normals `(2,)` of the characteristics of an equation in the plane at a point `(2,)`."""
    order = max(order_of(s.index) for s in equation.slots)
    x = tensor_of(point[None])
    held = equation.by_derivative(x)
    # By the order in the first coordinate.
    principal = np.array([held.get((k, order - k), 0.0) for k in range(order + 1)])
    if not np.isfinite(principal).all() or not principal.any():
        return []
    roots = np.roots(principal[::-1])
    real = np.unique(roots[np.abs(roots.imag) < 1e-9 * (1 + np.abs(roots))].real)
    return [np.array([r, 1.0]) / np.hypot(r, 1.0) for r in real]


def _across(
    shape: Mapping[str, float], width: int, bounds: Domain, lines: tuple[Line, ...]
) -> Declaration:
    plain, each = shares(width, len(lines))
    first, second = bounds
    corners = np.array(list(product(*bounds.values())))
    slowest = max(shape["along"], LOCATED.side_waves[0])
    parts: list[Declaration] = [Dense(plain, 1, "sin", Waves(slowest))]
    for normal, place, width_across in lines:
        thickness = shape["wider"] * width_across
        ends = corners @ np.array(normal) - place
        span = float(np.ptp(np.arcsinh(np.array([ends.min(), ends.max()]) / thickness)))
        along = {second: shape["along"]} if shape["along"] else {}
        waves = Waves({first: shape["across"] * span, **along})
        within = Stretched(Dense(each, 1, "sin", waves), thickness, {first: place})
        parts.append(Rotated(within, (normal, (-normal[1], normal[0])) if along else (normal,)))
    return Sum(tuple(parts))
