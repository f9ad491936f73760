"""What all fields have in common whose coefficients move: states at times."""

from __future__ import annotations

from torch import Tensor

from pinnsolve.fields.field import Field


class Motion(Field):
    """A field along coordinate number `axis`, time: `states (3, m, ..)` at `times (m,)`."""

    axis: int
    times: Tensor
    states: Tensor

    @property
    def like(self) -> Tensor:
        """The motion."""
        return self.states

    @property
    def steps(self) -> int:
        """In time."""
        return len(self.times) - 1

    @property
    def sizes(self) -> dict[str, int]:
        """Functions of space, and steps in time."""
        return {"functions of space": self.functions, "steps": self.steps}

    @property
    def last_time(self) -> tuple[int, float]:
        """Time's coordinate number, and how far it was followed."""
        return self.axis, float(self.times[-1])
