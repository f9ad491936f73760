"""Plane and space curves by formulas of a parameter: corners, lengths, and nearest points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import DiracDelta, Dummy, Expr, Float, S, Symbol, lambdify

from pinnsolve.geometry.charts import CLOSE, Array, parameters
from pinnsolve.symbols.tables import Tabulated

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Tracing:
    """How curves are followed."""

    # Points on a whole curve: of a spline through 1,000 points, four on each piece
    points: int = 4096
    # Radians between neighbouring points, beyond which a corner is looked for, and what is one
    turning: float = 0.05
    corner: float = 1e-3
    # Of a piece, from its end to where its direction at a corner is taken
    inner: float = 1e-9
    # Halvings towards a corner
    halvings: int = 46
    # Segments that are compared for each point: both sides of a thin trailing edge are among them
    candidates: int = 4
    # Of rules, between two points of a spline
    nodes: int = 8
    # Newton's steps to the nearest point, and of the square of the speed the least slope of one
    steps: int = 8
    # Of the parameters' range, a step that is none
    settled: float = 1e-15
    flattest: float = 0.25


TRACING = Tracing()


@dataclass(frozen=True)
class Nearest:
    """Where a curve is nearest to points: parameters `(n,)`, places, tangents of length 1 `(n,
    dim)`, distances `(n,)`, and the number of the corner that is nearest, or -1, `(n,)`.
    """

    s: Array
    x: Array
    tangents: Array
    distances: Array
    corners: Numbers


@dataclass(frozen=True, eq=False)
class Path:
    """x = formulas(s), s from low to high."""

    formulas: Mapping[Symbol, Expr]
    symbol: Symbol
    low: Expr
    high: Expr

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The parameter's first and last value."""
        return float(self.low), float(self.high)

    @cached_property
    def slopes(self) -> tuple[Expr, ...]:
        """The formulas' derivatives."""
        return tuple(f.diff(self.symbol) for f in self.formulas.values())

    @cached_property
    def _compiled(self) -> Callable[..., list[Any]]:
        # What jumps in a slope is a corner, and none of a piece's own.
        second = [f.diff(self.symbol).replace(DiracDelta, _nothing) for f in self.slopes]
        every = [*self.formulas.values(), *self.slopes, *second]
        compiled: Callable[..., list[Any]] = lambdify(
            self.symbol, every, modules=["scipy", "numpy"], cse=True
        )
        return compiled

    def __call__(self, s: Array) -> tuple[Array, Array, Array]:
        """Places, first and second derivatives, each `(n, dim)`, at parameters `(n,)`."""
        with np.errstate(all="ignore"):
            rows = [np.broadcast_to(np.asarray(v, dtype=float), s.shape) for v in self._compiled(s)]
        x, first, second = np.split(np.stack(rows, axis=1), 3, axis=1)
        return x, first, second

    @cached_property
    def corners(self) -> list[float]:
        """Parameters between the ends, where the direction jumps, in order."""
        s = np.linspace(*self.ends, TRACING.points + 1)
        ahead = self.directions(s)
        cosines = (ahead[1:] * ahead[:-1]).sum(axis=1)
        found: list[float] = []
        for k in np.flatnonzero(cosines < np.cos(TRACING.turning)):
            at = self._corner(float(s[k]), float(s[k + 1]))
            near = (s[1] - s[0]) * 1e-6
            if at is not None and min(abs(at - end) for end in (*self.ends, *found)) > near:
                found.append(at)
        return found

    def directions(self, s: Array) -> Array:
        """Of the curve, `(n, dim)`, at parameters `(n,)`; zero where it stands still
        or has none."""
        slopes = np.nan_to_num(self(s)[1], posinf=0.0, neginf=0.0)
        lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
        return slopes / np.where(lengths > 0, lengths, 1.0)

    def _corner(self, a: float, b: float) -> float | None:
        """The half in which the direction turns more, again and again; None where it turns less
        and less.
        """
        for _ in range(TRACING.halvings):
            d = self.directions(np.array([a, (a + b) / 2, b]))
            turned = np.linalg.norm(np.diff(d, axis=0), axis=1)
            a, b = (a, (a + b) / 2) if turned[0] >= turned[1] else ((a + b) / 2, b)
            if turned.max() < TRACING.corner:
                return None
        return (a + b) / 2

    @cached_property
    def ends_in_a_corner(self) -> bool:
        """Whether a closed curve has a corner where it begins."""
        first, last = self.directions(
            np.array(self.ends) * (1 - TRACING.inner) + TRACING.inner * sum(self.ends) / 2
        )
        return bool(np.linalg.norm(first - last) > TRACING.corner)

    @cached_property
    def joints(self) -> list[float]:
        """The parameters at which smooth pieces begin, and the last one."""
        return [self.ends[0], *self.corners, self.ends[1]]

    @cached_property
    def samples(self) -> Array:
        """Parameters `(n,)` in order, the joints among them."""
        pieces = len(self.joints) - 1
        many = -(-TRACING.points // pieces)
        lines = [np.linspace(a, b, many, endpoint=False) for a, b in pairwise(self.joints)]
        return np.append(np.concatenate(lines), self.ends[1])

    @cached_property
    def places(self) -> Array:
        """Of the samples, `(n, dim)`."""
        return self(self.samples)[0]

    @cached_property
    def bounds(self) -> Array:
        """The smallest box that holds the curve, `(dim, 2)`."""
        return np.array(
            [
                [self._extreme(axis, -1.0), self._extreme(axis, 1.0)]
                for axis in range(len(self.formulas))
            ]
        )

    def _extreme(self, axis: int, side: float) -> float:
        """The largest or smallest value of a coordinate: where its slope vanishes beside the
        largest sample.
        """
        s, values = self.samples, side * self.places[:, axis]
        k = int(values.argmax())
        around = [s[max(k - 1, 0)], s[k], s[min(k + 1, len(s) - 1)]]
        ends = [float(values[k]), *(self._top(a, b, axis, side) for a, b in pairwise(around))]
        return side * max(ends)

    def _top(self, a: float, b: float, axis: int, side: float) -> float:
        for _ in range(TRACING.halvings):
            middle = (a + b) / 2
            rises = side * self(np.array([middle]))[1][0, axis] > 0
            a, b = (middle, b) if rises else (a, middle)
        return side * float(self(np.array([a]))[0][0, axis])

    @cached_property
    def _middles(self) -> Any:
        """A tree of the middles of all segments."""
        from scipy.spatial import cKDTree

        return cKDTree((self.places[1:] + self.places[:-1]) / 2)

    def nearest(self, x: Array) -> Nearest:
        """To points `(n, dim)`."""
        few = min(TRACING.candidates, len(self.samples) - 1)
        segments = self._middles.query(x, k=few)[1].reshape(len(x), few)
        start, along = self.places[segments], np.diff(self.places, axis=0)[segments]
        squares = np.maximum((along**2).sum(axis=2), 1e-300)
        part = np.clip(((x[:, None] - start) * along).sum(axis=2) / squares, 0.0, 1.0)
        far = ((start + part[..., None] * along - x[:, None]) ** 2).sum(axis=2)
        rows, best = np.arange(len(x)), far.argmin(axis=1)
        k, part = segments[rows, best], part[rows, best]
        s = self.samples[k] + part * (self.samples[k + 1] - self.samples[k])
        piece = np.searchsorted(self.joints, self.samples[k], side="right") - 1
        return self._polished(x, s, np.clip(piece, 0, len(self.joints) - 2))

    def _polished(self, x: Array, s: Array, piece: Numbers) -> Nearest:
        """Newton's method for (x(s) - x) x'(s) = 0, within the smooth pieces of these numbers."""
        joints = np.array(self.joints)
        low, high = joints[piece], joints[piece + 1]
        for _ in range(TRACING.steps):
            place, slope, second = self(s)
            away, squares = place - x, (slope**2).sum(axis=1)
            curved = np.maximum(
                squares + (away * second).sum(axis=1), TRACING.flattest * squares + 1e-300
            )
            before, s = s, np.clip(s - (away * slope).sum(axis=1) / curved, low, high)
            if (np.abs(s - before) <= TRACING.settled * (high - low)).all():
                break
        place, slope, _ = self(s)
        close = 1e-12 * (high - low)
        corners = np.where(s - low <= close, piece, np.where(high - s <= close, piece + 1, -1))
        # At a corner directions are those of the piece.
        inner = TRACING.inner * (high - low)
        within = np.clip(s, low + inner, high - inner)
        return Nearest(
            s, place, self.directions(within), np.linalg.norm(place - x, axis=1), corners
        )

    def on_pieces(self) -> list[tuple[Dummy, tuple[Expr, ...], tuple[Expr, ...]]]:
        """For each smooth piece a parameter from 0 to 1, the place and its derivative by it."""
        return [self._on(a, b) for a, b in pairwise(self._exact)]

    @property
    def _exact(self) -> list[Expr]:
        return [self.low, *map(Float, self.corners), self.high]

    def _on(self, a: Expr, b: Expr) -> tuple[Dummy, tuple[Expr, ...], tuple[Expr, ...]]:
        (u,) = parameters(1)
        at = {self.symbol: a + (b - a) * u}
        place = tuple(f.xreplace(at) for f in self.formulas.values())
        return u, place, tuple((b - a) * f.xreplace(at) for f in self.slopes)

    def pieces_of(self, k: int) -> Array | None:
        """Parts `(m, 2)` of the parameter of a smooth piece, from 0 to 1, between the knots of
        splines; None, where there are none.
        """
        a, b = self.joints[k : k + 2]
        tables = {t for f in self.formulas.values() for t in f.atoms(Tabulated)}
        plain = [t.spline.knots[0] for t in tables if t.args == (self.symbol,)]
        if not plain:
            return None
        inner = (np.unique(np.concatenate(plain)) - a) / (b - a)
        ends = np.concatenate([[0.0], inner[(inner > CLOSE) & (inner < 1 - CLOSE)], [1.0]])
        return np.stack([ends[:-1], ends[1:]], axis=1)


def _nothing(*at: Expr) -> Expr:
    return S.Zero
