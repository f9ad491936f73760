"""Where an evolution is concentrated: peaks of its slopes, and of its residuals, along a coordinate
of space.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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

# Of a coordinate, in which slopes and residuals are counted.
BINS = 128
# Half-width of a peak, relative to the side, that asks for stretching.
NARROW = 0.1


def distinct(peaks: Sequence[Place]) -> list[Place]:
    """Without those that are the same peak as one before: of slopes and of residuals."""
    kept: list[Place] = []
    for name, centre, width in peaks:
        if not any(n == name and abs(c - centre) < w and 0.7 < width / w < 1.4 for n, c, w in kept):
            kept.append((name, centre, width))
    return kept


def peaks(system: System, form: Form, fitted: Fit) -> list[Place]:
    """Where slopes, and residuals, are concentrated along a coordinate of space, with the
    half-width of the peak.
    """
    places: list[Place] = []
    for x, density in _densities(system, form, fitted):
        for axis, (low, high) in enumerate(system.domain.bounds.tolist()):
            if axis == form.axis:
                continue
            bins = np.clip(((x[:, axis] - low) / (high - low) * BINS).astype(int), 0, BINS - 1)
            mean = np.bincount(bins, density, BINS) / np.maximum(
                np.bincount(bins, minlength=BINS), 1
            )
            peak = int(mean.argmax())
            below = np.flatnonzero(mean < 0.5 * mean[peak])
            left, right = below[below < peak].max(initial=-1), below[below > peak].min(initial=BINS)
            half = 0.5 * (right - left - 1) / BINS
            if 0 < half < NARROW:
                at = low + (high - low) * (left + right + 1) / 2 / BINS
                at = low if left < 0 else high if right == BINS else at
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
