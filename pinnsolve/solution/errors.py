"""Errors against an exact solution, on points that nothing else has seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral
from typing import Any

import torch
from torch import Tensor

from pinnsolve.compile.lower import lower
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.reference import Reference
from pinnsolve.discretize.measure import rms
from pinnsolve.discretize.points import Array, sample_region, uniform
from pinnsolve.symbols.symbols import Unknown


class Errors(float):
    """The relative L2 error, a float (the largest over the unknowns); the other norms are
    attributes.

    `maximum` is the largest error relative to the largest value, `h1` the relative H1 seminorm (L2
    of the gradient), `by_unknown` the L2 errors by name. Where the exact solution is zero, errors
    are absolute.
    """

    maximum: float
    h1: float
    by_unknown: Mapping[str, float]

    def __new__(cls, l2: Mapping[str, float], maximum: float, h1: float) -> Errors:
        errors = super().__new__(cls, max(l2.values()))
        errors.by_unknown, errors.maximum, errors.h1 = dict(l2), maximum, h1
        return errors

    def __str__(self) -> str:
        return f"{float(self):.1e} (relative L2; maximum {self.maximum:.1e}, H1 {self.h1:.1e})"


def compare_with(reference: Reference, problem: Problem, found: Mapping[str, Array]) -> Errors:
    """Norms of found values, by name, minus those of a reference; its H1 seminorm is not known
    (NaN).
    """
    names = [_name(u) for u in problem.unknowns]
    pairs = [(torch.from_numpy(found[n]), torch.from_numpy(reference.values[n])) for n in names]
    l2 = {n: _ratio(rms(f - r), rms(r)) for n, (f, r) in zip(names, pairs, strict=True)}
    return Errors(l2, max(_ratio((f - r).abs().max(), r.abs().max()) for f, r in pairs), math.nan)


def require_counts(n: Any, seed: Any) -> None:
    """Raise TypeError, or ValueError, for a number of points or a seed that is none."""
    for name, value, least in (("n", n, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{name} must be a whole number, {name}={1000 * least}: got {value!r}")
        if int(value) < least:
            raise ValueError(f"{name} must be at least {least}: got {value}")


def fresh_points(problem: Problem, n: int, seed: int) -> Array:
    """Independent uniform points of the domain, `(n, dim)`, from a stream of their own."""
    return sample_region(problem.domain, n, seed + 987_654_321, uniform).x


def exact_values(problem: Problem, x: Array) -> Tensor:
    """Exact solution and its gradient at points `(n, dim)`: `(n_unknowns, 1 + dim, n)`."""
    coordinates = problem.domain.coordinates
    if problem.exact is None:
        raise ValueError("no exact solution to compare with: give Problem(..., exact={u: ...})")
    expressions = [
        e
        for value in problem.exact.values()
        for e in (value, *(value.diff(c) for c in coordinates))
    ]
    values = lower(expressions, coordinates)(torch.from_numpy(x).T, len(x))
    return values.reshape(len(problem.unknowns), 1 + len(coordinates), len(x))


def compare(problem: Problem, found: Tensor, exact: Tensor, where: Tensor | None = None) -> Errors:
    """Norms of found - exact, both `(n_unknowns, 1 + dim, n)`: values and gradients, at points
    `where` the unknowns live.
    """
    names, n = [_name(u) for u in problem.unknowns], found.shape[2]
    kept = where if where is not None else torch.ones(len(names), n, dtype=torch.bool)
    pairs = [((f - e)[:, w], e[:, w]) for f, e, w in zip(found, exact, kept, strict=True)]
    l2 = [_ratio(rms(d[0]), rms(e[0])) for d, e in pairs]
    maximum = max(_ratio(d[0].abs().max(), e[0].abs().max()) for d, e in pairs)
    h1 = max(_ratio(rms(d[1:].flatten()), rms(e[1:].flatten())) for d, e in pairs)
    return Errors(dict(zip(names, l2, strict=True)), maximum, h1)


def _ratio(error: Tensor, size: Tensor) -> float:
    return float(error / size) if float(size) > 0 else float(error)


def _name(u: Unknown) -> str:
    return str(u.func)
