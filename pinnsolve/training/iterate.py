"""Where a training is: a value; a step makes another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from pinnsolve.coefficients.solved import Solved
from pinnsolve.discretize.points import Points


@dataclass(frozen=True, eq=False)
class Iterate:
    """A vector of variables, its coefficients `(columns,)`, and the loss there, relative to that of
    zero; at the collocation `points`, or (None) at those that were given.
    """

    x: Tensor
    coefficients: Tensor
    loss: float
    solved: Solved | None = field(default=None, repr=False)
    points: tuple[Points, ...] | None = field(default=None, repr=False)


def mean_of(iterates: Sequence[Iterate]) -> Iterate:
    """The mean of variables and coefficients: what every single draw of points made of them is
    forgotten.
    """
    x, coefficients = (
        torch.stack(each).mean(dim=0)
        for each in zip(*((i.x, i.coefficients) for i in iterates), strict=True)
    )
    last = iterates[-1]
    return Iterate(x, coefficients, max(i.loss for i in iterates), None, last.points)
