"""The slabs of a march as a chain: each gets its initial values from the one before, and their
fields are one field.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from sympy import Symbol
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import Program, Residual, System, with_known_data
from pinnsolve.declare.slab import first_slab, is_initial
from pinnsolve.discretize.changes import difference
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.field import Field
from pinnsolve.fields.slabs import Later, SlabBases, Slabs
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.fit import Fit
from pinnsolve.search.resume import Begun
from pinnsolve.search.task import Outcome


@dataclass(frozen=True, eq=False)
class OpenSlab:
    """The slab that a march was in the midst of: after how many, how long, after how many easy
    ones, and what it has come to.

    `others` are the slabs before it in another draw; None for one that was trained.
    """

    done: int
    length: float
    easy: int = 0
    begun: Begun | None = None
    others: tuple[Begun | None, ...] = ()


@dataclass(frozen=True, eq=False)
class DoneSlab:
    """A slab: its length, its field, its declaration and seed, and, unless it was trained, the
    field in another draw.
    """

    length: float
    field: Field
    declared: Any
    seed: int
    second: Field | None

    @property
    def basis(self) -> Basis | None:
        """What training goes on from in the next slab, if it is one."""
        bases = self.field.bases
        return bases[0] if len(bases) == 1 else None

    @property
    def other(self) -> Begun | None:
        """The other draw, for a file."""
        return (
            None
            if self.second is None
            else Begun(self.declared, self.seed + SECOND_DRAW, self.second)
        )


def first_draw(slab: DoneSlab) -> Field:
    """The field of a slab."""
    return slab.field


def second_draw(slab: DoneSlab) -> Field:
    """The same in another draw; the first, where there is none."""
    return slab.second or slab.field


def slab_system(
    system: System,
    time: Symbol,
    length: float,
    done: Sequence[DoneSlab],
    draw: Callable[[DoneSlab], Field] = first_draw,
) -> System:
    """The system on the slab after those that are done, its clock set to the first instant."""
    problem = first_slab(system.problem, time, length)
    axis = problem.domain.coordinates.index(time)
    passed = sum(slab.length for slab in done)
    residuals = []
    for residual, condition in zip(system.residuals, problem.conditions, strict=True):
        value, slopes = (
            _Later(program, axis, passed) if done else program
            for program in (residual.lowered_value, residual.lowered_slopes)
        )
        # Not the data again, but what the slab before has come to at its end.
        if done and is_initial(condition.region, axis):
            value = _Handed(value, residual, draw(done[-1]), axis, done[-1].length)
        # Features that lie in other slabs are none here, and those of this one move with its clock.
        known = with_known_data(residual, condition, {time: time + passed})
        residuals.append(replace(known, lowered_value=value, lowered_slopes=slopes))
    return System(problem, tuple(residuals))


@dataclass(frozen=True, eq=False)
class _Later:
    """A program of an equation, in which time is later than the slab's clock says."""

    program: Program
    axis: int
    passed: float

    def __call__(self, arguments: Iterable[Tensor], n: int) -> Tensor:
        held = list(arguments)
        held[self.axis] = held[self.axis] + self.passed
        return self.program(held, n)


@dataclass(frozen=True, eq=False)
class _Handed:
    """The value of an initial condition, minus that of the slab before at its end: the data
    cancel.
    """

    program: Program
    residual: Residual
    before: Field
    axis: int
    length: float

    def __call__(self, arguments: Iterable[Tensor], n: int) -> Tensor:
        held = list(arguments)
        x = torch.stack(held[: len(self.residual.condition.region.coordinates)], dim=1)
        with torch.no_grad():
            u = Later(self.before, self.axis, self.length).slots(self.residual, x)
        return self.program(held, n) - self.program([*held[: len(held) - len(u)], *u], n)


def joined(
    system: System, time: Symbol, done: Sequence[DoneSlab], seed: int, stopped: Stop, before: float
) -> Outcome:
    """The slabs as one field, on the time that they reach; two draws differ by the estimate.

    `before` is the estimate for slabs whose other draws are not known any more.
    """
    axis = system.domain.coordinates.index(time)
    first = float(system.domain.bounds[axis, 0])
    lengths = tuple(slab.length for slab in done)
    field, other = (
        Slabs(tuple(draw(slab) for slab in done), lengths, axis, first)
        for draw in (first_draw, second_draw)
    )
    known = slab_system(system, time, sum(lengths), ())
    trained = any(slab.second is None for slab in done)
    points = sample_region(known.domain, 2048, seed + SECOND_DRAW)
    estimate = math.nan if trained else difference(system, other, field, points)
    parts, seeds = tuple(slab.declared for slab in done), tuple(slab.seed for slab in done)
    declared = SlabBases(str(time), lengths, parts, seeds, system.n_unknowns)
    residuals = relative_residuals(known, field, seed + 1)
    facts = by_other_means(math.nan, 0)
    whole = Fit(declared, seed, field, residuals, facts, Stop.SOLVED)
    return Outcome(whole, estimate + before, 0, stopped)
