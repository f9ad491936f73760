"""What an evolution is given, as a sum of functions of space times courses in time.

Columns of a table of data, places by times, are combinations of some of them: a factorization with
pivots says of which (a skeleton; Cheng, Gimbutas, Martinsson and Rokhlin, SIAM J. Sci. Comput. 26
(2005) 1389). So the data at a few instants, times courses that are one at their own instant and
zero at the others, are the data at all times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.polynomial.chebyshev import chebpts1
from scipy.linalg import qr
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual
from pinnsolve.discretize.points import sample_region
from pinnsolve.evolution.stages import Stages
from pinnsolve.fields.arrays import Array, array_of, tensor_of


@dataclass(frozen=True)
class Loading:
    """When data are a sum of few products."""

    # Instants at which data are looked at, and places of every condition
    instants: int = 64
    places: int = 64
    # Of the largest data, what is round-off; and products, at most
    same: float = 1e-10
    most: int = 6
    # Of a course, its last coefficients of Chebyshev's: with more it is not smooth, or too quick
    smooth: float = 1e-8
    # Fresh places and times of every condition, at which products are its data; and of its
    # largest, by how much they may differ there
    fresh: int = 1024
    apart: float = 1e-7


LOADING = Loading()


@dataclass(frozen=True, eq=False)
class Loads:
    """Instants, and the course in the time since the start of what is given at each."""

    instants: tuple[float, ...]
    courses: list[Chebyshev]


def loads_of(stages: Stages) -> Loads | None:
    """The data of an evolution as loads; None, where it is given nothing, too many products, or
    courses that are not smooth, or data do something narrow, which the instants or places may miss.
    """
    found = _products(stages)
    return found if found is not None and are_data(stages, found) else None


def _products(stages: Stages) -> Loads | None:
    form = stages.form
    duration = form.end - form.start
    unit = chebpts1(LOADING.instants)
    times = form.start + duration * (1 + unit) / 2
    table = _table(stages, times)
    if not np.isfinite(table).all() or not np.abs(table).max() > 0:
        return None
    if np.ptp(table, axis=1).max() <= LOADING.same * np.abs(table).max():
        return Loads((form.start,), [Chebyshev([1.0], [0, duration])])
    _, upper, order = qr(table, mode="economic", pivoting=True)
    sizes = np.abs(np.diag(upper))
    count = int((sizes > LOADING.same * sizes[0]).sum())
    if count > LOADING.most:
        return None
    own = order[:count]
    made = np.linalg.lstsq(table[:, own], table, rcond=None)[0]
    courses = []
    for values in made:
        series = np.polynomial.chebyshev.chebfit(unit, values, LOADING.instants - 1)
        size = np.abs(series)
        if size[-LOADING.instants // 8 :].max() > LOADING.smooth * size.max():
            return None
        last = int(np.flatnonzero(size > LOADING.same * size.max())[-1])
        courses.append(Chebyshev(series[: last + 1], [0, duration]))
    return Loads(tuple(times[own].tolist()), courses)


def are_data(stages: Stages, loads: Loads) -> bool:
    """Whether products are the data at other places and times; no condition has narrow ones."""
    for number, condition in enumerate(conditions_of(stages)):
        if any(f.trees or f.hidden for f in condition.features):
            return False
        p = sample_region(condition.condition.region, LOADING.fresh, number)
        data = condition.data(tensor_of(p.x), None if p.normals is None else tensor_of(p.normals))
        space = np.delete(p.x, stages.form.axis, axis=1)
        normals = None if p.normals is None else np.delete(p.normals, stages.form.axis, axis=1)
        since = p.x[:, stages.form.axis] - stages.form.start
        made = sum(
            course(since) * given_at(stages, condition, space, normals, t)
            for t, course in zip(loads.instants, loads.courses, strict=True)
        )
        apart = float(np.abs(made - array_of(data)).max())
        if apart > LOADING.apart * float(data.abs().max()):
            return False
    return True


def _table(stages: Stages, times: Array) -> Array:
    """What every condition is given at some places and times `(m,)`, `(places, m)`: each over the
    largest slope of its unknown, so that a factor that it has does not count.
    """
    pairs = list(zip(conditions_of(stages), stages.at_rest.residuals, strict=True))
    found = []
    for number, (timed, still) in enumerate(pairs):
        points = sample_region(still.condition.region, LOADING.places, number)
        rows = [given_at(stages, timed, points.x, points.normals, t) for t in times.tolist()]
        normals = padded(stages, points.normals)
        at = stages.at(tensor_of(points.x), stages.form.start)
        size = float(timed.coefficients(at, normals).abs().max())
        found.append(np.stack(rows, axis=1) / (size or 1.0))
    return np.concatenate(found)


def conditions_of(stages: Stages) -> tuple[Residual, ...]:
    """Laws and sides, in the order in which the system of space has them."""
    return (*(law.residual for law in stages.form.laws), *stages.form.sides)


def given_at(
    stages: Stages, condition: Residual, x: Array, normals: Array | None, t: float
) -> Array:
    """What is left of a condition by nothing at all, `(n,)`, at places of space `(n, dim)`."""
    at = stages.at(tensor_of(x), t)
    return array_of(condition.data(at, padded(stages, normals)))


def padded(stages: Stages, normals: Array | None) -> Tensor | None:
    """Normals of space `(n, dim)`, of which none has a part along time: `(n, dim + 1)`."""
    if normals is None:
        return None
    return tensor_of(np.insert(normals, stages.form.axis, 0.0, axis=1), DOUBLE)
