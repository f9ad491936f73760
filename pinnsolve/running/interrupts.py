"""SIGTERM as Ctrl-C, while a solve runs: batch systems and containers end programs by it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminations_as_interrupts() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt inside; the handler that was there before is put back.

    Only in the main thread, where Python runs handlers, and where nobody else has a handler for it.
    """
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if not ours:
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
