"""Where interfaces turn, or several materials meet: the powers that a solution has at such a point.

In every sector around the point a solution is a sum of r^a cos(a th) and r^a sin(a th); which
powers a there are, the sectors decide together (Kellogg, "Singularities in the elliptic interface
problem", 1971). Each sector's unknown has both functions of each power, real and imaginary part of
z^a: what joins them are the interface's own conditions. The cut of z^a lies opposite to the middle
of the sector. Where the region comes back there, around a hole, ((z - p) / (z - b))^a takes its
place: its cut ends in b, before that.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pinnsolve.basis.adapted.corners import wirtinger
from pinnsolve.basis.basis import DOUBLE, Basis, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex

# Relative: to the rounding of bounds
CLOSE = 1e-9
# A power, and whether it comes with a logarithm
Root = tuple[float, bool]
Bounds = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Sector:
    """What one region fills around a point: the angles `opening / 2` to either side of `middle`.

    `bounds` are those of its whole region; where this comes back opposite to the middle, `beyond`
    is half of the way there; else 0.
    """

    middle: float
    opening: float
    bounds: tuple[tuple[float, float], tuple[float, float]]
    beyond: float = 0.0


@dataclass(frozen=True)
class Meeting:
    """A point `at` and its sectors. The `powers` are those of all together, integers apart: with a
    `resonant` one comes a logarithm. Functions up to the power `top`.
    """

    at: tuple[float, float]
    sectors: tuple[Sector, ...]
    powers: tuple[float, ...]
    resonant: tuple[int, ...] = ()
    top: float = 3.0

    def roots(self, sector: Sector) -> tuple[list[Root], list[Root]]:
        """The powers a of w in a sector, and those that come with |z|^2, too, for what lower-order
        terms add. Where w has a second pole, each comes with those that are larger by integers,
        which undo what that pole has to do with it.
        """
        shifts = range(math.ceil(self.top)) if sector.beyond else (0,)
        known = [(a, False) for a in self.powers] + [(float(m), True) for m in self.resonant]
        found = dict.fromkeys((round(a + n, 12), log) for a, log in known for n in shifts)
        plain, raised = ([r for r in found if r[0] + more <= self.top] for more in (0, 2))
        return plain, raised

    def functions(self, sector: Sector) -> int:
        """How many there are in a sector."""
        return 2 * sum(map(len, self.roots(sector)))

    def sector_of(self, domain: Domain) -> Sector | None:
        """The sector of what lives in a box: of the region that has this box, or of the one that
        holds the box's middle; None, if the cut of its functions crosses the box.
        """
        box = tuple(domain.values())
        for sector in self.sectors:
            if _alike(sector.bounds, box):
                return sector
        x, y = ((low + high) / 2 - c for (low, high), c in zip(box, self.at, strict=True))
        for sector in self.sectors:
            turned = math.remainder(math.atan2(y, x) - sector.middle, 2 * math.pi)
            if 2 * abs(turned) < sector.opening:
                crossed = _ray_meets(self.at, sector.middle + math.pi, box)
                return None if crossed else replace(sector, beyond=0.0)
        return None


def _alike(bounds: Bounds, box: Bounds) -> bool:
    """Whether two boxes are the same."""
    return all(
        abs(a - b) <= CLOSE * (own[1] - own[0])
        for own, other in zip(bounds, box, strict=True)
        for a, b in zip(own, other, strict=True)
    )


def _ray_meets(at: Sequence[float], angle: float, box: Bounds) -> bool:
    """Whether a ray from a point goes through the inside of a box."""
    first, last = 0.0, math.inf
    for start, direction, ends in zip(at, (math.cos(angle), math.sin(angle)), box, strict=True):
        margin = CLOSE * (ends[1] - ends[0])
        low, high = ends[0] + margin - start, ends[1] - margin - start
        if abs(direction) < CLOSE:
            if not low < 0 < high:
                return False
            continue
        near, far = sorted((low / direction, high / direction))
        first, last = max(first, near), min(last, far)
    return first < last


@dataclass(frozen=True)
class MeetingFunctions(Sums):
    """The functions of some points where materials meet, to be added to a network's basis; in each
    box those of its own sectors.
    """

    meetings: tuple[Meeting, ...]

    def build(self, domain: Domain, seed: int) -> MeetingBasis:
        """The functions. Raises ValueError if the domain is not plane."""
        if len(domain) != 2:
            raise ValueError(f"meetings are for two coordinates: the domain has {len(domain)}")
        pairs = [(meeting, meeting.sector_of(domain)) for meeting in self.meetings]
        own = [(meeting, sector) for meeting, sector in pairs if sector is not None]
        return MeetingBasis(own, max(high - low for low, high in domain.values()))


class MeetingBasis(Basis):
    """Real and imaginary parts of w^a (log w), and of |z|^2 times these, around each point.

    w is z = (x - p) / unit, turned so that the sector's middle is the positive axis, or
    z / (z - b).
    """

    unit: Tensor

    def __init__(self, around: Sequence[tuple[Meeting, Sector]], unit: float) -> None:
        super().__init__()
        self.around = tuple(around)
        self.register_buffer("unit", DOUBLE.new_tensor(unit))
        self.size = sum(meeting.functions(sector) for meeting, sector in around)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, 2)`: `(n_indices, n, size)`."""
        parts = [self._part(*pair, x, indices) for pair in self.around]
        return torch.cat(parts, dim=2) if parts else x.new_zeros(len(indices), x.shape[0], 0)

    def _part(
        self, meeting: Meeting, sector: Sector, x: Tensor, indices: Sequence[JetIndex]
    ) -> Tensor:
        unit = float(self.unit)
        turn = cmath.exp(-1j * sector.middle)
        near = torch.complex(*((x - x.new_tensor(meeting.at)) / unit).T) * turn
        near = torch.where(near == 0, near.new_tensor(1e-300), near)
        far = near + sector.beyond / unit if sector.beyond else None
        first, second = meeting.roots(sector)
        chosen = [number for number, root in enumerate(first) if root in second]
        operators = [wirtinger(index, [turn / unit, 1j * turn / unit]) for index in indices]
        highest = max((j for operator in operators for j, _ in operator), default=0)
        slopes = [_slopes(first, near, far, order) for order in range(highest + 1)]
        # Of near w^a: (near f)^(j) is near f^(j) + j f^(j - 1).
        z = near[:, None]
        twice = [
            z * slopes[j][:, chosen] + (j * slopes[j - 1][:, chosen] if j else 0)
            for j in range(highest + 1)
        ]
        rows = []
        for operator in operators:
            plain, raised = torch.zeros_like(slopes[0]), torch.zeros_like(twice[0])
            for (j, k), factor in operator.items():
                if k == 0:
                    plain = plain + factor * slopes[j]
                if k <= 1:
                    raised = raised + factor * twice[j] * (z.conj() if k == 0 else 1)
            rows.append(torch.view_as_real(torch.cat([plain, raised], dim=1)).flatten(1))
        return torch.stack(rows)


def _slopes(roots: Sequence[Root], near: Tensor, far: Tensor | None, order: int) -> Tensor:
    """The derivatives of an order of w^a, times log w if resonant, for every root: `(n, roots)`; w
    is near / far, or near. The derivative of w^a by a has the logarithm.
    """
    log_near = torch.log(near)
    log = log_near if far is None else torch.log(near / far)
    powers = near.new_tensor([power for power, _ in roots])
    total = near.new_zeros(len(near), len(roots))
    for i in range(order + 1) if far is not None else (order,):
        with_log, without = [], []
        for power, resonant in roots:
            up, up_slope = _falling(power, i)
            down, down_slope = _falling(-power, order - i)
            with_log.append(up * down if resonant else 0.0)
            without.append(up_slope * down - up * down_slope if resonant else up * down)
        factors = near.new_tensor(without) + near.new_tensor(with_log) * log[:, None]
        part = factors * torch.exp(powers * log[:, None] - i * log_near[:, None])
        shrunk = 1.0 if far is None else far[:, None] ** (i - order)
        total = total + math.comb(order, i) * part * shrunk
    return total


def _falling(power: float, count: int) -> tuple[float, float]:
    """power (power - 1) ... of so many factors, and its derivative by the power."""
    value, slope = 1.0, 0.0
    for step in range(count):
        value, slope = value * (power - step), slope * (power - step) + value
    return value, slope
