"""The device, or the cluster, that a solve is asked for: what is not here, or is not solved there,
is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import isclass
from typing import Any, cast

import torch

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import System
from pinnsolve.mgrit.exits import several
from pinnsolve.search.cluster import Cluster
from pinnsolve.symbols.given import is_text, shown


def device_in(device: object, basis: object, others: Sequence[object]) -> torch.device:
    """Where functions are evaluated and rows multiplied: the CPU, if nothing is said.

    Raises TypeError for what names no device; ValueError for one that is not here, where there is
    no given basis, or for what is not solved there among the `others`.
    """
    if device is None:
        return DOUBLE.device
    found = _named(device)
    if found == DOUBLE.device:
        return found
    if not torch.cuda.is_available() or (found.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device={str(device)!r}: torch {torch.__version__} sees no such device here. Install"
            " torch for CUDA, on a machine that has a GPU, or give no device: then the CPU solves"
        )
    if basis is None:
        raise ValueError("a device wants a given basis: solve(problem, Dense(4000), device='cuda')")
    if any(other is not None for other in others):
        raise ValueError(
            "a device is for one solve in a given basis: give no method, growth, march, cells,"
            " continuation or resume with it"
        )
    return found


def _named(device: object) -> torch.device:
    name = str(device) if is_text(device) or isinstance(device, torch.device) else ""
    kind, _, number = name.partition(":")
    if kind not in ("cpu", "cuda") or (number and not number.isdigit()):
        raise TypeError(f"device must be 'cuda' or 'cpu', device='cuda': got {shown(device)}")
    return torch.device(name)


def require_solvable(device: torch.device, system: System, divided: bool, ranks: int) -> None:
    """Raise ValueError for what is solved on the CPU alone."""
    reasons = {
        f"{ranks} processes were started: start one": ranks > 1,
        "its equations are not linear: give no device": not system.linear,
        "unknowns live in parts of the domain: give no device": divided,
    }
    for reason, applies in reasons.items():
        if applies and device != DOUBLE.device:
            raise ValueError(f"device={str(device)!r} is for one linear solve, and {reason}")


def cluster_in(cluster: Any, given: Sequence[object]) -> Cluster | None:
    """Whose workers fit the candidates of an automatic choice, if anybody's.

    Raises TypeError for what takes no calls; ValueError where a way is `given`, so that there is
    nothing to choose, or several ranks choose together.
    """
    if cluster is None:
        return None
    if isclass(cluster) or not callable(getattr(cluster, "submit", None)):
        raise TypeError(
            "cluster must be one that calls can be submitted to, Dask's Client(...) or"
            f" concurrent.futures' ProcessPoolExecutor(4): got {shown(cluster)}"
        )
    if any(way is not None for way in given):
        raise ValueError(
            "a cluster is for the candidates of an automatic choice, and how to solve is given: to"
            " solve several problems at once, cluster.submit(solve, problem, ...) each"
        )
    if several():
        raise ValueError("a cluster is called by one process, and several were started: start one")
    return cast(Cluster, cluster)
