"""What all fields have in common whose coefficients move: states at times."""

from __future__ import annotations

from torch import Tensor

from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import JetIndex, in_others, members


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


def terms_of(index: JetIndex, axis: int) -> list[tuple[JetIndex, int]]:
    """A derivative as a sum of derivatives in space, each with an order in time, which is
    coordinate number `axis`.
    """
    orders = {m[axis] for m in members(index)}
    parts = [index] if len(orders) == 1 else members(index)
    return [(in_others(part, axis), members(part)[0][axis]) for part in parts]
