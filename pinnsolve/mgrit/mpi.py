"""Ranks of an MPI run, by mpi4py: plain buffers are sent, and no rank waits for one that has left.

Nothing here blocks inside of MPI: who waits asks again and again, and now and then also whether
those it waits for are still there. A rank that leaves says so by a name that it publishes, and not
by a message: MPI refuses to finalize on a rank that has messages which it never received, and
mpiexec then kills all the others (signal 9).
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from types import TracebackType
from typing import Any

import torch
from mpi4py import MPI
from torch import Tensor

from pinnsolve.mgrit.groups import require_groups
from pinnsolve.mgrit.tree import tree


@dataclass(frozen=True)
class Waiting:
    """How a rank waits for others, and for how long when they have left. In seconds."""

    # Between two questions whether a rank is still there: each is one to mpiexec.
    asking: float = 1.0
    # That what a rank sent before it left has to come.
    grace: float = 3.0
    # In which mpiexec hands on what was said, before it ends all.
    handed_on: float = 1.0
    # In which a message is asked for without a nap: that takes 70 us, more than the message.
    eager: float = 1e-2
    # Naps behind it: the shortest that a system keeps, and one that nobody minds at the end.
    nap: float = 1e-4
    longest: float = 2e-2
    # Between these, a nap's share of what was waited; where ranks share cores, the core is wanted
    # by those that are waited for.
    share: float = 1e-2
    share_where_crowded: float = 1e-1


WAITING = Waiting()


class Tag(IntEnum):
    """What a message is: a state for a neighbour, or what one rank shares with all."""

    STATE = 0
    SHARED = 1


HERE = ("MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE")  # ranks of this machine, by mpiexec


class Ranks:
    """The ranks of a communicator, in order."""

    def __init__(self, comm: Any) -> None:
        self.comm = comm
        self.rank, self.size = comm.Get_rank(), comm.Get_size()
        self.in_world: list[int] = MPI.Group.Translate_ranks(
            comm.Get_group(), None, MPI.COMM_WORLD.Get_group()
        )
        self.pending: list[tuple[Any, Tensor, int]] = []
        self.groups: dict[int, tuple[Ranks, Ranks]] = {}

    def receive(self, like: Tensor, source: int, tag: int = Tag.STATE) -> Tensor:
        """A tensor of the shape `(...)` of `like`. Raises ValueError if it does not fit."""
        received = torch.empty(like.shape, dtype=like.dtype)
        status = MPI.Status()
        # Asked for, not received at once: a blocking call waits for ever for one who has left.
        self._wait(lambda: bool(self.comm.Iprobe(source, tag, status)), [source])
        if status.Get_count(MPI.BYTE) != received.numel() * received.element_size():
            raise ValueError(
                f"rank {self.rank} expected {tuple(like.shape)}, {like.dtype}, from rank {source}:"
                " sizes differ"
            )
        self._end(self.comm.Irecv(_buffer(received), source, tag), [source])
        return received

    def send(self, state: Tensor, target: int, tag: int = Tag.STATE) -> None:
        """A tensor `(...)`, whose buffer is kept until the message has gone."""
        kept = state.detach().contiguous()
        self.pending[:] = [sent for sent in self.pending if not sent[0].Test()]
        self.pending.append((self.comm.Isend(_buffer(kept), target, tag), kept, target))

    def finish(self) -> None:
        """Wait for messages that are still on their way."""
        for request, _, target in self.pending:
            self._end(request, [target])
        for layers, points in self.groups.values():
            layers.finish()
            points.finish()

    def share(self, state: Tensor, root: int) -> Tensor:
        """A tensor `(...)` from the root, along a tree: so it is known for whom one waits."""
        parent, children = tree((self.rank - root) % self.size, self.size)
        shared = (
            state.detach().clone(memory_format=torch.contiguous_format)
            if parent is None
            else self.receive(state, (parent + root) % self.size, Tag.SHARED)
        )
        for child in children:
            self.send(shared, (child + root) % self.size, Tag.SHARED)
        return shared

    def total(self, values: Tensor) -> Tensor:
        """The sum of `(...)` by Allreduce."""
        sums = torch.empty_like(values, memory_format=torch.contiguous_format)
        given = values.detach().contiguous()
        self._end(self.comm.Iallreduce(_buffer(given), _buffer(sums), op=MPI.SUM), range(self.size))
        return sums

    def gathered(self, own: Tensor, sizes: Sequence[int]) -> Tensor:
        """The ranks' vectors `(n_own,)`, by Allgather."""
        whole, given = own.new_empty(sum(sizes)), own.detach().contiguous()
        counts = [size * own.element_size() for size in sizes]
        received = [_buffer(whole), counts, None, MPI.BYTE]
        self._end(self.comm.Iallgatherv([_buffer(given), MPI.BYTE], received), range(self.size))
        return whole

    def divided(self, size: int) -> tuple[Ranks, Ranks]:
        """Made once. Raises ValueError if the ranks are no groups of that size."""
        require_groups(self.size, size)
        if size not in self.groups:
            group, place = divmod(self.rank, size)
            self.total(torch.zeros(1))  # all are there: splitting blocks until they are
            self.groups[size] = (
                Ranks(self.comm.Split(group, place)),
                Ranks(self.comm.Split(place, group)),
            )
        return self.groups[size]

    def _end(self, request: Any, others: Sequence[int]) -> None:
        self._wait(lambda: bool(request.Test()), others)

    def _wait(self, over: Callable[[], bool], others: Sequence[int]) -> None:
        """Until it is over; if that takes others who have left, the run is ended."""
        begun, last, gone = time.monotonic(), math.inf, list[int]()
        ask = begun + WAITING.asking
        while not over():
            now = time.monotonic()
            _pause(now - begun)
            if now > last:
                sys.stderr.write(
                    f"rank {MPI.COMM_WORLD.Get_rank()} waits for ranks that have left the run:"
                    f" {gone}; solving takes all of them, and so do the values of a solution"
                    " whose layers they share: evaluate on each, and print on one\n"
                )
                _end_all()
            if now > ask:
                gone = [k for k in (self.in_world[other] for other in others) if _has_left(k)]
                ask, last = (
                    (math.inf, now + WAITING.grace) if gone else (now + WAITING.asking, math.inf)
                )


def _buffer(message: Tensor) -> Any:
    """Its memory, as mpi4py takes it."""
    return message.numpy()


@cache
def crowded() -> bool:
    """Whether there are more ranks than cores: then the one that is waited for needs a core."""
    here = max(int(os.environ.get(name, "1")) for name in HERE)
    return here > (os.cpu_count() or 1)


def _pause(waited: float) -> None:
    """Others on this core go first."""
    share = WAITING.share_where_crowded if crowded() else WAITING.share
    if waited > WAITING.eager or crowded():
        time.sleep(min(max(WAITING.nap, share * waited), WAITING.longest))
    elif hasattr(os, "sched_yield"):  # not on Windows
        os.sched_yield()
    else:
        time.sleep(0)


def _name(rank: int) -> str:
    return f"pinnsolve-has-left-{rank}"  # no spaces: mpiexec would cut it there


def _has_left(rank: int) -> bool:
    try:
        MPI.Lookup_name(_name(rank))
    except MPI.Exception:  # there is no such name
        return False
    return True


def leave() -> None:
    """At exit: the others are told, and messages to them go first."""
    sys.stdout.flush()
    if MPI.Is_initialized() and not MPI.Is_finalized():
        found = world()
        with suppress(MPI.Exception):  # no server of names: who waits is not told, and waits
            MPI.Publish_name(_name(found.rank), "left")
        found.finish()


def _end_all() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    time.sleep(WAITING.handed_on)
    MPI.COMM_WORLD.Abort(1)


@cache
def world() -> Ranks:
    """All ranks; from now on an uncaught exception on one of them ends the run, with its
    message.
    """
    comm = MPI.COMM_WORLD
    before = sys.excepthook

    def abort(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        _end_all()

    if comm.Get_size() > 1:
        sys.excepthook = abort
    return Ranks(comm)
