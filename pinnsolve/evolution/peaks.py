"""Where an evolution is concentrated: peaks of its slopes, and of its residuals, along a coordinate
of space.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch

from pinnsolve.compile.system import System
from pinnsolve.discretize.measure import residual_field
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.runs import Place
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.search.families.hints import gradients
from pinnsolve.search.fit import Fit


@dataclass(frozen=True)
class Stretching:
    """Where space asks to be stretched, and when a place of stretching is worth its steps."""

    # Parts of a coordinate, in which slopes and residuals are counted
    bins: int = 128
    # Of the highest mean, at which a peak ends
    height: float = 0.5
    # Half-width of a peak, relative to the side, that asks for stretching
    narrow: float = 0.1
    # Two peaks whose widths have a ratio between these, and that overlap, are one
    same_width: tuple[float, float] = (0.7, 1.4)
    # A residual that asks for stretching, if a few more functions do not help
    unresolved: float = 1e-3
    # A residual that falls by this with one widening needs no stretching
    falling: float = 0.4
    # Tried, in units of a peak's half-width
    thicknesses: tuple[float, ...] = (0.1, 0.5, 2.0)
    # A residual that is below this part of another: one more place is kept
    better: float = 0.5
    # Of stretching, at most
    most_places: int = 3
    # A stretched space that wants so many times the steps, and more than so few, is given up
    patience: int = 5
    few_steps: int = 100

    def steps(self, fitted: Fit) -> int:
        """How many a run in a stretched space may take, beside one that is less stretched."""
        return max(self.patience * fitted.solved.rows, self.few_steps)


STRETCHING = Stretching()


def distinct(peaks: Sequence[Place]) -> list[Place]:
    """Without those that are the same peak as one before: of slopes and of residuals."""
    kept: list[Place] = []
    low, high = STRETCHING.same_width
    for name, centre, width in peaks:
        near = [w for n, c, w in kept if n == name and abs(c - centre) < w]
        if not any(low < width / w < high for w in near):
            kept.append((name, centre, width))
    return kept


def peaks(system: System, form: Form, fitted: Fit) -> list[Place]:
    """Where slopes, and residuals, are concentrated along a coordinate of space, with the
    half-width of the peak.
    """
    places: list[Place] = []
    bins = STRETCHING.bins
    for x, density in _densities(system, form, fitted):
        for axis, (low, high) in enumerate(system.domain.bounds.tolist()):
            if axis == form.axis:
                continue
            cells = np.clip(((x[:, axis] - low) / (high - low) * bins).astype(int), 0, bins - 1)
            mean = np.bincount(cells, density, bins) / np.maximum(
                np.bincount(cells, minlength=bins), 1
            )
            peak = int(mean.argmax())
            below = np.flatnonzero(mean < STRETCHING.height * mean[peak])
            left, right = below[below < peak].max(initial=-1), below[below > peak].min(initial=bins)
            half = 0.5 * (right - left - 1) / bins
            if 0 < half < STRETCHING.narrow:
                at = low + (high - low) * (left + right + 1) / 2 / bins
                at = low if left < 0 else high if right == bins else at
                places.append(
                    (system.domain.coordinates[axis].name, float(at), float(half * (high - low)))
                )
    return places


def _densities(system: System, form: Form, fitted: Fit) -> list[tuple[Array, Array]]:
    densities: list[tuple[Array, Array]] = []
    if not math.isfinite(fitted.residual):
        return densities
    x = sample_region(system.domain, 2048, fitted.seed).x
    slopes = gradients(system, fitted, x)
    spatial = [axis for axis in range(x.shape[1]) if axis != form.axis]
    densities.append((x, array_of(slopes[spatial].square().sum(dim=(0, 1)))))
    squares = []
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            y = sample_region(residual.condition.region, 8192, 3).x
            values = residual_field(residual, fitted.field, y)
            squares.append(values.square() / values.square().mean())
    densities.append((y, array_of(reduce(torch.add, squares))))
    return densities
