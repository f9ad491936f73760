"""Gradients of layers that are run in parallel are inexact: residuals must settle, and now and then
an exact one is asked.

A residual of a differential equation is a small difference of large terms, so the error that a
gradient can bear shrinks as the loss does, and weights that roughen make cycles slower: a number of
cycles that was enough stops being so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import torch
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.mgrit.propagator import propagator, serial

Pulled = Callable[[], Tensor]
Dot = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Honesty:
    """How often gradients are checked, and which of them pass."""

    # Gradients, one of which is checked, as long as they are honest.
    between: int = 25
    # A cosine between a gradient and one of two more cycles; below, a cycle is added, at last the
    # serial pass.
    cosine: float = 0.99


HONESTY = Honesty()


def runs_in_parallel(basis: Basis) -> bool:
    """Whether the basis is a network whose layers are solved for in cycles."""
    return basis.propagate.parallel


def last_cycles(declared: object) -> tuple[float, ...]:
    """Relative residuals of the states at C-points, cycle by cycle, in the last pass of a declared
    network; none, where layers are run serially.
    """
    return propagator(getattr(declared, "propagate", serial)).last_cycles()


@contextmanager
def in_training(basis: Basis, residual: Callable[[Tensor], Tensor] | None) -> Iterator[None]:
    """Layers that are run in parallel: cycles go on until this function of the last state `(rows,
    points, width)` has settled.

    And each rank gets gradients of its own layers alone.
    """
    if not runs_in_parallel(basis):
        yield
        return
    usual = basis.propagate
    basis.propagate = usual.in_training(residual)
    try:
        yield
    finally:
        basis.propagate = usual


@dataclass(frozen=True, eq=False)
class GradientChecks:
    """When gradients are checked: the `first` one, the next one after one that pointed astray, then
    every second, fourth ... twenty-fifth.
    """

    first: int = 0
    between: int = 1
    asked: Iterator[int] = field(default_factory=count)
    gaps: list[int] = field(default_factory=list)  # from each check to the next one

    def due(self) -> bool:
        """Whether it is time; asked once a gradient."""
        return next(self.asked) >= self.first + sum(self.gaps)

    def found(self, honest: bool) -> None:
        """What a check has found."""
        last = self.gaps[-1] if self.gaps else self.between
        self.gaps.append(min(2 * last, HONESTY.between) if honest else 1)


def checked(basis: Basis, pulled: Pulled, checks: GradientChecks, dot: Dot = torch.dot) -> Tensor:
    """The gradient `(n,)` that `pulled` gives, better than usual; and other ways from now on, where
    the usual one points elsewhere.

    Of the whole loss: its parts cancel near a minimum, and errors that none of them shows may be
    all of the sum. A gradient of two more cycles each way stands for the exact one, which would
    cost a serial pass. The other kind of coarse layers is tried first, which costs nothing more;
    then there is one more cycle.
    """
    usual_gradient = pulled()
    if not runs_in_parallel(basis):
        return usual_gradient
    usual = basis.propagate
    basis.propagate = usual.with_more_cycles().with_more_cycles()
    better = pulled()
    basis.propagate = usual
    honest = cosine(usual_gradient, better, dot) > HONESTY.cosine
    checks.found(honest)
    if not honest:
        basis.propagate = usual.with_other_coarse_layers()
        pulled()  # what they lack is learned
        if cosine(pulled(), better, dot) < HONESTY.cosine:
            basis.propagate = usual.with_more_cycles()
            basis.propagate.forget_corrections()
    return better


def cosine(gradient: Tensor, exact: Tensor, dot: Dot = torch.dot) -> float:
    """Of the angle between two gradients `(n,)`; 1, if the exact one is zero."""
    sizes = (dot(gradient, gradient) * dot(exact, exact)).sqrt()
    return float(dot(gradient, exact) / sizes) if float(sizes) > 0 else 1.0
