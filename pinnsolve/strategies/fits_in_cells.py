"""One fit in cells, in the sizes that its unknowns have."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.cells.condense import CUTS
from pinnsolve.cells.judge import at_faces
from pinnsolve.cells.sizes import sizes_of
from pinnsolve.cells.solve import Solved, solved
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.mgrit.communicator import ALONE, Communicator
from pinnsolve.running.budget import EARLY, ended, reached, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit, streams
from pinnsolve.search.task import Task
from pinnsolve.strategies.determined import undetermined
from pinnsolve.strategies.layouts import Layout


@dataclass(frozen=True)
class Units:
    """When unknowns are measured anew before functions are said to be undetermined."""

    # Fits, at most, each in the sizes that the one before has
    rounds: int = 3
    # A factor to which sizes beside each other are known well enough
    alike: float = 3.0


UNITS = Units()


def fit_in_own_units(
    task: Task, layout: Layout, seed: int, ranks: Communicator
) -> tuple[Fit, Solved]:
    """One fit; and others of the same functions where it leaves some undetermined, as long as its
    unknowns have other sizes than they were measured in: in a unit that is a thousand times too
    large, what is small counts as nothing.
    """
    fitted, found = fit_in(task, layout, seed, ranks)
    for _ in range(UNITS.rounds):
        if not task.system.linear or not undetermined(found):
            break
        relative = sizes_of(task.system, fitted.field, streams(seed)[0]) / found.rows.units
        if not relative.max() > UNITS.alike * relative.min():
            break
        fitted, found = fit_in(replace(task, guess=fitted.field), layout, seed, ranks)
    return fitted, found


def fit_in(
    task: Task, layout: Layout, seed: int, ranks: Communicator = ALONE
) -> tuple[Fit, Solved]:
    """One solve in these cells, as a fit; where it ends early, that has the fit of Newton's last
    iterate as its `best`.
    """
    start = task.budget.spent()
    neurons, parts = streams(seed)[0], layout.declared.parts
    cuts = CUTS.asked(task.goal)

    def fit_of(found: Solved) -> Fit:
        return _fit_of(task, layout, seed, found, task.budget.spent() - start, ranks)

    try:
        found = solved(
            task.system, layout.tree, parts, neurons, task.budget, task.guess, ranks, cuts
        )
    except EARLY as error:
        iterate = reached(error, Solved)
        if iterate is None:
            raise
        raise ended(why(error), fit_of(iterate)) from error
    return fit_of(found), found


def _fit_of(
    task: Task, layout: Layout, seed: int, found: Solved, seconds: float, ranks: Communicator
) -> Fit:
    residuals = relative_residuals(task.system, found.field, streams(seed)[2])
    # At the points at which a solution says them again.
    jump, kink = at_faces(task.system, found.field, seed, ranks)
    finite = all(map(math.isfinite, residuals))
    kept = float(sum(found.decided.kept))
    facts = by_other_means(kept, found.rows.count, found.condition)
    stopped = Stop.SOLVED if finite and found.converged else Stop.NOT_CONVERGED
    fitted = Fit(layout.declared, seed, found.field, residuals, facts, stopped, seconds)
    return replace(fitted, jump=jump, kink=kink)
