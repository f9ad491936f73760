"""Waves on elements through the whole time, by steps as long as the fastest of all waves allows, of
which a path keeps no more than it needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from pinnsolve.discretize.changes import rms
from pinnsolve.evolution.strides import State, strides_of
from pinnsolve.evolution.vibration import Vibration
from pinnsolve.fields.elements import Elements
from pinnsolve.fields.separated import between


@dataclass(frozen=True)
class Paces:
    """How long steps are, and which of them are kept."""

    # Blocks of the whole time, at least; and parts of a block, whose ends may be kept: a power of
    # two
    blocks: int = 24
    parts: int = 8
    # Of the goal, what polynomials in time may miss between the ends that are kept
    missed: float = 0.1
    # Bytes of a node and a state that is kept: three numbers, twice while they are joined
    bytes: float = 48.0


PACES = Paces()

# Asked after each block: time may be over.
Asked = Callable[[], None]


def vibrated(vibration: Vibration, goal: float, asked: Asked, free: float) -> Elements | None:
    """From the initial data to the end. None, where it is not finite. Raises MemoryError where
    states fill the memory.
    """
    form = vibration.wave.form
    ends = torch.linspace(form.start, form.end, PACES.blocks + 1, dtype=vibration.x.dtype).tolist()
    strides = strides_of(vibration, (ends[1] - ends[0]) / PACES.parts)
    moving = strides.begun()
    block = [strides.shown(moving)]
    u = block[0][0]
    times, kept, size = [form.start], [*block], float(rms(u.flatten()))
    for start, end in pairwise(ends):
        part = (end - start) / PACES.parts
        block = block[-1:]
        for k in range(PACES.parts):
            moving = strides.after(start + k * part, moving)
            block.append(strides.shown(moving))
        asked()
        size = max(size, float(rms(block[-1][0].flatten())))
        if not math.isfinite(size):
            return None
        for number in _needed(block, part, PACES.missed * goal * size):
            times.append(start + number * part)
            kept.append(block[number])
        if len(kept) * u.numel() * PACES.bytes > free:
            raise MemoryError("the states of waves on elements fill the memory")
    states = torch.stack(
        [torch.stack([part.flatten() for part in each]) for each in zip(*kept, strict=True)]
    )
    return Elements(vibration.pieces, form.axis, u.new_tensor(times), states)


def _needed(block: list[State], part: float, allowed: float) -> list[int]:
    """The parts' ends to be kept, without the first: those between which a polynomial through the
    states misses the middle by no more than that.
    """
    last = len(block) - 1
    if last == 1:
        return [1]
    half = last // 2
    ends = [each for pair in zip(block[0], block[-1], strict=True) for each in pair]
    length = ends[0].new_tensor([0.0, last * part])
    weights = between(length, length[1:] / 2, 0)[:, 0].tolist()
    guess = sum(w * each for w, each in zip(weights, ends, strict=True))
    if float(rms((torch.as_tensor(guess) - block[half][0]).flatten())) <= allowed:
        return [last]
    first, second = (_needed(each, part, allowed) for each in (block[: half + 1], block[half:]))
    return [*first, *(half + k for k in second)]
