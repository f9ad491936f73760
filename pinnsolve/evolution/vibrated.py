"""Waves on elements through the whole time, by steps as long as the fastest of all waves allows, of
which a path keeps no more than it needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch

from pinnsolve.discretize.changes import rms
from pinnsolve.evolution.kept import Kept, needed
from pinnsolve.evolution.strides import Strides, strides_of
from pinnsolve.evolution.vibration import Vibration
from pinnsolve.fields.elements import Elements


@dataclass(frozen=True)
class Paces:
    """How the time is cut, and what may be missed."""

    # Blocks of the whole time
    blocks: int = 24
    # Halvings of a block, at most, into parts whose ends may be kept: kinks that pass ask for many
    halvings: int = 5
    # Steps of a part, at least, if there is more than one in a block
    steps: int = 2
    # Of the goal, what polynomials in time may miss between the ends that are kept; and those in
    # space, where fewer nodes are
    missed: float = 0.1


PACES = Paces()

# Asked after each block: time may be over.
Asked = Callable[[], None]


def vibrated(vibration: Vibration, goal: float, asked: Asked, free: float) -> Elements | None:
    """From the initial data to the end. None, where it is not finite. Raises MemoryError where
    states fill the memory.
    """
    form = vibration.wave.form
    ends = torch.linspace(form.start, form.end, PACES.blocks + 1, dtype=vibration.x.dtype).tolist()
    parts, strides = _parts_of(vibration, ends[1] - ends[0])
    moving = strides.begun()
    block = [strides.shown(moving)]
    kept = Kept((vibration.pieces,), (form.start,), (block[0],))
    size = float(rms(block[0][0].flatten()))
    for number, (start, end) in enumerate(pairwise(ends)):
        part = (end - start) / parts
        block = block[-1:]
        for k in range(parts):
            moving = strides.after(start + k * part, moving)
            block.append(strides.shown(moving))
        asked()
        size = max(size, float(rms(block[-1][0].flatten())))
        if not math.isfinite(size):
            return None
        allowed = PACES.missed * goal * size
        asked_for = needed(block, part, allowed)
        if number == 0:
            kept = kept.thinned(PACES.blocks * len(asked_for), PACES.missed * goal)
        kept = kept.suited(block[-1][0], allowed)
        kept = kept.after((start + k * part for k in asked_for), (block[k] for k in asked_for))
        if kept.bytes > free:
            raise MemoryError("the states of waves on elements fill the memory")
    times, states = kept.joined()
    return Elements(kept.layouts[0], form.axis, times, states)


def _parts_of(vibration: Vibration, block: float) -> tuple[int, Strides]:
    """How many parts a block has, a power of two, and steps through one of them."""
    for halvings in range(PACES.halvings, 0, -1):
        strides = strides_of(vibration, block / 2**halvings)
        if strides.steps >= PACES.steps:
            return 2**halvings, strides
    return 1, strides_of(vibration, block)
