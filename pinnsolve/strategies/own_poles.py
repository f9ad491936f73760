"""Where equations are Helmholtz's own, lap u + k u = f with one number k: holes have its poles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.cells.spaces import inside
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import fills_domain
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.jets.indices import MultiIndex, members, unit


@dataclass(frozen=True)
class OwnPoles:
    """When an equation's own poles are taken, and how many."""

    # Points of a cell, at which coefficients are compared
    points: int = 16
    # Of the largest: coefficients that differ by no more are the same
    same: float = 1e-10
    # |k| times the square of the radius, below which Laplace's poles do: K_n(x) is n! / x^n
    least: float = 1e-4
    # Points of a great circle of a rim, at which data are looked at
    around: int = 256


OWN_POLES = OwnPoles()


def square_in(system: System, box: Array) -> float | None:
    """The number k, if all equations in a box `(dim, 2)` are lap u + k u = f, times constants, of
    one unknown each; None, if they are not.
    """
    found = list[float]()
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            x = inside(residual.condition.region, box, OWN_POLES.points, 0)
            if len(x):
                square = _square(residual, x)
                if square is None:
                    return None
                found.append(square)
    alike = len(found) > 0 and np.ptp(found) <= OWN_POLES.same * np.abs(found).max()
    return found[0] if alike else None


def _square(residual: Residual, x: Array) -> float | None:
    """That of an equation, by its coefficients at points `(n, dim)`."""
    alone = len({slot.unknown for slot in residual.slots}) == 1
    if not (residual.linear and alone and all(t.points is None for t in residual.traces)):
        return None
    rows = array_of(residual.coefficients(tensor_of(x), None))
    sums: dict[MultiIndex, Array] = {}
    for slot, row in zip(residual.slots, rows, strict=True):
        for member in members(slot.index):
            sums[member] = sums.get(member, np.zeros(len(x))) + row
    dim = x.shape[1]
    second = [tuple(2 * order for order in unit(dim, axis)) for axis in range(dim)]
    known = [sums.pop(index, np.zeros(len(x))) for index in (*second, (0,) * dim)]
    means = [float(values.mean()) for values in known]
    near = OWN_POLES.same * max(map(abs, means))
    constant = all(np.ptp(values) <= near for values in known)
    others = any(np.abs(values).max() > near for values in sums.values())
    isotropic = abs(means[0]) > near and np.ptp(means[:dim]) <= near
    return means[-1] / means[0] if constant and isotropic and not others else None


def with_own_poles(hole: Hole, square: float | None) -> Hole:
    """The hole with the poles of lap u + square u = f, where they are not Laplace's, and it is
    round.
    """
    if square is None or any(hole.focus) or abs(square) * hole.radius**2 < OWN_POLES.least:
        return hole
    return replace(hole, depth=0, square=square)


def order_of_data(system: System, hole: Hole, smallest: float) -> int:
    """The highest order around a hole, up to which data on its rim vary by more than this part of
    what they do most.
    """
    highest = 0
    for values in _on_rim(system, hole):
        size = np.abs(np.fft.rfft(values))
        large = np.flatnonzero(size > smallest * size.max()) if size.max() > 0 else [0]
        highest = max(highest, int(large[-1]))
    return highest


def _on_rim(system: System, hole: Hole) -> Iterator[Array]:
    """What every condition is given along the great circles of a rim in planes of two coordinates,
    `(n,)`.
    """
    dim, turn = len(hole.at), 2 * np.pi * np.arange(OWN_POLES.around) / OWN_POLES.around
    for axes in ((0, 1), (1, 2), (0, 2))[: 1 if dim == 2 else 3]:
        normals = np.zeros((len(turn), dim))
        normals[:, axes] = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        x = tensor_of(np.array(hole.at) + hole.radius * normals, DOUBLE)
        for residual in system.residuals:
            values = array_of(residual.data(x, tensor_of(normals, DOUBLE)))
            region = residual.condition.region
            holds = fills_domain(region) or region.contains(array_of(x)).all()
            if holds and np.isfinite(values).all():
                yield values
