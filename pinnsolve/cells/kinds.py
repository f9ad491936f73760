"""Cells that are alike: what they know of their functions is the same but for where they lie, so
that one condensation does for all of them.

The first cell of a kind stands for it, whichever rank asks: so last digits depend neither on how
many ranks there are, nor on what they share.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from pinnsolve.cells.rows import Rows
from pinnsolve.compile.system import Residual
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.cellwise import Cells
from pinnsolve.fields.tree import Face


@dataclass(frozen=True)
class Likeness:
    """When two numbers of cells are the same but for round-off."""

    # Places, of the sides of a cell; in digits, where they are compared at a glance
    places: float = 1e-9
    digits: int = 9
    # Functions and slopes, of the largest
    values: float = 1e-11
    # Points of a cell, on which its functions are compared
    points: int = 32


LIKENESS = Likeness()


def looking_alike(
    cells: Cells,
    faces: Sequence[Face],
    beside: Sequence[Sequence[tuple[Residual, Points]]],
) -> tuple[int, ...]:
    """Of every cell the first that looks like it: with the same sides, as many functions, the same
    neighbours, and conditions `beside` it on the domain's boundary. Nothing is evaluated.
    """
    boxes, whole = cells.tree.cells, np.ptp(cells.tree.bounds, axis=1)
    shapes = [
        (_rounded(np.ptp(box, axis=1) / whole), tuple(block.size for block in space.blocks))
        for box, space in zip(boxes, cells.spaces, strict=True)
    ]
    around: list[list[Hashable]] = [[] for _ in boxes]
    for face in faces:
        for number, other in ((face.below, face.above), (face.above, face.below)):
            # Where the other lies, not the face alone: rows of jumps are divided by the size of its
            # functions there, which another place along its side changes.
            place = _rounded(_relative(boxes[other].T, boxes[number]))
            around[number].append((face.axis, number == face.below, place, shapes[other]))
    first: dict[Hashable, int] = {}
    found = []
    for number, shape in enumerate(shapes):
        conditions = tuple((id(residual), len(p.x)) for residual, p in beside[number])
        look = (shape, frozenset(around[number]), conditions)
        found.append(first.setdefault(look, number))
    return tuple(found)


def _relative(x: Array, box: Array) -> Array:
    """Points `(n, dim)` in the coordinates of a box `(dim, 2)`."""
    relative: Array = (x - box[:, 0]) / np.ptp(box, axis=1)
    return relative


def _rounded(x: Array) -> tuple[float, ...]:
    # No zero has a sign.
    return tuple((np.round(x, LIKENESS.digits) + 0.0).ravel().tolist())


@dataclass(frozen=True, eq=False)
class Kinds:
    """Which cell stands for which, `found` as they are asked for; `samples` of functions, of the
    cells and their neighbours.
    """

    rows: Rows
    # What a cell shares with others is not compared: it stands for itself.
    sharing: frozenset[int]
    found: dict[int, int] = field(default_factory=dict)
    samples: dict[int, list[Tensor]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Rows) -> Kinds:
        """Of all cells that have rows."""
        return cls(rows, frozenset(number for each in rows.shared for number in each.slots))

    def first(self, number: int) -> int:
        """The first cell that is alike, if that is another one."""
        if number not in self.found:
            first = self.rows.looks[number]
            self.found[number] = first if first == number or self._alike(number, first) else number
        return self.found[number]

    def _alike(self, number: int, first: int) -> bool:
        """Whether all that enters the rows and traces of two cells is the same."""
        both = self.rows.local[number], self.rows.local[first]
        if len(both[0]) != len(both[1]) or not self.sharing.isdisjoint((number, first)):
            return False
        pairs = zip(*both, strict=True)
        same = all(a is b and self._meet_alike(a, p, q, number, first) for (a, p), (b, q) in pairs)
        near = zip(self._near(number), self._near(first), strict=True)
        return (
            same
            and all(self._functions_alike(a, b) for a, b in near)
            and self._seen_alike(number, first)
        )

    def _meet_alike(
        self, residual: Residual, p: Points, q: Points, number: int, first: int
    ) -> bool:
        """Whether a condition is the same at the points of two cells."""
        boxes, like = self.rows.cells.tree.cells, self.rows.cells.spaces[number].like
        if len(p.x) != len(q.x) or not _close(
            _relative(p.x, boxes[number]), _relative(q.x, boxes[first])
        ):
            return False
        slopes = []
        for points in (p, q):
            x, normals = points.tensors(like)
            slopes.append(residual.coefficients(x, normals))
        normals_alike = (p.normals is None) == (q.normals is None)
        return normals_alike and same(*slopes)

    def _near(self, number: int) -> list[int]:
        """A cell and its neighbours, face by face."""
        faces = [self.rows.faces[key] for key in self.rows.faces_of[number]]
        return [number, *(face.above if face.below == number else face.below for face in faces)]

    def _functions_alike(self, number: int, first: int) -> bool:
        ours, theirs = self._sample(number), self._sample(first)
        return len(ours) == len(theirs) and all(map(same, ours, theirs))

    def _sample(self, number: int) -> list[Tensor]:
        """Values of a cell's functions at places of its own, of every group of unknowns."""
        if number not in self.samples:
            box, space = self.rows.cells.tree.cells[number], self.rows.cells.spaces[number]
            unit = sobol(LIKENESS.points, len(box), np.random.default_rng(0))
            x = tensor_of(box[:, 0] + np.ptp(box, axis=1) * unit, space.like)
            with torch.no_grad():
                values = [block(x, [(0,) * len(box)])[0] for block, _ in space.groups]
            self.samples[number] = values
        return self.samples[number]

    def _seen_alike(self, number: int, first: int) -> bool:
        """Whether both have the same points on their faces."""
        boxes, rows = self.rows.cells.tree.cells, self.rows
        for key, other in zip(rows.faces_of[number], rows.faces_of[first], strict=True):
            for unknown in range(len(rows.cells.supports)):
                x, y = rows.face_points(key, unknown), rows.face_points(other, unknown)
                if len(x) != len(y) or not _close(
                    _relative(x, boxes[number]), _relative(y, boxes[first])
                ):
                    return False
        return True


def _close(a: Array, b: Array) -> bool:
    return bool(np.allclose(a, b, 0.0, LIKENESS.places))


def same(a: Tensor, b: Tensor) -> bool:
    """Whether two matrices `(n, m)` are equal but for round-off."""
    if a.shape != b.shape:
        return False
    largest = float(torch.maximum(a.abs().amax(), b.abs().amax())) if a.numel() else 0.0
    return bool(torch.allclose(a, b, 0.0, LIKENESS.values * largest))
