"""Where cells are not good enough: residuals inside them, and jumps at their faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    residuals = _of_all(ranks, shares, lambda k: [_residual(fresh, field, k, sizes)])[:, 0]
    unit, rough, between = unit_points(cells, seed), roughness(rows.system), rows.faces
    jumps = _of_all(
        ranks,
        shared(len(between), ranks),
        lambda k: jump_of(cells, rows.orders, field, between[k], sizes[None], unit, rough),
    )[:, 0]
    met = parts_inside(cells, between, unit)
    each = largest_beside(between, jumps, met, len(boxes))
    whole = jump_of_all(between, jumps, met)
    return Judged(residuals * parts, each * parts, whole)


def at_faces(
    system: System, field: Field, seed: int, ranks: Communicator = ALONE
) -> tuple[float, float]:
    """What the cells of a field leave where they meet, relative, in the root mean square over all
    faces, at the worst of some times: the jump of values, and that of derivatives across faces, of
    the worst of those orders that the equations leave continuous; zero for a field that has no
    cells.

    What a wrong solution leaves may stand there alone: a layer that no cell resolves. Beside a flux
    that jumps equations hold on both sides, as if there were a source between them.
    """
    if not isinstance(field, (Cellwise, Moving)):
        return 0.0, 0.0
    jump, *kinks = jumps_in(system, field, seed, range(max(1, np.max(orders(system)))), ranks)
    return jump, max(kinks, default=0.0)


def jumps_in(
    system: System,
    field: Cellwise | Moving,
    seed: int,
    across: Sequence[int],
    ranks: Communicator = ALONE,
) -> tuple[float, ...]:
    """The jump of derivatives of each order `across` faces, where an equation has higher ones; each
    rank looks at its own faces.
    """
    if isinstance(field, Moving):
        times = np.linspace(float(field.times[0]), float(field.times[-1]), MOMENTS)
        moments, axis = [field.at(t) for t in times.tolist()], [field.axis]
    else:
        moments, axis = [field], []
    highest = np.delete(np.array(orders(system)), axis, 1)
    sizes = [array_of(sizes_across(system, field, seed, order)) for order in across]
    along = np.delete(np.stack(sizes), axis, 2)
    cells = moments[0].cells
    between, unit, rough = tuple(faces(cells.tree)), unit_points(cells, seed), roughness(system)
    met, shares = parts_inside(cells, between, unit), shared(len(between), ranks)
    worst = np.zeros(len(across))
    for moment in moments:

        def on(k: int, moment: Cellwise = moment) -> Sequence[float]:
            face = between[k]
            return jump_of(
                cells, highest, moment, face, along[:, :, face.axis], unit, rough, across
            )

        each = _of_all(ranks, shares, on, len(across))
        worst = np.maximum(worst, [jump_of_all(between, jumps, met) for jumps in each.T])
    return tuple(worst.tolist())


def jump_of_all(between: Sequence[Face], jumps: Array, parts: Array) -> float:
    """The root mean square over all faces of the jump of each, `(n_faces,)`, over the `parts
    (n_faces,)` of them where there are points: a corner that a ball leaves of a face counts as one.
    """
    areas = parts * [np.prod(np.delete(np.ptp(f.bounds, axis=1), f.axis)) for f in between]
    return float(np.sqrt(np.dot(areas, np.square(jumps)) / max(np.sum(areas), 1e-300)))


def largest_beside(between: Sequence[Face], jumps: Array, parts: Array, count: int) -> Array:
    """The largest jump `(n_faces,)` of every cell's faces, `(count,)`, in the mean over each whole
    face, of which there are `parts (n_faces,)`.
    """
    each = np.zeros(count)
    for face, jump in zip(between, np.sqrt(parts) * jumps, strict=True):
        for k in (face.below, face.above):
            each[k] = max(each[k], jump)
    return each


def parts_inside(cells: Cells, between: Sequence[Face], unit: Array) -> Array:
    """Of every face, the part where some unknown lives on both sides, `(n_faces,)`, as points
    `unit (n, dim)` of the unit cube tell.
    """
    most = [max(len(at) for at in _where_met(cells, face, unit)) for face in between]
    return np.array(most) / len(unit)


def _where_met(cells: Cells, face: Face, unit: Array) -> Iterator[Array]:
    """Of every unknown, the points of a face where it lives on both sides, `(n, dim)`."""
    low, high = face.bounds[:, 0], face.bounds[:, 1]
    x = low + (high - low) * unit
    for unknown, region in enumerate(cells.supports):
        both = cells.alive[unknown, [face.below, face.above]].all()
        yield x[region.contains(x, 0.0)] if both else x[:0]


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


def shared(count: int, ranks: Communicator) -> list[tuple[int, int]]:
    """Of every rank, the first of some things and the one after its last."""
    return list(pairwise(count * r // ranks.size for r in range(ranks.size + 1)))


def _of_all(
    ranks: Communicator,
    shares: Sequence[tuple[int, int]],
    of: Callable[[int], Sequence[float]],
    numbers: int = 1,
) -> Array:
    """So many numbers for each of some things, of which every rank has its share: `(n_things,
    numbers)`.
    """
    own = DOUBLE.new_tensor([value for k in range(*shares[ranks.rank]) for value in of(k)])
    sizes = [numbers * (end - first) for first, end in shares]
    return array_of(ranks.gathered(own, sizes).reshape(-1, numbers))


def jump_of(
    cells: Cells,
    highest: Sequence[Sequence[int]] | NDArray[np.int_],
    field: Cellwise,
    face: Face,
    sizes: Tensor | Array,
    unit: Array,
    rough: Roughness,
    across: Sequence[int] = (0,),
) -> list[float]:
    """The root mean square of the jump on a face of derivatives of each order `across` it, in units
    of `sizes (n_orders, n_unknowns)`, of the worst unknown; at points `unit (n, dim)` of the unit
    cube. `highest` are the orders of the equations. At a rough corner these count as in residuals.
    """
    index = [tuple(order * (a == face.axis) for a in range(len(face.bounds))) for order in across]
    largest = [0.0] * len(across)
    for unknown, at in enumerate(_where_met(cells, face, unit)):
        held = [k for k, order in enumerate(across) if highest[unknown][face.axis] > order]
        if not (len(at) and held):
            continue
        x, of_each = tensor_of(at, field.like), [index[k] for k in held]
        with torch.no_grad():
            below, above = (field.parts[k](x, of_each)[unknown] for k in (face.below, face.above))
        counted = rough.of_derivatives(x, [rough.order(unknown, i) for i in of_each])
        left = (counted * (below - above)).square().mean(dim=1).sqrt().tolist()
        for k, size in zip(held, left, strict=True):
            largest[k] = max(largest[k], size / float(sizes[k][unknown]))
    return largest
