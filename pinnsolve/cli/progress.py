"""A line that moves: stage, functions, residual and estimate, time."""

from __future__ import annotations

import math
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from pinnsolve.running.history import Step


class SolveProgress:
    """A context manager whose `step` is a callback of `solve`; on a terminal only, and cleared at
    the end.
    """

    def __init__(self, name: str) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(name, total=None)
        self._name = name

    def __enter__(self) -> SolveProgress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def step(self, step: Step) -> None:
        """Show one step."""
        estimate = "" if math.isnan(step.change) else f"  estimate {step.change:.1e}"
        cycles = f"  cycles {' '.join(f'{r:.0e}' for r in step.cycles)}" if step.cycles else ""
        text = (
            f"{self._name}: {step.stage}, {step.functions} functions, residual"
            f" {step.residual:.1e}{estimate}{cycles}"
        )
        self._bar.update(self._task, description=text)
