"""A particular solution of lap u + k u = f in a cell, for a number k and an f that is smooth there.

Along each coordinate f is expanded, by least squares, in cosines and sines of (j + 1/2) pi t / 2, t
from 0 to 1 in the cell: waves that go on to twice the cell have no ends to hold there (Fourier
extension: Huybrechs, SIAM J. Numer. Anal. 47 (2010) 4326). Each product of them is divided by its
symbol k - |w|^2, which half-integers keep from zero where k is; what that gives is written in
Legendre's polynomials. So what a cell is given needs no other functions, and those that solve the
equation without it are enough beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

from pinnsolve.basis.adapted.particular import Particular, ParticularBasis
from pinnsolve.basis.basis import Basis
from pinnsolve.cells.points import chebyshev
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.lines import degree_of, lines_along
from pinnsolve.discretize.points import fills_domain
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.jets.indices import members

Source = Callable[[Array], Array]
# Values of a solution on a grid of places along each coordinate, all of one cell.
OnGrid = Callable[[Sequence[Array]], Array]


@dataclass(frozen=True)
class Expansion:
    """How a right-hand side is expanded in a cell."""

    # Of the largest: Chebyshev coefficients below it are left out
    left: float = 1e-6
    # Nodes along a coordinate, and lines, on which they are looked at
    nodes: int = 48
    lines: int = 8
    # Points at which it is looked at what a solution leaves of its equation
    fresh: int = 256
    # Degrees more than these, for the solution
    more: int = 14
    # Singular values of waves on twice a cell, below which combinations are left out: with 1e-9
    # their cubes, in space, are round-off that the operator multiplies
    cut: float = 1e-7


EXPANSION = Expansion()


def particular_in(system: System, box: Array, square: float) -> Particular | None:
    """What is declared for a cell's box `(dim, 2)`; None, where its equation is given nothing, or
    what is no smooth function in the whole box, a hole included.
    """
    source, lines, degrees = source_of(system), EXPANSION.lines, []
    for axis in range(len(box)):
        x = lines_along(box, axis, lines, EXPANSION.nodes)
        values = source(x).reshape(lines, -1)
        if not (np.isfinite(values).all() and np.abs(values).max() > 0):
            return None
        degrees.append(degree_of(values, EXPANSION.left))
    if max(degrees) > EXPANSION.nodes // 2:
        return None
    return Particular(tuple(degree + EXPANSION.more for degree in degrees), square)


def known_to(basis: Basis, system: System, box: Array, shared: OnGrid | None = None) -> Basis:
    """The basis of a cell's box `(dim, 2)`, in which its particular solution is known: the `shared`
    one, if there is one.
    """
    for part in basis.modules():
        if isinstance(part, ParticularBasis):
            source, shape = source_of(system), part.coefficients.shape
            known = (
                coefficients(source, part.square, box, shape)
                if shared is None
                else restricted(shared, box, shape)
            )
            part.coefficients.copy_(tensor_of(known))
    return basis


def left_by(
    declared: Particular, system: System, box: Array, shared: OnGrid | None = None
) -> float:
    """What a particular solution leaves of its equation in a box `(dim, 2)`, relative: all draws of
    other functions share it, so that their difference does not tell.
    """
    names = [c.name for c in system.domain.coordinates]
    bounds = dict(zip(names, map(tuple, box.tolist()), strict=True))
    basis = known_to(declared.build(bounds, 0), system, box, shared)
    unit = np.random.default_rng(1).random((EXPANSION.fresh, len(box)))
    x, dim = _placed(unit, box), len(box)
    second = [tuple(2 * (axis == k) for axis in range(dim)) for k in range(dim)]
    value, curved = array_of(basis(tensor_of(x), [(0,) * dim, frozenset(second)]))[:, :, 0]
    given = source_of(system)(x)
    left = curved + declared.square * value - given
    return float(np.linalg.norm(left) / np.linalg.norm(given))


def coefficients(source: Source, square: complex, box: Array, shape: Sequence[int]) -> Array:
    """Those of a solution of lap u + square u = source in a box `(dim, 2)`, in Legendre's
    polynomials of mean square one: of this `shape`, which is one number a coordinate.
    """
    places = [chebyshev(n) for n in shape]
    unit = np.stack(np.meshgrid(*places, indexing="ij"), axis=-1)
    values: Array = source(_placed(unit.reshape(-1, len(box)), box)).reshape(shape)
    waves, symbol = [], np.full((1,) * len(box), square)
    for axis, (t, side) in enumerate(zip(places, np.ptp(box, axis=1), strict=True)):
        turns = (np.arange(len(t)) + 0.5) * np.pi / 2
        waves.append(np.hstack([np.cos(np.outer(t, turns)), np.sin(np.outer(t, turns))]))
        values = along(np.linalg.pinv(waves[-1], rcond=EXPANSION.cut), values, axis)
        squares = np.square(np.concatenate([turns, turns]) / side)
        symbol = symbol - squares.reshape([-1 if k == axis else 1 for k in range(len(box))])
    values = values / symbol
    for axis, (t, wave) in enumerate(zip(places, waves, strict=True)):
        values = along(_to_legendre(t) @ wave, values, axis)
    return values


def restricted(shared: OnGrid, box: Array, shape: Sequence[int]) -> Array:
    """The coefficients of a solution that cells share, in a box `(dim, 2)`: of this `shape`."""
    unit = [chebyshev(n) for n in shape]
    values = shared(
        [low + side * t for t, low, side in zip(unit, box[:, 0], np.ptp(box, axis=1), strict=True)]
    )
    for axis, t in enumerate(unit):
        values = along(_to_legendre(t), values, axis)
    return values


def _to_legendre(t: Array) -> Array:
    """What makes coefficients of values at as many places `(n,)` of the unit interval, `(n, n)`."""
    table = legendre.legvander(2 * t - 1, len(t) - 1) * np.sqrt(2 * np.arange(len(t)) + 1)
    return np.asarray(np.linalg.inv(table), dtype=np.float64)


def along(matrix: Array, values: Array, axis: int) -> Array:
    """A matrix `(m, n)` applied along one axis of values, whose side there is n."""
    turned: Array = np.moveaxis(np.tensordot(matrix, values, (1, axis)), 0, axis)
    return turned


def _placed(unit: Array, box: Array) -> Array:
    placed: Array = box[:, 0] + np.ptp(box, axis=1) * unit
    return placed


def source_of(system: System) -> Source:
    """The right-hand side f of lap u + k u = f, which the only equation says, at points."""
    (residual,) = (r for r in system.residuals if fills_domain(r.condition.region))
    return lambda x: -array_of(residual.data(tensor_of(x), None)) / _of_laplacian(residual, x)


def _of_laplacian(residual: Residual, x: Array) -> Array:
    """The coefficient of the first second derivative at points `(n, dim)`: `(n,)`."""
    second = (2, *[0] * (x.shape[1] - 1))
    rows = array_of(residual.coefficients(tensor_of(x), None))
    held = [second in members(slot.index) for slot in residual.slots]
    return np.asarray(rows[held].sum(axis=0), dtype=np.float64)
