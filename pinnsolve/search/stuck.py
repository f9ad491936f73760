"""When a nonlinear problem is given up: Newton's method ends at one residual, whatever the basis.

Two bases that hold what the tangent asks for take the same steps. Where they end at the same
residual, a third one, or a wider one, will: the field there is a property of the equations, a least
residual that is not zero, as beyond a fold. It is also one if the tangent there is singular, and
has nothing to promise (the least of u^2 + 1 is at zero).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pinnsolve.compile.system import System
from pinnsolve.running.stop import Stop
from pinnsolve.search.confirm import DOUBT
from pinnsolve.search.fit import Fit
from pinnsolve.search.null_space import null_space_dimension


@dataclass(frozen=True)
class Stuck:
    """When fits are said to end at one residual."""

    # A relative difference of two residuals that are the same
    same: float = 0.05
    # Fits that end at one residual, and are enough
    fits: int = 3


STUCK = Stuck()


class NoSolutionError(Exception):
    """Raised where another basis would end where the ones before did."""


def require_progress(system: System, fits: Sequence[Fit]) -> None:
    """Raise NoSolutionError if the last of these fits and others before it are stuck at one
    residual.

    Or rest at one, with a tangent that has a null space: that is asked for once.
    """
    last = fits[-1]
    # One basis may be too poor; the same residual in several is the equations' own.
    if last.stuck and _alike([f for f in fits if f.stuck]) >= STUCK.fits:
        raise NoSolutionError
    resting = [f for f in fits if rests(system, f)]
    if rests(system, last) and _alike(resting) == STUCK.fits and null_space_dimension(system, last):
        raise NoSolutionError


def rests(system: System, fitted: Fit) -> bool:
    """Whether the iteration for a nonlinear problem ended, by its own rules, where the equations do
    not hold.
    """
    large = not fitted.residual <= DOUBT.unreliable
    return not system.linear and fitted.stopped == Stop.SOLVED and large


def _alike(fits: Sequence[Fit]) -> int:
    last = fits[-1].residual
    return sum(abs(fitted.residual - last) <= STUCK.same * last for fitted in fits)
