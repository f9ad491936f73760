"""The rows of every cell: equations inside it, conditions on its part of the boundary, and what it
shares with others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.cells.eliminate import Raw, Trace, again
from pinnsolve.cells.frames import Frame, Frames, linearized
from pinnsolve.cells.points import DENSITY, face_points, points_along
from pinnsolve.cells.teams import Key
from pinnsolve.cells.tips import counted_on, on_face
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.assemble import FACE_WEIGHT
from pinnsolve.discretize.points import Points, fills_domain
from pinnsolve.discretize.rough import roughness
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.cellwise import Cells
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Space
from pinnsolve.fields.tree import Face


@dataclass(frozen=True, eq=False)
class Shared:
    """Rows of a condition whose places lie in several cells: `slots` of each, by cell."""

    residual: Residual
    points: Points
    slots: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Rows:
    """Where every cell has its rows: `local` conditions with their points, of this rank's cells and
    of those that they look like; their `count` in all cells; the faces, and what several cells
    share. Rows are those of unknowns in their `units (n_unknowns,)`: an unknown that is far smaller
    than another is known as well then, relative to itself. `looks` is, of every cell, the first
    that looks like it.
    """

    system: System
    cells: Cells
    local: tuple[tuple[tuple[Residual, Points], ...], ...]
    count: int
    faces: tuple[Face, ...]
    shared: tuple[Shared, ...]
    orders: tuple[tuple[int, ...], ...]
    units: Tensor
    looks: tuple[int, ...]
    points_on_faces: dict[tuple[Key, int], Array] = field(default_factory=dict)

    def units_of(self, number: int) -> Tensor:
        """The unit of each column of a cell, `(columns,)`."""
        sizes = [block.size for block in self.cells.spaces[number].blocks]
        return self.units.repeat_interleave(torch.tensor(sizes))

    @property
    def members(self) -> dict[Key, tuple[int, ...]]:
        """The cells that see each face, and each shared condition."""
        cells: list[tuple[int, ...]] = [(face.below, face.above) for face in self.faces]
        cells += [tuple(each.slots) for each in self.shared]
        return dict(enumerate(cells))

    def raw(self, number: int, field: Field | None = None) -> Raw:
        """What a cell knows, linearized at a field: scaled rows, and traces."""
        return self.framed(number, field)[0]

    def framed(self, number: int, field: Field | None = None) -> tuple[Raw, Frames]:
        """The same, with what tells the target at other fields."""
        space = self.cells.spaces[number]
        parts = [self._own(residual, p, number, field) for residual, p in self.local[number]]
        nothing = space.like.new_zeros(0)
        rows = torch.cat([space.like.new_zeros(0, space.columns), *(m for _, m in parts)])
        target = torch.cat([nothing, *(frame.scale * frame.target for frame, _ in parts)])
        weight = 1 / math.sqrt(max(1, len(rows)))
        traces, shared = self._seen(number, field)
        offsets = {key: trace.offset for key, trace in traces.items()}
        frames = Frames(tuple(frame for frame, _ in parts), weight, shared, offsets, nothing)
        return Raw(weight * rows, weight * target, traces, self.free(number)), frames

    def free(self, number: int) -> int:
        """How many directions of a cell are left free for others, at least."""
        blocks, dim = self.cells.spaces[number].blocks, len(self.orders[0])
        if dim < 3:
            pairs = zip(blocks, self.orders, strict=True)
            return sum(_free(b.size, dim, _many(b.basis, order)) for b, order in pairs)
        # Poles are nearly solutions, before all that waves make up; conditions on rims decide them.
        each = [(block.size, block.basis.harmonic) for block in blocks]
        many = DENSITY.free_a_side * self._open_sides(number)
        return sum(_free(size - poles, dim, many) + poles for size, poles in each)

    def _open_sides(self, number: int) -> float:
        """How many sides of a cell have neighbours: parts of sides count as such."""
        box = self.cells.tree.cells[number]
        if any(number in each.slots for each in self.shared):
            return 2.0 * len(box)
        parts = [self.faces[key] for key in self.faces_of[number]]
        shares = [np.delete(np.ptp(f.bounds, axis=1) / np.ptp(box, axis=1), f.axis) for f in parts]
        return float(sum(share.prod() for share in shares))

    def traces(self, number: int) -> dict[Key, Trace]:
        """What others see of a cell: on its faces, and of shared conditions, linear ones."""
        return self._seen(number, None)[0]

    def _seen(self, number: int, field: Field | None) -> tuple[dict[Key, Trace], dict[Key, Frame]]:
        """The same, and the shared conditions whose target it holds."""
        traces, shared = dict(self._jumps(number)), dict[Key, Frame]()
        for key, each in enumerate(self.shared, len(self.faces)):
            if number in each.slots:
                frame, traces[key] = self._part(each, number, field)
                # The first cell holds what they shall add up to.
                shared |= {key: frame} if number == min(each.slots) else {}
        return traces, shared

    def _own(
        self, residual: Residual, p: Points, number: int, field: Field | None
    ) -> tuple[Frame, Tensor]:
        """An equation in a cell, and its scaled rows."""
        space = self.cells.spaces[number]
        frame = linearized(residual, p, field, space.like)
        every = range(len(residual.slots))
        matrix, sizes = _matrix(frame, space, every, self.units)
        scale = scale_of(residual, matrix)
        return replace(frame, scale=scale, sizes=sizes), scale * matrix

    def _jumps(self, number: int) -> Iterator[tuple[Key, Trace]]:
        for key in self.faces_of[number]:
            matrix = self._jump(number, key)
            yield key, Trace(matrix, matrix.new_zeros(len(matrix)))

    def alike(self, number: int, first: Frames) -> Raw:
        """What a cell knows that is alike to another, whose frames are given: its right-hand
        sides.
        """
        targets = [
            frame.scale * linearized(residual, p, None, frame.slopes).target
            for (residual, p), frame in zip(self.local[number], first.own, strict=True)
        ]
        offsets = zip(self.faces_of[number], first.offsets.values(), strict=True)
        return again(first.weight * torch.cat([first.nothing, *targets]), dict(offsets))

    def face_points(self, key: Key, unknown: int) -> Array:
        """Where an unknown is compared on a face, `(n, dim)`."""
        if (key, unknown) not in self.points_on_faces:
            face, spaces = self.faces[key], self.cells.spaces
            blocks = [spaces[k].blocks[unknown] for k in (face.below, face.above)]
            dim = len(face.bounds)
            count = min(points_along(b.size, b.basis.harmonic, dim) for b in blocks)
            x = face_points(face, count, self.cells.supports[unknown])
            x = on_face(x, face, roughness(self.system))
            self.points_on_faces[key, unknown] = x
        return self.points_on_faces[key, unknown]

    @cached_property
    def faces_of(self) -> tuple[tuple[Key, ...], ...]:
        """The faces of every cell, by coordinate and side: alike cells have theirs in one order,
        wherever the tree was cut between them.
        """
        beside: list[list[tuple[int, bool, Key]]] = [[] for _ in self.cells.tree.cells]
        for key, face in enumerate(self.faces):
            beside[face.below].append((face.axis, True, key))
            beside[face.above].append((face.axis, False, key))
        return tuple(tuple(key for _, _, key in sorted(each)) for each in beside)

    def _jump(self, number: int, key: Key) -> Tensor:
        """What a cell sees of its unknowns on a face, and of their derivatives across it; negative
        from above. In units that both cells share.
        """
        face = self.faces[key]
        sign = 1.0 if number == face.below else -1.0
        both = [self.cells.spaces[k] for k in (face.below, face.above)]
        own, rough = self.cells.spaces[number], roughness(self.system)
        parts = []
        for unknown in range(len(self.cells.supports)):
            if self.cells.alive[unknown, [face.below, face.above]].all():
                x = self.face_points(key, unknown)
                at = tensor_of(x, own.like)
                along = range(self.orders[unknown][face.axis])
                across = [tuple(k * (a == face.axis) for a in range(x.shape[1])) for k in along]
                with torch.no_grad():
                    each = [space.blocks[unknown](at, across) for space in both if across]
                counted = counted_on(at, face, rough, [rough.order(unknown, i) for i in across])
                each = [counted[:, :, None] * values for values in each]
                for values in zip(*each, strict=True):
                    scale = max(float(v.square().sum(dim=1).mean()) for v in values) ** 0.5
                    mine = values[0 if number == face.below else 1]
                    columns = own.slices[unknown]
                    row = mine.new_zeros(len(at), own.columns)
                    row[:, columns] = sign * mine / (scale or 1.0) / max(1.0, len(at)) ** 0.5
                    parts.append(row)
        return torch.cat(parts) if parts else own.like.new_zeros(0, own.columns)

    def _part(self, each: Shared, number: int, field: Field | None) -> tuple[Frame, Trace]:
        """A cell's part of rows that it shares; the first one holds what they shall add up to."""
        frame = linearized(each.residual, each.points, field, self.cells.spaces[number].like)
        parts = {
            n: _matrix(frame, self.cells.spaces[n], slots, self.units)
            for n, slots in each.slots.items()
        }
        sizes = torch.stack([of_slots for _, of_slots in parts.values()]).sum(dim=0)
        scale = _scale_of_shared([m for m, _ in parts.values()])
        offset = -frame.target if number == min(each.slots) else torch.zeros_like(frame.target)
        matrix, _ = parts[number]
        return replace(frame, scale=scale, sizes=sizes), Trace(scale * matrix, scale * offset)

    def scale_of_shared(self, each: Shared) -> float:
        """What the rows of a linear shared condition are multiplied by."""
        frame, _ = self._part(each, min(each.slots), None)
        return frame.scale


def _scale_of_shared(parts: Sequence[Tensor]) -> float:
    size = max(float(m.square().sum(dim=1).mean()) ** 0.5 for m in parts)
    return float(1 / (size or 1.0) / len(parts[0]) ** 0.5)


def _many(basis: Basis, order: Sequence[int]) -> float:
    """How many directions are left free, by the functions of an unknown and its highest derivatives
    along each coordinate: near a flow's corner one of the fourth order has twice as many solutions,
    which its functions hold badly.
    """
    return DENSITY.free * (max(1.0, max(order) / 2) if basis.eddies else 1.0)


def _free(functions: int, dim: int, many: float) -> int:
    """About how many solutions of an equation so many functions hold: so `many` times what they
    have on a side of a cell.
    """
    return math.ceil(many * math.pow(functions, 1 - 1 / dim))


def _matrix(
    frame: Frame, space: Space, slots: Sequence[int], units: Tensor
) -> tuple[Tensor, Tensor]:
    """Some slots of an equation in the functions of a space, of unknowns in their units: `(n,
    columns)`; and the size of a row of each slot's functions, `(n_slots,)`.
    """
    residual, x = frame.residual, frame.points.tensors(frame.slopes)[0]
    part = replace(residual, slots=tuple(residual.slots[i] for i in slots))
    with torch.no_grad():
        functions = space.slots(part, x)
    matrix, sizes = x.new_zeros(len(x), space.columns), x.new_zeros(len(residual.slots))
    for i, phi in zip(slots, functions, strict=True):
        unknown = residual.slots[i].unknown
        matrix[:, space.slices[unknown]] += units[unknown] * frame.slopes[i][:, None] * phi
        sizes[i] = units[unknown] * phi.square().sum(dim=1).mean().sqrt()
    return matrix, sizes


def scale_of(residual: Residual, matrix: Tensor) -> float:
    """What rows `(n, columns)` of an equation, in units of the unknowns, are multiplied by: by the
    size of their operator, those on faces heavier, as in `assemble`.
    """
    size = float(matrix.square().sum(dim=1).mean()) ** 0.5
    weight = 1.0 if fills_domain(residual.condition.region) else FACE_WEIGHT
    return weight / size if size > 0 else 1.0
