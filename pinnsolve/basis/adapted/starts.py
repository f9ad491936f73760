"""Start functions: how solutions of parabolic equations begin where their data do not agree.

With a the diffusivity, X the distance from a place and T the time since the start,

    f_k = (4 a T)^(k/2) i^k erfc(X / sqrt(4 a T))

solves f_T = a f_XX, where i^k erfc is the complementary error function, integrated k times
(Carslaw and Jaeger, Conduction of Heat in Solids, 1959, appendix II). f_0 is the answer to a wall
that is suddenly hot, f_1 to a sudden flux; where initial values have a kink, f_1 goes from 0 on one
side to -2 X on the other. What lower terms and a coefficient that varies add to them is X^m f_k
(Flyer and Fornberg, J. Comput. Phys. 184, 2003, for corners of space and time).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, members
from pinnsolve.jets.propagation import columns_of

# Of the whole time: before it there is nothing to be told apart, and no division by zero
INSTANT = 1e-28
# exp(-z^2) of it is zero
FAR = 30.0


@dataclass(frozen=True)
class Start:
    """Where data do not agree: the place `at` along coordinate number `axis`, and the time `begin`.

    Time runs `forward`, by 1 or -1 along its coordinate, and distances by 1 or -1 `inward` along
    the other. Functions have k >= `first`: 0 of data that jump, 1 of those with a kink, or of a
    flux; and degree m + k <= `top`. Where the diffusivity varies in space, `falling` is 2: what
    that adds at every degree is a Gaussian, times polynomials of three degrees more in X / sqrt(T).
    """

    at: float
    begin: float
    axis: int
    diffusivity: float
    inward: int = 1
    forward: int = 1
    first: int = 0
    top: int = 6
    falling: int = 0

    def terms(self) -> list[tuple[int, int]]:
        """(m, k) of each function X^m f_k."""
        return [
            (degree - k, k)
            for degree in range(self.first, self.top + 1)
            for k in range(self.first - self.falling * (degree - self.first), degree + 1)
        ]


@dataclass(frozen=True)
class StartFunctions(Sums):
    """The functions of some starts, to be added to a network's basis; for one coordinate of space,
    and time.
    """

    starts: tuple[Start, ...]

    def build(self, domain: Domain, seed: int) -> StartBasis:
        """The functions. Raises ValueError if there are not two coordinates."""
        if len(domain) != 2:
            raise ValueError(
                f"start functions are for space and time: the domain has {len(domain)} coordinates"
            )
        return StartBasis(self.starts, tuple(domain.values()))


class StartBasis(Basis):
    """X^m f_k around each start; X in units of the domain's length."""

    box: Tensor

    def __init__(self, starts: Sequence[Start], box: Sequence[tuple[float, float]]) -> None:
        super().__init__()
        self.starts = tuple(starts)
        self.register_buffer("box", DOUBLE.new_tensor(box))
        self.size = sum(len(start.terms()) for start in starts)

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """To the starts: evenly in the fourth root of time, and along a few widths of what has
        spread until then.
        """
        return tuple(_Gather(start, self.box) for start in self.starts)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, 2)`: `(n_indices, n, size)`."""
        return torch.cat([self._around(start, x, indices) for start in self.starts], dim=2)

    def _around(self, start: Start, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        space, time = start.axis, 1 - start.axis
        length, whole = (self.box[:, 1] - self.box[:, 0])[[space, time]]
        distance = start.inward * (x[:, space] - start.at) / length
        since = (start.forward * (x[:, time] - start.begin)).clamp(min=INSTANT * whole)
        spread = 4 * start.diffusivity * since / length**2
        orders = [(m[space], m[time]) for index in indices for m in members(index)]
        lowest = min(k for _, k in start.terms()) - max(p + 2 * q for p, q in orders)
        f = iterated(distance, spread, lowest, start.top)
        per_length = start.inward / length
        per_time = start.forward * start.diffusivity / length**2
        rows = []
        for index in indices:
            total = x.new_zeros(x.shape[0], len(start.terms()))
            for member in members(index):
                p, q = member[space], member[time]
                moved = derivatives(f, distance, start.terms(), p, q)
                total = total + per_length**p * per_time**q * moved
            rows.append(total)
        return torch.stack(rows)


def iterated(distance: Tensor, spread: Tensor, lowest: int, top: int) -> dict[int, Tensor]:
    """f_k of X `(n,)` and 4 a T `(n,)`, for k from `lowest` to `top`: each `(n,)`.

    2 k f_k = 4 a T f_(k-2) - 2 X f_(k-1), upwards; and downwards from f_-1, a Gaussian, Hermite's
    polynomials.
    """
    root = spread.sqrt()
    z = distance / root
    gauss = (2 / math.sqrt(math.pi)) * torch.exp(-(z**2))
    f = {0: torch.erfc(z), -1: gauss / root}
    for k in range(1, top + 1):
        f[k] = (spread * f[k - 2] - 2 * distance * f[k - 1]) / (2 * k)
    # H_(n+1) = 2 z H_n - 2 n H_(n-1)
    z = z.clamp(-FAR, FAR)
    before, hermite, scale = torch.zeros_like(z), torch.ones_like(z), gauss / root
    for n in range(1, -lowest):
        before, hermite = hermite, 2 * z * hermite - 2 * (n - 1) * before
        scale = torch.where(scale == 0, 0.0, scale / root)
        f[-1 - n] = hermite * scale
    return f


def derivatives(
    f: Mapping[int, Tensor], distance: Tensor, terms: Sequence[tuple[int, int]], p: int, q: int
) -> Tensor:
    """d^p/dX^p (d/dT / a)^q of X^m f_k, `(n, n_terms)`: f_k by X is -f_(k-1), by a T it is
    f_(k-2).
    """
    lowest, most = min(f), max(m for m, _ in terms)
    table = torch.stack([f[k] for k in range(lowest, max(f) + 1)], dim=1)
    powers = torch.stack([distance**m for m in range(most + 1)], dim=1)
    total = distance.new_zeros(len(distance), len(terms))
    for j in range(min(p, most) + 1):
        rest = p - j
        factors = distance.new_tensor(
            [math.comb(p, j) * math.perm(m, j) * (-1) ** rest for m, _ in terms]
        )
        left = columns_of(powers, torch.tensor([max(m - j, 0) for m, _ in terms]))
        moved = columns_of(table, torch.tensor([k - 2 * q - rest - lowest for _, k in terms]))
        total = total + factors * left * moved
    return total


@dataclass(frozen=True, eq=False)
class _Gather:
    """Points near a start, from points `(n, 2)` that are uniform in the box."""

    start: Start
    box: Tensor

    def __call__(self, x: Tensor, normals: Tensor | None = None) -> Tensor:
        space, time = self.start.axis, 1 - self.start.axis
        low, high = self.box.to(x).unbind(dim=1)
        share = (x - low) / (high - low)
        since = share[:, time] ** 4 * (high[time] - low[time])
        begin = low[time] if self.start.forward > 0 else high[time]
        widths = 3 * (4 * self.start.diffusivity * since).sqrt()
        from_ = (self.start.at - widths).clamp(min=low[space])
        to = (self.start.at + widths).clamp(max=high[space])
        moved = torch.empty_like(x)
        moved[:, time] = begin + self.start.forward * since
        near = from_ + share[:, space] * (to - from_)
        moved[:, space] = torch.where(since > 0, near, x[:, space])
        return moved
