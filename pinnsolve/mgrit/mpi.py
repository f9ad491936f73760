"""Ranks of an MPI run, by mpi4py: plain buffers are sent; and an exception on one rank ends all of them."""

from __future__ import annotations

import atexit
import sys
from functools import cache
from types import TracebackType
from typing import Any

import torch
from mpi4py import MPI
from torch import Tensor

from pinnsolve.mgrit.communicator import require_groups


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
        self.comm.Probe(source=source, status=status)
        if status.Get_count(MPI.BYTE) != found.numel() * found.element_size():
            raise ValueError(f"rank {self.rank} expected {tuple(like.shape)}, {like.dtype}, from rank {source}: sizes differ")
        self.comm.Recv(found.numpy(), source=source)
        return found

    def send(self, state: Tensor, target: int) -> None:
        """The buffer is kept until the message has gone."""
        kept = state.detach().contiguous()
        self.pending[:] = [(request, buffer) for request, buffer in self.pending if not request.Test()]
        self.pending.append((self.comm.Isend(kept.numpy(), dest=target), kept))

    def finish(self) -> None:
        """Wait for messages that are still on their way."""
        MPI.Request.Waitall([request for request, _ in self.pending])
        for layers, points in self.groups.values():
            layers.finish()
            points.finish()

    def share(self, state: Tensor, root: int) -> Tensor:
        """Broadcast."""
        buffer = state.detach().clone(memory_format=torch.contiguous_format)
        self.comm.Bcast(buffer.numpy(), root=root)
        return buffer

    def total(self, values: Tensor) -> Tensor:
        """Sum by Allreduce."""
        found = torch.empty_like(values, memory_format=torch.contiguous_format)
        self.comm.Allreduce(values.detach().contiguous().numpy(), found.numpy(), op=MPI.SUM)
        return found

    def divided(self, size: int) -> tuple[Ranks, Ranks]:
        """Made once. Raises ValueError if the ranks are no groups of that size."""
        require_groups(self.size, size)
        if size not in self.groups:
            group, place = divmod(self.rank, size)
            self.groups[size] = Ranks(self.comm.Split(group, place)), Ranks(self.comm.Split(place, group))
        return self.groups[size]


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
        atexit.register(found.finish)
    return found
