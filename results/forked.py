"""Ranks that are forked from one process: `python -m results.forked P FOLDER TASK ...` is
`mpiexec -n P python -m results.layer_rank FOLDER TASK ...` where 64 ranks are too many to start.

They share what they have imported, so that 64 take no more memory than a few, and sleep while they
wait, so that those who work have the cores. A message lies in memory that all of them see, and a
few bytes in the receiver's pipe say where.
"""

from __future__ import annotations

import gc
import mmap
import os
import struct
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.mgrit.communicator import Alone, Communicator
from pinnsolve.mgrit.tree import tree
from results.layer_rank import Task, drawn, train

RECORD = struct.Struct("iii")  # who sends, what kind of message it is, and where it lies
STATE, SHARED = 0, 1
# Bytes of a rank's own ring: more than it sends between two sums, which all ranks wait for; and of
# a message that is a file of its own.
RING, LARGE = 1 << 24, 1 << 20


class Forked:
    """One rank of several that have a folder in common, and a pipe and a ring of memory each."""

    def __init__(
        self, rank: int, folder: Path, pipes: Sequence[tuple[int, int]], rings: Sequence[mmap.mmap]
    ) -> None:
        self.rank, self.size, self.folder = rank, len(pipes), folder
        self.pipes, self.rings, self.at = pipes, rings, 0
        self.arrived = defaultdict[tuple[int, int], deque[int]](deque)
        self.files = count()

    def send(self, state: Tensor, target: int, kind: int = STATE) -> None:
        """A tensor `(...)`, which lies in memory until it is asked for."""
        numbers = state.detach().contiguous().numpy().ravel()
        if numbers.nbytes > LARGE:
            place = -1 - next(self.files)
            numbers.tofile(self._path(self.rank, place))
        else:
            place = self.at if self.at + numbers.nbytes <= RING else 0
            _in_ring(self.rings[self.rank], place, numbers.size, numbers.dtype)[:] = numbers
            self.at = place + -(-numbers.nbytes // 64) * 64
        os.write(self.pipes[target][1], RECORD.pack(self.rank, kind, place))

    def receive(self, like: Tensor, source: int, kind: int = STATE) -> Tensor:
        """A tensor of the shape `(...)` of `like`."""
        while not self.arrived[source, kind]:
            who, what, where = RECORD.unpack(os.read(self.pipes[self.rank][0], RECORD.size))
            self.arrived[who, what].append(where)
        place, dtype = self.arrived[source, kind].popleft(), like.detach().numpy().dtype
        if place < 0:
            path = self._path(source, place)
            numbers = np.fromfile(path, dtype)
            path.unlink()
        else:
            numbers = _in_ring(self.rings[source], place, like.numel(), dtype).copy()
        return torch.from_numpy(numbers).reshape(like.shape).clone()

    def share(self, state: Tensor, root: int) -> Tensor:
        """A tensor `(...)` from the root, along a tree."""
        parent, children = tree((self.rank - root) % self.size, self.size)
        shared = (
            state.detach().clone()
            if parent is None
            else self.receive(state, (parent + root) % self.size, SHARED)
        )
        for child in children:
            self.send(shared, (child + root) % self.size, SHARED)
        return shared

    def total(self, values: Tensor) -> Tensor:
        """The sum of `(...)`, which the first rank takes."""
        if self.rank:
            self.send(values, 0)
        others = range(1, self.size) if self.rank == 0 else range(0)
        return self.share(sum((self.receive(values, other) for other in others), values), 0)

    def gathered(self, own: Tensor, sizes: Sequence[int]) -> Tensor:
        """The ranks' vectors `(n_own,)`, which the first one lays side by side, in memory that all
        of them share.
        """
        path, numbers = self.folder / "whole", own.detach().numpy()
        if self.rank:
            self.send(own, 0)
        else:
            parts = [self.receive(own.new_empty(size), k + 1) for k, size in enumerate(sizes[1:])]
            torch.cat([own, *parts]).detach().numpy().tofile(path)
        self.total(torch.zeros(1))
        whole = torch.from_numpy(np.memmap(path, dtype=numbers.dtype, mode="c"))
        self.total(torch.zeros(1))
        if self.rank == 0:
            path.unlink()
        return whole

    def divided(self, size: int) -> tuple[Communicator, Communicator]:
        """All of them are one group. Raises ValueError for others."""
        if size != self.size:
            raise ValueError(f"forked ranks are one group of {self.size}: got groups of {size}")
        return self, Alone()

    def _path(self, source: int, place: int) -> Path:
        return self.folder / f"{source}{place}"


def _in_ring(ring: mmap.mmap, place: int, size: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.frombuffer(ring, dtype, size, place)


def forked(ranks: int, work: Callable[[Communicator], None]) -> None:
    """Let so many ranks work. Raises RuntimeError if one fails, and ends the others; OSError where
    processes cannot be forked.
    """
    if not hasattr(os, "fork"):
        raise OSError("this system forks no processes: trace ranks by mpiexec, or on another")
    gc.freeze()  # what is collected later would be touched, and copied on each rank
    with TemporaryDirectory(dir="/dev/shm") as folder:
        pipes = [os.pipe() for _ in range(ranks)]
        rings = [mmap.mmap(-1, RING) for _ in range(ranks)]
        ready = [Forked(rank, Path(folder), pipes, rings) for rank in range(ranks)]
        running = {_started(here, work) for here in ready}
        while running:
            process, status = os.wait()
            running.discard(process)
            if status:
                for other in running:
                    os.kill(other, 9)
                    os.waitpid(other, 0)
                raise RuntimeError(f"a rank of {ranks} ended with status {status}")
        for ends in pipes:
            for end in ends:
                os.close(end)


def _started(here: Forked, work: Callable[[Communicator], None]) -> int:
    process = os.fork()
    if process == 0:
        try:
            work(here)
            sys.stdout.flush()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"rank {here.rank}: {error!r}\n")
            os._exit(1)
    return process


def main() -> None:
    """Train as the command line says; networks are drawn once for all ranks."""
    torch.set_num_threads(1)
    folder = Path(sys.argv[2])
    for number, word in enumerate(sys.argv[3:]):
        task = Task.read(word)
        basis = drawn(task)
        forked(int(sys.argv[1]), partial(train, task, basis, folder, number))


if __name__ == "__main__":
    main()
