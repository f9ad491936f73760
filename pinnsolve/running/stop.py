"""Why a solve ended: a word, what it means, and what the user is warned of."""

from __future__ import annotations

from enum import Enum


class Stop(str, Enum):
    """A stop reason: equal to its word, so that files hold words; `meaning` says it in a sentence.

    `failure` is the warning of a solve that failed, with `{without}` for what Newton's method came
    to and `{end}` for the last time that is known; empty, where nothing failed.
    """

    meaning: str
    failure: str

    MET = "met", "the tolerance is met, by residual and estimate"
    STAGNATED = "stagnated", "the residual does not fall any more"
    BUDGET = "budget", "the next width would pass the budget of seconds, memory or columns"
    SOLVED = "solved", "one solve in the basis that was given"
    TRAINED = "trained", "all steps of the training were made"
    INTERRUPTED = "interrupted", "interrupted: the best solution so far"
    NOT_UNIQUE = "not unique", "the equations leave functions undetermined"
    UNRESOLVED = (
        "unresolved",
        "the basis leaves a large residual: this is no solution",
        "the basis leaves a residual above 1e-2: this is no solution yet; take more neurons, or"
        " another basis (solution.diagnosis() says more)",
    )
    NOT_CONVERGED = (
        "not converged",
        "Newton's method found no way to a smaller residual: give a guess, or a continuation",
        "Newton's method did not converge: {without}; the best iterate is returned",
    )
    NO_SOLUTION = (
        "no solution",
        "the same residual is left in several bases: there is no solution, or none near",
        "{without}",
    )
    BLOW_UP = (
        "blow-up",
        "the solution grows without bound before the end of time",
        "the solution grows without bound, or its front outruns every basis, before the end: it is"
        " known up to {end}",
    )
    NOT_FINITE = (
        "not finite",
        "the equations have no finite value at the solution somewhere before the end of time",
        "neither the solution nor its slopes are finite beyond {end} (a root of a negative number,"
        " a division by zero, growth without bound): it is known up to there",
    )

    def __new__(cls, word: str, meaning: str = "", failure: str = "") -> Stop:
        stop = str.__new__(cls, word)
        stop._value_, stop.meaning, stop.failure = word, meaning, failure
        return stop

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return repr(self.value)


# What was begun can be gone on with.
EARLY_ENDS = (Stop.BUDGET, Stop.INTERRUPTED)
# Newton's method has found no solution.
UNFOUND = (Stop.NOT_CONVERGED, Stop.NO_SOLUTION)
