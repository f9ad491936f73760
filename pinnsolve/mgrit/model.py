"""A performance model: what a pass costs on so many ranks, from the costs of a layer and a message;
the best coarsening.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from pinnsolve.mgrit.grid import coarsened

FACTORS = (4, 8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True)
class Costs:
    """Of one layer: forward with its graph kept, back with and without parameter gradients, a
    coarse step and its transpose.

    And of a `message` of one state between neighbours. In any unit; by default in layers.
    """

    forward: float = 1.0
    backward: float = 2.0
    state_backward: float = 1.0
    coarse: float = 1.0
    coarse_backward: float = 2.5
    message: float = 0.02


def serial_pass(costs: Costs, depth: int) -> float:
    """Forward and backward, layer after layer."""
    return depth * (costs.forward + costs.backward)


def parallel_pass(
    costs: Costs, depth: int, ranks: int, factors: Sequence[int], reverse: int = 1, nested: int = 0
) -> float:
    """One forward cycle and `reverse` passes back; `nested` first guesses, where no states are
    remembered.

    Relaxation is divided among the ranks, down to one interval after the other where an interval
    lies across several; the coarsest sweeps run through all ranks in turn, a message a rank. Levels
    between are relaxed and filled in parallel.
    """
    counts = coarsened(depth, factors)
    ranks = min(ranks, counts[1])
    share = [-(-n // ranks) for n in counts]
    between = sum(max(n, c) for n, c in zip(share[1:-1], factors[1:], strict=True))
    hops = (ranks - 1) * costs.message

    def sweep(step: float) -> float:
        return counts[-1] * step + hops

    def correction(step: float) -> float:
        return (sum(share[1:]) + 2 * between) * step + sweep(step)

    forward = (
        nested * (sweep(costs.coarse) + between * costs.coarse)
        + share[0] * costs.forward
        + correction(costs.coarse)
    )
    # Back: a first guess, the passes and a correction between two of them, and what the coarse
    # steps lack, learned at the end.
    guess = sweep(costs.coarse_backward) + between * costs.coarse_backward
    back = guess + share[0] * costs.backward + (sum(share[1:]) + between) * costs.coarse_backward
    return (
        forward
        + back
        + (reverse - 1) * (share[0] * costs.state_backward + correction(costs.coarse_backward))
    )


def best_factors(
    depth: int, ranks: int, costs: Costs | None = None, together: int = 8
) -> tuple[float, tuple[int, ...]]:
    """The quickest pass of two to four levels, and its coarsening factors.

    One process takes so many intervals `together` through a layer: on a CPU more no longer fit into
    its cache. Raises ValueError if nothing fits.
    """
    costs = costs or Costs()
    if ranks == 1 and depth >= 2 * together:
        alone = (math.ceil(depth / together),)
        return parallel_pass(costs, depth, 1, alone), alone
    fit = [
        factors
        for n in (1, 2, 3)
        for factors in product(FACTORS, repeat=n)
        if math.ceil(depth / math.prod(factors)) >= 2 and math.ceil(depth / factors[0]) >= ranks
    ]
    if not fit:
        raise ValueError(
            f"{depth} layers are too few for {ranks} ranks: at least {4 * max(2, ranks)} are wanted"
        )
    return min((parallel_pass(costs, depth, ranks, f), f) for f in fit)
