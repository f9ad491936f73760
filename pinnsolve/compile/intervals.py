"""Interval arithmetic: the table of operations once more, each taking and giving enclosures.

An enclosure is a pair of tensors (low, high), each `(n,)` or a scalar: the operation's values on n
boxes lie between them, whatever point of the box is taken (Moore, Kearfott, Cloud, "Introduction to
Interval Analysis", 2009). Where an operation is not defined on a part of a box, that part does not
count; where it has a pole, the enclosure is infinite. Every result is widened by a few units of
round-off. A truth value is enclosed in {0, 1}: certainly, and possibly true.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import sympy
import torch
from torch import Tensor

Enclosure = tuple[Tensor, Tensor]
Operation = Callable[..., Enclosure]

# Relative, of a function in a mathematical library.
ROUNDED = 8 * torch.finfo(torch.float64).eps
TINY = torch.finfo(torch.float64).tiny
LOWEST_SINC = -0.21723362821122166
EVERYTHING = (-math.inf, math.inf)


def widened(low: Tensor, high: Tensor) -> Enclosure:
    """Bounds `(...)` outwards by round-off; what is not a number is anything."""
    low, high = (
        low.nan_to_num(nan=-math.inf, posinf=math.inf, neginf=-math.inf),
        high.nan_to_num(nan=math.inf, posinf=math.inf, neginf=-math.inf),
    )
    return low - ROUNDED * low.abs() - TINY, high + ROUNDED * high.abs() + TINY


def _stacked(parts: Iterable[Tensor]) -> Tensor:
    """Tensors `(n,)`, or scalars among them, as `(k, n)`."""
    parts = list(parts)
    zero = 0 * reduce(torch.add, [p.nan_to_num(0.0, 0.0, 0.0) for p in parts])
    return torch.stack([p + zero for p in parts])


def add(*terms: Enclosure) -> Enclosure:
    """a + b + ..."""
    lows, highs = zip(*terms, strict=True)
    return widened(reduce(torch.add, lows), reduce(torch.add, highs))


def _product(a: Enclosure, b: Enclosure) -> Enclosure:
    pairs = _stacked(p * q for p in a for q in b)
    pairs = torch.where(pairs.isnan(), 0.0, pairs)  # zero times infinity: the zero is one
    return widened(pairs.min(dim=0).values, pairs.max(dim=0).values)


def multiply(*factors: Enclosure) -> Enclosure:
    """a b ..."""
    return reduce(_product, factors)


def _inverse(a: Enclosure) -> Enclosure:
    low, high = a
    through = (low <= 0) & (high >= 0)
    below = torch.where(through & (low < 0), -math.inf, 1 / high)
    above = torch.where(through & (high > 0), math.inf, 1 / low)
    return widened(below, above)


def rising(
    function: Callable[[Tensor], Tensor], domain: tuple[float, float] = EVERYTHING
) -> Operation:
    """Of a function of `(...)` that grows, on its domain."""

    def enclosed(a: Enclosure) -> Enclosure:
        low, high = (function(end.clamp(*domain)) for end in a)
        return widened(low, high)

    return enclosed


def falling(
    function: Callable[[Tensor], Tensor], domain: tuple[float, float] = EVERYTHING
) -> Operation:
    """Of a function of `(...)` that falls, on its domain."""

    def enclosed(a: Enclosure) -> Enclosure:
        low, high = (function(end.clamp(*domain)) for end in a)
        return widened(high, low)

    return enclosed


def with_least(function: Callable[[Tensor], Tensor], at: float = 0.0) -> Operation:
    """Of a function of `(...)` that falls up to a place, and grows from there."""

    def enclosed(a: Enclosure) -> Enclosure:
        ends = _stacked(function(end) for end in a)
        inside = (a[0] <= at) & (a[1] >= at)
        least = torch.where(inside, function(torch.full_like(a[0], at)), ends.min(dim=0).values)
        return widened(least, ends.max(dim=0).values)

    return enclosed


def _after(outer: Operation, inner: Operation) -> Operation:
    return lambda *a: outer(inner(*a))


def _holds_peak(a: Enclosure, peak: float) -> Tensor:
    """Whether a multiple of 2 pi after a peak lies in an enclosure."""
    turn = 2 * math.pi
    # Round-off of a large argument may hide a peak at an end: rather one too many.
    slack = ROUNDED * (a[0].abs() + a[1].abs() + turn)
    first = torch.ceil((a[0] - slack - peak) / turn) * turn + peak
    return (first <= a[1] + slack) | ~(a[1] - a[0]).isfinite()


def sine(a: Enclosure) -> Enclosure:
    """By quadrant."""
    ends = _stacked(torch.sin(end) for end in a).nan_to_num(nan=0.0)
    low = torch.where(_holds_peak(a, -math.pi / 2), -1.0, ends.min(dim=0).values)
    high = torch.where(_holds_peak(a, math.pi / 2), 1.0, ends.max(dim=0).values)
    return widened(low, high)


def cosine(a: Enclosure) -> Enclosure:
    """By quadrant."""
    return sine((a[0] + math.pi / 2, a[1] + math.pi / 2))


def tangent(a: Enclosure) -> Enclosure:
    """Everything, where a pole lies in the box."""
    half = (a[0] / 2, a[1] / 2)  # poles of tan(a) are those of multiples of pi in a - pi/2
    pole = _holds_peak((2 * a[0], 2 * a[1]), math.pi) | (half[1] - half[0] >= math.pi / 2)
    low, high = widened(torch.tan(a[0]), torch.tan(a[1]))
    return torch.where(pole, -math.inf, low), torch.where(pole, math.inf, high)


def sinc(a: Enclosure) -> Enclosure:
    """sin(a) / a."""
    low, high = _product(sine(a), _inverse(a))
    inside = (a[0] <= 0) & (a[1] >= 0)
    return low.clamp(min=LOWEST_SINC), torch.where(inside, 1.0, high.clamp(max=1.0))


def angle(y: Enclosure, x: Enclosure) -> Enclosure:
    """atan2(y, x): of the corners, and everything where the cut or the origin lies in the box."""
    corners = _stacked(torch.atan2(p, q) for p in y for q in x)
    cut = (x[0] <= 0) & (y[0] <= 0) & (y[1] >= 0)
    low, high = widened(corners.min(dim=0).values, corners.max(dim=0).values)
    return torch.where(cut, -math.pi, low), torch.where(cut, math.pi, high)


def power(base: Enclosure, exponent: Enclosure) -> Enclosure:
    """a^b: by parity for integers, else of what is not negative."""
    p = float(exponent[0]) if exponent[0].ndim == 0 and bool(exponent[0] == exponent[1]) else None
    if p is None:
        return rising(torch.exp)(_product(exponent, rising(torch.log, (0.0, math.inf))(base)))
    if p < 0:
        return _inverse(power(base, (-exponent[0], -exponent[1])))
    if p == int(p) and int(p) % 2 == 0:
        return with_least(lambda a: a**p)(base)
    return rising(lambda a: a**p, EVERYTHING if p == int(p) else (0.0, math.inf))(base)


def log_gamma(a: Enclosure) -> Enclosure:
    """log gamma of positive arguments; everything elsewhere."""
    # There the gamma function of positive arguments is least.
    low, high = with_least(torch.lgamma, 1.4616321449683623)(a)
    known = a[0] > 0
    return torch.where(known, low, -math.inf), torch.where(known, high, math.inf)


def step(a: Enclosure, at_zero: Enclosure) -> Enclosure:
    """Heaviside's function."""
    low, high = (
        torch.heaviside(end, torch.full_like(end, float(v)))
        for end, v in zip(a, at_zero, strict=True)
    )
    return low, high


def fraction(a: Enclosure) -> Enclosure:
    """a - floor(a): that of the ends where they have one floor, else in [0, 1]."""
    below, above = torch.floor(a[0]), torch.floor(a[1])
    one = below == above
    return torch.where(one, a[0] - below, 0.0), torch.where(one, a[1] - above, 1.0)


def remainder(a: Enclosure, b: Enclosure) -> Enclosure:
    """a mod b."""
    return _product(fraction(_product(a, _inverse(b))), b)


def _largest(*terms: Enclosure) -> Enclosure:
    lows, highs = zip(*terms, strict=True)
    return reduce(torch.maximum, lows), reduce(torch.maximum, highs)


def _smallest(*terms: Enclosure) -> Enclosure:
    lows, highs = zip(*terms, strict=True)
    return reduce(torch.minimum, lows), reduce(torch.minimum, highs)


def _truth(certain: Tensor, possible: Tensor) -> Enclosure:
    return certain.to(torch.float64), possible.to(torch.float64)


def less(a: Enclosure, b: Enclosure) -> Enclosure:
    """a < b, and a <= b: they differ where nothing is decided."""
    return _truth(a[1] < b[0], a[0] <= b[1])


def equal(a: Enclosure, b: Enclosure) -> Enclosure:
    """a = b is certain of points only."""
    return _truth((a[0] == a[1]) & (b[0] == b[1]) & (a[0] == b[0]), (a[0] <= b[1]) & (b[0] <= a[1]))


def negated(a: Enclosure) -> Enclosure:
    """not a."""
    return 1 - a[1], 1 - a[0]


def piecewise(*flat: Enclosure) -> Enclosure:
    """The union of all pieces that may hold, those before certainly not."""
    zero = 0 * reduce(torch.add, [low.nan_to_num(0.0, 0.0, 0.0) for low, _ in flat])
    # Whether no piece before holds certainly.
    low, high, open_ = zero + math.inf, zero - math.inf, zero + 1
    for value, condition in zip(flat[::2], flat[1::2], strict=True):
        may_hold = (open_ > 0) & (condition[1] > 0)
        low = torch.where(may_hold, torch.minimum(low, value[0]), low)
        high = torch.where(may_hold, torch.maximum(high, value[1]), high)
        open_ = open_ * (1 - condition[0])
    none = low > high
    return torch.where(none, -math.inf, low), torch.where(none, math.inf, high)


_ABSOLUTE = with_least(torch.abs)
_COSH = with_least(torch.cosh)
_TANH, _SINH = rising(torch.tanh), rising(torch.sinh)

ENCLOSURES: dict[Any, Operation] = {
    sympy.Add: add,
    sympy.Mul: multiply,
    sympy.Pow: power,
    sympy.Abs: _ABSOLUTE,
    sympy.sign: rising(torch.sign),
    sympy.Max: _largest,
    sympy.Min: _smallest,
    sympy.floor: rising(torch.floor),
    sympy.frac: fraction,
    sympy.Mod: remainder,
    sympy.ceiling: rising(torch.ceil),
    sympy.exp: rising(torch.exp),
    sympy.log: rising(torch.log, (0.0, math.inf)),
    sympy.sin: sine,
    sympy.cos: cosine,
    sympy.tan: tangent,
    sympy.cot: _after(_inverse, tangent),
    sympy.sec: _after(_inverse, cosine),
    sympy.csc: _after(_inverse, sine),
    sympy.asin: rising(torch.asin, (-1.0, 1.0)),
    sympy.acos: falling(torch.acos, (-1.0, 1.0)),
    sympy.atan: rising(torch.atan),
    sympy.atan2: angle,
    sympy.sinh: _SINH,
    sympy.cosh: _COSH,
    sympy.tanh: _TANH,
    sympy.coth: _after(_inverse, _TANH),
    sympy.sech: _after(_inverse, _COSH),
    sympy.csch: _after(_inverse, _SINH),
    sympy.asinh: rising(torch.asinh),
    sympy.acosh: rising(torch.acosh, (1.0, math.inf)),
    sympy.atanh: rising(torch.atanh, (-1.0, 1.0)),
    sympy.sinc: sinc,
    sympy.erf: rising(torch.erf),
    sympy.erfc: falling(torch.erfc),
    sympy.erfinv: rising(torch.erfinv, (-1.0, 1.0)),
    sympy.loggamma: log_gamma,
    sympy.Heaviside: step,
    sympy.Piecewise: piecewise,
    sympy.StrictLessThan: less,
    sympy.LessThan: less,
    sympy.StrictGreaterThan: lambda a, b: less(b, a),
    sympy.GreaterThan: lambda a, b: less(b, a),
    sympy.Equality: equal,
    sympy.Unequality: lambda a, b: negated(equal(a, b)),
    sympy.And: _smallest,
    sympy.Or: _largest,
    sympy.Not: negated,
}
