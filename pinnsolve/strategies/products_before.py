"""Evolutions that suit products of functions of one coordinate go there before all else: what that
finds costs seconds, and what it does not is seen as soon.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.suited import suits_products
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.in_products import InProducts
from pinnsolve.strategies.order import ORDER


def before_in_products(task: Task, form: Form) -> Outcome | None:
    """What products come to in several dimensions of space; None, where the evolution does not
    suit them, something was begun otherwise, or no path came to the end.
    """
    system, budget = task.system, task.budget
    if len(system.domain.coordinates) < 3 or task.begun is not None:
        return None
    suited = suits_products(system, form)
    if suited is None:
        return None
    seconds = ORDER.products * budget.left() + budget.spent()
    # Without a limit there is one, since there are other ways.
    seconds = seconds if math.isfinite(seconds) else budget.spent() + 2 * ORDER.seconds
    try:
        return InProducts(suited)(task.within(replace(budget, seconds=seconds)))
    except (OutOfTimeError, MemoryError):
        return None
