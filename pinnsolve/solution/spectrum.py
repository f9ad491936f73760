"""Eigenvalues and what vibrates with them, as people hold them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pinnsolve.running.stop import Stop
from pinnsolve.solution.solution import Solution


@dataclass(frozen=True, eq=False, repr=False)
class Mode(Solution):
    """A function that solves a homogeneous problem with this `eigenvalue`, which is off by about
    its `uncertainty`; of root mean square one, its largest value positive.

    Its problem has the number in the place of the eigenvalue. Of a complex pair, the first mode is
    the real part of the function, the second the imaginary one.
    """

    eigenvalue: float | complex = math.nan
    uncertainty: float = math.nan

    def save(self, path: str | Path) -> None:
        """Write it as a solution of its problem, the eigenvalue among the problem's numbers. Raises
        as `Solution.save`.
        """
        Solution(**{f.name: getattr(self, f.name) for f in fields(Solution)}).save(path)

    def __repr__(self) -> str:
        return f"Mode({self.eigenvalue:.12g} +- {self.uncertainty:.1g})"


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum:
    """The eigenvalues of a problem that are nearest to a number, in the order of their distance,
    with their `modes`, and why the search `stopped`; how many are `expected` up to the last, by
    Weyl's law, or nan, where it does not hold.

    `spectrum[k]` is the mode number k. See `eigenmodes`.
    """

    modes: tuple[Mode, ...]
    stopped: Stop
    expected: float = math.nan

    @property
    def eigenvalues(self) -> NDArray[np.float64] | NDArray[np.complex128]:
        """All of them, `(count,)`: real numbers, if all are real."""
        return np.array([mode.eigenvalue for mode in self.modes])

    @property
    def uncertainties(self) -> NDArray[np.float64]:
        """Estimated errors of the eigenvalues, `(count,)`: differences to a second, independent
        draw.
        """
        return np.array([mode.uncertainty for mode in self.modes])

    def report(self) -> str:
        """A readable table: a line an eigenvalue, then basis and reason of the end."""
        lines = [f"{'eigenvalue':>24}  uncertainty"]
        lines += [f"{mode.eigenvalue:>24.15g}  {mode.uncertainty:.1e}" for mode in self.modes]
        step = self.modes[0].history.final
        lines += ["", f"basis     {step.basis}", f"functions {step.functions}"]
        if math.isfinite(self.expected):
            lines += [f"expected  {self.expected:.1f} up to the last, by Weyl's law"]
        lines += [f"stopped   {self.stopped}: {self.stopped.meaning}"]
        return "\n".join(lines)

    def __len__(self) -> int:
        return len(self.modes)

    def __getitem__(self, number: int) -> Mode:
        return self.modes[number]

    def __iter__(self) -> Iterator[Mode]:
        return iter(self.modes)

    def __repr__(self) -> str:
        return f"Spectrum({len(self.modes)} eigenvalues, {self.stopped})"
