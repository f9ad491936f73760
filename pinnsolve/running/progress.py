"""A line that moves: stage, functions, residual, estimate, and seconds of those that there are."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType

from pinnsolve.running.history import Callback, Step

LOG = logging.getLogger("pinnsolve")


def told(step: Step) -> str:
    """A step in words."""
    estimate = "" if math.isnan(step.change) else f", estimate {step.change:.1e}"
    cycles = f", cycles {' '.join(f'{r:.0e}' for r in step.cycles)}" if step.cycles else ""
    return (
        f"{step.stage}: {step.functions} functions, residual {step.residual:.1e}{estimate}{cycles}"
    )


class Bar:
    """A callback of `solve`, and a context manager around it: a line in a terminal, or in the
    output of a notebook's cell, cleared at the end; elsewhere nothing.
    """

    def __init__(self, seconds: float) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        limit = f"of {seconds:g} s" if math.isfinite(seconds) else ""
        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        console = Console(stderr=True)
        self._bar = Progress(*columns, TextColumn(limit), console=console, transient=True)
        self._task = self._bar.add_task("begins", total=None)

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, step: Step) -> None:
        """Show one step."""
        self._bar.update(self._task, description=told(step))


@contextmanager
def shown(callbacks: Sequence[Callback]) -> Iterator[None]:
    """The bars among the callbacks are shown inside, and cleared at the end."""
    with ExitStack() as open_ones:
        for callback in callbacks:
            if isinstance(callback, Bar):
                open_ones.enter_context(callback)
        yield
