"""Where cells are not good enough: residuals inside them, and jumps at their faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.cells.places import orders, rows_of
from pinnsolve.cells.points import DENSITY, as_drawn
from pinnsolve.cells.rows import Rows
from pinnsolve.cells.sizes import sizes_across, sizes_of
from pinnsolve.cells.teams import dealt
from pinnsolve.compile.system import System
from pinnsolve.discretize.rough import Roughness, roughness
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.cellwise import Cells, Cellwise
from pinnsolve.fields.field import Field
from pinnsolve.fields.moving import Moving
from pinnsolve.fields.tree import Face, faces
from pinnsolve.mgrit.communicator import ALONE, Communicator

# Times at which the jumps of cells that move are measured.
MOMENTS = 6


@dataclass(frozen=True, eq=False)
class Judged:
    """Of every cell, `(n_cells,)`: residuals on fresh points, in the size of the operators times
    functions of size one, and jumps of values at its faces, relative; each in the root mean square
    over the whole domain, so that their squares add up. `jump` is that of all faces.
    """

    residuals: Array
    jumps: Array
    jump: float

    @property
    def faults(self) -> Array:
        """Both together, `(n_cells,)`."""
        return np.hypot(self.residuals, self.jumps)


def judged(rows: Rows, field: Cellwise, seed: int, ranks: Communicator = ALONE) -> Judged:
    """Residuals and jumps of a field in its cells, on points that no solve has seen; each rank
    looks at its own cells.
    """
    sizes = sizes_of(rows.system, field, seed)
    cells, boxes = rows.cells, rows.cells.tree.cells
    volumes = np.array([np.ptp(box, axis=1).prod() for box in boxes])
    parts = np.sqrt(volumes / volumes.sum())
    fresh = rows_of(rows.system, rows.cells, seed, placed=as_drawn, ranks=ranks)
    shares = dealt(rows.cells.tree, ranks.size)
    residuals = _of_all(ranks, shares, lambda k: _residual(fresh, field, k, sizes))
    unit, rough = unit_points(cells, seed), roughness(rows.system)
    cuts = [len(rows.faces) * r // ranks.size for r in range(ranks.size + 1)]
    jumps = _of_all(
        ranks,
        list(pairwise(cuts)),
        lambda k: jump_of(cells, rows.orders, field, rows.faces[k], sizes, unit, rough),
    )
    each = largest_beside(rows.faces, jumps, len(boxes))
    whole = jump_of_all(rows.faces, jumps)
    return Judged(np.array(residuals) * parts, each * parts, whole)


def jump_in(system: System, field: Field, seed: int, order: int = 0) -> float:
    """The jump of values where the cells of a field meet, or of derivatives of an `order` across
    their faces, relative, in the root mean square over all faces, at the worst of some times; zero
    for a field that has no cells.

    What a wrong solution leaves may stand there alone: a layer that no cell resolves.
    """
    if isinstance(field, Moving):
        times = np.linspace(float(field.times[0]), float(field.times[-1]), MOMENTS)
        moments, axis = [field.at(t) for t in times.tolist()], [field.axis]
    elif isinstance(field, Cellwise):
        moments, axis = [field], []
    else:
        return 0.0
    highest = np.delete(np.array(orders(system)), axis, 1)
    sizes = np.delete(array_of(sizes_across(system, field, seed, order)), axis, 1)
    cells = moments[0].cells
    between, unit, rough = tuple(faces(cells.tree)), unit_points(cells, seed), roughness(system)
    return max(
        jump_of_all(
            between,
            [jump_of(cells, highest, m, f, sizes[:, f.axis], unit, rough, order) for f in between],
        )
        for m in moments
    )


def kink_in(system: System, field: Field, seed: int) -> float:
    """The jump of derivatives where the cells of a field meet, of the worst of those orders that
    the equations leave continuous: beside a flux that jumps they hold on both sides, as if there
    were a source between them.
    """
    if not isinstance(field, (Cellwise, Moving)):
        return 0.0
    highest = range(1, int(np.max(orders(system))))
    return max((jump_in(system, field, seed, order) for order in highest), default=0.0)


def jump_of_all(between: Sequence[Face], jumps: Sequence[float]) -> float:
    """The root mean square over all faces of the jump of each."""
    areas = [np.prod(np.delete(np.ptp(face.bounds, axis=1), face.axis)) for face in between]
    return float(np.sqrt(np.dot(areas, np.square(jumps)) / max(np.sum(areas), 1e-300)))


def largest_beside(between: Sequence[Face], jumps: Sequence[float], count: int) -> Array:
    """The largest jump of every cell's faces, `(count,)`."""
    each = np.zeros(count)
    for face, jump in zip(between, jumps, strict=True):
        for k in (face.below, face.above):
            each[k] = max(each[k], jump)
    return each


def unit_points(cells: Cells, seed: int) -> Array:
    """Where jumps are measured, `(n, dim)`, in the unit cube."""
    return np.random.default_rng(seed).random((DENSITY.on_face, len(cells.tree.bounds)))


def _residual(rows: Rows, field: Cellwise, number: int, sizes: Tensor) -> float:
    part, largest = field.parts[number], 0.0
    for residual, p in rows.local[number]:
        x, normals = p.tensors(part.like)
        with torch.no_grad():
            u = part.slots(residual, x)
            value = residual.value(x, normals, u)
            slopes = residual.slopes(x, normals, u)
            if p.factors is not None:
                factors = tensor_of(p.factors, part.like)
                value, slopes = factors * value, factors * slopes
            # Of functions of size one: what the rows of least squares are divided by.
            norms = torch.stack(
                [
                    f.square().mean().sqrt() * sizes[s.unknown]
                    for f, s in zip(part.space.slots(residual, x), residual.slots, strict=True)
                ]
            )
        scale = float((slopes * norms[:, None]).square().sum(dim=0).mean().sqrt())
        size = float(value.square().mean().sqrt())
        largest = max(largest, size / scale if scale > 0 else size)
    return largest


def _of_all(
    ranks: Communicator, shares: Sequence[tuple[int, int]], of: Callable[[int], float]
) -> list[float]:
    """A number for each of some things, of which every rank has its share."""
    own = DOUBLE.new_tensor([of(k) for k in range(*shares[ranks.rank])])
    return ranks.gathered(own, [end - first for first, end in shares]).tolist()


def jump_of(
    cells: Cells,
    highest: Sequence[Sequence[int]] | NDArray[np.int_],
    field: Cellwise,
    face: Face,
    sizes: Tensor | Array,
    unit: Array,
    rough: Roughness,
    order: int = 0,
) -> float:
    """The root mean square of the jump of values on a face, or of the derivative of an order across
    it, in units of `sizes (n_unknowns,)`, of the worst unknown; at points `unit (n, dim)` of the
    unit cube. `highest` are the orders of the equations. At a rough corner these count as in
    residuals.
    """
    low, high = face.bounds[:, 0], face.bounds[:, 1]
    x = low + (high - low) * unit
    index, largest = tuple(order * (a == face.axis) for a in range(len(low))), 0.0
    for unknown, region in enumerate(cells.supports):
        both = cells.alive[unknown, [face.below, face.above]].all()
        at = x[region.contains(x, 0.0)] if both else x[:0]
        if len(at) and highest[unknown][face.axis] > order:
            with torch.no_grad():
                a, b = (
                    field.parts[k](tensor_of(at, field.like), [index])[unknown, 0]
                    for k in (face.below, face.above)
                )
            counted = rough.of_derivatives(tensor_of(at, a), [rough.order(unknown, index)])[0]
            size = float((counted * (a - b)).square().mean().sqrt()) / float(sizes[unknown])
            largest = max(largest, size)
    return largest
