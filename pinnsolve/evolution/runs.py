"""One integration of an evolution, planned, run and remembered: a solve that was ended early goes
on in the midst of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Harmonics, Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import System
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.own_features import Instants
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.integrate import Path, integrate
from pinnsolve.evolution.orthonormal import Orthonormal, orthonormal_functions
from pinnsolve.evolution.reflected import Vanishing, of_one_coordinate
from pinnsolve.evolution.semidiscrete import Semidiscrete
from pinnsolve.fields.separated import Modes, Separated
from pinnsolve.running.budget import FOREVER, Budget, ended
from pinnsolve.running.stop import EARLY_ENDS, Stop
from pinnsolve.search.fit import Fit
from pinnsolve.search.resume import Begun

# Of a path, by its own word; the other words say it themselves
ENDS = {"finished": Stop.SOLVED, "stopped": Stop.STAGNATED}

Place = tuple[str, float, float]  # coordinate, centre, thickness
# After each step, how the path so far is had.
Told = Callable[[Callable[[], Fit]], None]


@dataclass(frozen=True)
class Plan:
    """One run: functions of space, places where space is stretched, periodic coordinates, tolerance
    of the steps, seed.

    After `steps` it is given up. No step jumps over the `instants`, each with a width. What is
    `vanishing` at the ends of space tells which functions it has (`evolution/reflected.py`).
    """

    width: int
    places: tuple[Place, ...]
    periodic: tuple[str, ...]
    rtol: float
    seed: int
    steps: float = math.inf
    instants: Instants = ()
    vanishing: Vanishing | None = None


@dataclass(frozen=True, eq=False)
class Run:
    """What a run has come to: its path as far as it was followed, and why it ended."""

    plan: Plan
    begun: Begun
    residuals: tuple[float, ...]
    rank: float
    steps: int
    stopped: Stop
    seconds: float

    @classmethod
    def of(cls, plan: Plan, fitted: Fit) -> Run:
        """A run that has ended, or was ended."""
        begun = Begun.of(fitted)
        return cls(
            plan,
            begun,
            fitted.residuals,
            fitted.solved.rank,
            fitted.solved.rows,
            fitted.stopped,
            fitted.seconds,
        )

    @property
    def whole(self) -> bool:
        """Whether it came to an end of its own."""
        return self.stopped not in EARLY_ENDS

    @property
    def fit(self) -> Fit:
        """As a fit."""
        b = self.begun
        solved = by_other_means(self.rank, self.steps)
        return Fit(b.declared, b.seed, b.field, self.residuals, solved, self.stopped, self.seconds)


@dataclass(frozen=True, eq=False)
class Runs:
    """The runs of an evolution so far; no plan occurs twice."""

    held: tuple[Run, ...] = ()


def runs_of(unfinished: object) -> Runs | None:
    """The runs, if an evolution was in their midst; None for anything else."""
    return unfinished if isinstance(unfinished, Runs) else None


def declared_space(plan: Plan, names: Sequence[str]) -> Declaration | None:
    """Waves that saturate: of a scale at which most of the functions can be told apart, and as many
    as are asked for.
    """
    if not names:
        return None
    groups: list[tuple[Place, ...]] = [(place,) for place in plan.places] or [()]
    width = -(-plan.width // len(groups))
    # With their number the wavenumbers grow as well, so that about the same part of them stays
    # independent; 0.7 radians a side is their standard deviation for each function along a side.
    scale = 0.7 * width ** (1 / len(names))
    parts: list[Declaration] = []
    for group in groups:
        whole = not group and set(plan.periodic) == set(names)
        waves = Dense(width, 1, "sin", Harmonics() if whole else Waves(dict.fromkeys(names, scale)))
        if not group and plan.vanishing is not None:
            return of_one_coordinate(plan.vanishing, width)
        parts.append(
            Stretched(waves, group[0][2], {name: centre for name, centre, _ in group})
            if group
            else waves
        )
    return sum(parts[1:], start=parts[0])  # type: ignore[call-overload,no-any-return]


def functions_of(system: System, form: Form, plan: Plan) -> tuple[Modes, Orthonormal]:
    """Those of a plan, as they are declared, and orthonormal ones."""
    names = [c.name for c in system.domain.coordinates]
    declared = Modes(
        declared_space(plan, [n for i, n in enumerate(names) if i != form.axis]), names[form.axis]
    )
    # Standing waves satisfy the sides, all but for round-off, of which rows would make conditions.
    built_in = bool(plan.vanishing) and not plan.places
    constrained = replace(form, sides=()) if built_in else form
    return declared, orthonormal_functions(system, constrained, declared, plan.seed)


def run(
    system: System,
    form: Form,
    plan: Plan,
    budget: Budget = FOREVER,
    before: Run | None = None,
    told: Told = lambda offer: None,
    most: float = math.inf,
) -> Fit:
    """One integration. A run that does not reach the end, by blow-up, has infinite residuals.

    After `most` steps memory is full. One that Ctrl-C or the budget ended is raised, as far as it
    came; given as `before`, it is gone on with.
    """
    start = budget.spent() - (before.seconds if before is not None else 0.0)
    declared, space = functions_of(system, form, plan)

    def fitted(path: Path, stopped: Stop, residuals: tuple[float, ...]) -> Fit:
        facts = by_other_means(float(space.rank), path.steps)
        return Fit(
            declared, plan.seed, path.field, residuals, facts, stopped, budget.spent() - start
        )

    # Not at its end, a run is worse than any that is.
    unknown = (math.inf,) * len(system.residuals)
    taken = count(1 if before is None else before.steps + 1)

    def goes_on(offer: Callable[[], Path]) -> bool:
        told(lambda: fitted(offer(), Stop.INTERRUPTED, unknown))
        return budget.left() > 0 and next(taken) < min(plan.steps, most)

    followed = None if before is None else _followed(before)
    semidiscrete = Semidiscrete(system, form, space, plan.instants)
    path = integrate(semidiscrete, plan.rtol, goes_on, followed)
    residuals = relative_residuals(system, path.field, plan.seed + 17) if path.complete else unknown
    late = path.stopped == "stopped" and (budget.left() <= 0 or path.steps >= most)
    stopped = ENDS[path.stopped] if path.stopped in ENDS else Stop(path.stopped)
    whole = fitted(path, Stop.BUDGET if late else stopped, residuals)
    if whole.stopped in EARLY_ENDS:
        raise ended(whole.stopped, whole)
    return whole


def _followed(before: Run) -> Separated:
    assert isinstance(before.begun.field, Separated)
    return before.begun.field
