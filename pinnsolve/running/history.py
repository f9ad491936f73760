"""What happened, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pinnsolve.running.stop import Stop


@dataclass(frozen=True)
class Step:
    """One solve for the coefficients, or one step of a training (`stage` "descent", or "refused" if
    it was not kept).

    In the end, "guess" or "data" is a field that was known without solving, and is returned since
    nothing better was found.

    `functions` says how many the basis has. `residual` is the largest relative residual of the
    conditions on fresh points (of a training's step: the root of the loss relative to that of
    zero), `change` the relative L2 difference of this solution to the one that it checks (NaN, if
    it checks none), `seconds` wall time since the start. `cycles`: where layers are run in
    parallel, the relative residual of their states, cycle by cycle, in the last pass that gradients
    took. `share`: of the nonlinearity, to which a homotopy came that did not reach the equation
    itself; else 1.
    """

    stage: str
    basis: str
    functions: int
    rows: int
    rank: float
    condition: float
    residual: float
    change: float
    seconds: float
    cycles: tuple[float, ...] = ()
    share: float = 1.0


@dataclass(frozen=True)
class History:
    """The steps of a solve, in order, and why it stopped."""

    steps: tuple[Step, ...]
    stopped: Stop

    @property
    def training(self) -> tuple[Step, ...]:
        """The steps of a training; none, if the basis stayed as it was drawn."""
        return tuple(step for step in self.steps if step.stage in ("descent", "refused"))

    @property
    def final(self) -> Step:
        """The step that gave the solution."""
        return self.steps[-1]


Callback = Callable[[Step], None]
