"""Growth: the width is doubled until the solution is good enough, or no longer gets better."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.sample.points import sample_region
from pinnsolve.train.choose import Family, choose, first_width
from pinnsolve.train.diagnose import null_space_dimension
from pinnsolve.train.fit import Fit, fit
from pinnsolve.train.measure import evaluate, relative_change

Record = Callable[[str, Fit, float], None]
MAX_COLUMNS = 3000
BEST = 1e-13  # a relative residual that float64 hardly passes


@dataclass(frozen=True)
class Grown:
    """The last good fit, the relative L2 change that led to it, its null space, and why growth stopped."""

    fit: Fit
    change: float
    null_space: int
    stopped: str


def grow(system: System, tolerance: float | None, seed: int, record: Record) -> Grown:
    """Choose a family, then double its width.

    Stops when residual (fresh points) and change between successive solutions are below the tolerance ("met"), when
    neither falls by half any more ("stagnated"), when the next width would pass `MAX_COLUMNS` ("width"), when the
    equations leave functions undetermined ("not unique"), or on Ctrl-C ("interrupted", with the best so far).
    """
    best: Grown | None = None

    def scanned(stage: str, found: Fit) -> None:
        nonlocal best
        if best is None or found.residual < best.fit.residual:
            best = Grown(found, math.nan, 0, "interrupted")
        record(stage, found, math.nan)  # last: a callback may be interrupted

    try:
        family = choose(system, seed, scanned)
        return _double(system, family, tolerance, seed, record)
    except KeyboardInterrupt:
        if best is None:
            raise
        return best


def _double(system: System, family: Family, tolerance: float | None, seed: int, record: Record) -> Grown:
    goal = tolerance if tolerance is not None else BEST
    probe = sample_region(system.domain, 2048, seed + 1).x
    best: Grown | None = None
    before: Tensor | None = None
    first = width = first_width(system)
    try:
        while True:
            # Each width has neurons and points of its own, so that the change between two is an honest estimate.
            found = fit(system, family.of_width(width), seed + width)
            values = evaluate(found.basis, found.coefficients, probe, [(0,) * probe.shape[1]])[:, 0]
            change = math.nan if before is None else relative_change(values, before)
            nulls = null_space_dimension(system, found)
            here = Grown(found, change, nulls, "")
            improved = best is None or _worst(here) < 0.5 * _worst(best)
            if best is None or _worst(here) <= _worst(best):
                best = here
            record("grow", found, change)  # last: a callback may be interrupted
            if nulls:
                return Grown(found, change, nulls, "not unique")
            if _worst(best) <= goal:
                return Grown(best.fit, best.change, 0, "met" if tolerance is not None else "stagnated")
            if not improved and width > 4 * first:
                return Grown(best.fit, best.change, 0, "stagnated")
            width, before = 2 * width, values
            if width * system.n_unknowns > MAX_COLUMNS:
                return Grown(best.fit, best.change, 0, "width")
    except KeyboardInterrupt:
        if best is None:
            raise
        return Grown(best.fit, best.change, best.null_space, "interrupted")


def _worst(grown: Grown) -> float:
    """What must fall: the residual and the change, the first change being unknown."""
    change = math.inf if math.isnan(grown.change) else grown.change
    return max(grown.fit.residual, change)
