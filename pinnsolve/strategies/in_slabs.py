"""Solving slab by slab of time: each automatically, or in a basis that is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pinnsolve.coefficients.least_squares import Method, Report
from pinnsolve.evolution.march import March, march_through
from pinnsolve.evolution.slab import Solver, automatic_slab, slab_in
from pinnsolve.fields.declared import Bases
from pinnsolve.search.task import Outcome, Task


@dataclass(frozen=True, eq=False)
class InSlabs:
    """A march; in the basis, if there is one, by the `method`, whose steps `report` is told."""

    march: March
    basis: Bases | None
    method: Method | None
    report: Report
    tolerance: float = 1e-8  # of each slab, where the task has none

    def __call__(self, task: Task) -> Outcome:
        """The solution of all slabs, or of those up to the first that is not good."""
        return march_through(
            task.system,
            self.march,
            self._solver(task),
            task.budget,
            task.seed,
            task.record,
            task.keep,
        )

    def _solver(self, task: Task) -> Solver:
        if self.basis is not None:
            return partial(slab_in, basis=self.basis, method=self.method, report=self.report)
        tolerance = task.tolerance or self.tolerance
        return partial(automatic_slab, tolerance=tolerance, record=task.record)
