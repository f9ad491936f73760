"""What happened, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One solve for the coefficients.

    `residual` is the largest relative residual of the conditions on fresh points, `change` the relative L2 difference of
    this solution to the one that it checks (NaN, if it checks none), `seconds` wall time since the start.
    """

    stage: str
    basis: str
    neurons: int
    rows: int
    rank: float
    condition: float
    residual: float
    change: float
    seconds: float


@dataclass(frozen=True)
class History:
    """The steps of a solve, in order, and why it stopped."""

    steps: tuple[Step, ...]
    stopped: str

    @property
    def final(self) -> Step:
        """The step that gave the solution."""
        return self.steps[-1]


Callback = Callable[[Step], None]
