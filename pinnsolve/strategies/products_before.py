"""Evolutions that suit products of functions of one coordinate go there before all else: what that
finds costs seconds, and what it does not is seen as soon.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.rates import linear_of, own_orders
from pinnsolve.evolution.suited import Suited, suits_products
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.search.exponents import carriers
from pinnsolve.search.task import Outcome, Strategy, Task
from pinnsolve.strategies.order import ORDER


def suited_to(task: Task, form: Form) -> Suited | None:
    """How an evolution in several dimensions of space suits products; None, where it does not, or
    something was begun otherwise.
    """
    if len(task.system.domain.coordinates) < 3 or task.begun is not None:
        return None
    return suits_products(task.system, form)


def held_by_one_basis(task: Task, suited: Suited) -> bool:
    """Whether one basis of space and time comes before: where more is asked for than steps have
    digits, and where coefficients are constant and data are waves, since it then holds the
    solution itself. Not, where something is carried from one end to another: beside walls that is
    no wave.
    """
    if task.tolerance is None or task.tolerance < ORDER.separated:
        return True
    system, form = task.system, suited.form
    linear = [linear_of(system, form, law) for law in form.laws]
    others = [len(law.residual.slots) - 1 for law in form.laws]
    constant = all(len(each.constant) == n for each, n in zip(linear, others, strict=True))
    return system.linear and constant and not _carries(suited) and bool(carriers(system))


def _carries(suited: Suited) -> bool:
    """Whether laws have derivatives of odd order along a coordinate that is not periodic."""
    form, ends = suited.form, suited.ends
    slots = [slot for law in form.laws for slot in law.residual.slots]
    orders = [own for slot in slots for own in own_orders(slot, form.axis)]
    return any(n % 2 for own in orders for n, turn in zip(own, ends.turns, strict=True) if not turn)


def tried_in(products: Strategy, task: Task) -> Outcome | None:
    """What products come to in a part of the budget; None, where no path came to the end."""
    budget = task.budget
    seconds = ORDER.products * budget.left() + budget.spent()
    # Without a limit there is one, since there are other ways.
    seconds = seconds if math.isfinite(seconds) else budget.spent() + 2 * ORDER.seconds
    try:
        return products(task.within(replace(budget, seconds=seconds)))
    except (OutOfTimeError, MemoryError):
        return None
