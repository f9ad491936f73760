"""How far in time a solution is known: an evolution or a march that did not come to its end says
nothing of later times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pinnsolve.compile.system import System
from pinnsolve.declare.problem import Problem
from pinnsolve.evolution.chain import slab_system
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.field import Field

# Of the whole time, by which a point may be late.
SLACK = 1e-9


@dataclass(frozen=True)
class Known:
    """Times up to `end`, along coordinate number `axis` of the domain, which would go on."""

    problem: Problem
    axis: int
    end: float

    def rows(self, x: Array) -> NDArray[np.bool_]:
        """Which of the points `(n, dim)` are early enough."""
        low, high = self.problem.domain.bounds[self.axis]
        early: NDArray[np.bool_] = x[:, self.axis] <= self.end + SLACK * (high - low)
        return early

    def require(self, x: Array) -> None:
        """Raise ValueError for points `(n, dim)` of which one is too late."""
        late = np.flatnonzero(~self.rows(x))
        if len(late):
            name = self.problem.domain.coordinates[self.axis]
            first = float(x[late[0], self.axis])
            raise ValueError(
                f"the solution is known up to {name} = {self.end:.6g} only: a point has {name} ="
                f" {first:.6g}"
            )

    def system(self, system: System) -> System:
        """The equations on the known part; all of them, where they cannot be cut there."""
        low = float(self.problem.domain.bounds[self.axis, 0])
        try:
            return slab_system(
                system, self.problem.domain.coordinates[self.axis], self.end - low, ()
            )
        except ValueError:
            return system


def known_part(problem: Problem, field: Field) -> Known | None:
    """The part of time on which a solution is known; None, if it is all."""
    last = field.last_time
    if last is None:
        return None
    axis, end = last
    low, high = problem.domain.bounds[axis].tolist()
    return None if end >= high - SLACK * (high - low) else Known(problem, axis, end)
