"""The blind choice of a basis: which activation, how steep, in which coordinate, by residuals on fresh points.

The seam of automatic solving: `choose(system, budget, seed, record)` gives a `Family`, from which growth takes its widths.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from pinnsolve.basis.initialize import BoxPlanes, Initializer, Sparse, Waves
from pinnsolve.basis.networks import Declaration, Dense
from pinnsolve.basis.stretch import Stretched
from pinnsolve.compile.system import System
from pinnsolve.train.budget import Budget
from pinnsolve.train.fit import Fit, fit
from pinnsolve.train.scales import natural_wavenumber

Record = Callable[[str, Fit], None]
Score = Callable[["Family", int], float]
FIRST_WIDTH = 120
SCALES = {"sin": (1.5, 3.0, 6.0, 12.0, 24.0, 48.0), "tanh": (1.5, 3.0, 6.0, 12.0, 24.0)}
MANY_COORDINATES = 4  # from here on neurons with few active inputs compete
THIN = 30.0  # a natural wavenumber, times the side, from which on layers are looked for
RESOLVED = 1e-9  # a relative residual at small width that ends the search
UNRESOLVED = 1e-4  # a relative residual above which a small basis says little about a large one
CLEAR_GAIN = 0.7  # a variant replaces the incumbent if its residual is below this part of the incumbent's
SHARE = 0.4  # of the budget's seconds, that the search may take


@dataclass(frozen=True)
class Layer:
    """Where a coordinate is stretched, and how thin the layer there is."""

    coordinate: str
    position: float
    thickness: float


@dataclass(frozen=True)
class Family:
    """Bases of one kind and any width.

    Activation, one scale a coordinate (on the unit box), active inputs (0 for all), and a layer, if one is stretched.
    """

    activation: str
    scales: tuple[tuple[str, float], ...]
    active: int = 0
    layer: Layer | None = None

    def of_width(self, width: int) -> Declaration:
        """The declaration with so many neurons."""
        by_name = dict(self.scales)
        within: Initializer = Waves(by_name) if self.activation == "sin" else BoxPlanes(by_name)
        dense = Dense(width, 1, self.activation, Sparse(self.active, within) if self.active else within)
        if self.layer is None:
            return dense
        return Stretched(dense, self.layer.thickness, {self.layer.coordinate: self.layer.position})

    def stretched(self, factor: float, only: str | None = None) -> Family:
        """Scales multiplied by a factor, all or that of one coordinate."""
        scales = tuple((name, s * factor if only in (None, name) else s) for name, s in self.scales)
        return replace(self, scales=scales)


def choose(system: System, budget: Budget, seed: int, record: Record) -> Family:
    """Scan at small width, keep survivors while the width doubles, then stretch the winner coordinate by coordinate.

    A small basis that does not resolve the solution yet says little, hence the survivors, and the last round between
    the kinds where nothing resolves it. The exact solution is never looked at. Costs some eighty small solves, and at
    most `SHARE` of the budget's seconds: then the best so far is taken.
    """

    def score(family: Family, width: int) -> float:
        if budget.spent() > SHARE * budget.seconds:
            return math.inf
        found = fit(system, family.of_width(width), seed)
        record("choose", found)
        return found.residual if math.isfinite(found.residual) else math.inf

    pool = _candidates(system)
    first = first_width(system)
    for width, keep in ((first, 10), (2 * first, 4)):
        ranked = _ranked(pool, width, score)
        if ranked[0][0] < RESOLVED:
            return ranked[0][1]
        pool = [family for _, family in ranked[:keep]]
    width = 4 * first
    ranked = _ranked([f.stretched(by) for f in pool for by in (1.0, 0.7, 1.4)], width, score)
    if ranked[0][0] > UNRESOLVED:
        width *= 2
        ranked = _ranked(_one_of_each_kind(ranked), width, score)
    residual, best = ranked[0]
    return _stretch_each(best, residual, width, score)


def first_width(system: System) -> int:
    """Neurons of the first scan; unknowns share them, so that a system of many is not scanned at many times the cost."""
    return round(FIRST_WIDTH / math.sqrt(system.n_unknowns))


def _one_of_each_kind(ranked: Sequence[tuple[float, Family]]) -> list[Family]:
    best: dict[tuple[str, Layer | None], Family] = {}
    for _, family in ranked:
        best.setdefault((family.activation, family.layer), family)
    return list(best.values())


def _candidates(system: System) -> list[Family]:
    names = [c.name for c in system.domain.coordinates]
    natural = natural_wavenumber(system) * float(np.min(np.ptp(system.domain.bounds, axis=1)))
    waves = [*SCALES["sin"], *([natural] if 6.0 < natural < 100.0 else [])]
    planes = [Family("tanh", tuple((n, s) for n in names)) for s in SCALES["tanh"]]
    if len(names) < MANY_COORDINATES:
        # In two dimensions every pair of scales: time and space differ by any factor, and a scan there is cheap.
        tuples = product(waves, repeat=2) if len(names) == 2 else [(s,) * len(names) for s in waves]
        smooth = [Family("sin", tuple(zip(names, scales, strict=True))) for scales in tuples]
        return smooth + planes + _layered(system, names)
    smooth = [Family("sin", tuple((n, s) for n in names)) for s in waves if s < 10]
    return smooth + [replace(f, active=a) for a in (1, 2) for f in smooth]


def _layered(system: System, names: Sequence[str]) -> list[Family]:
    """Where the equation is singularly perturbed: a boundary layer of its natural width at either end of a coordinate."""
    wavenumber = natural_wavenumber(system)
    families = []
    for name, (low, high) in zip(names, system.domain.bounds.tolist(), strict=True):
        if wavenumber * (high - low) > THIN:
            layers = [Layer(name, end, 1 / wavenumber) for end in (low, high)]
            scales = [tuple((n, s if n == name else 3.0) for n in names) for s in (6.0, 12.0, 24.0, 48.0)]
            families += [Family("sin", s, layer=layer) for layer in layers for s in scales]
    return families


def _ranked(families: Sequence[Family], width: int, score: Score) -> list[tuple[float, Family]]:
    """Best first; those for which no time was left keep their order behind the others."""
    return sorted(((score(family, width), family) for family in families), key=lambda pair: pair[0])


def _stretch_each(best: Family, residual: float, width: int, score: Score) -> Family:
    """Anisotropy: time against space, thin boxes. A coordinate search by factors of two."""
    names = [name for name, _ in best.scales]
    if len(names) == 1 or len(names) >= MANY_COORDINATES:
        return best
    for name in names:
        for factor in (2.0, 0.5):
            while True:
                variant = best.stretched(factor, name)
                found = score(variant, width)
                if not found < CLEAR_GAIN * residual:
                    break
                best, residual = variant, found
    return best
