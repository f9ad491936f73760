"""Adaptive coordinates for boundary layers, where the equation is singularly perturbed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.compile.system import System
from pinnsolve.search.families.family import Family, Parameter, scales
from pinnsolve.search.families.smooth import MANY_COORDINATES
from pinnsolve.search.scales import natural_wavenumbers


@dataclass(frozen=True)
class Layers:
    """Where boundary layers are looked for, and by which waves."""

    # A natural wavenumber, in radians a side, from which on there may be some
    thin: float = 30.0
    # In the stretched coordinate, and in the others
    waves: tuple[float, ...] = (6.0, 12.0, 24.0, 48.0)
    other_waves: float = 3.0


LAYERS = Layers()


def candidates(system: System) -> list[Family]:
    """Where terms balance on a scale far below the side: a layer of that thickness at either end of
    the coordinate.
    """
    names = [c.name for c in system.domain.coordinates]
    families: list[Family] = []
    if len(names) >= MANY_COORDINATES:
        return families
    natural = natural_wavenumbers(system).tolist()
    for name, wavenumber, (low, high) in zip(
        names, natural, system.domain.bounds.tolist(), strict=True
    ):
        if wavenumber > LAYERS.thin:
            for s in LAYERS.waves:
                shape = (
                    *scales(names, [s if n == name else LAYERS.other_waves for n in names]),
                    Parameter("thickness", (high - low) / wavenumber, steep=False),
                )
                families += [
                    Family(f"layer at {name}={end:g}", shape, partial(stretched, at=((name, end),)))
                    for end in (low, high)
                ]
    return families


def stretched(
    shape: Mapping[str, float], width: int, at: tuple[tuple[str, float], ...]
) -> Stretched:
    """Waves of the shape's scales over coordinates that are stretched around the places named, by
    the shape's thickness.
    """
    waves = {name: s for name, s in shape.items() if name != "thickness"}
    return Stretched(Dense(width, 1, "sin", Waves(waves)), shape["thickness"], dict(at))
