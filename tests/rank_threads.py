"""Ranks that are threads of this process, for tests of what ranks tell each other."""

from __future__ import annotations

import queue
import threading
from itertools import product

import torch


class Threads:
    """Ranks that are threads of this process."""

    def __init__(self, rank, size, boxes, barrier, board):
        self.rank, self.size, self.boxes = rank, size, boxes
        self.barrier, self.board = barrier, board

    def send(self, state, target):
        self.boxes[self.rank, target].put(state.clone())

    def receive(self, like, source):
        found = self.boxes[source, self.rank].get(timeout=10)
        assert found.shape == like.shape
        assert found.dtype == like.dtype
        return found

    def _all(self, own):
        self.board[self.rank] = own
        self.barrier.wait(10)
        found = [self.board[rank] for rank in range(self.size)]
        self.barrier.wait(10)
        return found

    def share(self, state, root):
        return self._all(state)[root]

    def total(self, values):
        return sum(self._all(values))

    def gathered(self, own, sizes):
        assert len(own) == sizes[self.rank]
        return torch.cat(self._all(own))


def on_threads(size, work):
    """What `work(ranks)` gives on each of so many ranks."""
    boxes = {pair: queue.Queue() for pair in product(range(size), repeat=2)}
    board = {}
    barrier, found = threading.Barrier(size), {}

    def run(rank):
        found[rank] = work(Threads(rank, size, boxes, barrier, board))

    threads = [threading.Thread(target=run, args=(rank,), daemon=True) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == size
    return [found[rank] for rank in range(size)]
