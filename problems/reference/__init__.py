"""Reference solutions on grids, made by `python -m pinnsolve.problems.reference.make`: arrays, no
code.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sympy import Expr, Symbol, lambdify

from pinnsolve.declare.reference import Reference


def reference(name: str) -> Reference:
    """The reference solution of that name. Raises FileNotFoundError if there is none."""
    with np.load(Path(__file__).parent / f"{name}.npz", allow_pickle=False) as held:
        axes = [held[key] for key in held.files if key.startswith("axis")]
        points = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
        return Reference(
            points, {key: held[key].ravel() for key in held.files if not key.startswith("axis")}
        )


def formula(
    values: Mapping[str, Expr], sides: Mapping[Symbol, tuple[float, float]], n: int = 101
) -> Reference:
    """The values of expressions, by unknown, on a grid of n points a side: where a formula is exact
    but for a tail.
    """
    axes = [np.linspace(low, high, n) for low, high in sides.values()]
    points = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
    return Reference(
        points, {name: lambdify(list(sides), value)(*points.T) for name, value in values.items()}
    )
