"""One solve in given cells: the functions, the rows, the tree; Newton's method outside of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Declaration
from pinnsolve.cells.carried import Decided
from pinnsolve.cells.condense import CUTS, Cuts
from pinnsolve.cells.eliminate import Elimination, Held, Raw, again
from pinnsolve.cells.frames import Frames
from pinnsolve.cells.kinds import Kinds
from pinnsolve.cells.memory import require_room
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.rows import Rows
from pinnsolve.cells.sizes import sizes_of
from pinnsolve.cells.spaces import cells_of
from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import difference
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.sizes import units_of
from pinnsolve.discretize.streams import STREAMS
from pinnsolve.fields.cellwise import CellBases, Cellwise
from pinnsolve.fields.field import Field
from pinnsolve.fields.tree import Tree, tree_of
from pinnsolve.mgrit.communicator import ALONE, Communicator
from pinnsolve.running.budget import Budget, carrying


@dataclass(frozen=True)
class Newton:
    """When the iteration for a nonlinear problem ends, and when slopes are taken anew."""

    # Iterates, at most
    most: int = 40
    # A relative change of the field that is round-off
    rest: float = 1e-12
    # Iterates whose change has stopped to fall, and is below this, are as good as they get
    small: float = 1e-6
    # Iterates after each other whose change does not halve: these do not resolve the solution
    patience: int = 4
    # The same, where a residual is so large, and cells leave a large part of it, of the linearized
    # equations as well: smaller cells cost less than more of these steps
    hopeless: tuple[float, int] = (0.1, 2)
    by_cells: float = 0.5
    # Halvings of a step that raises the residual
    halvings: int = 4
    # A change of the field above which slopes are taken anew: old ones contract hardly more
    far: float = 0.1
    # And a change that is more of the one before: a step with old slopes costs a tenth
    slow: float = 0.3
    # A cell whose slopes have moved by less, relative to its rows, keeps them then
    still: float = 1e-3
    # Of the residual: what is left of the iteration is not seen in the values then
    beside: float = 1e-3


NEWTON = Newton()
# Of what was solved once: it fits.
AGAIN = Budget(gigabytes=math.inf)


@dataclass(frozen=True, eq=False)
class Solved:
    """A field in cells with the rows that made it, and what the tree said of them; `converged`:
    whether Newton's method came to rest.
    """

    field: Cellwise
    rows: Rows
    decided: Decided
    converged: bool = True

    @property
    def condition(self) -> float:
        """Of the last rows: how little may change a solution of the equations in all cells."""
        singular = self.decided.singular
        if not len(singular):
            return 1.0
        return float(singular.max() / singular.min().clamp(min=1e-300))


def solved(
    system: System,
    tree: Tree,
    parts: Sequence[Declaration],
    seed: int,
    budget: Budget,
    start: Field | None = None,
    ranks: Communicator = ALONE,
    cuts: Cuts = CUTS,
) -> Solved:
    """Least squares in all cells, in functions that are declared for each, drawn by the seed; of a
    nonlinear system by Newton's method for the updated field, from a field (None: from zero).
    Units of the unknowns are their sizes in that, else what the equations tell. Ranks share the
    work.

    Raises OutOfTimeError when the budget's seconds are used, as Ctrl-C with the last iterate as its
    `best`; MemoryError where its memory does not suffice.
    """
    cells = cells_of(system, tree, parts, seed, budget)
    # Newton's method keeps what was condensed of all.
    remembered = CUTS.remembered if system.linear else len(cells.spaces)
    require_room(cells, budget, remembered, ranks.size)
    units = _units(system, start, seed)
    rows = rows_of(system, cells, seed + STREAMS.cells, units, ranks=ranks)
    if system.linear:
        return Steps(rows, budget, ranks, cuts=cuts).step(None)
    steps = Steps(rows, budget, ranks, kept=Held({}, {}), cuts=cuts)
    return _by_newton(steps, start, seed)


def _by_newton(steps: Steps, start: Field | None, seed: int) -> Solved:
    """Newton's method; while its changes fall fast, with the slopes of an earlier step."""
    system = steps.rows.system
    points = quadrature(system, 1024, seed)
    best = steps.step(start)
    residual = max(relative_residuals(system, best.field, seed))
    last = 1.0 if start is None else difference(system, best.field, start, points)
    least, idle, fast = math.inf, 0, last < NEWTON.far
    for _ in range(NEWTON.most):
        with carrying(replace(best, converged=False)):
            full = new = steps.step(best.field, math.inf if fast else NEWTON.still)
            if not fast:
                new, residual = _damped(system, best, new, residual, seed)
        change = difference(system, new.field, best.field, points)
        before, best = best, new
        if change < NEWTON.rest or (change < NEWTON.small and change > last / 2):
            return best
        # Steps contract as the last two did, or more.
        left = change * min(1.0, change / last)
        if left < NEWTON.beside * residual:
            residual = max(relative_residuals(system, best.field, seed))
            if residual < NEWTON.hopeless[0] and left < NEWTON.beside * residual:
                return best
        fast = change < min(NEWTON.far, NEWTON.slow * last)
        last = change
        least, idle = min(least, change), idle + 1 if change > least / 2 else 0
        large, few = NEWTON.hopeless
        tired = idle >= few and residual > large
        if idle >= NEWTON.patience or (tired and _unresolved(before, full, residual, seed)):
            break
    return replace(best, converged=last < NEWTON.small)


def _unresolved(old: Solved, new: Solved, residual: float, seed: int) -> bool:
    """Whether equations that are linearized at one iterate leave much of a residual to the next,
    which solves them: that is left by the cells, and by no step.
    """
    tangent = linearized(old.rows.system, old.field)
    left = max(relative_residuals(tangent, new.field, seed))
    return left > NEWTON.by_cells * residual


def _units(system: System, start: Field | None, seed: int) -> Tensor:
    """What unknowns are measured in, `(n_unknowns,)`: in one unit, what is 1e-12 of the largest
    would count as undetermined.
    """
    if start is not None:
        return sizes_of(system, start, seed)
    return DOUBLE.new_tensor(units_of(system))


def solved_again(system: System, declared: object, seed: int, start: Field) -> Cellwise | None:
    """Another draw of the functions that are declared for cells; None, where none are."""
    if not isinstance(declared, CellBases):
        return None
    tree = tree_of(system.domain.bounds, declared.cuts)
    return solved(system, tree, declared.parts, seed, AGAIN, start).field


@dataclass(frozen=True, eq=False)
class Steps:
    """Steps of Newton's method with these rows; `frames` of cells and what was condensed are `kept`
    for steps that need not have all anew.
    """

    rows: Rows
    budget: Budget
    ranks: Communicator = ALONE
    frames: dict[int, Frames] = field(default_factory=dict)
    kept: Held | None = None
    cuts: Cuts = CUTS

    @cached_property
    def kinds(self) -> Kinds:
        """Which cell stands for which."""
        return Kinds.of(self.rows)

    def step(self, about: Field | None, still: float = 0.0) -> Solved:
        """The updated field, linearized at a field (None: at zero); cells whose slopes have moved
        by no more than `still` keep theirs.
        """
        rows, ranks = self.rows, self.ranks
        self.budget.require()

        def raw(number: int) -> Raw:
            # Several ranks ask for the time together, and have different numbers of cells.
            if ranks.size == 1:
                self.budget.require()
            if about is not None and number in self.frames:
                target, offsets, moved = self.frames[number].at(about)
                if moved <= still:
                    return again(target, offsets)
            first = self.kinds.first(number)
            if first != number:
                if first not in self.frames:
                    self.frames[first] = rows.framed(first, about)[1]
                return rows.alike(number, self.frames[first])
            known, self.frames[number] = rows.framed(number, about)
            return known

        tree, first = rows.cells.tree, self.kinds.first
        elimination = Elimination(tree, raw, rows.members, self.cuts, ranks, first, kept=self.kept)
        decided = elimination.decided()
        coefficients = [rows.units_of(k) * z for k, z in enumerate(decided.coefficients)]
        return Solved(Cellwise.of(rows.cells, coefficients), rows, decided)


def _damped(
    system: System, old: Solved, new: Solved, residual: float, seed: int
) -> tuple[Solved, float]:
    """The new iterate, or one on the way to it, whose residual is not much larger than before."""
    measure = partial(relative_residuals, system, seed=seed)
    for _ in range(NEWTON.halvings):
        reached = max(measure(new.field))
        if reached <= 2 * residual:
            break
        pairs = zip(old.field.parts, new.field.parts, strict=True)
        middle = [(a.coefficients + b.coefficients) / 2 for a, b in pairs]
        new = replace(new, field=Cellwise.of(new.rows.cells, middle))
    return new, reached
