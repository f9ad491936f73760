"""One rank's part of a timing of layer parallelism: `mpiexec -n 2 python -m results.layer_cost
DEPTH ORDER BATCH POINTS`.

Forward and backward through the hidden layers, serially and by MGRIT, in turn, in one run;
parameters move a little between calls, as in training, and POINTS are `fixed` (states are warm),
`fresh` (cold: a reverse pass more), or fixed and eight intervals `together`; `kept` and
`recomputed` activations are for the peak of memory. Prints JSON.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import torch
from torch import Tensor

from pinnsolve import MGRIT, ResNet
from pinnsolve.basis.networks import ResidualBasis
from pinnsolve.jets.indices import JetIndex
from pinnsolve.mgrit.communicator import ranks

if sys.platform != "win32":
    import resource

WIDTH, REPEATS, MOVED = 32, 5, 1e-3
MEASURED_ALONE = ("kept", "recomputed")  # activations: for memory, without the serial pass
PLANE = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
INDICES: dict[int, list[JetIndex]] = {0: [(0, 0)], 2: [(0, 0), frozenset([(2, 0), (0, 2)])]}
OPTIONS = {"fixed": MGRIT(coarsening=32, cycles=1, adjoint_cycles=1, at_once=1)}
OPTIONS["fresh"] = replace(OPTIONS["fixed"], adjoint_cycles=2)
OPTIONS["together"] = replace(OPTIONS["fixed"], coarsening=128, at_once=8)
for activations in MEASURED_ALONE:
    OPTIONS[activations] = replace(OPTIONS["fixed"], activations=activations)


def points(batch: int, seed: int) -> Tensor:
    """Uniform in the square."""
    return torch.rand(batch, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def pulled(basis: ResidualBasis, x: Tensor, order: int) -> Tensor:
    """The gradient of a sum of squared residuals, flat."""
    out = basis(x, INDICES[order])
    weights = torch.sin(torch.arange(WIDTH, dtype=x.dtype, device=x.device))
    loss = (out[-1] @ weights - torch.sin(3 * x[:, 0])).square().mean()
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(basis.parameters()))])


def timings(depth: int, order: int, batch: int, kind: str) -> dict[str, float]:
    """Medians of seconds, and the relative error of the gradient, worst over the repeats but the
    first.
    """
    serial = ResNet(WIDTH, depth + 1).build(PLANE, 0)
    parallel = ResNet(WIDTH, depth + 1, propagate=OPTIONS[kind]).build(PLANE, 0)
    shift = torch.Generator().manual_seed(7)
    seconds: dict[str, list[float]] = {"serial": [], "mgrit": []}
    errors = []
    speaks = ranks().rank == ranks().size - 1
    compares = speaks and kind not in MEASURED_ALONE
    for repeat in range(REPEATS + 1):
        x = points(batch, repeat if kind == "fresh" else 0)
        found = {}
        for name, basis in (("serial", serial), ("mgrit", parallel)):
            ranks().total(
                torch.zeros(1)
            )  # all start together; the serial pass has the machine to itself
            start = time.perf_counter()
            if compares or name == "mgrit":
                found[name] = pulled(basis, x, order)
            seconds[name].append(time.perf_counter() - start)
        if compares:
            errors.append(float((found["mgrit"] - found["serial"]).norm() / found["serial"].norm()))
        for p, q in zip(serial.parameters(), parallel.parameters(), strict=True):
            change = MOVED * torch.randn(p.shape, generator=shift, dtype=p.dtype)
            p.data += change
            q.data += change
    medians = {k: median(v[1:]) for k, v in seconds.items()}
    return {**medians, "error": max(errors[1:], default=0.0), "gigabytes": peak_gigabytes()}


def peak_gigabytes() -> float:
    """The most memory that this process has held; NaN on Windows, which counts otherwise."""
    if sys.platform == "win32":
        return math.nan
    unit = 1.0 if sys.platform == "darwin" else 1e3  # bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def main(say: Callable[[str], None]) -> None:
    """Time what the command line asks for; the last rank speaks."""
    torch.set_num_threads(1)
    depth, order, batch = map(int, sys.argv[1:4])
    found = timings(depth, order, batch, sys.argv[4])
    if ranks().rank == ranks().size - 1:
        say(json.dumps({"ranks": ranks().size, **found}))


if __name__ == "__main__":
    main(print)
