"""Points of a region in many digits, and what they witness: that it is there, and that an equation
holds on it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

import numpy as np
from sympy import Add, Expr, Float, Integral, N, Rational, Symbol, lambdify

from pinnsolve.geometry.charts import Array, Chart
from pinnsolve.geometry.region import Condition, Region, charts_of
from pinnsolve.geometry.rules import rule_of
from pinnsolve.symbols.integrals import within_of
from pinnsolve.symbols.splines import ROUNDED_END
from pinnsolve.symbols.symbols import normal
from pinnsolve.symbols.tables import Tabulated


@dataclass(frozen=True)
class Probing:
    """By how many points of a chart, and in how many digits, it is asked what holds."""

    points: int = 512
    digits: int = 50
    # Relative: what vanishes in these digits
    nothing: float = 1e-30
    # And of an equation with floating-point constants
    rounded: float = 1e-11
    # Of integrals, which are taken in float64, and how well they are told from zero
    quadrature: float = 1e-12
    integrated: float = 1e-8


PROBING = Probing()


def require_points_inside(condition: Condition, domain: Region) -> None:
    """Raise ValueError unless the condition's region has points, all of them in the closed
    domain.
    """
    region = condition.region
    if region is domain:
        return
    if region.coordinates != domain.coordinates:
        raise ValueError(
            f"{condition}: the region's coordinates are {region.coordinates}, the domain's"
            f" {domain.coordinates}"
        )
    x = np.concatenate([probe(chart) for chart in charts_of(region)])
    if len(x) == 0:
        raise ValueError(f"{condition}: the region has zero measure, no point was found on it")
    outside = ~domain.contains(x)
    if outside.any():
        where = ", ".join(
            f"{c}={v:.4g}" for c, v in zip(domain.coordinates, x[outside][0], strict=True)
        )
        raise ValueError(
            f"{condition} lies outside of the domain {domain}, for instance at {where}"
        )


def require_tables_cover(condition: Condition) -> None:
    """Raise ValueError where a table is asked for values outside of its grid."""
    tables = sorted(condition.equation.atoms(Tabulated), key=str)
    for charted, table in product(charts_of(condition.region), tables):
        x = np.concatenate([probe(charted), _corners(charted)])
        places = lambdify(condition.region.coordinates, table.args)(*x.T)
        for k, (place, (low, high)) in enumerate(zip(places, table.spline.box, strict=True)):
            reach = np.min(place), np.max(place)
            slack = ROUNDED_END * (high - low)
            if reach[0] < low - slack or reach[1] > high + slack:
                raise ValueError(
                    f"{condition} takes {table} for {table.args[k]} from {reach[0]:.6g} to"
                    f" {reach[1]:.6g}, and its grid goes from {low:.6g} to {high:.6g}: give values"
                    " on a larger grid, or a smaller domain"
                )


def _corners(chart: Chart) -> Array:
    """Those of a chart, `(n, dim)`."""
    s = np.array(list(product((0.0, 1.0), repeat=len(chart.parameters))))
    x, n = chart.points(s)
    return x[chart.keep(x, n)]


def probe(chart: Chart) -> Array:
    """Random points of a chart, `(n, dim)`, always the same."""
    many = PROBING.points if chart.parameters else 1
    s = np.random.default_rng(0).random((many, len(chart.parameters)))
    x, n = chart.points(s)
    return x[chart.keep(x, n)]


def largest_defect(
    condition: Condition, expression: Expr, nothing: float = PROBING.nothing, points: int = 3
) -> str | None:
    """None if the expression vanishes on the condition's region, else the largest value found, in
    words.

    Checked at a few random points a chart in 50 digits, relative to the size of the expression's
    own terms, above `nothing`; floating-point constants in the equation limit what can be asked.
    """
    if expression == 0:
        return None
    rounded = expression.has(Float) or not all(c.formulas for c in charts_of(condition.region))
    threshold = max(nothing, PROBING.rounded if rounded else 0.0)
    threshold = PROBING.integrated if expression.has(Integral) else threshold
    worst, text = threshold, None
    terms = Add.make_args(expression)
    for values in _witnesses(condition.region, points):
        numbers = [N(_integrated(term.subs(values)), PROBING.digits) for term in terms]
        if not all(value.is_number and value.is_finite for value in numbers):
            continue  # a singular point of the solution, a corner for instance
        size = 1 + sum(abs(value) for value in numbers)
        relative = abs(sum(numbers)) / size
        if relative > worst:
            at = ", ".join(
                f"{c}={float(v):.4g}"
                for c, v in values.items()
                if c in condition.region.coordinates
            )
            worst, text = relative, f"left minus right side is {float(sum(numbers)):.4g} at {at}"
    return text


def _integrated(expression: Expr) -> Expr:
    """The expression with numbers in the place of its integrals: sympy's own lose digits at kinks,
    and do not take several variables.
    """
    known = [e for e in expression.atoms(Integral) if not e.free_symbols]
    return expression.xreplace({e: _quadrature(e) for e in known})


def _quadrature(integral: Integral) -> Float:
    """An integral whose limits may depend on the variables outside of them, or over a region."""
    within = within_of(integral.function)
    if within is not None:
        return Float(over_region(integral.function / within, within.region))
    from scipy.integrate import nquad  # heavy, and for exact solutions of integral equations alone

    variables = [own for own, _, _ in integral.limits]
    outside = [variables[k + 1 :] for k in range(len(variables))]
    limits = [
        lambdify(outer, ends) for outer, (_, *ends) in zip(outside, integral.limits, strict=True)
    ]
    asked = {"epsabs": PROBING.quadrature, "epsrel": PROBING.quadrature, "limit": 200}
    with warnings.catch_warnings():  # of round-off, near what was asked
        warnings.simplefilter("ignore")
        return Float(nquad(lambdify(variables, integral.function), limits, opts=asked)[0])


def over_region(expression: Expr, region: Region) -> float:
    """The integral of a function of a region's coordinates, and of its normals."""
    rule, inputs = rule_of(region), list(region.coordinates)
    columns = [*rule.x.T]
    if rule.normals is not None:
        inputs, columns = [*inputs, *normal(*inputs)], [*columns, *rule.normals.T]
    values = lambdify(inputs, expression)(*columns)
    return float(rule.weights @ np.broadcast_to(values, (len(rule.x),)))


def nowhere_real(expression: Expr, region: Region) -> bool:
    """Whether an expression of the coordinates is no finite real number at any of a few random
    points of the region.
    """
    values = [N(expression.subs(point), PROBING.digits) for point in _witnesses(region, 3)]
    return bool(values) and all(v.is_number and not (v.is_finite and v.is_real) for v in values)


def _witnesses(region: Region, points: int) -> Iterator[dict[Symbol, Any]]:
    """A few random points of every chart, and the normals there, as many-digit numbers."""
    random = Random(0)
    for chart in charts_of(region):
        kept = 0
        for _ in range(PROBING.points):
            # Rational: a float would end the digits at sixteen.
            values = {s: Rational(random.randint(1, 9998), 9999) for s in chart.parameters}
            s = np.array([[float(v) for v in values.values()]])
            x, n = chart.points(s)
            if chart.keep(x, n)[0]:
                yield _at(chart, values)
                kept += 1
            if kept == points or not chart.parameters:
                break


def _at(chart: Chart, values: dict[Any, Rational]) -> dict[Symbol, Any]:
    if not chart.formulas:
        s = np.array([[float(v) for v in values.values()]])
        x, normals = chart.points(s)
        row = x[0] if normals is None else np.concatenate([x[0], normals[0]])
        names = (*chart.point, *(chart.normal or ()))
        values = dict(zip(names, map(Float, row.tolist()), strict=False))

    def in_digits(expressions: tuple[Expr, ...]) -> list[Any]:
        return [N(e.subs(values), PROBING.digits + 20) for e in expressions]

    place = dict(zip(chart.coordinates, in_digits(chart.point), strict=True))
    if chart.normal is not None:
        place.update(zip(normal(*chart.coordinates), in_digits(chart.normal), strict=True))
    return place
