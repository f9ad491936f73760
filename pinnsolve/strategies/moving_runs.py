"""Runs in cells of space: when cells are good enough, and how they are found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.cells.judge import Judged
from pinnsolve.evolution.local import Trail, judged_at
from pinnsolve.search.confirm import residual_that_is_enough
from pinnsolve.search.fit import Fit
from pinnsolve.strategies.layouts import Layout


@dataclass(frozen=True)
class Refining:
    """How cells of an evolution are found."""

    # What the initial data may leave, relative to the goal
    initial: float = 0.3
    # Layouts that are tried for the initial data
    layouts: int = 8
    # What a step may leave, while cells are sought
    coarse: float = 1e-4
    # States of a run, at which cells are judged
    states: int = 6
    # A tolerance that is worth its time, where none is given
    worthwhile: float = 1e-6
    # Times smaller, in the next run, which checks the last one: its steps are half as long
    finer: float = 40.0
    # Times as many steps as the last run, that a run has at least, to check it
    ratio: float = 1.8
    # By which power of the steps' length their error falls at least: that of the stages, and a
    # half, where sides move (measured 2.6; 4 to 5 where they rest)
    order: float = 2.5
    # Of the time until then, by which two runs may differ that end as the state grows without bound
    same_end: float = 0.01


REFINING = Refining()


def report_of(trail: Trail, seed: int) -> Judged:
    """Of some states, the first and the last among them."""
    numbers = np.linspace(0, len(trail.states) - 1, REFINING.states).round().astype(int)
    return judged_at(trail.space, [trail.states[k] for k in dict.fromkeys(numbers.tolist())], seed)


def resolved(report: Judged, goal: float) -> bool:
    """Whether cells are good enough, however small the steps are."""
    enough = residual_that_is_enough(goal)
    return float(np.linalg.norm(report.residuals)) <= enough and report.jump <= goal


def promising(fitted: Fit, report: Judged, goal: float) -> bool:
    """Whether residuals and jumps allow the tolerance to be met."""
    enough = residual_that_is_enough(goal)
    return fitted.residual <= enough and resolved(report, goal)


def without_right_corners(layout: Layout) -> Layout:
    """Without the functions of corners that are no wider than a right angle: what is left there is
    in the second derivatives alone, and cells that have none are alike.
    """
    wide = tuple(c for c in layout.corners if c.opening > 0.51 * math.pi)
    return replace(layout, corners=wide)
