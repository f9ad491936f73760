"""Products beside a lift, as products of functions that know no sides: what moves and what was
taken off it are one field again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pinnsolve.evolution.lifts import Lift
from pinnsolve.evolution.lines import Ends
from pinnsolve.evolution.products import GRIDS, Grid, counts, grid_of
from pinnsolve.fields.lines import Line
from pinnsolve.fields.products import Products


@dataclass(frozen=True, eq=False)
class Beside:
    """A lift on a `grid` whose functions are free at the ends, and the sizes of its unknowns at
    most, root mean squares `(n_unknowns,)`.
    """

    lift: Lift
    grid: Grid
    sizes: Tensor

    @classmethod
    def of(cls, lift: Lift, ends: Ends, numbers: Sequence[int]) -> Beside:
        """With so many functions of each coordinate."""
        lines = (ends.free_lines(lift.system, numbers),) * lift.system.n_unknowns
        points = [int(GRIDS.denser * n) + 4 for n in counts(lines)]
        grid = grid_of(lift.system, lift.form, lines, points)
        held = cls(lift, grid, torch.zeros(0))
        times = torch.linspace(lift.form.start, lift.form.end, 9).tolist()
        each = torch.stack([held.at(t)[0].reshape(len(lines), -1) for t in times])
        return replace(held, sizes=each.norm(dim=2).amax(dim=0))

    def at(self, t: float) -> Tensor:
        """Coefficients and their first two derivatives at a time, `(3, columns)`."""
        moments = self.lift.moments(self.grid.at(t))
        return torch.stack(
            [
                torch.cat([self.grid.projected(k, each) for k, each in enumerate(part)])
                for part in moments
            ]
        )

    def longest(self, rtol: float) -> float:
        """How long steps may be, so that what is between them is the lift."""
        some = self.grid.at(self.lift.form.start)[:: max(1, len(self.grid.x) // 64)]
        return self.lift.longest(some, rtol)

    def added(self, field: Products) -> Products:
        """The lift and what is left beside it."""
        parts = [
            _freed(field.states[..., place], own)
            for place, own in zip(field.places, field.lines, strict=True)
        ]
        lifted = torch.stack([self.at(t) for t in field.times.tolist()], dim=1)
        return Products(self.grid.lines, field.axis, field.times, torch.cat(parts, dim=2) + lifted)


def _freed(states: Tensor, lines: Sequence[Line]) -> Tensor:
    """Coefficients `(3, m, columns)` of functions of lines, as those of what they are made of."""
    held = states.reshape(*states.shape[:2], *(line.count for line in lines))
    for line in lines:
        held = torch.tensordot(held, line.transform, dims=([2], [1]))
    return held.flatten(2)
