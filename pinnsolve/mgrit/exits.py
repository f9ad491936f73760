"""Exits of a process that mpiexec has started: the other ranks are told, however they come about.

The package imports this at once, torch and MPI aside, since a rank may leave before it asks for
anything else.
"""

from __future__ import annotations

import atexit
import os
from contextlib import suppress
from importlib import import_module

SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")  # set by mpiexec


def several() -> bool:
    """Whether this process is one of several."""
    return any(int(os.environ.get(name, "1")) > 1 for name in SIZES)


def _leave() -> None:
    """Also where MPI was not asked for yet: others may be waiting for this rank to begin."""
    with suppress(ImportError):
        import_module("pinnsolve.mgrit.mpi").leave()


if several():
    atexit.register(_leave)
