"""Ranks of an MPI run, by mpi4py: plain buffers are sent, and no rank waits for one that has left.

Nothing here blocks inside of MPI: waiting asks again and again, so that Ctrl-C is heard, and so is the word of a rank
that leaves. Every rank gives it at its exit, however that comes about; who still waits for it then ends the run.
"""

from __future__ import annotations

import atexit
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType, TracebackType
from typing import Any

import torch
from mpi4py import MPI
from torch import Tensor

from pinnsolve.mgrit.communicator import require_groups

INTERRUPTED, LEFT = 101, 102  # tags of the words that a rank gives to the others
GRACE = 4.0  # seconds in which what a rank sent before it left has to come


class Ranks:
    """The ranks of a communicator, in order."""

    def __init__(self, comm: Any) -> None:
        self.comm = comm
        self.rank, self.size = comm.Get_rank(), comm.Get_size()
        self.pending: list[tuple[Any, Tensor]] = []
        self.groups: dict[int, tuple[Ranks, Ranks]] = {}

    def receive(self, like: Tensor, source: int) -> Tensor:
        """Raises ValueError if the message does not fit `like`."""
        found = torch.empty(like.shape, dtype=like.dtype)
        status = MPI.Status()
        self._wait(lambda: bool(self.comm.Iprobe(source=source, tag=0, status=status)))
        if status.Get_count(MPI.BYTE) != found.numel() * found.element_size():
            raise ValueError(f"rank {self.rank} expected {tuple(like.shape)}, {like.dtype}, from rank {source}: sizes differ")
        self._ended(self.comm.Irecv(found.numpy(), source=source, tag=0))
        return found

    def send(self, state: Tensor, target: int) -> None:
        """The buffer is kept until the message has gone."""
        kept = state.detach().contiguous()
        self.pending[:] = [(request, buffer) for request, buffer in self.pending if not request.Test()]
        self.pending.append((self.comm.Isend(kept.numpy(), dest=target), kept))

    def finish(self) -> None:
        """Wait for messages that are still on their way."""
        for request, _ in self.pending:
            self._ended(request)
        for layers, points in self.groups.values():
            layers.finish()
            points.finish()

    def share(self, state: Tensor, root: int) -> Tensor:
        """Broadcast."""
        buffer = state.detach().clone(memory_format=torch.contiguous_format)
        self._ended(self.comm.Ibcast(buffer.numpy(), root=root))
        return buffer

    def total(self, values: Tensor) -> Tensor:
        """Sum by Allreduce."""
        found = torch.empty_like(values, memory_format=torch.contiguous_format)
        given = values.detach().contiguous()
        self._ended(self.comm.Iallreduce(given.numpy(), found.numpy(), op=MPI.SUM))
        return found

    def gathered(self, values: Tensor) -> Tensor:
        """Of each rank a row."""
        given = values.detach().contiguous()
        found = given.new_empty((self.size, *given.shape))
        self._ended(self.comm.Iallgather(given.numpy(), found.numpy()))
        return found

    def _ended(self, request: Any) -> None:
        self._wait(lambda: bool(request.Test()))

    def _wait(self, over: Callable[[], bool]) -> None:
        """Until something is over. Raises KeyboardInterrupt if a rank was interrupted; ends the run if one has left it."""
        last = math.inf
        while not over():
            STATE.heed()
            time.sleep(0)  # where there are more ranks than cores, the one waited for goes first
            if STATE.left:
                last = min(last, time.monotonic() + GRACE)
            if time.monotonic() > last:
                _abort(f"rank {MPI.COMM_WORLD.Get_rank()} waits for ranks that have left the run: {sorted(STATE.left)}")

    def divided(self, size: int) -> tuple[Ranks, Ranks]:
        """Made once. Raises ValueError if the ranks are no groups of that size."""
        require_groups(self.size, size)
        if size not in self.groups:
            group, place = divmod(self.rank, size)
            self.groups[size] = Ranks(self.comm.Split(group, place)), Ranks(self.comm.Split(place, group))
        return self.groups[size]


class Run:
    """Which ranks have left, and whether this one goes on alone, since one was interrupted."""

    def __init__(self) -> None:
        self.left: set[int] = set()
        self.words: list[Any] = []
        self.since: list[float] = []  # when it was: empty, or one number

    @property
    def apart(self) -> bool:
        """Whether this rank goes on alone."""
        return bool(self.since)

    def tell(self, tag: int) -> None:
        """A word to all other ranks, that waits for nobody."""
        comm = MPI.COMM_WORLD
        others = [k for k in range(comm.Get_size()) if k != comm.Get_rank()]
        self.words.extend(comm.Isend(bytearray(), dest=k, tag=tag) for k in others)

    def part(self) -> None:
        """From now on alone; the others are told, once."""
        if not self.apart:
            self.since.append(time.monotonic())
            self.tell(INTERRUPTED)

    def hear(self) -> None:
        """The words of the others."""
        comm, status = MPI.COMM_WORLD, MPI.Status()
        while comm.Iprobe(tag=LEFT, status=status):
            comm.Recv(bytearray(), source=status.Get_source(), tag=LEFT)
            self.left.add(status.Get_source())
        if comm.Iprobe(tag=INTERRUPTED):
            self.part()

    def heed(self) -> None:
        """Hear them. Raises KeyboardInterrupt where this rank is alone, by them or before."""
        self.hear()
        if self.apart:
            raise KeyboardInterrupt


STATE = Run()


def _abort(words: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
    time.sleep(0.5)  # mpiexec hands on what was said before it ends all
    MPI.COMM_WORLD.Abort(1)


@contextmanager
def heeding_interrupts() -> Iterator[None]:
    """Inside, Ctrl-C parts the ranks at once: each goes on alone, with the best that it has."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is not signal.default_int_handler:
        yield
        return

    def part(number: int, frame: FrameType | None) -> None:
        if STATE.apart and time.monotonic() - STATE.since[0] < GRACE:
            return  # the same Ctrl-C, that this rank has heard of by another's word
        STATE.part()
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, part)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(found: Ranks) -> None:
    """At exit: tell the others; where the ranks parted, the first one ends the run, when all have left it.

    Messages that are on their way when ranks part are never received, so that MPI cannot be finalized.
    """
    sys.stdout.flush()
    STATE.tell(LEFT)
    if not STATE.apart:
        found.finish()
        return
    last = time.monotonic() + GRACE if found.rank == 0 else math.inf
    while len(STATE.left) < found.size - 1 and time.monotonic() < last:
        STATE.hear()
        time.sleep(1e-3)
    sys.stderr.flush()
    time.sleep(GRACE if found.rank else 0.0)
    found.comm.Abort(0)


@cache
def world() -> Ranks:
    """All ranks; from now on an uncaught exception on one of them ends the run, with its message."""
    comm = MPI.COMM_WORLD
    before = sys.excepthook

    def abort(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        sys.stderr.flush()
        comm.Abort(1)

    found = Ranks(comm)
    if comm.Get_size() > 1:
        sys.excepthook = abort
        atexit.register(_leave, found)
    return found
