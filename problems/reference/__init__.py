"""Reference solutions on grids, made by `python -m pinnsolve.problems.reference.make`: arrays, no
code.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol, lambdify

from pinnsolve.declare.reference import Reference

FOLDER = Path(__file__).parent


def reference(name: str) -> Reference:
    """The reference solution of that name. Raises FileNotFoundError if there is none.

    A file holds points `(n, dim)` or the axes of a grid, an array for each unknown, and `apart`.
    """
    with np.load(_file(name), allow_pickle=False) as held:
        axes = [held[key] for key in held.files if key.startswith("axis")]
        points = held["points"] if "points" in held.files else _on_grid(axes)
        values = {
            key: held[key].ravel()
            for key in held.files
            if not key.startswith("axis") and key not in ("points", "apart")
        }
        return Reference(points, values)


def apart(name: str) -> float:
    """By how much two resolutions of a reference differ, relative, in L2: 0 where no file says."""
    if not _file(name).exists():
        return 0.0
    with np.load(_file(name), allow_pickle=False) as held:
        return float(held["apart"]) if "apart" in held.files else 0.0


def _file(name: str) -> Path:
    return FOLDER / f"{name}.npz"


def _on_grid(axes: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """All points of a grid, `(n, dim)`."""
    return np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)


def formula(
    values: Mapping[str, Expr], sides: Mapping[Symbol, tuple[float, float]], n: int = 101
) -> Reference:
    """The values of expressions, by unknown, on a grid of n points a side: where a formula is exact
    but for a tail.
    """
    axes = [np.linspace(low, high, n) for low, high in sides.values()]
    points = _on_grid(axes)
    return Reference(
        points, {name: lambdify(list(sides), value)(*points.T) for name, value in values.items()}
    )
