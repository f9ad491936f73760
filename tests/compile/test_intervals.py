"""Interval arithmetic against mpmath's, and against values at points: an enclosure holds all of
them.
"""

from __future__ import annotations

import mpmath
import pytest
import torch
from sympy import (
    Abs,
    Heaviside,
    Max,
    Min,
    Mod,
    Ne,
    Piecewise,
    Rational,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    ceiling,
    cos,
    cosh,
    cot,
    coth,
    csc,
    csch,
    erf,
    erfc,
    erfinv,
    exp,
    floor,
    frac,
    log,
    loggamma,
    sec,
    sech,
    sign,
    sin,
    sinc,
    sinh,
    sqrt,
    symbols,
    tan,
    tanh,
)

from pinnsolve.compile.enclose import enclosure
from pinnsolve.compile.intervals import ENCLOSURES
from pinnsolve.compile.lower import OPERATIONS, lower

x, y = symbols("x y", real=True)
BOXES, SAMPLES = 400, 40

EXPRESSIONS = [
    x**3 - y**2, x**4, x**-3, (x - y) ** -2, x ** Rational(-1, 3), sqrt(x + y), x**y, 2 ** (x - y),
    exp(-1000 * (x - y) ** 2), log(x + Rational(1, 10)), tanh(50 * (x - y)), sinh(3 * x), cosh(x - y),
    asinh(9 * x), atan(5 * x - y), sin(7 * x + 3 * y), cos(20 * x * y), tan(3 * x - y), cot(2 * x + y), sec(2 * x), csc(x + y),
    sinc(9 * x - 4),
    asin(x - y), acos(x * y), acosh(1 + x), atanh(x - y), coth(x + y), sech(8 * x - y), csch(x + y),
    atan2(y - Rational(1, 2), x),
    erf(4 * x - 2), erfc(x - 3 * y), erfinv(x - y), loggamma(x + 3 * y),
    Abs(x - y), sign(x - y), Heaviside(x - y), floor(5 * x), ceiling(5 * y),
    frac(5 * x + y), Mod(3 * x, Rational(1, 2)), Max(x, y, Rational(1, 3)), Min(x, 2 * y),
    Piecewise((x, x < y), (y**2, True)),
    Piecewise((1, (x > Rational(1, 3)) & (y <= x)), (2 - x, (x > y) | Ne(x, 1)), (5, True)),
    Piecewise((log(x), x > Rational(1, 2)), (0, ~(x > Rational(1, 2)))),
]  # fmt: skip


def boxes(seed):
    """Boxes in the unit square of all sizes, some of them points: `low` and `high`, each (2,
    BOXES).
    """
    generator = torch.Generator().manual_seed(seed)
    low = torch.rand(2, BOXES, generator=generator, dtype=torch.float64)
    size = torch.rand(2, BOXES, generator=generator, dtype=torch.float64) ** 4
    size[:, :20] = 0
    return low, low + size * (1 - low)


def enclosed(expression, low, high):
    below, above = enclosure(expression, {x: (low[0], high[0]), y: (low[1], high[1])})
    return below.expand(BOXES), above.expand(BOXES)


def test_every_operation_has_its_column():
    """All but the special functions, which are not enclosed: more points are asked instead."""
    missing = {f.__name__ for f in set(OPERATIONS) - set(ENCLOSURES)}
    special = {
        "Chi",
        "Ci",
        "Ei",
        "LambertW",
        "Shi",
        "Si",
        "beta",
        "elliptic_e",
        "elliptic_k",
        "erfi",
        "factorial",
        "gamma",
    }
    waves = {
        "airyai",
        "airyaiprime",
        "airybi",
        "airybiprime",
        "besseli",
        "besselj",
        "besselk",
        "bessely",
    }
    assert missing == special | waves | {"fresnelc", "fresnels", "polygamma"}
    used = {part.func for e in EXPRESSIONS for part in _parts(e)}
    assert (
        set(ENCLOSURES)
        <= used | {type(x < y), type(x > y), type(x <= y), type(x >= y)} | _covered_elsewhere()
    )


def _parts(e):
    yield e
    for a in e.args:
        yield from _parts(a)


def _covered_elsewhere():
    """Added for boundary data; enclosed as anything, or in a test of its own."""
    return {f for f in ENCLOSURES if f.__name__ in {"Equality", "Unequality", "Not"}}


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_enclosures_hold_all_values(expression):
    low, high = boxes(0)
    below, above = enclosed(expression, low, high)
    values = lower([expression], [x, y])
    generator = torch.Generator().manual_seed(1)
    for _ in range(SAMPLES):
        # Ends of the boxes too: extremes are there.
        share = (1.5 * torch.rand(2, BOXES, generator=generator, dtype=torch.float64) - 0.25).clamp(
            0, 1
        )
        found = values(low + share * (high - low), BOXES)[0]
        inside = (below <= found) & (found <= above)
        assert bool((inside | ~found.isfinite()).all())


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_enclosures_of_small_boxes_are_small(expression):
    """Of first order, away from jumps and poles: the width falls like the side."""
    low, _ = boxes(2)
    widths = []
    for side in (1e-4, 1e-7):
        below, above = enclosed(expression, low, low + side)
        widths.append((above - below).nan_to_num(posinf=1e300))
    assert float((widths[1] <= 2e-3 * widths[0] + 1e-12).to(torch.float64).mean()) > 0.9


@pytest.mark.parametrize(
    ("expression", "oracle"),
    [
        (x**3 - y**2, lambda a, b: a**3 - b**2),
        (x**4 * y, lambda a, b: a**4 * b),
        (exp(-1000 * (x - y) ** 2), lambda a, b: mpmath.iv.exp(-1000 * (a - b) ** 2)),
        (sin(7 * x + 3 * y), lambda a, b: mpmath.iv.sin(7 * a + 3 * b)),
        (cos(20 * x * y), lambda a, b: mpmath.iv.cos(20 * a * b)),
        (log(x + 1), lambda a, b: mpmath.iv.log(a + 1)),
        (sqrt(x + y), lambda a, b: mpmath.iv.sqrt(a + b)),
        (1 / (1 + (x - y) ** 2), lambda a, b: 1 / (1 + (a - b) ** 2)),
    ],
    ids=lambda value: str(value) if hasattr(value, "free_symbols") else "oracle",
)
def test_enclosures_are_those_of_mpmath(expression, oracle):
    """Both are of the same order of evaluation; ours may be wider by round-off only."""
    low, high = boxes(3)
    below, above = enclosed(expression, low, high)
    for k in range(0, BOXES, 7):
        a, b = (mpmath.iv.mpf([float(low[i, k]), float(high[i, k])]) for i in range(2))
        theirs = oracle(a, b)
        size = 1 + abs(float(theirs.a)) + abs(float(theirs.b))
        assert float(below[k]) <= float(theirs.a) + 1e-16 * size
        assert float(above[k]) >= float(theirs.b) - 1e-16 * size
        assert float(theirs.a) - float(below[k]) < 1e-12 * size
        assert float(above[k]) - float(theirs.b) < 1e-12 * size
