"""Waves whose scales stand in the data: exponentials, read off the symbols, with amplitudes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from pinnsolve.basis.adapted.modulated import Carrier, Modulated
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.compile.system import System
from pinnsolve.search.exponents import carriers
from pinnsolve.search.families.family import Family, scales


@dataclass(frozen=True)
class Carried:
    """Which amplitudes are tried."""

    # Radians a side: amplitudes are smooth, or carriers are of no use
    amplitudes: tuple[float, ...] = (1.5, 3.0, 6.0)


CARRIED = Carried()

KIND = "carriers"


def candidates(system: System) -> list[Family]:
    """The exponentials of the data, and one, times waves of a few scales."""
    # Along one coordinate waves are as cheap, and tell a resonance from a null function.
    found = carriers(system) if len(system.domain.coordinates) > 1 else ()
    if not found:
        return []
    names = [c.name for c in system.domain.coordinates]
    one = Carrier((0.0,) * len(names), (0.0,) * len(names))
    declare = partial(modulated, carriers=(one, *found))
    return [Family(KIND, scales(names, (s,) * len(names)), declare) for s in CARRIED.amplitudes]


def modulated(shape: Mapping[str, float], width: int, carriers: tuple[Carrier, ...]) -> Declaration:
    """About `width` functions, as many for each carrier."""
    each = max(1, round(width / len(carriers)) - 1)
    return Modulated(Dense(each, 1, "sin", Waves(dict(shape))), carriers)
