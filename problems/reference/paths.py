"""References of ordinary differential equations, made when they are asked for."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from pinnsolve.declare.reference import Reference


def followed(
    law: Callable[[float, NDArray[np.float64]], Sequence[float]],
    start: Sequence[float],
    span: tuple[float, float],
    names: Sequence[str],
    n: int = 201,
) -> Reference:
    """The path of an ordinary differential equation at n times, by Dormand's and Prince's method of
    order 8 at its tightest; `law(t, state)` are the rates.
    """
    times = np.linspace(*span, n)
    path = solve_ivp(law, span, start, method="DOP853", t_eval=times, rtol=1e-13, atol=1e-14)
    return Reference(times[:, None], dict(zip(names, path.y, strict=True)))
