"""How slow flows and clamped plates behave at a corner: biharmonic functions of one power.

Where the principal part of plane equations has the square of the Laplacian for its determinant,
each unknown is biharmonic near a point, but for what is smoother: conj(z) f(z) + g(z) (Goursat). Of
one power these are z^p and conj(z) z^(p - 1), p complex where eddies follow each other into the
corner (Moffatt, J. Fluid Mech. 18 (1964) 1). Where a wall slides along another the angle itself is
a factor (Taylor, On scraping viscous fluid from a plane surface, 1962), and its square in what
inertia adds; a pressure of no power is a logarithm. Which combinations satisfy the conditions on
both sides is left to the least squares, or `mixes` say it.
"""

from __future__ import annotations

import cmath
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, product

import torch
from torch import Tensor

from pinnsolve.basis.adapted.corners import wirtinger
from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex


@dataclass(frozen=True)
class Term:
    """z^(power + i eddies) conj(z)^raised th^turns log(|z|)^logs: real and imaginary part; of
    |z|^2p, which is real, one.
    """

    power: float
    eddies: float = 0.0
    raised: int = 0
    turns: int = 0
    logs: int = 0

    @property
    def exponent(self) -> complex:
        """Of z."""
        return complex(self.power, self.eddies)

    @property
    def parts(self) -> int:
        """How many real functions it is."""
        return 1 if self.exponent == self.raised else 2


@dataclass(frozen=True)
class FlowCorner:
    """A corner at `at`, the direction of its sector's `middle` in radians, and what is added there;
    of an unknown that is a `pressure`, by its number, other terms, `pressures`: it has a power less
    than the velocity, which has a bound. Where there are `mixes`, each is one function: what the
    parts of all terms are multiplied by.
    """

    at: tuple[float, float]
    middle: float
    terms: tuple[Term, ...]
    pressure: int | None = None
    pressures: tuple[Term, ...] = ()
    mixes: tuple[tuple[float, ...], ...] = ()

    @property
    def size(self) -> int:
        """How many functions it has."""
        return len(self.mixes) or sum(term.parts for term in self.terms)

    @property
    def slides(self) -> bool:
        """Whether a wall slides along another there: the angle itself is a factor."""
        return any(term.turns for term in self.terms)

    def of_unknown(self, number: int) -> FlowCorner:
        """With what is added to one unknown."""
        return replace(self, terms=self.pressures) if number == self.pressure else self


@dataclass(frozen=True)
class FlowCornerFunctions(Sums):
    """The biharmonic functions of some corners, to be added to a network's basis; for domains of
    two coordinates.
    """

    corners: tuple[FlowCorner, ...]

    def of_unknown(self, number: int) -> Declaration:
        """What is declared for one unknown."""
        corners = tuple(corner.of_unknown(number) for corner in self.corners)
        return self if corners == self.corners else FlowCornerFunctions(corners)

    def build(self, domain: Domain, seed: int) -> FlowCornerBasis:
        """The functions, with lengths in units of the domain's longest side. Raises ValueError if
        it is not plane.
        """
        if len(domain) != 2:
            raise ValueError(
                f"corner functions are for two coordinates: the domain has {len(domain)}"
            )
        return FlowCornerBasis(self.corners, max(high - low for low, high in domain.values()))


class FlowCornerBasis(Basis):
    """Real and imaginary parts of z^p conj(z)^q th^m around each corner; the angle th is measured
    from the middle of the sector, and its cut lies opposite, outside of it.
    """

    unit: Tensor

    def __init__(self, corners: Sequence[FlowCorner], unit: float) -> None:
        super().__init__()
        self.corners = tuple(corners)
        self.register_buffer("unit", DOUBLE.new_tensor(unit))
        self.size = sum(corner.size for corner in corners)

    @property
    def eddies(self) -> int:
        """All of them."""
        return self.size

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, 2)`: `(n_indices, n, size)`."""
        return torch.cat([self._around(corner, x, indices) for corner in self.corners], dim=2)

    def _around(self, corner: FlowCorner, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        turn = cmath.exp(-1j * corner.middle) / float(self.unit)
        first, second = (x - x.new_tensor(corner.at)).T
        z = torch.complex(first, second) * turn
        log = torch.log(torch.where(z == 0, z.new_tensor(1e-300), z))
        columns = [range(2 * k, 2 * k + term.parts) for k, term in enumerate(corner.terms)]
        operators = [wirtinger(index, [turn, 1j * turn]) for index in indices]
        values = torch.stack([_differentiated(each, log, corner.terms) for each in operators])
        parts = torch.view_as_real(values).flatten(2)[..., list(chain(*columns))]
        return parts @ parts.new_tensor(corner.mixes).T if corner.mixes else parts


def _differentiated(
    operator: dict[tuple[int, int], complex], log: Tensor, terms: tuple[Term, ...]
) -> Tensor:
    """A sum of d^j dbar^k of each term, `(n, terms)`, at points with the logarithms `log (n,)`."""
    total, log = log.new_zeros(len(log), len(terms)), log[:, None]
    for (j, k), factor in operator.items():
        powers, of_angles = _derived(terms, j, k)
        exponent, raised = log.new_tensor(powers)
        bracket = sum(
            log.new_tensor(each) * log.imag**m * log.real**n for (m, n), each in of_angles.items()
        )
        total += factor * bracket * torch.exp(exponent * log + raised * log.conj())
    return total


@lru_cache(maxsize=1024)
def _derived(
    terms: tuple[Term, ...], j: int, k: int
) -> tuple[list[list[complex]], dict[tuple[int, int], list[complex]]]:
    """d^j dbar^k of terms, one value a term: the powers of z and of conj(z), and what
    th^m log(r)^n is multiplied by; of what vanishes the powers are zero.
    """
    found = [_factors(term, j, k) for term in terms]
    pairs = [(t.exponent - j, complex(t.raised - k)) for t in terms]
    held = [pair if any(c.values()) else (0j, 0j) for pair, c in zip(pairs, found, strict=True)]
    angles = {mn for c in found for mn, each in c.items() if each}
    rows = {mn: [c.get(mn, 0j) for c in found] for mn in sorted(angles)}
    return [list(row) for row in zip(*held, strict=True)], rows


def _factors(term: Term, j: int, k: int) -> dict[tuple[int, int], complex]:
    """What th^m log(r)^n is multiplied by in d^j dbar^k of a term.

    Of z^p times a polynomial c of th and log r: z^(p - 1) times p c + c_th / 2i + c_log / 2; of
    conj(z), - c_th / 2i.
    """
    c = {(term.turns, term.logs): 1 + 0j}
    for count, power, slope in ((j, term.exponent, -0.5j), (k, complex(term.raised), 0.5j)):
        for step in range(count):
            c = {
                (m, n): (power - step) * c.get((m, n), 0j)
                + slope * (m + 1) * c.get((m + 1, n), 0j)
                + 0.5 * (n + 1) * c.get((m, n + 1), 0j)
                for m, n in product(range(term.turns + 1), range(term.logs + 1))
            }
    return c
