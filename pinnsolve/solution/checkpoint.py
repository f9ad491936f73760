"""Checkpoints: the best so far, in a file, while a solve goes on; and the way back from one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pinnsolve.basis.trained import Trained, untrained
from pinnsolve.coefficients.least_squares import Method
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.evolution.march import March
from pinnsolve.evolution.runs import Runs, runs_of
from pinnsolve.evolution.underway import Underway, underway_of
from pinnsolve.exports.files import require_named, require_writable
from pinnsolve.fields.declared import Bases, of_each, one_basis
from pinnsolve.fields.field import Field
from pinnsolve.fields.slabs import Slabs
from pinnsolve.running.latest import Latest
from pinnsolve.search.resume import Begun
from pinnsolve.solution.held import require_replaceable, same_problem
from pinnsolve.solution.nodes import packed
from pinnsolve.solution.solution import Solution
from pinnsolve.solution.storage import sweep
from pinnsolve.symbols.warned import warn
from pinnsolve.training.loop import Listener
from pinnsolve.training.lsgd import trains

Keep = Callable[[Callable[[], Solution]], None]


@dataclass(frozen=True)
class Checkpoint:
    """A file that a solve keeps its best so far in: written at most every so many `seconds`, all or
    nothing, and at the end.

    It is a solution like any other, for `load(path)`; `solve(..., resume=path)` goes on from it.
    Raises ValueError for seconds that are negative.

    >>> from tempfile import TemporaryDirectory
    >>> from sympy import Eq
    >>> from pinnsolve import Checkpoint, Dense, Interval, Problem
    >>> from pinnsolve import coordinates, load, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> with TemporaryDirectory() as folder:
    ...     best = solve(growth, Dense(40), checkpoint=Checkpoint(f"{folder}/run.st", seconds=10))
    ...     again = load(f"{folder}/run.st")
    >>> f"{again(1.0):.4f}"
    '2.7183'
    """

    path: str | Path
    seconds: float = 60.0
    clock: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_named(self.path)
        if not self.seconds >= 0:
            raise ValueError(f"Checkpoint wants seconds that are not negative: got {self.seconds}")

    def write(self, solution: Solution) -> None:
        """Write a solution; if that fails, say so, and let the solve go on."""
        try:
            solution.save(self.path)
        except OSError as error:
            warn(f"no checkpoint was written: {error}")


def checkpoint_in(given: Checkpoint | str | Path | None) -> Checkpoint | None:
    """A checkpoint; a name alone is taken as its file's."""
    return Checkpoint(given) if isinstance(given, (str, Path)) else given


def keeping(checkpoint: Checkpoint | None, declared: Bases | None, problem: Problem) -> Keep:
    """What is told of each solution that may be the best: it is made, and written, if it is time.

    Raises, before any work is done, OSError for a file that cannot be written, and ValueError for a
    basis that no file holds, and for a file that is there and holds no solution of this problem.
    """
    if checkpoint is None:
        return lambda offer: None
    require_writable(checkpoint.path)
    require_replaceable(checkpoint.path, problem)
    sweep(checkpoint.path)
    # Asked now: a basis that no file holds shall not be found out after an hour.
    packed(declared)
    written = Latest(checkpoint.clock())

    def keep(offer: Callable[[], Solution]) -> None:
        if checkpoint.clock() - written.value >= checkpoint.seconds:
            checkpoint.write(offer())
            written.tell(checkpoint.clock())

    return keep


def begun(
    resume: Solution | str | Path | None, checkpoint: Checkpoint | None, problem: Problem
) -> Solution | None:
    """The solution that is gone on with; None, where there is none, or none yet in the file that
    will be written.

    Raises OSError if there is no such file, ValueError if it is damaged or holds a solution of
    another problem.
    """
    if resume is None:
        return None
    if isinstance(resume, Solution):
        if not same_problem(resume.problem, problem):
            raise ValueError("resume wants a solution of the same problem")
        return resume
    if (
        checkpoint is not None
        and Path(checkpoint.path) == Path(resume)
        and not Path(resume).exists()
    ):
        return None
    return Solution.load(resume, problem)


def field_of(before: Solution) -> Field | None:
    """The unknowns as they were, to start from; None, where space and time are separated: nothing
    starts from there.
    """
    return before.field if before.field.last_time is None else None


def growth_of(before: Solution) -> Begun | Runs | Underway | None:
    """What can go on: a growth, the runs of an evolution, or those in cells of space; None, if it
    ended by itself.
    """
    declared = untrained(before.declared)
    field = field_of(before)
    if field is None:
        return runs_of(before.unfinished) or underway_of(before.unfinished)
    return Begun(declared, before.seed, field)


def going_after(march: March, before: Solution | None) -> March:
    """A march that goes on after the slabs that were done; from the beginning, if none was."""
    return (
        march
        if before is None or not isinstance(before.field, Slabs)
        else replace(march, after=before)
    )


def listening(method: Method | None, keep: Listener) -> Method | None:
    """A method that trains, telling of its best so far; others have nothing to tell."""
    return replace(method, listener=keep) if method is not None and trains(method) else method


def going_on(
    before: Solution, declared: Bases, method: Method | None
) -> tuple[Bases, Method | None]:
    """The basis as the solution before has left it, and the method with the steps that are left to
    it: at least one.

    Raises ValueError if the solution is one in another basis.
    """
    drawn, held = untrained(declared), untrained(before.declared)
    if packed(held)[0] != packed(drawn)[0]:
        raise ValueError(
            f"resume: the solution before is one in {held}, not in {drawn}; give the basis that it"
            " was begun in"
        )
    if of_each(drawn) is not None or len(before.field.bases) != 1:
        return drawn, method  # there is no training to go on with
    basis = one_basis(drawn).build(bounds_by_name(before.problem), before.seed)
    basis.load_state_dict(before.basis.state_dict())
    if trains(method):
        left = max(1, method.steps - len(before.history.training))
        method = replace(method, start=before.coefficients, steps=left)
    return Trained(one_basis(drawn), basis), method
