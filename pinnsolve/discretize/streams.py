"""Seeds that keep apart what is drawn for different ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Streams:
    """Which numbers no other draw repeats: each is added to a seed, or is one."""

    # Points by which ridges are chosen: no collocation seed is as large.
    held_out: int = 4_294_967_291
    # Points in rare boxes.
    rare: int = 104_729
    # Points that a training takes anew: they are none of those that judge.
    resampled: int = 7919
    # Points at which the functions of a network are compared, so that some may go.
    pruned: int = 271_828

    # Points of cells, beside the functions that the seed draws.
    cells: int = 15_331


STREAMS = Streams()
