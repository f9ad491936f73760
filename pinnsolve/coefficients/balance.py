"""How large the unknowns of several regions are, measured in small solves, before rows are weighed.

A row of an interface is weighed by its largest part. Where k jumps by 1000, the row of the flux,
1000 u_1' - u_2', is weighed by the part of u_1, though u_1 varies by a thousandth of u_2: beside
the other rows of u_2 this one counts a thousandth, and u_1 is wrong by as much more. In units of
what each unknown varies by, both parts are alike. Nothing else changes: columns have norms of their
own. Which unknown is small is not read off the coefficients: if the data are given inside of a disk
and not around it, it is the other one. So a small solve is asked, twice or three times, as a wrong
weight spoils the first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.coefficients.least_squares import LeastSquares
from pinnsolve.coefficients.solved import Solved
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import NotFiniteError
from pinnsolve.discretize.changes import about_mean, rms
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.holes import in_holes


@dataclass(frozen=True)
class Balance:
    """How small the solves are, and when they agree."""

    # Waves of each unknown, and their radians a side: enough for one digit
    functions: int = 60
    wavenumber: float = 3.0
    # Points of each region, on which the unknown is measured
    points: int = 256
    # Solves at most
    rounds: int = 3
    # A factor to which two measures agree: no row counts much more or less by it
    alike: float = 3.0
    # Of the largest unknown: no smaller unit is taken
    least: float = 1e-9
    # Of its own size: what varies less is a constant, and noise of the small solve
    constant: float = 1e-7


BALANCE = Balance()


def balanced(system: System) -> System:
    """The system with unknowns measured in units of what they vary by; itself, where they all live
    in one region, or do not depend linearly on the data.
    """
    if not system.linear or len(set(system.supports)) < 2:
        return system
    units = (1.0,) * system.n_unknowns
    for _ in range(BALANCE.rounds):
        measured = _measured(replace(system, units=units))
        if measured is None:
            return system
        apart = max(abs(math.log(a / b)) for a, b in zip(measured, units, strict=True))
        units = measured
        if apart < math.log(BALANCE.alike):
            break
    return replace(system, units=units)


def _measured(system: System) -> tuple[float, ...] | None:
    """What the unknowns vary by in a small solve, the largest 1; None, if it comes to nothing."""
    waves, poles = Dense(BALANCE.functions, 1, "sin", Waves(BALANCE.wavenumber)), in_holes(system)
    space = build_space(system, waves if poles is None else waves + poles, 0)
    try:
        found = LeastSquares()(system, collocation_points(system, space, 0), space, _unheard)
    except NotFiniteError:
        return None
    field = Expansion(space, found.coefficients)
    values = [
        field.values(sample_region(region, BALANCE.points, 0).x)[k]
        for k, region in enumerate(system.supports)
    ]
    sizes = torch.stack([_size(own) for own in values])
    largest = float(sizes.max())
    if not 0 < largest < math.inf:
        return None
    return tuple((sizes / largest).clamp(min=BALANCE.least).tolist())


def _size(values: Tensor) -> Tensor:
    """What values `(n,)` vary by; how large they are, where that is nothing, as of a constant."""
    size, own = about_mean(values), rms(values)
    return own if float(size) < BALANCE.constant * float(own) else size


def _unheard(stage: str, solved: Solved | None, loss: float) -> None:
    """Nobody listens."""
