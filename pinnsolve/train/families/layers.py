"""Adaptive coordinates for layers: at ends where the equation is singularly perturbed, inside where the solution is steep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
import torch

from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Declaration, Dense
from pinnsolve.basis.rotated import Matrix, Rotated
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
    """A front: where the slope along a direction has a steep peak, averaged over planes across it.

    Looked for along each coordinate, and along the direction in which the solution varies most.
    """
    names = [c.name for c in system.domain.coordinates]
    if family.kind.startswith(("layer", "front")) or len(names) >= MANY:
        return []
    x, slopes = gradients(system, found)
    proposed = []
    for kind, rows in _frames(system, slopes):
        y = x @ rows[0]
        low, high = float(y.min()), float(y.max())
        slices = np.clip(((y - low) / (high - low) * SLICES).astype(int), 0, SLICES - 1)
        along = torch.einsum("i,ikn->kn", torch.from_numpy(rows[0] / np.ptp(system.domain.bounds, axis=1)), slopes)
        squares = np.bincount(slices, along.square().sum(dim=0).numpy(), SLICES)
        profile = np.sqrt(squares / np.maximum(np.bincount(slices, minlength=SLICES), 1))
        peak = int(profile.argmax())
        steepness = float(profile[peak] / profile.mean())
        if steepness > STEEP:
            middle, thickness = low + (high - low) * (peak + 0.5) / SLICES, (high - low) / (2 * steepness)
            places = (Parameter("place", middle, thickness, steep=False), Parameter("thickness", thickness, steep=False))
            declare = partial(_turned, names=tuple(names), rows=tuple(map(tuple, rows.tolist())))
            for s in (6.0, 12.0):
                shape = (*scales(["across", "along"], [s, ACROSS]), *places)
                proposed.append(Family(f"front {kind}", shape, declare, family.extra))
    return proposed


def _frames(system: System, slopes: torch.Tensor) -> Iterator[tuple[str, np.ndarray]]:
    """Orthonormal frames whose first direction a front may lie across: the axes, and the solution's main direction."""
    dimension = len(system.domain.coordinates)
    for axis, coordinate in enumerate(system.domain.coordinates):
        yield f"in {coordinate.name}", np.roll(np.eye(dimension), -axis, axis=0)
    if dimension > 1:
        physical = slopes.flatten(1).numpy() / np.ptp(system.domain.bounds, axis=1)[:, None]
        vectors = np.linalg.eigh(physical @ physical.T)[1].T[::-1]
        yield "oblique", vectors


def _stretched(shape: Mapping[str, float], width: int, at: str, end: float) -> Stretched:
    waves = {name: s for name, s in shape.items() if name != "thickness"}
    return Stretched(Dense(width, 1, "sin", Waves(waves)), shape["thickness"], {at: end})


def _turned(shape: Mapping[str, float], width: int, names: tuple[str, ...], rows: Matrix) -> Declaration:
    """The first direction's coordinate, stretched, goes by the name of the first coordinate."""
    waves = Waves({name: shape["along"] if i else shape["across"] for i, name in enumerate(names)})
    within = Stretched(Dense(width, 1, "sin", waves), shape["thickness"], {names[0]: shape["place"]})
    return Rotated(within, rows)
