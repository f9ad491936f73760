"""Quadrature rules of integrals: Gauss's along each variable, in pieces between the kinks of a
kernel, and mapped to where it is singular.

A kernel (x - s)^p with a fractional p > -1 at an end of the integral is smooth in z, where s = x -
L z^m and m p is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import torch
from sympy import (
    Abs,
    Dummy,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    factor,
    log,
    sign,
)
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.lower import Lowered, lower
from pinnsolve.compile.traces import Rule
from pinnsolve.geometry.cubature import cubature
from pinnsolve.geometry.gauss import NODES
from pinnsolve.symbols.integrals import Limits, Measure, Within, within_of


@dataclass(frozen=True)
class Gauss:
    """How many nodes each variable has, by how many variables there are."""

    # As a solution is integrated
    counts: tuple[int, ...] = NODES.counts
    # Of the rule that judges: other nodes, so that what falls between those of the solve is seen
    judging: float = 1.4
    # Powers of z at a logarithm: z^8 log z leaves 1e-15 of 64 nodes
    at_logarithms: int = 8
    # And at roots of any kind at most
    steepest: int = 12


GAUSS = Gauss()


def rule_of(
    measure: Measure,
    arguments: Sequence[Expr],
    coordinates: tuple[Symbol, ...],
    finer: float = 1.0,
) -> Rule:
    """The rule of an integral of a function at `arguments`, of the coordinates of a row and of the
    measure's variables, with `finer` times as many nodes.

    Raises ValueError for a kernel that is not integrable, and for more than three variables.
    """
    if len(measure.limits) > len(GAUSS.counts):
        raise ValueError(
            f"an integral over {len(measure.limits)} variables takes too many nodes: at most"
            f" {len(GAUSS.counts)} are known; declare one more unknown for the inner ones"
        )
    count = round(finer * GAUSS.counts[len(measure.limits) - 1])
    within = within_of(measure.weight)
    if within is None:
        parts = _smooth(measure, coordinates)
        pieces = [_Piece.of(part, arguments, coordinates, count) for part in parts]
    else:
        pieces = [_Piece.within(within, measure, arguments, coordinates, finer)]
    return Rule(
        lambda at: torch.cat([piece.nodes(at) for piece in pieces], dim=1),
        lambda at: torch.cat([piece.weights(at) for piece in pieces], dim=1),
        sum(piece.count for piece in pieces),
        same=not set(coordinates) & _mentioned(measure, arguments),
    )


def _mentioned(measure: Measure, arguments: Sequence[Expr]) -> set[Symbol]:
    """What an integral depends on, besides its variables."""
    free = measure.free_symbols.union(*(a.free_symbols for a in arguments))
    return free - set(measure.variables)


@dataclass(frozen=True)
class _Part:
    """Each variable as a function of one z in [0, 1], and the weight with all slopes."""

    z: tuple[Dummy, ...]
    at: dict[Symbol, Expr]
    weight: Expr


@dataclass(frozen=True)
class _Piece:
    """Nodes `z (n_nodes, n_variables)`, Gauss's in the cube of all z or those of a region, and
    weights `w (n_nodes,)`; and the programs of places and weights, whose inputs are coordinates
    and z.
    """

    place: Lowered
    weight: Lowered
    z: Tensor
    w: Tensor

    @classmethod
    def of(
        cls, part: _Part, arguments: Sequence[Expr], coordinates: tuple[Symbol, ...], count: int
    ) -> _Piece:
        """The rule of one part."""
        inputs = (*coordinates, *part.z)
        moved = [a.xreplace(part.at) for a in arguments]
        nodes, weights = (v.tolist() for v in np.polynomial.legendre.leggauss(count))
        z = DOUBLE.new_tensor(list(product(nodes, repeat=len(part.z))))
        w = DOUBLE.new_tensor(list(product(weights, repeat=len(part.z))))
        programs = lower(moved, inputs), lower([part.weight], inputs)
        return cls(*programs, (1 + z) / 2, (w / 2).prod(dim=1))

    @classmethod
    def within(
        cls,
        within: Within,
        measure: Measure,
        arguments: Sequence[Expr],
        coordinates: tuple[Symbol, ...],
        finer: float,
    ) -> _Piece:
        """The rule of a region that is cut out of others, in its own coordinates."""
        if set(within.variables) != set(measure.variables):
            raise ValueError(
                f"an integral over {within.region} stands in another, or holds one: declare one"
                " more unknown for the inner one"
            )
        inputs, weight = (*coordinates, *within.variables), measure.weight / within
        nodes, weights = cubature(within.region, finer)
        programs = lower(arguments, inputs), lower([weight], inputs)
        return cls(*programs, DOUBLE.new_tensor(nodes), DOUBLE.new_tensor(weights))

    @property
    def count(self) -> int:
        """How many nodes there are."""
        return len(self.w)

    def nodes(self, at: Tensor) -> Tensor:
        """The nodes `(n, n_nodes, dim)` of rows at points `(n, dim)`."""
        return self._run(self.place, at).permute(1, 2, 0)

    def weights(self, at: Tensor) -> Tensor:
        """The weights `(n, n_nodes)` of rows at points `(n, dim)`."""
        return self._run(self.weight, at)[0] * self.w.to(at)

    def _run(self, program: Lowered, at: Tensor) -> Tensor:
        n, count = len(at), self.count
        rows = at.T[:, :, None].expand(-1, n, count).flatten(1)
        nodes = self.z.to(at).T[:, None, :].expand(-1, n, count).flatten(1)
        return program([*rows, *nodes], n * count).reshape(-1, n, count)


def _smooth(measure: Measure, coordinates: tuple[Symbol, ...]) -> Iterator[_Part]:
    """The parts of a measure in which its weight is smooth."""
    yield from _along(list(measure.limits), measure.weight, (), {})


def _along(
    limits: list[Limits], weight: Expr, z: tuple[Dummy, ...], at: dict[Symbol, Expr]
) -> Iterator[_Part]:
    """What is left of a measure, whose outer variables are functions of `z` already."""
    if not limits:
        yield _Part(z, at, weight)
        return
    (own, *given), *inner = limits
    ends = [end.xreplace(at) for end in given]
    own_z = Dummy(f"z{len(z)}", positive=True)
    for low, high in pairwise(_between(own, ends, weight)):
        for place, slope in _mapped(low, high, own_z):
            taken = slope * _put(weight, own, place)
            yield from _along(inner, taken, (*z, own_z), {**at, own: place})


@dataclass(frozen=True)
class _End:
    """Of an interval: where it is, and the power of z that makes the weight smooth from there."""

    place: Expr
    power: int


def _between(own: Symbol, ends: list[Expr], weight: Expr) -> list[_End]:
    """The ends of an interval, and the places between at which the weight has a kink in a variable:
    where |x - s|, max, a step or a branch of a Piecewise changes.
    """
    low, high = ends
    inner = dict.fromkeys(
        place for e in _switches(weight) if (place := _root(e, own)) not in {None, low, high}
    )
    between = [Min(Max(place, low), high) for place in inner]
    # In order, whatever the row: which of two is the lesser may depend on it.
    for last in range(len(between) - 1, 0, -1):
        for k in range(last):
            pair = between[k : k + 2]
            between[k : k + 2] = Min(*pair), Max(*pair)
    power = max([_power(weight, own, place) for place in inner], default=1)
    first, last_one = (_End(end, _power(weight, own, end)) for end in ends)
    return [first, *(_End(place, power) for place in between), last_one]


def _switches(weight: Expr) -> Iterator[Expr]:
    """The expressions at whose zeros a weight has a kink or a jump."""
    for e in weight.atoms(Abs, sign, Heaviside):
        yield e.args[0]
    for e in weight.atoms(Max, Min):
        yield from (a - b for a, b in pairwise(e.args))
    for e in weight.atoms(Piecewise):
        for _, condition in e.args:
            yield from (r.lhs - r.rhs for r in _relations(condition))


def _relations(condition: Expr) -> list[Expr]:
    if condition.is_Relational:
        return [condition]
    return [r for part in condition.args for r in _relations(part)]


def _root(e: Expr, own: Symbol) -> Expr | None:
    """Where an expression that is linear in a variable vanishes."""
    slope = e.diff(own)
    if slope == 0 or own in slope.free_symbols:
        return None
    return -e.xreplace({own: S.Zero}) / slope


def _mapped(low: _End, high: _End, z: Dummy) -> Iterator[tuple[Expr, Expr]]:
    """A variable as a function of z, and its slope: from a singular end inwards, and in two halves,
    if both ends are.
    """
    length, singular = factor(high.place - low.place), high.power > 1
    if low.power > 1 and singular:
        length = length / 2
    for end, inwards in ((low, length), (high, -length)):
        if end.power > 1 or (end is low and not singular):
            m = end.power
            yield end.place + inwards * z**m, length * m * z ** (m - 1)


def _power(weight: Expr, own: Symbol, end: Expr) -> int:
    """The power of z that makes the weight smooth at an end. Raises ValueError, if it is not
    integrable there.
    """
    power = 1
    for e in weight.atoms(Pow, log):
        base, exponent = (e.base, e.exp) if e.is_Pow else (e.args[0], S.Zero)
        if own not in base.free_symbols or base.subs(own, end).simplify() != 0:
            continue
        if e.is_Pow and exponent.is_number and exponent <= -1:
            raise ValueError(
                f"the integral of {weight} diverges at {own} = {end}: its kernel grows like"
                f" {base}**{exponent}, and an exponent above -1 is integrable"
            )
        if e.is_Pow and exponent.is_Integer:
            continue
        whole = isinstance(exponent, Rational) and exponent != 0
        power = max(power, min(exponent.q, GAUSS.steepest) if whole else GAUSS.at_logarithms)
    return power


def _put(weight: Expr, own: Symbol, place: Expr) -> Expr:
    """The weight at a place, where differences that vanish at an end are factored: x - (x - L z^2)
    is L z^2, without a loss of digits.
    """
    if own not in weight.free_symbols:
        return weight
    if weight.is_Add:
        return factor(weight.xreplace({own: place}))
    return weight.func(*(_put(a, own, place) for a in weight.args)) if weight.args else place
