"""Functions of walls, where a parabolic equation in two coordinates of space or more has initial
values that do not agree with its sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pinnsolve.basis.adapted.polynomials import Polynomials
from pinnsolve.basis.adapted.walls import WallFunctions
from pinnsolve.compile.system import System
from pinnsolve.search.families.family import Family, Parameter
from pinnsolve.search.families.parabolic import DISAGREEMENT, Wall, parabolic

WALLS = "walls"


@dataclass(frozen=True)
class Beside:
    """Which functions of walls there are, and what is beside them."""

    # Of the polynomials along a wall, where something varies along it or walls meet
    along: int = 6
    # Of the products where walls meet
    meeting: int = 4
    # More walls have too many functions
    most: int = 4
    # Of the data's size, on some wall: a start that is nearly zero there, as spots are, is no jump
    sudden: float = 1e-2
    # Degrees of polynomials in space, for each in time
    shares: tuple[float, ...] = (0.5, 0.8)
    # The same along coordinates in which nothing disagrees
    least: float = 0.1


BESIDE = Beside()


def disagreeing(system: System) -> WallFunctions | None:
    """The functions of all walls where data do not agree; None, if they do, or the equation is
    another.
    """
    found = parabolic(system) if len(system.domain.coordinates) > 2 else None
    if found is None:
        return None
    known: dict[tuple[int, float], Wall] = {}
    for wall in found.walls():
        if wall.start is not None and wall.disagrees:
            known.setdefault((wall.start.axis, wall.start.at), wall)
    apart = max((wall.apart for wall in known.values()), default=0.0)
    if not 0 < len(known) <= BESIDE.most or apart < BESIDE.sudden:
        return None
    starts = tuple(wall.start for wall in known.values() if wall.start is not None)
    alone = len({start.axis for start in starts}) == 1 and not any(map(_varies, known.values()))
    return WallFunctions(starts, found.time, 0 if alone else BESIDE.along, BESIDE.meeting)


def _varies(wall: Wall) -> bool:
    """Whether it disagrees by more in one place than in another."""
    lacking = wall.lacking
    return lacking is not None and bool(lacking.max() - lacking.min() > DISAGREEMENT.apart)


def beside(system: System, functions: WallFunctions) -> list[Family]:
    """Polynomials: what the functions of walls leave is smooth, and steep in time alone."""
    names = [c.name for c in system.domain.coordinates]
    steep = {wall.axis for wall in functions.walls}
    if functions.along:
        steep = set(range(len(names)))
    shares = [
        [
            1.0 if axis == functions.time else share if axis in steep else BESIDE.least
            for axis in range(len(names))
        ]
        for share in BESIDE.shares
    ]
    return [Family("polynomials", shaped(names, each), polynomials) for each in shares]


def shaped(names: Sequence[str], shares: Sequence[float]) -> tuple[Parameter, ...]:
    """Degrees along coordinates, for each in time."""
    pairs = zip(names, shares, strict=True)
    return tuple(Parameter(name, share, steep=False) for name, share in pairs)


def polynomials(shape: Mapping[str, float], width: int) -> Polynomials:
    """At least so many, of such degrees."""
    most = max(shape.values())
    return Polynomials.of_size(width, [share / most for share in shape.values()])
