"""Cells of space whose equation has solutions in closed form: these are their functions, where
waves of any kind do not do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pinnsolve.basis.adapted.own_waves import OwnWaves
from pinnsolve.cells.particular import left_by, particular_in
from pinnsolve.compile.system import System
from pinnsolve.discretize.points import fills_domain
from pinnsolve.fields.arrays import Array
from pinnsolve.strategies.own_poles import square_in


@dataclass(frozen=True)
class Own:
    """How many solutions a cell has, and when they are tried."""

    # Four balls in a cube, 96 cells: of 500 waves of any kind 2.9e-4 in 45 s, of 330 solutions
    # 4.6e-5 in 100 s; wide cells pay in what they share (docs/decisions/0062)
    width: int = 330
    # Radians a side, up to which poles vary along the rim of a ball that cuts a cell: waves of
    # any kind come to 7
    rim: float = 9.0
    # The same where cells share a particular solution, which leaves them what walls and balls
    # answer: 150 are as good as 330 that join particular solutions (docs/decisions/0098)
    with_shared: int = 150
    # Mean sides of a cell, up to which balls that it does not cut have poles in it, too: on a face
    # beside a ball both sides see what dies out within the distance to it
    near: float = 0.4
    # A jump at faces above which solutions are not gone on from where they came first
    astray: float = 0.01
    # Times the seconds of the first fit, that one in solutions takes (measured 1.9 to 2.5)
    dearer: float = 2.2
    # Times the jump of waves at faces, up to which solutions are the better ones: inside of cells
    # they leave nothing of the equation. Around four balls both jump alike, by 4e-4, and errors are
    # 3e-4 and 8e-5. Around two in eight cells, k = 30, solutions left 0.19, and waves 5e-3
    trusted: float = 3.0


OWN = Own()


def own_waves_in(system: System, box: Array, goal: float) -> OwnWaves | None:
    """Solutions of the equation in a cell's box `(3, 2)`; None, where it is not lap u + k u = f
    with one number k and an f that is not zero, and so smooth that a particular solution is known
    to the goal.
    """
    equations = [r for r in system.residuals if fills_domain(r.condition.region)]
    if not (system.linear and system.n_unknowns == 1 and len(equations) == 1 and len(box) == 3):
        return None
    square = square_in(system, box)
    given = None if square is None else particular_in(system, box, square)
    if square is None or given is None or not left_by(given, system, box) <= goal:
        return None
    return OwnWaves(OWN.width, square)
