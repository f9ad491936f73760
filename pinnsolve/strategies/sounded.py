"""A first look at a pencil: how large its eigenvalues are, and sources for which it is solved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from sympy import Expr, Float, I, chebyshevt_poly, prod

from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.declare.pencil import Pencil
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.pencil_rows import CompiledPencil
from pinnsolve.fields.building import build_space


@dataclass(frozen=True)
class Sources:
    """What eigenvalues are sounded with."""

    # Waves that tell the size of eigenvalues, and their radians a side
    rough: int = 60
    slow: float = 3.0
    # Of the sources by which a basis is chosen, for one mode a side
    degrees: float = 2.0


SOURCES = Sources()


def size_of(pencil: Pencil, near: float, seed: int) -> float:
    """How large eigenvalues are: what the conditions that mention it have, in slow waves, against
    what it multiplies.
    """
    held = CompiledPencil.of(pencil, near)
    slow = Dense(SOURCES.rough, 1, "sin", Waves(SOURCES.slow))
    space = build_space(held.system, slow, seed)
    points = collocation_points(held.system, space, seed)
    rows, powers = held.rows(points, space)
    each = zip(points, pencil.real.mentions, strict=True)
    own = np.concatenate([np.full(len(p.x), mentions) for p, mentions in each])
    large = np.linalg.norm(rows[own])
    first, last = np.linalg.norm(powers[0]), np.linalg.norm(powers[-1])
    by_power = [large / first if first else 0.0, (large / last) ** (1 / len(powers))]
    return float(max(by_power))


def sources(pencil: Pencil, count: int, seed: int) -> list[Expr]:
    """Polynomials that vary as fast as the last of so many modes, one for each condition that
    mentions the eigenvalue, complex for complex unknowns: no wave, no front, nothing that a basis
    would be made for.
    """
    random, domain = np.random.default_rng(seed), pencil.problem.domain
    middle = domain.bounds.mean(axis=1).tolist()
    unit = [
        2 * (c - Float(m)) / Float(side)
        for c, m, side in zip(domain.coordinates, middle, domain.extent.tolist(), strict=True)
    ]
    degree = math.ceil(SOURCES.degrees * count ** (1 / len(unit)))
    powers = [p for p in product(range(degree + 1), repeat=len(unit)) if sum(p) <= degree]

    def one() -> Expr:
        parts = [
            Float(random.standard_normal())
            * prod(chebyshevt_poly(n, c) for n, c in zip(own, unit, strict=True))
            for own in powers
        ]
        return sum(parts, Float(0))

    return [one() + (I * one() if pencil.is_complex else 0) for _ in range(sum(pencil.mentions))]
