"""Start functions of surfaces, where a parabolic equation in several coordinates of space has
initial values that jump, or have a kink, across one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import torch
from sympy import Poly
from torch import Tensor

from pinnsolve.basis.adapted.lifted import Level
from pinnsolve.basis.adapted.polynomials import PolynomialBasis
from pinnsolve.basis.adapted.start_surfaces import Surface, SurfaceFunctions, powers_in_space
from pinnsolve.basis.basis import DOUBLE, Declaration
from pinnsolve.compile.system import System
from pinnsolve.declare.kinks import Kink
from pinnsolve.discretize.points import sample_region
from pinnsolve.jets.indices import MultiIndex, unit
from pinnsolve.search.families.family import Family
from pinnsolve.search.families.parabolic import Parabolic, parabolic
from pinnsolve.search.families.walls import polynomials, shaped

SURFACES = "surfaces"


@dataclass(frozen=True)
class Spreading:
    """Which functions of surfaces there are."""

    # More surfaces have too many functions
    most: int = 4
    # Degrees of polynomials that make a level a distance, and what they may leave of that near the
    # surface: with 1e-4 functions left 1e-2 of the equation
    degrees: tuple[int, ...] = (0, 6, 12, 20)
    left: float = 1e-8
    # Points at which it is one, steps of Newton's method, and what is not decided
    points: int = 4096
    steps: int = 8
    cut: float = 1e-12
    # Of the box, within which it should be one
    near: float = 0.05
    # Degrees of polynomials in space, for each in time
    shares: tuple[float, ...] = (0.8, 1.4)


SPREADING = Spreading()


def candidates(system: System) -> list[Family]:
    """Functions of all surfaces across which initial values jump, or have a kink, beside
    polynomials: what they leave is smooth. None, where they have none, or the equation is another.
    """
    functions = disagreeing(system)
    if functions is None:
        return []
    names = [c.name for c in system.domain.coordinates]
    declare = partial(_both, functions=functions)
    return [
        Family(
            SURFACES,
            shaped(names, [1.0 if a == functions.time else share for a in range(len(names))]),
            declare,
        )
        for share in SPREADING.shares
    ]


def _both(shape: Mapping[str, float], width: int, functions: SurfaceFunctions) -> Declaration:
    """Half and half: what checks a fit then has surfaces of a lower degree, too."""
    return polynomials(shape, width - width // 2) + functions.of_size(width // 2, len(shape) - 1)


@lru_cache(maxsize=8)
def disagreeing(system: System) -> SurfaceFunctions | None:
    """The functions of all surfaces across which initial values jump, or have a kink; None, where
    they have none, or the equation is another, or a surface is curved.
    """
    found = parabolic(system) if len(system.domain.coordinates) > 2 else None
    if found is None:
        return None
    kinks = list(found.kinks())
    if not 0 < len(kinks) <= SPREADING.most:
        return None
    known = [_surface(found, kink) for kink in kinks]
    surfaces = tuple(surface for surface in known if surface is not None)
    if len(surfaces) < len(kinks):
        return None
    return SurfaceFunctions(surfaces, found.time, found.begin, found.forward)


def _surface(found: Parabolic, kink: Kink) -> Surface | None:
    coordinates = found.system.domain.coordinates
    if not kink.surface.is_polynomial(*coordinates):
        return None
    terms = Poly(kink.surface, *coordinates).terms()
    level = Level(tuple((powers, float(c)) for powers, c in terms))
    return measured(found, level, kink.order)


def measured(found: Parabolic, level: Level, order: int) -> Surface | None:
    """The surface with a distance as the equation measures it; None, where there is no smooth one,
    or the equation is no diffusion across.
    """
    for degree in SPREADING.degrees:
        distance = _Distance.of(found, level, degree)
        factor, diffusivity, left = distance.solved()
        if left <= SPREADING.left:
            return Surface(level, factor, degree, diffusivity, order)
    return None


@dataclass(frozen=True, eq=False)
class _Distance:
    """Z = level times a polynomial at points: values `(n, terms)` and slopes `(n, dim, terms)` of
    what each coefficient adds, and the quadratic form of the equation there.
    """

    values: Tensor
    slopes: Tensor
    second: Mapping[MultiIndex, Tensor]

    @classmethod
    def of(cls, found: Parabolic, level: Level, degree: int) -> _Distance:
        """At points of the start."""
        box = DOUBLE.new_tensor(found.system.domain.bounds)
        x = DOUBLE.new_tensor(sample_region(found.initial.condition.region, SPREADING.points, 0).x)
        dim, here = len(box), (0,) * len(box)
        axes = [unit(dim, axis) for axis in range(dim)]
        value, *steep = PolynomialBasis(box, powers_in_space(degree, dim, found.time))(
            x, [here, *axes]
        )
        z, gradient = level(x, here)[:, None], level.gradient(x)
        slopes = [gradient[:, [axis]] * value + z * each for axis, each in enumerate(steep)]
        return cls(z * value, torch.stack(slopes, dim=1), found.second(x))

    def form(self, slopes: Tensor) -> Tensor:
        """c of slopes `(n, dim)`: `(n,)`."""
        value = torch.zeros_like(slopes[:, 0])
        for member, c in self.second.items():
            value = value + c * torch.prod(slopes ** slopes.new_tensor(member), dim=1)
        return value

    def solved(self) -> tuple[tuple[float, ...], float, float]:
        """Coefficients with which Z is one at most, the form of its slopes, and what is left of
        that near the surface, relative: by Newton's method. Infinite without diffusion.
        """
        c = self.values.new_zeros(self.values.shape[1])
        c[0] = 1.0
        near = (self.values @ c).abs()
        near = near / near.max()
        close = near <= SPREADING.near
        own = self.form(self.slopes @ c)
        if not close.any() or not bool((own[close] > 0).all()):
            return (), 0.0, math.inf
        diffusivity = own[close].median()
        weight = (1 + (near / SPREADING.near) ** 2) ** -2
        for _ in range(SPREADING.steps if len(c) > 1 else 0):
            g = self.slopes @ c
            by_slope = [
                (self.form(g + e) - self.form(g - e))[:, None] / 2
                for e in torch.eye(g.shape[1], dtype=g.dtype)
            ]
            rows = sum(b * self.slopes[:, axis] for axis, b in enumerate(by_slope))
            target = diffusivity - self.form(g)
            rows, target = weight[:, None] * rows / diffusivity, weight * target / diffusivity
            c = (
                c
                + torch.linalg.lstsq(
                    rows, target[:, None], rcond=SPREADING.cut, driver="gelsd"
                ).solution[:, 0]
            )
        left = (weight * (self.form(self.slopes @ c) / diffusivity - 1)).abs().max()
        size = (self.values @ c).abs().max()
        return tuple((c / size).tolist()), float(diffusivity / size**2), float(left)
