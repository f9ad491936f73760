"""What happened, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pinnsolve.running.html import table
from pinnsolve.running.shortened import basis_in_short
from pinnsolve.running.stop import Stop
from pinnsolve.symbols.libraries import library


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

    def to_dataframe(self) -> Any:
        """A data frame of pandas, a row a step, with the fields of `Step` as columns. Raises
        ImportError without pandas.
        """
        pandas = library("pandas", "to_dataframe")
        return pandas.DataFrame([vars(step) for step in self.steps])

    def _repr_html_(self) -> str:
        """As a table, in a notebook."""
        rows = [
            (
                s.stage,
                basis_in_short(s.basis),
                s.functions,
                f"{s.residual:.1e}",
                f"{s.change:.1e}",
                f"{s.seconds:.2f}",
            )
            for s in self.steps
        ]
        return table(("stage", "basis", "functions", "residual", "change", "seconds"), rows)

    @property
    def final(self) -> Step:
        """The step that gave the solution."""
        return self.steps[-1]


Callback = Callable[[Step], object]  # True ends the solve, with the best so far
