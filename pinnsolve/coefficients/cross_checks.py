"""How strong priors would be by other rules than the evidence: the discrepancy, and generalized
cross validation.

Rows D c = y of the data, divided by their deviations, are left with squares |D c - y|^2, c being
the best with priors t times as strong, and use up tr(D C D') values, C its covariance. The
discrepancy principle (Morozov, 1966) wants as many squares as there are values: by chance they are
more or fewer by their root, so that it says no more than between which t they may be. Generalized
cross validation (Golub, Heath and Wahba, Technometrics 21, 1979) takes the t of the least score
n |D c - y|^2 / (n - used)^2. One singular value decomposition of the prior's rows, in the units of
what is known at t = 1, gives all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pinnsolve.coefficients.posterior import Belief, Posterior
from pinnsolve.fields.arrays import Array


@dataclass(frozen=True)
class Looking:
    """Which strengths are looked at."""

    # Decades to both sides, and places in each
    decades: int = 6
    places: int = 40
    # Deviations of a sum of squares that chance allows
    chance: float = 2.0


LOOKING = Looking()


@dataclass(frozen=True, eq=False)
class Strengths:
    """Factors `(n,)` of the strength that evidence says; what each leaves of the data and uses up,
    `(n,)`, and how it moves coefficients, `(columns, n)`. `values` are measured.
    """

    factors: Array
    squares: Array
    used: Array
    changes: Array
    values: int

    def by_discrepancy(self) -> tuple[float, ...]:
        """The least and largest factor that leave as many squares as there are values, as far as
        chance goes; nothing, if none does.
        """
        apart = np.abs(self.squares - self.values)
        allowed = self.factors[apart <= LOOKING.chance * np.sqrt(2 * self.values)]
        return (float(allowed[0]), float(allowed[-1])) if len(allowed) else ()

    def by_cross_validation(self) -> tuple[int, float]:
        """Which has the least score of generalized cross validation, and by which part it is less
        than that of the evidence.
        """
        free = self.values - self.used
        scores = np.where(free >= 1, self.squares / np.maximum(free, 1.0) ** 2, np.inf)
        best = int(np.argmin(scores))
        return best, float(1 - scores[best] / scores[len(scores) // 2])


def strengths_of(posterior: Posterior, priors: Sequence[Belief], data: Array) -> Strengths:
    """What other strengths of all priors would do, from the ones that the posterior was made with
    and rows of the data, each divided by its deviation, the target last, `(n, columns + 1)`.
    """
    rows, left = data[:, :-1], data[:, :-1] @ posterior.mean - data[:, -1]
    believed = np.vstack([b.rows(len(posterior.mean))[:, :-1] for b in priors])
    directions, shares, turned = np.linalg.svd(believed @ posterior.factor, full_matrices=False)
    own = posterior.factor @ turned.T
    pull = shares * (directions.T @ (believed @ posterior.mean))
    factors = 10.0 ** (
        np.arange(-LOOKING.decades * LOOKING.places, LOOKING.decades * LOOKING.places + 1)
        / LOOKING.places
    )
    more = factors - 1
    kept = 1 / (1 + np.outer(shares**2, more))
    steps = -pull[:, None] * more * kept
    seen = rows @ own
    squares = ((left[:, None] + seen @ steps) ** 2).sum(axis=0)
    whole = float(((rows @ posterior.factor) ** 2).sum())
    used = whole + (seen**2).sum(axis=0) @ (kept - 1)
    return Strengths(factors, squares, used, own @ steps, len(rows))
