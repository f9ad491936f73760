"""SIGTERM as Ctrl-C, while a solve runs: batch systems and containers end programs by it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

TASK = ("basis", "problem", "method", "grow", "tolerance", "seed")


@contextmanager
def terminations_as_interrupts() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt inside; the handler that was there before is put back.

    Only in the main thread, where Python runs handlers, and where nobody else has a handler for it.
    """
    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not ours:
        yield
        return
    as_interrupt = signal.getsignal(signal.SIGINT)
    before = signal.signal(signal.SIGTERM, as_interrupt if callable(as_interrupt) else signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def together(basis: object, asked: Sequence[object]) -> AbstractContextManager[None]:
    """Around a solve in a basis whose layers run on several ranks: all ask for the same, and they end together.

    `asked` is the problem, method, growth, tolerance and seed. Raises ValueError, on every rank, if the ranks' tasks differ.
    """
    around: Callable[[dict[str, object]], AbstractContextManager[None]] | None
    around = getattr(getattr(basis, "propagate", None), "together", None)
    return nullcontext() if around is None else around(dict(zip(TASK, (basis, *asked), strict=True)))
