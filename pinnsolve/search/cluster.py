"""Candidates of a search, fitted by the workers of a cluster that the user already has.

Any executor does: one whose `submit(function, *arguments)` gives a future with `result(timeout)`
and `cancel()`, as those of `concurrent.futures`, Dask's `Client` and `mpi4py.futures` do.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from pinnsolve.basis.basis import Declaration
from pinnsolve.compile.system import System
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import Budget, OutOfTimeError
from pinnsolve.search.fit import Fit, fit

# Seconds: no future waits for ever
A_MONTH = 2.6e6
# In Python 3.10 they are not the same.
LATE = (TimeoutError, concurrent.futures.TimeoutError)


class Cluster(Protocol):
    """Who calls functions elsewhere, and gives futures of what they return."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """The future of a call."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is the same for all candidates of one scan: the system; how good is good enough; where
    Newton's method starts; a tensor `(...)` of the numbers' type.
    """

    system: System
    seed: int
    goal: float
    guess: Field | None
    like: Tensor


def fit_elsewhere(wanted: Wanted, declared: Declaration, seconds: float) -> Fit:
    """What a worker does: one fit, in so many seconds of its own."""
    return fit(
        wanted.system,
        declared,
        wanted.seed,
        goal=wanted.goal,
        initial_guess=wanted.guess,
        budget=Budget(seconds),
        like=wanted.like,
    )


@dataclass(frozen=True, eq=False)
class Ordered:
    """Futures of fits, by the identity of what asks for them."""

    futures: Mapping[int, Any]

    def __contains__(self, asking: object) -> bool:
        return id(asking) in self.futures

    def taken(self, asking: object, budget: Budget) -> Fit:
        """The fit, waited for. Raises OutOfTimeError where it does not come in the budget's time,
        and what the fit itself raises.
        """
        budget.require()
        try:
            fitted = self.futures[id(asking)].result(timeout=min(budget.left(), A_MONTH))
        except LATE as error:
            raise OutOfTimeError from error
        assert isinstance(fitted, Fit)
        return fitted


NOTHING = Ordered({})


@contextmanager
def ordered(
    cluster: Cluster, wanted: Wanted, declared: Mapping[int, Declaration], budget: Budget
) -> Iterator[Ordered]:
    """All that is declared is begun elsewhere; what nobody waits for any more is cancelled."""
    futures: dict[int, Any] = {}
    try:
        for asking, its in declared.items():
            futures[asking] = cluster.submit(fit_elsewhere, wanted, its, budget.left())
        yield Ordered(futures)
    finally:
        for future in futures.values():
            future.cancel()
