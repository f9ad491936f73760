"""Collocation points that move to where the residual is large, while a network is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import Points, sample_points
from pinnsolve.discretize.streams import STREAMS
from pinnsolve.fields.arrays import array_of
from pinnsolve.fields.space import Space

Array = NDArray[np.float64]


class Judged(Protocol):
    """What is asked for residuals at candidates, and for the rows at those that are drawn."""

    @property
    def system(self) -> System: ...
    @property
    def space(self) -> Space: ...

    def misfit(self, coefficients: Tensor, points: Sequence[Points]) -> Tensor:
        """Weighted residuals `(n_rows,)` at coefficients `(columns,)`, condition after
        condition.
        """
        ...


@dataclass(frozen=True)
class Resample:
    """New collocation points every so many steps: about `points` of each condition that fills the
    domain.

    They are drawn from `candidates` times as many without replacement, with probabilities |r| /
    mean |r| + 1 (the method RAD of Wu, Zhu, Tan, Kartha, Lu, Comput. Methods Appl. Mech. Eng. 403
    (2023) 115671, k = c = 1), condition by condition: a front that covers a hundredth of the domain
    gets its share of points, and no step sees all of a large set. So that it does not dominate,
    rows are weighted by (1 + |a| / median |a|)^(-1/2), |a| the norm of a row's slopes in the
    coefficients. Draws follow from the number of the step. Measured data keep their points. Raises
    ValueError for numbers below 1.

    >>> from pinnsolve import LSGD, Resample
    >>> LSGD(200, resample=Resample(every=5, points=500)).resample.candidates
    8
    """

    every: int = 10
    points: int = 1000
    candidates: int = 8

    def __post_init__(self) -> None:
        if min(self.every, self.points, self.candidates) < 1:
            raise ValueError(
                f"every, points and candidates are at least 1: got {self.every}, {self.points},"
                f" {self.candidates}"
            )

    def drawn(self, judged: Judged, coefficients: Tensor, step: int) -> tuple[Points, ...]:
        """Points of all conditions for a step, where coefficients `(columns,)` leave large
        residuals.
        """
        declared, seed = judged.system.problem, STREAMS.resampled + step
        wanted = [len(p.x) for p in sample_points(declared, self.points, seed)]
        candidates = sample_points(declared, self.candidates * self.points, seed)
        with torch.no_grad():
            residuals = torch.split(
                judged.misfit(coefficients, candidates).abs(), [len(p.x) for p in candidates]
            )
        generator = np.random.default_rng(seed)
        drawn = tuple(
            _by_residual(p, r, n, generator)
            for p, r, n in zip(candidates, residuals, wanted, strict=True)
        )
        problem = assemble(judged.system, drawn, judged.space, coefficients)
        return tuple(
            replace(p, factors=_factors(problem.matrix[rows]))
            for p, rows in zip(drawn, problem.slices, strict=True)
        )


def _by_residual(p: Points, residual: Tensor, n: int, generator: np.random.Generator) -> Points:
    # The mean residual is added, so that points that are good already are seen too.
    share = array_of(residual / residual.mean().clamp(min=1e-300) + 1.0)
    return p.taken(np.sort(generator.choice(len(p.x), n, replace=False, p=share / share.sum())))


def _factors(rows: Array) -> Array:
    norms = np.linalg.norm(rows, axis=1)
    factors: Array = (1 + norms / max(float(np.median(norms)), 1e-300)) ** -0.5
    return factors
