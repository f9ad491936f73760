"""Waves on elements: u_tt = c (u_xx + r u_yy + ..) + q u + d u_t + f in the weak form of spectral
elements, whose mass is a number a node (Maday and Patera, State-of-the-art surveys on
computational mechanics, ASME 1989, 71; Komatitsch and Vilotte, BSSA 88 (1998) 368).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.discretize.recognize import moves_along, order_along
from pinnsolve.evolution.bending import Bending, bending
from pinnsolve.evolution.masses import speeds_of
from pinnsolve.evolution.wavelike import Side, Wavelike
from pinnsolve.fields.pieces import Pieces
from pinnsolve.jets.indices import unit


@dataclass(frozen=True, eq=False)
class Wall:
    """A face, at an `end` of the coordinate number `place`: u_t = v, u_n = g - alpha u - beta v in
    the shape of the face, and by how much u_tt grows with u_n. Where the value is `held` instead,
    u = g.
    """

    side: Side
    x: Tensor
    normals: Tensor
    scale: Tensor
    alpha: Tensor
    beta: Tensor
    into: Tensor
    held: bool
    steady: Tensor | None

    def given(self, t: float, axis: int) -> Tensor:
        """g at a time, in the shape of the face `(n_1, ..)`."""
        return self._given(t, axis) if self.steady is None else self.steady

    def _given(self, t: float, axis: int) -> Tensor:
        x = self.x.clone()
        x[:, axis] = t
        return -self.side.residual.data(x, self.normals).reshape(self.scale.shape) / self.scale


@dataclass(frozen=True, eq=False)
class Vibration:
    """All nodes of the pieces, in the shape of the grid: c, q, d and f there, None where they are
    zero; whether f is `steady`, and has no value here otherwise; whether c `jumps` within elements.
    """

    wave: Wavelike
    pieces: tuple[Pieces, ...]
    bendings: tuple[Bending, ...]
    x: Tensor
    speeds: Tensor
    potential: Tensor | None
    damping: Tensor | None
    walls: tuple[Wall, ...]
    load: Tensor | None
    steady: bool
    jumps: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the grid."""
        return tuple(own.nodes for own in self.pieces)

    @property
    def fastest(self) -> float:
        """A bound of the radians, or of the decays, of all that moves, by a unit of time."""
        pairs = zip(self.wave.ratios, self.pieces, strict=True)
        bent = sum(ratio * own.fastest for ratio, own in pairs) * float(self.speeds.max())
        walls = [float((w.into * w.beta).abs().max()) for w in self.walls if not w.held]
        return math.sqrt(bent + _largest(self.potential)) + _largest(self.damping) + sum(walls)

    @property
    def is_steady(self) -> bool:
        """Whether u_tt is one linear function of u alone, at all times."""
        walls = [wall for wall in self.walls if not wall.held]
        calm = all(w.steady is not None and not bool(w.beta.any()) for w in walls)
        return self.steady and self.damping is None and calm

    def begun(self) -> tuple[Tensor, Tensor]:
        """u and u_t at first, in the shape of the grid `(n_1, n_2, ..)`."""
        form = self.wave.form
        parts = [self.speeds.new_zeros(self.shape) for _ in range(2)]
        x = self._at(form.start)
        for residual in form.initial:
            order = order_along(residual.slots[0].index, form.axis)
            parts[order] = residual.given(x, None).reshape(self.shape)
        for wall in self.walls:
            if wall.held:
                _face(parts[0], wall.side).copy_(wall.given(form.start, form.axis))
                _face(parts[1], wall.side).zero_()
        return parts[0], parts[1]

    def bent(self, t: float, u: Tensor, v: Tensor) -> Tensor:
        """u_tt at a time, of u and u_t in the shape of the grid `(n_1, n_2, ..)`."""
        found = torch.empty_like(u)
        for place, (ratio, own) in enumerate(zip(self.wave.ratios, self.bendings, strict=True)):
            own.onto(found, u, place, -ratio, min(place, 1))
        found *= self.speeds
        walls = [wall for wall in self.walls if not wall.held]
        for wall in walls:
            value, rate = (_face(part, wall.side) for part in (u, v))
            slope = wall.given(t, self.wave.form.axis) - wall.alpha * value - wall.beta * rate
            _face(found, wall.side).add_(wall.into * slope)
        if self.potential is not None:
            found.addcmul_(self.potential, u)
        if self.damping is not None:
            found.addcmul_(self.damping, v)
        load = self._load(t)
        if load is not None:
            found += load
        for wall in self.walls:
            if wall.held:
                _face(found, wall.side).zero_()
        return found

    def _load(self, t: float) -> Tensor | None:
        if self.steady:
            return self.load
        return self.wave.load(self._at(t)).reshape(self.shape)

    def _at(self, t: float) -> Tensor:
        x = self.x.clone()
        x[:, self.wave.form.axis] = t
        return x


def vibration_of(system: System, wave: Wavelike, counts: Sequence[int], degree: int) -> Vibration:
    """So many elements along each coordinate of space."""
    bounds = system.domain.bounds[list(wave.space)].tolist()
    pairs = zip(bounds, counts, strict=True)
    pieces = tuple(Pieces(low, high, n, degree) for (low, high), n in pairs)
    form, dim = wave.form, len(system.domain.coordinates)
    x = _grid(wave, dim, [own.places for own in pieces])
    x[:, form.axis] = form.start
    shape = tuple(own.nodes for own in pieces)
    _, q, d = wave.rates(x)
    steady = not moves_along(wave.law.residual, form.axis)
    load = wave.load(x) if steady else None
    speeds, jumps = speeds_of(wave, pieces, dim)
    whole = Vibration(
        wave,
        pieces,
        tuple(map(bending, pieces)),
        x,
        speeds.reshape(shape),
        _unless_zero(q, shape),
        _unless_zero(d, shape),
        (),
        _unless_zero(load, shape),
        steady,
        jumps,
    )
    return replace(whole, walls=tuple(_wall(whole, side) for side in wave.sides))


def _unless_zero(values: Tensor | None, shape: tuple[int, ...]) -> Tensor | None:
    return None if values is None or not bool(values.any()) else values.reshape(shape)


def _largest(values: Tensor | None) -> float:
    return 0.0 if values is None else float(values.abs().max())


def _grid(wave: Wavelike, dim: int, lines: Sequence[Tensor]) -> Tensor:
    """All products of places, at no time yet: `(n, dim)`."""
    held = torch.stack(torch.meshgrid(*lines, indexing="ij"), dim=-1).flatten(0, -2)
    x = held.new_zeros(len(held), dim)
    x[:, list(wave.space)] = held
    return x


def _face(values: Tensor, side: Side) -> Tensor:
    """A view of the values at the nodes of a face."""
    return values.select(side.place, -1 if side.end else 0)


def _wall(whole: Vibration, side: Side) -> Wall:
    wave, own = whole.wave, whole.pieces[side.place]
    axis, across, dim = wave.form.axis, wave.space[side.place], whole.x.shape[1]
    x = _face(whole.x.reshape(*whole.shape, dim), side).reshape(-1, dim).clone()
    shape = _face(whole.speeds, side).shape
    normals = torch.zeros_like(x)
    normals[:, across] = 1.0 if side.end else -1.0
    slopes = side.residual.coefficients(x, normals)
    pairs = zip(side.residual.slots, slopes, strict=True)
    held = {s.index: each.reshape(shape) for s, each in pairs}
    nothing = torch.zeros(shape, dtype=x.dtype)
    value, rate, slope = (
        held.get(index, nothing) for index in ((0,) * dim, unit(dim, axis), unit(dim, across))
    )
    fixed = not bool(slope.abs().max() > 0)
    scale = value if fixed else slope * normals[0, across]
    into = wave.ratios[side.place] * _face(whole.speeds, side) / own.weights[0]
    wall = Wall(side, x, normals, scale, value / scale, rate / scale, into, fixed, None)
    if moves_along(side.residual, axis):
        return wall
    return replace(wall, steady=wall.given(wave.form.start, axis))
