"""Gradients of layers that are run in parallel are inexact: residuals must settle, and now and then an exact one is asked.

A residual of a differential equation is a small difference of large terms, so the error that a gradient can bear shrinks as
the loss does, and weights that roughen make cycles slower: a number of cycles that was enough stops being so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

AUDITED = 10  # gradients, one of which is checked, on its first block of points
HONEST = 0.97  # a cosine between gradient and exact gradient; below it cycles are added, at last the serial pass is taken

Pulled = Callable[[], tuple[Tensor, ...]]


def runs_in_parallel(basis: Any) -> bool:
    """Whether the basis is a network whose layers are solved for in cycles."""
    return hasattr(getattr(basis, "propagate", None), "with_more_cycles")


def last_cycles(basis: Any) -> tuple[float, ...]:
    """Relative residuals of the states at C-points, cycle by cycle, in the last pass; none, where layers are run serially."""
    kept = basis.propagate.memory.kept if runs_in_parallel(basis) else ()
    return tuple(kept[-1]["residuals"]) if kept else ()


@contextmanager
def watched(basis: Any, residual: Callable[[Tensor], Tensor] | None) -> Iterator[None]:
    """While layers that are run in parallel, cycles go on until this function of the last state has settled."""
    if residual is None or not runs_in_parallel(basis):
        yield
        return
    basis.propagate = basis.propagate.watching(residual)
    try:
        yield
    finally:
        basis.propagate = basis.propagate.watching(None)


def audited(basis: Any, pulled: Pulled) -> tuple[Tensor, ...]:
    """The gradient that `pulled` gives; the exact one, and more cycles from now on, where they do not point the same way."""
    found = pulled()
    if not runs_in_parallel(basis):
        return found
    inexact = basis.propagate
    basis.propagate = inexact.exactly()
    exact = pulled()
    basis.propagate = inexact
    if cosine(found, exact) >= HONEST:
        return found
    basis.propagate = inexact.with_more_cycles()
    return exact


def cosine(found: tuple[Tensor, ...], exact: tuple[Tensor, ...]) -> float:
    """Of the angle between two gradients; 1, if the exact one is zero."""
    a, b = (torch.cat([part.flatten() for part in each]) for each in (found, exact))
    return float(a @ b / (a.norm() * b.norm())) if float(b.norm()) > 0 else 1.0
