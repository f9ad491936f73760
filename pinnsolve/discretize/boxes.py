"""Evolutions in boxes: whether space is one, and which points lie on its faces."""

from __future__ import annotations

from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.declare.instant import of_space
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.solids import Box


def fills_a_box(system: System, axis: int) -> bool:
    """Whether space is a box, time being coordinate number `axis`, and all unknowns depend on all
    coordinates.
    """
    coordinates = system.domain.coordinates
    whole = all(u.args == coordinates for u in system.problem.unknowns)
    return whole and isinstance(of_space(system.domain, coordinates[axis]), Box)


def at_end(x: Tensor, bounds: Tensor, axis: int, end: int) -> Tensor:
    """Which points `(n, dim)` lie on the face at an end, 0 or 1, of a coordinate of a box `bounds
    (dim, 2)`: a mask `(n,)`.
    """
    low, high = bounds[axis].tolist()
    there: Tensor = (x[:, axis] - bounds[axis, end]).abs() < CLOSE * (high - low)
    return there
