"""Solving in a basis that is given: once, or by training it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.coefficients.least_squares import Method, Report
from pinnsolve.compile.system import System
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import Bases
from pinnsolve.mgrit.communicator import ALONE, Communicator
from pinnsolve.running.budget import EARLY, carrying, ended, reached, why
from pinnsolve.search.fit import Fit, Grow, fit
from pinnsolve.search.null_space import UNIQUE, kernel, vanishing_order
from pinnsolve.search.stuck import rests
from pinnsolve.search.task import Outcome, Task


@dataclass(frozen=True)
class Wide:
    """Which bases are so wide that ranks share a solve."""

    # Columns of one matrix: with fewer, a solve takes a second, and many ranks may have their own
    columns: int = 1000


WIDE = Wide()


def is_wide(system: System, declared: Bases) -> bool:
    """Whether a solve in a basis is one large matrix, whose rows can be dealt to ranks."""
    space = build_space(system, declared, 0)
    return not space.divided and space.columns >= WIDE.columns


@dataclass(frozen=True, eq=False)
class InBasis:
    """One solve, or a training by the `method`, in a basis; `grow` chooses its neurons first.

    `start` is the basis as it begins: as it is declared, or as an earlier solve has left it.
    `report` is told of every step of the method. Several `ranks` share the rows.
    """

    declared: Bases
    start: Bases
    method: Method | None
    grow: Grow | None
    report: Report
    ranks: Communicator = ALONE

    def __call__(self, task: Task) -> Outcome:
        """The fit with its null space. What ends it early carries the fit as far as it came."""
        try:
            fitted = self._fit(task)
        except EARLY as error:
            best = reached(error, Fit)
            if best is None:
                raise ended(why(error), None, getattr(error, "words", "")) from error
            raise ended(why(error), self._recorded(task, best)) from error
        fitted = self._recorded(task, fitted)
        with carrying(fitted):
            space = fitted.expansion.space
            helpless = rests(task.system, fitted) or vanishing_order(task.system, space)
            known = UNIQUE if helpless else kernel(task.system, fitted, task.budget)
        return Outcome(fitted.light(), math.nan, known.dimension, fitted.stopped, lost=known.lost)

    def _fit(self, task: Task) -> Fit:
        return fit(
            task.system,
            self.start,
            task.seed,
            self.method,
            self.report,
            grow=self.grow,
            initial_guess=task.guess,
            budget=task.budget,
            like=task.like,
            ranks=self.ranks,
        )

    def _recorded(self, task: Task, fitted: Fit) -> Fit:
        """The fit as one in the declared basis, recorded."""
        # What follows a solve, on whatever device, is small.
        here = task.device == DOUBLE.device
        field = fitted.field if here else fitted.expansion.on(DOUBLE.device)
        fitted = replace(fitted, declared=self.declared, field=field)
        with carrying(fitted):
            task.record("solve", fitted, math.nan)
        return fitted
