"""A particular solution of lap u + k u = f in the whole box of a domain, which its cells share.

Where each cell has its own, these differ on faces by as much as what the equation is given makes,
and solutions of the equation alone have to make up for that, as short as it is. One for all leaves
them what walls and holes answer.

k may jump across one coordinate. On the pieces between, along each coordinate, functions are
Legendre's polynomials, continuous, and zero where the domain's side is `fixed`; eigenfunctions of
-u'' - k u among these make the equation one number for each product (Lynch, Rice, Thomas, Numer.
Math. 6 (1964) 185).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.polynomial import legendre
from scipy.linalg import block_diag, null_space

from pinnsolve.basis.adapted.particular import Particular
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.sums import summands
from pinnsolve.cells.particular import EXPANSION, Source, along, left_by, source_of
from pinnsolve.compile.system import System
from pinnsolve.discretize.lines import degree_of, lines_along
from pinnsolve.discretize.points import fills_domain
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.tree import Tree
from pinnsolve.jets.indices import order_of

Sides = tuple[tuple[bool, bool], ...]


@dataclass(frozen=True)
class Sharing:
    """When cells share a particular solution."""

    # Nodes along a piece, on which the data are looked at: their degree is less than half of that
    nodes: int = 512
    # Nodes of the box, at most: 0.5 s
    most: int = 2_000_000
    # Of the eigenvalue of the box's longest side: nearer to zero, what is shared would be large
    # beside the solution
    resonant: float = 0.1


SHARING = Sharing()


@dataclass(frozen=True, eq=False)
class Line:
    """Functions of one coordinate: combinations `modes (columns, n)` of orthonormal Legendre
    polynomials of some `degrees` on the pieces between `ends (pieces + 1,)`, and the `rates (n,)`
    of -u'' - k u.
    """

    ends: Array
    degrees: tuple[int, ...]
    modes: Array
    rates: Array

    def at(self, x: Array, piece: int) -> Array:
        """The functions at points `(m,)` of a piece: `(m, n)`."""
        first = sum(degree + 1 for degree in self.degrees[:piece])
        low, high = self.ends[piece : piece + 2]
        table = legendre.legvander(2 * (x - low) / (high - low) - 1, self.degrees[piece])
        table = table * _norms(self.degrees[piece], high - low)
        values: Array = table @ self.modes[first : first + self.degrees[piece] + 1]
        return values

    def nodes(self) -> tuple[Array, Array]:
        """Gauss's on every piece, `(m,)`, and the functions there times weights, `(m, n)`."""
        x, weighed = list[Array](), list[Array]()
        for piece, (low, high) in enumerate(pairwise(self.ends.tolist())):
            t, w = legendre.leggauss(self.degrees[piece] + 2)
            x.append(low + (high - low) * (t + 1) / 2)
            weighed.append((high - low) / 2 * w[:, None] * self.at(x[-1], piece))
        return np.concatenate(x), np.concatenate(weighed)


@dataclass(frozen=True, eq=False)
class Shared:
    """A solution in products of functions of `lines`, with `coefficients`, a side a coordinate."""

    lines: tuple[Line, ...]
    coefficients: Array

    def on(self, places: Sequence[Array]) -> Array:
        """Values on a grid of places `(m,)` along each coordinate, all of one cell."""
        values = self.coefficients
        for axis, (line, x) in enumerate(zip(self.lines, places, strict=True)):
            piece = np.searchsorted(line.ends[1:-1], x.mean())
            values = along(line.at(x, int(piece)), values, axis)
        return values


def shared_by(system: System, tree: Tree, parts: Sequence[Declaration]) -> Shared | None:
    """What cells share whose parts say so; None, where none does."""
    declared = [_particular(part) for part in parts]
    sides = next((each.shared for each in declared if each is not None and each.shared), None)
    return None if sides is None else _solution(system, tree, declared, sides)


def sides_to_share(
    system: System, tree: Tree, parts: Sequence[Declaration], goal: float
) -> Sides | None:
    """Which sides of the domain's box are fixed for a solution that cells share, of which no cell
    leaves more than the goal; None, where there is none.
    """
    declared = [_particular(part) for part in parts]
    for sides in _to_try(system):
        solution = _solution(system, tree, declared, sides)
        if solution is None:
            continue
        pairs = zip(tree.cells, declared, strict=True)
        left = (left_by(one, system, box, solution.on) for box, one in pairs if one is not None)
        if all(each <= goal for each in left):
            return sides
    return None


def _particular(part: Declaration) -> Particular | None:
    return next((one for one in summands(part) if isinstance(one, Particular)), None)


def _to_try(system: System) -> Iterator[Sides]:
    """Fixed sides as conditions ask for; and, since fixed ones that meet have edges at which
    solutions are rough, those across one coordinate alone, and none.
    """
    dim = len(system.domain.bounds)
    asked = tuple((_is_fixed(system, k, 0), _is_fixed(system, k, 1)) for k in range(dim))
    both, free = (True, True), (False, False)
    yield from dict.fromkeys((asked, (free,) * dim, (both, *(free,) * (dim - 1))))


def _is_fixed(system: System, axis: int, end: int) -> bool:
    """Whether a condition tells values, and nothing else, in the middle of a side."""
    at = system.domain.bounds.mean(axis=1)
    at[axis] = system.domain.bounds[axis, end]
    orders = [
        max((order_of(slot.index) for slot in r.slots), default=0)
        for r in system.residuals
        if not fills_domain(r.condition.region) and bool(r.condition.region.contains(at[None])[0])
    ]
    return max(orders, default=1) == 0


def _solution(
    system: System, tree: Tree, declared: Sequence[Particular | None], sides: Sides
) -> Shared | None:
    """None, where k is no function of one coordinate, data are not smooth on its pieces, or the
    box is near resonance.
    """
    pieces = _pieces(tree, declared)
    if pieces is None:
        return None
    across, ends, numbers = pieces
    source, bounds, lines = source_of(system), tree.bounds, list[Line]()
    for axis, fixed in enumerate(sides):
        own = ends if axis == across else bounds[axis]
        degrees = _degrees(source, bounds, axis, own)
        if degrees is None:
            return None
        squares = numbers if axis == across else [0.0]
        lines.append(_line(own, degrees, squares, fixed))
    return _solved(source, lines)


def _solved(source: Source, lines: Sequence[Line]) -> Shared | None:
    dim, total = len(lines), np.zeros((1,) * len(lines))
    for axis, line in enumerate(lines):
        total = total + line.rates.reshape([-1 if k == axis else 1 for k in range(dim)])
    longest = max(float(np.ptp(line.ends)) for line in lines)
    grids = [line.nodes() for line in lines]
    many = np.prod([len(x) for x, _ in grids])
    if many > SHARING.most or np.abs(total).min() < SHARING.resonant * (np.pi / longest) ** 2:
        return None
    x = np.stack(np.meshgrid(*[x for x, _ in grids], indexing="ij"), axis=-1)
    values = -source(x.reshape(-1, dim)).reshape(x.shape[:-1])
    for axis, (_, weighed) in enumerate(grids):
        values = along(weighed.T, values, axis)
    return Shared(tuple(lines), values / total)


def _pieces(
    tree: Tree, declared: Sequence[Particular | None]
) -> tuple[int, Array, list[float]] | None:
    """A coordinate, places along it, and k between these, where it is constant for all others."""
    known = [(box, one.square) for box, one in zip(tree.cells, declared, strict=True) if one]
    for axis in range(len(tree.bounds)):
        ends = np.unique([box[axis] for box in tree.cells])
        middles = (ends[1:] + ends[:-1]) / 2
        found = [{k for box, k in known if box[axis, 0] < at < box[axis, 1]} for at in middles]
        if all(len(each) == 1 for each in found):
            numbers = [each.pop() for each in found]
            kept = [0, *(k for k in range(1, len(numbers)) if numbers[k] != numbers[k - 1])]
            return axis, ends[[*kept, len(ends) - 1]], [numbers[k] for k in kept]
    return None


def _degrees(source: Source, bounds: Array, axis: int, ends: Array) -> tuple[int, ...] | None:
    """Of the data along a coordinate on the pieces between `ends`, and more for the solution."""
    found = list[int]()
    for low, high in pairwise(ends.tolist()):
        box = bounds.copy()
        box[axis] = low, high
        values = source(lines_along(box, axis, EXPANSION.lines, SHARING.nodes))
        if not np.isfinite(values).all():
            return None
        found.append(degree_of(values.reshape(EXPANSION.lines, -1), EXPANSION.left))
    if max(found) > SHARING.nodes // 2:
        return None
    return tuple(degree + 2 * EXPANSION.more for degree in found)


def _line(
    ends: Array, degrees: Sequence[int], squares: Sequence[float], fixed: tuple[bool, bool]
) -> Line:
    stiff, first, last = list[Array](), list[Array](), list[Array]()
    for (low, high), degree, square in zip(pairwise(ends.tolist()), degrees, squares, strict=True):
        norms, side = _norms(degree, high - low), high - low
        t, w = legendre.leggauss(degree + 2)
        slopes = 2 / side * legendre.legval(t, legendre.legder(np.diag(norms)))
        stiff.append(side / 2 * (slopes * w) @ slopes.T - square * np.eye(degree + 1))
        first.append(norms * (-1.0) ** np.arange(degree + 1))
        last.append(norms)
    lower, upper = (block_diag(*(row[None] for row in each)) for each in (first, last))
    held = [lower[: int(fixed[0])], lower[1:] - upper[:-1], upper[len(upper) - fixed[1] :]]
    rows = np.concatenate(held)
    free = null_space(rows) if len(rows) else np.eye(rows.shape[1])
    rates, vectors = np.linalg.eigh(free.T @ block_diag(*stiff) @ free)
    return Line(np.asarray(ends), tuple(degrees), free @ vectors, rates)


def _norms(degree: int, side: float) -> Array:
    """What makes Legendre's polynomials orthonormal on a piece so long."""
    norms: Array = np.sqrt((2 * np.arange(degree + 1) + 1) / side)
    return norms
