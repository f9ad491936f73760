"""Who else is there: one process, or the ranks of an MPI run. The parallel algebra asks no more
than this.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

from torch import Tensor

from pinnsolve.mgrit.exits import several
from pinnsolve.mgrit.groups import require_groups


class Communicator(Protocol):
    """Ranks in a row."""

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...

    def receive(self, like: Tensor, source: int) -> Tensor:
        """A tensor of another rank, with the shape `(...)` and type of `like`."""
        ...

    def send(self, state: Tensor, target: int) -> None:
        """Start to send a tensor `(...)`; does not wait."""
        ...

    def share(self, state: Tensor, root: int) -> Tensor:
        """The tensor `(...)` of one rank, on all of them; others give one of the same shape."""
        ...

    def total(self, values: Tensor) -> Tensor:
        """The sum over all ranks, entry by entry of `(...)`."""
        ...

    def gathered(self, own: Tensor, sizes: Sequence[int]) -> Tensor:
        """The vectors of all ranks, `(n_own,)`, one behind the other; `sizes` are their lengths."""
        ...

    def divided(self, size: int) -> tuple[Communicator, Communicator]:
        """This rank's group of `size` neighbours, and those with the same place in all groups."""
        ...


class Alone:
    """One process."""

    rank, size = 0, 1

    def receive(self, like: Tensor, source: int) -> Tensor:
        """There is nobody to receive a tensor `(...)` from."""
        raise AssertionError("one process has no neighbours")

    def send(self, state: Tensor, target: int) -> None:
        """Nor to send one, `(...)`, to."""
        raise AssertionError("one process has no neighbours")

    def share(self, state: Tensor, root: int) -> Tensor:
        """The tensor `(...)` itself."""
        return state

    def total(self, values: Tensor) -> Tensor:
        """The values `(...)` themselves."""
        return values

    def gathered(self, own: Tensor, sizes: Sequence[int]) -> Tensor:
        """The vector `(n_own,)` itself."""
        return own

    def divided(self, size: int) -> tuple[Communicator, Communicator]:
        """A group of one. Raises ValueError for larger ones."""
        require_groups(1, size)
        return self, self


ALONE: Communicator = Alone()


class Along:
    """The two verbs of the cycle, along the ranks or against them."""

    def __init__(self, ranks: Communicator, direction: int = 1) -> None:
        self.ranks, self.direction = ranks, direction

    def receive(self, like: Tensor) -> Tensor:
        """A tensor `(...)` from the rank before; on the first one, what is there already."""
        source = self.ranks.rank - self.direction
        return self.ranks.receive(like, source) if 0 <= source < self.ranks.size else like

    def send(self, state: Tensor) -> None:
        """A tensor `(...)` to the rank behind, if there is one."""
        target = self.ranks.rank + self.direction
        if 0 <= target < self.ranks.size:
            self.ranks.send(state, target)


def ranks() -> Communicator:
    """The ranks of this MPI run, or one process alone.

    Raises ImportError, with the remedy, where mpiexec started several processes and mpi4py is not
    there.
    """
    if not several():
        return Alone()
    try:
        module: Any = import_module("pinnsolve.mgrit.mpi")
    except ImportError as error:
        raise ImportError(
            "several processes were started, but mpi4py is missing: pip install 'pinnsolve[mpi]'"
        ) from error
    world: Communicator = module.world()
    return world
