"""The ways of solving with nothing given, in the order in which they are worth trying.

A basis of space and time at once is the most accurate, and the quickest where all is smooth; their
separation follows fronts and many oscillations at a thousandth of the cost, to about ten digits.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from pinnsolve.discretize.recognize import (
    Constrained,
    Form,
    evolution_form,
    form_with_capacities,
)
from pinnsolve.evolution.evolve import begins_within
from pinnsolve.evolution.runs import runs_of
from pinnsolve.evolution.underway import underway_of
from pinnsolve.evolution.wavelike import Wavelike, wavelike
from pinnsolve.running.budget import Budget, OutOfTimeError
from pinnsolve.running.stop import Stop
from pinnsolve.search.families import spreading, walls
from pinnsolve.search.task import LIMITS, Outcome, Strategy, Task, as_asked
from pinnsolve.search.uniqueness import lacks_conditions
from pinnsolve.strategies.cells_before import before_in_cells
from pinnsolve.strategies.constrained import InConstrained, suits_constrained
from pinnsolve.strategies.given_cells import suit_cells
from pinnsolve.strategies.in_cells import InCells
from pinnsolve.strategies.in_elements import InElements
from pinnsolve.strategies.in_mixtures import InMixtures, suits_mixtures
from pinnsolve.strategies.in_moving_cells import InMovingCells, stages_in_cells
from pinnsolve.strategies.in_polynomials import in_polynomials, suits_polynomials
from pinnsolve.strategies.in_products import InProducts
from pinnsolve.strategies.in_resolvents import in_resolvents, outside_of
from pinnsolve.strategies.measured import begun_near, in_measured
from pinnsolve.strategies.measured_fields import in_measured_fields
from pinnsolve.strategies.measured_rows import is_exact
from pinnsolve.strategies.measured_sought import coefficients_of, in_measured_states, or_open
from pinnsolve.strategies.measured_tested import in_tested
from pinnsolve.strategies.order import ORDER
from pinnsolve.strategies.products_before import held_by_one_basis, suited_to, tried_in
from pinnsolve.strategies.separation import Separated, at_once, at_once_first, separated_first
from pinnsolve.strategies.turns import TURNS, cells_first, share_of_cells, share_of_one
from pinnsolve.strategies.two import (
    FINAL,
    both,
    enough,
    in_turn,
    is_last,
    settles,
    until,
)


def solve_automatically(task: Task) -> Outcome:
    """What does not evolve in space and time at once; evolutions by both ways, if one is not
    enough.

    What was begun goes on: growth in space and time at once, the runs of their separation, or those
    in cells of space.
    """
    smooth = coefficients_of(task.system, task.prior)
    if smooth:
        return in_measured_fields(task, smooth)
    states = in_measured_states(task)
    if states is not None:
        return states
    if suits_polynomials(task.system):
        return in_polynomials(task)
    tested = in_tested(task)
    if tested is None:
        return _untested(task)
    told = tested.posterior is not None and tested.posterior.of_data
    if told or not is_exact(task.system) or is_last(task, tested):
        return tested
    return both(tested, _untested, task)


def _untested(task: Task) -> Outcome:
    """What is not measured all over a box, or not so well."""
    measured = in_measured(task)
    if measured is not None:
        return or_open(task, measured)
    task = begun_near(task)
    if task.tolerance is not None and task.tolerance < LIMITS.tolerance:
        task = replace(task, tolerance=None)
    system, begun = task.system, task.begun
    moving = stages_in_cells(system) if underway_of(begun) is not None else None
    if moving is not None:
        return InMovingCells(moving)(task)
    if len(system.domain.coordinates) > 2 and begun is None and task.guess is None:
        return _weakly_begun(task)
    return _of_its_form(task)


def _weakly_begun(task: Task) -> Outcome:
    """A plate whose walls disagree with its start, or whose start has kinks: steps and products
    know nothing of that, one basis has functions of such. Where kinks meet walls that they do not
    suit, one basis sees soon that these are not enough.
    """
    if walls.disagreeing(task.system) is not None:
        return in_turn(_bounded(task), ORDER.sudden, at_once, _of_its_form)
    if spreading.disagreeing(task.system) is None:
        return _of_its_form(task)
    bounded = _bounded(task)
    short = until(bounded.budget, ORDER.sudden, ORDER.first_turn)
    return in_turn(bounded, ORDER.sudden, partial(_promising, short=short), _of_its_form)


def _promising(task: Task, short: Budget) -> Outcome:
    """In one basis for a short time; as long as the task says, where that promises the goal."""
    return at_once(replace(task, budget=short, whole=task.budget))


def _of_its_form(task: Task) -> Outcome:
    """Waves, evolutions and what constraints hold together, as they suit; all else at once."""
    system, begun = task.system, task.begun
    grown = begun is not None and runs_of(begun) is None
    at_once_only = task.guess is not None or grown
    form = None if at_once_only else evolution_form(system)
    wave = None if at_once_only or begun is not None else wavelike(system)
    if wave is not None:
        return _wave(task, form, wave)
    capacities = None if form is not None or at_once_only else form_with_capacities(system)
    if capacities is not None and begins_within(system, capacities, task.budget):
        return _with_capacities(task, capacities)
    known = form is not None or at_once_only or begun is not None
    rough = task.tolerance is not None and task.tolerance >= ORDER.separated
    constrained = suits_constrained(system) if rough and not known else None
    return _by_form(task, form) if constrained is None else _constrained(task, constrained)


def _constrained(task: Task, form: Constrained) -> Outcome:
    """What constraints hold together: by steps in a basis of space; then in one of all."""
    shared = _bounded(task.within(until(task.budget, ORDER.constrained, math.inf)))
    try:
        found = InConstrained(form)(shared)
    except (OutOfTimeError, MemoryError):
        return _at_once_then_cells(task)
    if found.stopped in FINAL or enough(task, found) or task.budget.left() <= ORDER.brief:
        return found
    return both(found, _at_once_then_cells, task)


def _wave(task: Task, form: Form | None, wave: Wavelike) -> Outcome:
    """A wave in a box: on elements, where what holds smooth ones is not enough; at once, where its
    medium is not smooth.
    """
    elements, rest = InElements(wave), partial(_by_form, form=form)
    if elements.is_rough(task.system):
        return in_turn(_bounded(task), 1.0, elements, rest)
    suited = None if form is None else suited_to(task, form)
    if suited is None or held_by_one_basis(task, suited):
        found = rest(task.within(until(task.budget, ORDER.waves_at_once, math.inf)))
        return found if settles(task, found) else both(found, elements, _bounded(task))
    shared = task.within(until(task.budget, ORDER.waves_in_products, math.inf))
    tried = tried_in(InProducts(suited), shared)
    if tried is None:
        return elements(_bounded(task))
    if tried.stopped in FINAL or enough(task, tried):
        return tried
    found = both(tried, elements, _bounded(task))
    brief = found.stopped in FINAL or task.budget.left() <= ORDER.brief
    return found if brief else both(found, rest, task)


def _bounded(task: Task) -> Task:
    """Where there is no limit there is one, for what could go on for ever."""
    limit = math.inf if math.isfinite(task.budget.seconds) else 2 * ORDER.seconds
    return task.within(until(task.budget, 1.0, limit))


def _by_form(task: Task, form: Form | None) -> Outcome:
    """Evolutions in products, or as `_without_products` says; all else at once."""
    system = task.system
    if form is None or not begins_within(system, form, task.budget):
        return _at_once_then_cells(task)
    suited, others = suited_to(task, form), partial(_without_products, form=form)
    if suited is None:
        return others(task)
    products: Strategy = InProducts(suited)
    if not held_by_one_basis(task, suited):
        return _products_first(task, products, others)
    budget = task.budget
    shared = until(budget, ORDER.first_share, ORDER.seconds)
    if task.tolerance is None or task.tolerance < ORDER.separated:
        found, then = others(task.within(shared)), products
    else:
        # That it holds the solution is seen soon; what promises the goal goes on.
        short = until(budget, 1.0, ORDER.first_turn)
        found = at_once(replace(task, budget=short, whole=shared))
        then = partial(_products_first, products=products, others=others)
    return found if is_last(task, found) else both(found, then, task)


def _products_first(task: Task, products: Strategy, others: Strategy) -> Outcome:
    """Products, and other ways where these are not enough."""
    found = tried_in(products, task)
    if found is None:
        return others(task)
    return found if is_last(task, found) else both(found, others, task)


def _with_capacities(task: Task, form: Form) -> Outcome:
    """Separated, as far as what multiplies derivatives in time does not vanish."""
    try:
        return separated_first(task, Separated(form))
    except ValueError:
        return _at_once_then_cells(task)


def _without_products(task: Task, form: Form) -> Outcome:
    """An evolution around round holes in functions of these, where it has such; else, or where that
    is not enough, in one basis of space and time, separated, or in cells of space.
    """
    two = len(task.system.domain.coordinates) == 3 and task.begun is None
    stages = stages_in_cells(task.system) if two else None
    outside = None if stages is None else outside_of(stages, task.goal)
    rest = partial(_in_one_or_cells, form=form)
    if outside is None:
        return rest(task)
    try:
        found = in_resolvents(task.within(until(task.budget, TURNS.cells_share, math.inf)), outside)
    except OutOfTimeError:
        found = None
    if found is None:
        return rest(task)
    return found if is_last(task, found) else both(found, rest, task)


def _in_one_or_cells(task: Task, form: Form) -> Outcome:
    """An evolution in one basis of space and time, separated, or in cells of space."""
    system, begun = task.system, task.begun
    # In several dimensions of space an integrator's steps cost the cube of many functions.
    space = len(system.domain.coordinates) - 1
    fine = task.tolerance is not None and (task.tolerance < ORDER.separated or space > 1)
    # Linear equations, too: there least squares are most accurate, and need one solve. They lose
    # data beside which the solution grows by more than ten digits, and follow no layer in time.
    at_once_is_first = (fine or system.linear) and runs_of(begun) is None
    first = at_once_first if at_once_is_first else separated_first
    stages = stages_in_cells(system) if space > 1 and begun is None else None
    if stages is None:
        return first(task, Separated(form))
    mixed = suits_mixtures(stages, task.goal)
    in_cells: Strategy = InMixtures(form) if mixed else InMovingCells(stages)
    one = partial(first, separated=Separated(form))
    # Of holes, beside which layers begin, one basis of space and time knows nothing.
    if mixed and cells_first(replace(task, system=stages.at_rest)):
        return in_turn(task, TURNS.cells_share, in_cells, one)
    stepped = task.tolerance is None or task.tolerance >= ORDER.stepped
    return in_turn(task, ORDER.one_space if stepped else 1.0, one, in_cells)


def _at_once_then_cells(task: Task) -> Outcome:
    """In one basis first, the most accurate where all is smooth; then in cells."""
    if not suit_cells(task.system):
        return at_once(task)
    if before_in_cells(task) is not None:
        return _in_cells(task)
    if cells_first(task):
        return _cells_then_at_once(task)
    outcome = at_once(task.within(until(task.budget, share_of_one(task), math.inf)))
    final = settles(task, outcome)
    lacking = not final and lacks_conditions(task.system, outcome)
    if lacking and outcome.stopped == Stop.NOT_CONVERGED:
        return replace(outcome, stopped=Stop.NOT_UNIQUE, null_space=max(1, outcome.null_space))
    # What one basis tells from a null function, to 1e-12, is one in the cells of an interval.
    if final or lacking or len(task.system.domain.bounds) == 1 or task.budget.left() <= 0:
        return outcome
    # What has not resolved the solution is no place to begin Newton's method at.
    known = not task.system.linear and outcome.fit.residual < ORDER.credible
    return both(outcome, _in_cells, replace(task, guess=outcome.fit.field if known else None))


def _cells_then_at_once(task: Task) -> Outcome:
    """Where a solution has too many waves, narrow places, or singular points, for one basis."""
    shared = until(task.budget, share_of_cells(task), math.inf)
    try:
        outcome = _in_cells(replace(task, budget=shared))
    except (OutOfTimeError, MemoryError):
        return at_once(task)
    final = settles(task, outcome)
    # What is nearly null in cells, one basis seldom sees.
    if final or outcome.lost or task.budget.left() <= 0:
        return outcome
    return both(outcome, at_once, task)


def _in_cells(task: Task) -> Outcome:
    """To the tolerance; without one, as far as is worth it."""
    worthwhile = replace(task, tolerance=task.tolerance or TURNS.worthwhile)
    return as_asked(task, InCells()(worthwhile))
