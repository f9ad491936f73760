"""Adaptive coordinates for layers: at ends where the equation is singularly perturbed, inside where the solution is steep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.stretch import Stretched
from pinnsolve.compile.system import System
from pinnsolve.train.families.family import Family, Parameter, scales
from pinnsolve.train.families.learned import gradients
from pinnsolve.train.families.smooth import MANY
from pinnsolve.train.fit import Fit
from pinnsolve.train.scales import natural_wavenumber

THIN = 30.0  # a natural wavenumber, times the side, from which on boundary layers are looked for
WAVES = (6.0, 12.0, 24.0, 48.0)  # in the stretched coordinate
ACROSS = 3.0  # in the others
STEEP = 4.0  # times the mean slope, at its steepest: from here on a front is looked for
SLICES = 64


def candidates(system: System) -> list[Family]:
    """Where terms balance on a scale far below the side: a layer of that thickness at either end of the coordinate."""
    wavenumber = natural_wavenumber(system)
    names = [c.name for c in system.domain.coordinates]
    families: list[Family] = []
    if len(names) >= MANY:
        return families
    for name, (low, high) in zip(names, system.domain.bounds.tolist(), strict=True):
        if wavenumber * (high - low) > THIN:
            for s in WAVES:
                shape = (
                    *scales(names, [s if n == name else ACROSS for n in names]),
                    Parameter("thickness", 1 / wavenumber, steep=False),
                )
                families += [
                    Family(f"layer at {name}={end:g}", shape, partial(_stretched, at=name, end=end)) for end in (low, high)
                ]
    return families


def variants(system: System, family: Family, found: Fit) -> list[Family]:
    """A front across a coordinate: where the solution's slope, averaged over the other coordinates, has a steep peak."""
    names = [c.name for c in system.domain.coordinates]
    if family.kind.startswith(("layer", "front")) or not set(names) <= set(family.values):
        return []
    x, slopes = gradients(system, found)
    proposed = []
    for axis, (name, (low, high)) in enumerate(zip(names, system.domain.bounds.tolist(), strict=True)):
        slices = np.clip(((x[:, axis] - low) / (high - low) * SLICES).astype(int), 0, SLICES - 1)
        squares = np.bincount(slices, slopes[axis].square().sum(dim=0).numpy(), SLICES)
        profile = np.sqrt(squares / np.maximum(np.bincount(slices, minlength=SLICES), 1))
        peak = int(profile.argmax())
        steepness = float(profile[peak] / profile.mean())
        if steepness > STEEP:
            middle, thickness = low + (high - low) * (peak + 0.5) / SLICES, (high - low) / (2 * steepness)
            places = (Parameter("place", middle, thickness, steep=False), Parameter("thickness", thickness, steep=False))
            for s in (6.0, 12.0):
                shape = (*scales(names, [s if n == name else family.values[n] for n in names]), *places)
                declare = partial(_stretched, at=name, end=None)
                proposed.append(replace(family, kind=f"front in {name}", shape=shape, declare=declare))
    return proposed


def _stretched(shape: Mapping[str, float], width: int, at: str, end: float | None) -> Stretched:
    waves = {name: s for name, s in shape.items() if name not in ("place", "thickness")}
    place = shape["place"] if end is None else end
    return Stretched(Dense(width, 1, "sin", Waves(waves)), shape["thickness"], {at: place})
