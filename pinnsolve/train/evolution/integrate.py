"""The integration of a motion by Radau's stiff method of fifth order (Hairer and Wanner; scipy's).

Explicit methods of higher order were measured too, and lost even where they take fewer steps: at the edge of stability
they leave noise in the fastest modes, and the path between their long steps is less accurate than the steps. Exponential
ones lost too: ETDRK4 (Cox and Matthews 2002; Kassam and Trefethen 2005) takes 6,400 steps and 13 s for Kuramoto and
Sivashinsky's equation in 144 functions, to an error of 1.6e-6, Radau 635 steps and 5 s to 5e-7.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.evolving import EvolvingBasis
from pinnsolve.train.evolution.motion import Motion

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Path:
    """What an integration left: the basis with its motion, the time that it reached, and how many steps it took."""

    basis: EvolvingBasis
    reached: float
    complete: bool
    steps: int


def integrate(motion: Motion, rtol: float, goes_on: Callable[[float], bool] = lambda t: True) -> Path:
    """Follow the motion to its end, with the error of a step below `rtol` of the state's size.

    Stops early, with `complete` false, where the step size vanishes (blow-up in finite time), or `goes_on(t)` says no.
    """
    from scipy.integrate import Radau

    form = motion.form
    y, _ = motion.start()

    def plain(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[float, Array], Array]:
        def called(t: float, y: Array) -> Array:
            with torch.no_grad():
                found: Array = function(torch.tensor(t, dtype=torch.float64), torch.from_numpy(y)).numpy()
            return found

        return called

    rate, jacobian = plain(motion.rate), plain(motion.jacobian)
    tolerances = {"rtol": rtol, "atol": rtol * max(float(y.abs().max()), 1e-300)}
    solver = Radau(rate, form.start, y.numpy(), form.end, jac=jacobian, **tolerances)
    times, states = [form.start], [y.numpy()]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of overflow, in steps that are refused
        while solver.status == "running":
            solver.step()
            if solver.status == "failed" or not np.isfinite(solver.y).all():
                break
            times.append(solver.t)
            states.append(solver.y.copy())
            if not goes_on(solver.t):
                break
    at, rows = torch.tensor(times, dtype=torch.float64), torch.from_numpy(np.array(states))
    basis = EvolvingBasis(motion.space.steady, motion.space.transform, at, motion.path(at, rows))
    return Path(basis, times[-1], solver.status == "finished", len(times) - 1)
