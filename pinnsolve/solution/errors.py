"""Errors against an exact solution, on points that nothing else has seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor

from pinnsolve.compile.lower import lower
from pinnsolve.compile.system import System
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.reference import Reference
from pinnsolve.discretize.changes import SMALLNESS, about_mean, of_each, rms
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.points import Points, uniform
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.symbols.given import whole_of
from pinnsolve.symbols.symbols import Unknown


class Errors(float):
    """The relative L2 error, a float (the largest over the unknowns); the other norms are
    attributes.

    `maximum` is the largest error relative to the largest value, `h1` the relative H1 seminorm (L2
    of the gradient), `by_unknown` the L2 errors by name. `about_mean` is the L2 error relative to
    the deviation from the mean, which is what tolerance and estimate are relative to: of
    temperatures in kelvin it is the larger one. Where the exact solution is zero, errors are
    absolute.
    """

    maximum: float
    h1: float
    by_unknown: Mapping[str, float]
    about_mean: float

    def __new__(
        cls, l2: Mapping[str, float], maximum: float, h1: float, deviation: float = math.nan
    ) -> Errors:
        errors = super().__new__(cls, max(l2.values()))
        errors.by_unknown, errors.maximum, errors.h1 = dict(l2), maximum, h1
        errors.about_mean = deviation
        return errors

    def __str__(self) -> str:
        # Where the mean is what is right, and the deviation from it hardly: worth a word.
        larger = self.about_mean > 30 * float(self)
        offset = f"; {self.about_mean:.1e} of the deviation from the mean" if larger else ""
        return (
            f"{float(self):.1e} (relative L2; maximum {self.maximum:.1e}, H1 {self.h1:.1e}{offset})"
        )


def compare_with(reference: Reference, problem: Problem, found: Mapping[str, Array]) -> Errors:
    """Norms of found values `(n,)`, by name, minus those of a reference; its H1 seminorm is not
    known (NaN).
    """
    names = [_name(u) for u in problem.unknowns]
    pairs = [
        (tensor_of(np.abs(found[n] - r)), tensor_of(np.abs(r)))
        for n, r in ((n, reference.values[n]) for n in names)
    ]
    l2 = {n: _ratio(rms(left), rms(r)) for n, (left, r) in zip(names, pairs, strict=True)}
    return Errors(l2, max(_ratio(left.max(), r.max()) for left, r in pairs), math.nan)


def require_counts(n: object, seed: object) -> None:
    """Raise TypeError, or ValueError, for a number of points or a seed that is none."""
    for name, value, least in (("n", n, 1), ("seed", seed, 0)):
        whole = whole_of(value)
        if whole is None:
            raise TypeError(f"{name} must be a whole number, {name}={1000 * least}: got {value!r}")
        if whole < least:
            raise ValueError(f"{name} must be at least {least}: got {value}")


def fresh_points(system: System, n: int, seed: int) -> Points:
    """Independent points of the domain, from a stream of their own: n uniform ones, and others
    around narrow features of the data, weighted by volume.
    """
    return quadrature(system, n, seed + 987_654_321, uniform)


def exact_values(problem: Problem, x: Array) -> Tensor:
    """Exact solution and its gradient at points `(n, dim)`: `(n_unknowns, 1 + dim, n)`."""
    coordinates = problem.domain.coordinates
    if problem.exact is None:
        raise ValueError("no exact solution to compare with: give Problem(..., exact={u: ...})")
    exact = problem.exact.values()
    expressions = [e for value in exact for e in (value, *(value.diff(c) for c in coordinates))]
    values = lower(expressions, coordinates)(tensor_of(x).T, len(x))
    return values.reshape(-1, 1 + len(coordinates), len(x))


def wholes_of(system: System) -> dict[str, tuple[int, ...]]:
    """The numbers of the fields that make each unknown, one or two, by its name."""
    of_pair = {k: (name, (a, b)) for name, a, b in system.pairs for k in (a, b)}
    each = enumerate(_name(u) for u in system.problem.unknowns)
    return dict(of_pair.get(k, (name, (k,))) for k, name in each)


def compare(
    wholes: Mapping[str, tuple[int, ...]],
    found: Tensor,
    exact: Tensor,
    where: Tensor | None = None,
    weights: Tensor | None = None,
) -> Errors:
    """Norms of found - exact, both `(n_fields, 1 + dim, n)`: values and gradients, at points
    `where` these live, with weights `(n,)` if they are not equal. The fields of these numbers are
    one unknown, as its real and imaginary part, or alone, by name.
    """

    def whole(fields: Tensor) -> Tensor:
        """The moduli of unknowns `(n_unknowns, ...)`."""
        return torch.stack([torch.linalg.vector_norm(fields[[*k]], dim=0) for k in wholes.values()])

    # Unknown by unknown: their sizes may be too far apart for one unit.
    each = torch.ones(found[:, 0].shape, dtype=torch.bool) if where is None else where
    deviations = whole(of_each(exact[:, 0], each, about_mean, weights))
    left, exact, kept = whole(found - exact), whole(exact), each[[k[0] for k in wholes.values()]]
    errors, sizes = (of_each(v[:, 0], kept, rms, weights) for v in (left, exact))
    about = torch.maximum(deviations, SMALLNESS.of_mean * sizes)
    largest = [of_each(v[:, 0].abs(), kept, partial(torch.amax, dim=-1)) for v in (left, exact)]
    slopes = [of_each(v[:, 1:], kept, _gradient_norm, weights) for v in (left, exact)]
    return Errors(
        dict(zip(wholes, _ratios(errors, sizes), strict=True)),
        max(_ratios(*largest)),
        max(_ratios(*slopes)),
        max(_ratios(errors, about)),
    )


def _gradient_norm(slopes: Tensor, shares: Tensor | None = None) -> Tensor:
    return rms(rms(slopes, shares))


def _ratios(errors: Tensor, sizes: Tensor) -> list[float]:
    """Of each unknown; absolute, where its size is zero."""
    return [_ratio(error, size) for error, size in zip(errors, sizes, strict=True)]


def _ratio(error: Tensor, size: Tensor) -> float:
    return float(error / size) if float(size) > 0 else float(error)


def _name(u: Unknown) -> str:
    return str(u.func)
