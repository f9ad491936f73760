"""Layers in parallel on a GPU: `python -m results.layer_gpu`. Says so, and measures nothing, where
there is no CUDA device.

All intervals of layers are relaxed at once by batched matrix products; serially, the device waits
for one small layer after the other. Forward and backward, 1024 layers of width 32, 1024 points,
jets of order 2; each way as it is, and as a CUDA graph, which takes the launches of its kernels out
of the account. Parameters move by 1e-3 between calls, points are fixed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor

from pinnsolve import MGRIT, ResNet
from pinnsolve.basis.networks import ResidualBasis
from results.layer_cost import MOVED, PLANE, WIDTH, points, pulled
from results.writing import markdown_table

DEPTH, BATCH, ORDER, REPEATS, WARM_UP = 1024, 1024, 2, 10, 3
COARSENING = 32


@dataclass(frozen=True)
class Speed:
    """Medians of seconds, and the worst relative error of the gradient."""

    type: str
    way: str
    serial: float
    mgrit: float
    error: float


def speeds(device: str, depth: int = DEPTH, batch: int = BATCH) -> Iterator[Speed]:
    """Both types of numbers, as it is and as graphs (these on CUDA alone)."""
    for kind in (torch.float32, torch.float64):
        for way, call in (("eager", _eager), ("CUDA graph", _graph)):
            if way == "eager" or device.startswith("cuda"):
                yield _speed(device, kind, way, call, depth, batch)


Call = Callable[[ResidualBasis, Tensor], Callable[[], Tensor]]


def _speed(device: str, kind: torch.dtype, way: str, call: Call, depth: int, batch: int) -> Speed:
    mgrit = MGRIT(coarsening=min(COARSENING, depth // 4), cycles=1)
    networks = (ResNet(WIDTH, depth + 1), ResNet(WIDTH, depth + 1, propagate=mgrit))
    bases = [network.build(PLANE, 0).to(device, kind) for network in networks]
    x = points(batch, 0).to(device, kind)
    calls = [call(basis, x) for basis in bases]
    seconds: tuple[list[float], list[float]] = ([], [])
    generator, errors = torch.Generator().manual_seed(7), list[float]()
    for _ in range(REPEATS):
        found = []
        for k, each in enumerate(calls):
            _wait(device)
            start = time.perf_counter()
            found.append(each())
            _wait(device)
            seconds[k].append(time.perf_counter() - start)
        exact, inexact = found
        errors.append(float((inexact - exact).norm() / exact.norm()))
        for p, q in zip(bases[0].parameters(), bases[1].parameters(), strict=True):
            change = MOVED * torch.randn(p.shape, generator=generator, dtype=torch.float64).to(
                device, kind
            )
            p.data += change
            q.data += change
    return Speed(
        str(kind).removeprefix("torch."),
        way,
        median(seconds[0]),
        median(seconds[1]),
        max(errors[1:]),
    )


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def _eager(basis: ResidualBasis, x: Tensor) -> Callable[[], Tensor]:
    for _ in range(WARM_UP):
        pulled(basis, x, ORDER)
    return lambda: pulled(basis, x, ORDER)


def _graph(basis: ResidualBasis, x: Tensor) -> Callable[[], Tensor]:
    """Capture one call; what MGRIT remembers is written back to where the capture read it."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            pulled(basis, x, ORDER)
    torch.cuda.current_stream().wait_stream(side)
    kept = basis.propagate.memory.kept if isinstance(basis.propagate, MGRIT) else []
    before = [_tensors(k) for k in kept]
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        found = pulled(basis, x, ORDER)
        for old, new in zip(before, [_tensors(k) for k in kept], strict=True):
            for a, b in zip(old, new, strict=True):
                a.copy_(b)

    def replayed() -> Tensor:
        graph.replay()
        return found

    return replayed


def _tensors(kept: dict[str, object]) -> list[Tensor]:
    corrections = kept.get("corrections", ())
    assert isinstance(corrections, list | tuple)
    values = kept["values"]
    assert isinstance(values, Tensor)
    return [values, *(t for each in corrections for t in (each.ends, each.defect))]


def table(rows: list[Speed]) -> str:
    """Seconds and ratios."""
    lines = [
        (
            r.type,
            r.way,
            f"{r.serial:.4f}",
            f"{r.mgrit:.4f}",
            f"{r.serial / r.mgrit:.1f}",
            f"{r.error:.0e}",
        )
        for r in rows
    ]
    return markdown_table(
        ("numbers", "way", "serial s", "MGRIT s", "speedup", "gradient error"), lines
    )


def main(say: Callable[[str], None]) -> None:
    """Measure where there is a device, and say so where there is none."""
    if not torch.cuda.is_available():
        say("no CUDA device is here: the GPU part was not run")
        return
    say(f"{torch.cuda.get_device_name()}\n\n{table(list(speeds('cuda')))}")


if __name__ == "__main__":
    main(lambda text: print(text, file=sys.stdout))
