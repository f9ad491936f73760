"""Values of solutions as tables of pandas and as labelled arrays of xarray."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Symbol

from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.charts import Mask
from pinnsolve.geometry.region import Region
from pinnsolve.symbols.given import by_key, whole_of
from pinnsolve.symbols.libraries import library

Values = Callable[[dict[Symbol, Array]], Mapping[str, Any]]  # of points, by name


@dataclass(frozen=True)
class Grid:
    """How many values a coordinate takes, where nothing is said."""

    # As in a picture
    most: int = 201
    # Points in all: some seconds of evaluation
    points: int = 2_000_000


GRID = Grid()


def frame_of(points: Mapping[str, Array], values: Mapping[str, Array]) -> Any:
    """A data frame of pandas: columns `(n,)` of coordinates, then of values."""
    pandas = library("pandas", "to_dataframe")
    columns = {**points, **values}
    return pandas.DataFrame({name: np.ravel(column) for name, column in columns.items()})


def dataset_of(
    region: Region, axes: Mapping[str, Array], values_at: Values, told: Mapping[str, Any]
) -> Any:
    """A dataset of xarray over a grid, an array `(n,)` a coordinate; values outside of the region
    are NaN, and complex ones stay complex.
    """
    xarray = library("xarray", "to_xarray")
    names = [c.name for c in region.coordinates]
    mesh = np.meshgrid(*(axes[name] for name in names), indexing="ij")
    x = np.stack([m.ravel() for m in mesh], axis=1)
    inside: Mask = region.contains(x)
    found = values_at(dict(zip(region.coordinates, x[inside].T, strict=True)))
    variables = {}
    for name, values in found.items():
        whole = np.full(len(x), np.nan, dtype=values.dtype)
        whole[inside] = values
        variables[name] = (names, whole.reshape(mesh[0].shape))
    return xarray.Dataset(variables, {name: axes[name] for name in names}, dict(told))


def axes_of(region: Region, given: Any) -> dict[str, Array]:
    """An array `(n,)` of values a coordinate: of so many, evenly, or as they are given by name or
    symbol, `{x: 50, t: [0, 1]}`.

    Raises TypeError for what is no number of values and no numbers, ValueError for fewer than one
    and for names that are no coordinates.
    """
    bounds = {c.name: b for c, b in zip(region.coordinates, region.bounds, strict=True)}
    by_name = by_key(given)
    wanted = dict.fromkeys(bounds, given) if by_name is None else by_name
    wanted = {str(key): value for key, value in wanted.items()}
    strange = [name for name in wanted if name not in bounds]
    if strange:
        raise ValueError(f"{', '.join(strange)}: the coordinates are {', '.join(bounds)}")
    even = max(2, min(GRID.most, int(GRID.points ** (1 / len(bounds)))))
    return {name: _axis(name, wanted.get(name), even, *ends) for name, ends in bounds.items()}


def _axis(name: str, given: Any, even: int, low: float, high: float) -> Array:
    count = even if given is None else whole_of(given)
    if count is not None:
        if count < 1:
            raise ValueError(f"{name}: {count} values; at least one is wanted")
        return np.linspace(low, high, count)
    try:
        values: Array = np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        raise TypeError(f"{name}: how many values, or an array of them: got {given!r}") from None
    if values.ndim != 1:
        raise ValueError(f"{name}: one row of values is wanted, got shape {values.shape}")
    return values
