"""How small the steps of an evolution are: a policy."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerances:
    """How small the steps in time are, relative to what they may leave."""

    # While the place of stretching is sought: many runs, which are only compared
    coarse: float = 1e-5
    # Relative to the goal
    of_goal: float = 0.03
    # However small the goal is
    finest: float = 1e-12
    # Times smaller, in the run that checks another
    check_finer: float = 3.0
    # Times smaller, where two runs differ though more functions do not help: stiff motions
    finer: float = 30.0
    # In which a path is followed anew, past the instants that it has met
    turns: int = 4

    def fine(self, goal: float) -> float:
        """What a step may leave, for the goal."""
        return max(self.of_goal * goal, self.finest)

    def more_steps(self, rtol: float, finer: float) -> float:
        """Times as many steps, at most, as a run with `rtol` takes, in runs with finer tolerances
        and in those that check them: errors of Radau's steps are estimated to fourth order.
        """
        last = self.finer_than(self.finer_than(finer, self.finer), self.check_finer)
        return max(1.0, math.sqrt(math.sqrt(rtol / last)))

    def finer_than(self, rtol: float, times: float) -> float:
        """So many times less, if that is not too little."""
        return max(rtol / times, self.finest)


TOLERANCES = Tolerances()
