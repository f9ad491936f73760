"""The front door for eigenvalues: a pencil is read off a problem, its modes are found, and given as
solutions.
"""

from __future__ import annotations

import math

from pinnsolve.arguments import budget_in, problem_in, seed_in, tolerance_in
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.pencil import Pencil, pencil_of
from pinnsolve.declare.problem import Problem
from pinnsolve.running.budget import Budget
from pinnsolve.running.history import History, Step
from pinnsolve.search.task import Task
from pinnsolve.solution.spectrum import Mode, Spectrum
from pinnsolve.strategies.spectrum import Modes, modes
from pinnsolve.symbols.given import number_of, shown, whole_of

# Where nothing is said: of an eigenvalue, ten digits
TOLERANCE = 1e-10


def eigenmodes(
    problem: Problem,
    count: int = 6,
    tolerance: float | None = None,
    near: float = 0.0,
    seed: int = 0,
    budget: Budget | float | None = None,
) -> Spectrum:
    """The `count` eigenvalues of a problem that lie nearest to a number, with their functions.

    The problem is linear and homogeneous, and mentions an `eigenvalue("lam")`, to its second power
    at most, in equations or on the boundary; its unknowns are real, or all complex; materials may
    differ `by_region`. Least squares solve it for any source; the eigenvalues of that map are
    1 / (lam - near) (a basis is chosen by sources, and its scale and width by the modes). Each is
    given with its difference to a second, independent draw; `tolerance` is relative to the
    eigenvalue, and "met" wants as many as Weyl's law expects, where it holds. Raises ValueError for
    a problem without an eigenvalue, one that is no such pencil or lacks conditions, and for more
    than there are or a basis resolves; TypeError for a count that is no whole number; TimeoutError
    where the budget ends before anything is found.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, coordinates, eigenmodes, eigenvalue, unknown
    >>> (x,) = coordinates("x")
    >>> u, lam, string = unknown("u", x), eigenvalue("lam"), Interval(x, 0, 1)
    >>> problem = Problem(string, Eq(-u.diff(x, 2), lam * u), Eq(u, 0) @ string.boundary)
    >>> [f"{mode.eigenvalue:.6f}" for mode in eigenmodes(problem, count=3)]
    ['9.869604', '39.478418', '88.826440']
    """
    pencil = pencil_of(problem_in(problem))
    if pencil is None:
        raise ValueError(
            "this problem has no eigenvalue: declare lam = eigenvalue('lam'), and an equation that"
            " mentions it, Eq(-laplacian(u), lam*u); any other problem is for solve"
        )
    place, number = number_of(near), _count_in(count)
    if place is None or not math.isfinite(place):
        raise TypeError(f"near must be a number, near=0: got {shown(near)}")
    goal = tolerance_in(tolerance) or TOLERANCE
    solved = pencil.in_parts
    system = compile_problem(solved.at(place))
    task = Task(system, goal, budget_in(budget), seed_in(seed))
    found = modes(task, solved, place, number)
    each = tuple(_mode(pencil, found, k, task) for k in range(number))
    return Spectrum(each, found.stopped, found.expected)


def _count_in(count: object) -> int:
    number = whole_of(count)
    if number is None or number < 1:
        raise TypeError(f"count must be a whole number of eigenvalues, count=6: got {shown(count)}")
    return number


def _mode(pencil: Pencil, found: Modes, k: int, task: Task) -> Mode:
    value, field = found.values[k], found.fields[k]
    residual, uncertainty = found.residual, float(found.estimates[k])
    numbers = field.space.columns, 0, math.nan, math.nan, residual, uncertainty
    step = Step("modes", str(found.declared), *numbers, task.budget.spent())
    return Mode(
        pencil.at(complex(value) if pencil.is_complex else float(value.real)),
        found.declared,
        found.seed,
        field,
        History((step,), found.stopped),
        change=residual,
        eigenvalue=float(value.real) if value.imag == 0 else complex(value),
        uncertainty=uncertainty,
    )
