"""Layouts whose cells are in solutions of their equation."""

from __future__ import annotations

from dataclasses import replace

from pinnsolve.basis.adapted.own_waves import OwnWaves
from pinnsolve.cells.shared import sides_to_share
from pinnsolve.strategies.layouts import Layout
from pinnsolve.strategies.own_waves import OWN, own_waves_in


def with_own_waves(layout: Layout, goal: float) -> Layout:
    """The same cells of space around balls, with solutions of their equation where these are known,
    in the place of waves of any kind: what a cell is given has a function of its own then. If that
    is one which all cells can share, fewer solutions do.
    """
    system, tree = layout.system, layout.tree
    if system is None or not (layout.balls or layout.holes):
        return layout
    parts = [own_waves_in(system, box, goal) for box in tree.cells]
    if not any(parts):
        return layout
    pairs = zip(parts, layout.parts, strict=True)
    own = replace(layout, parts=tuple(own or waves for own, waves in pairs))
    shared = sides_to_share(system, tree, own.declared.parts, goal)
    return own if shared is None else replace(_with_fewer(own), shared=shared)


def _with_fewer(layout: Layout) -> Layout:
    parts = [
        replace(part, width=OWN.with_shared) if isinstance(part, OwnWaves) else part
        for part in layout.parts
    ]
    return replace(layout, parts=tuple(parts))
