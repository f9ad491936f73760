"""How many eigenvalues a drum has: Weyl's law, a check that knows nothing of bases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Expr

from pinnsolve.declare.calculus import laplacian, normal_derivative
from pinnsolve.declare.checks import difference
from pinnsolve.declare.pencil import Pencil
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class Counting:
    """When eigenvalues are missing."""

    # Points by which areas and lengths are measured, where they are cut
    points: int = 8192
    # Lengths of sides make up the boundary, relative
    around: float = 0.02
    # Of the mean over the upper half of the numbers that are expected less those that are there:
    # within 0.5 for full spectra of squares, thin boxes and disks (held or free, 4 to 40 values)
    missing: float = 0.75
    # Of the square of all sides to the area: boxes of 1 : 5 have 29, and full spectra within 0.6;
    # of thinner ones, with 50, they have means of 1.3, with 90 of 4
    thin: float = 30.0


COUNTING = Counting()


@dataclass(frozen=True)
class Weyl:
    """Of -laplacian(u) = times lam u in the plane: the area, and the length of sides that are free
    less that of those that are held (Weyl, 1911; Ivrii, 1980).
    """

    area: float
    length: float
    times: float

    def expected(self, values: Array) -> Array:
        """How many eigenvalues lie below values `(n,)`, about: `(n,)`."""
        squares = self.times * np.maximum(values, 0.0)
        return np.asarray((self.area * squares + self.length * np.sqrt(squares)) / (4 * np.pi))

    def short(self, values: Array) -> bool:
        """Whether eigenvalues are missing among these, the lowest `(n,)` in their order."""
        beyond = self.expected(values) - (np.arange(len(values)) + 0.5)
        return bool(beyond[len(values) // 2 :].mean() > COUNTING.missing)


def weyl_of(pencil: Pencil) -> Weyl | None:
    """The law, where it holds: a Laplacian in the plane, whose unknown or normal derivative is zero
    on all sides; None for thin domains, where its two terms cancel, and the next counts.
    """
    problem = pencil.problem
    if len(problem.unknowns) > 1 or len(problem.domain.coordinates) != 2 or pencil.degree > 1:
        return None
    (u,) = problem.unknowns
    inner = [c for c in problem.conditions if fills_domain(c.region)]
    sides = [c for c in problem.conditions if not fills_domain(c.region)]
    times = _times(difference(inner[0]), u, pencil) if len(inner) == 1 else None
    signs = [_sign(difference(c), u) for c in sides]
    if times is None or 0 in signs:
        return None
    lengths = [_size(c.region) for c in sides]
    around = _size(problem.domain.boundary)
    area = _size(problem.domain)
    if abs(sum(lengths) - around) > COUNTING.around * around or around**2 > COUNTING.thin * area:
        return None
    free = sum(sign * length for sign, length in zip(signs, lengths, strict=True))
    return Weyl(area, free, times)


def _times(side: Expr, u: Expr, pencil: Pencil) -> float | None:
    """c of -laplacian(u) = c lam u, if it is that."""
    side = side.expand()
    stiff = side.coeff(u.diff(u.args[0], 2))
    mass = side.coeff(pencil.symbol * u)
    known = stiff.is_number and mass.is_number and stiff != 0
    if not known or (side - stiff * laplacian(u) - mass * pencil.symbol * u).expand() != 0:
        return None
    return float(mass / stiff) if mass / stiff > 0 else None


def _sign(side: Expr, u: Expr) -> int:
    """-1, where the unknown is zero, 1, where its normal derivative is, 0 for anything else."""
    for sign, held in ((-1, u), (1, normal_derivative(u))):
        if (side / held).simplify().is_number:
            return sign
    return 0


def _size(region: Region) -> float:
    return float(sample_region(region, COUNTING.points, 0).weights.sum())
