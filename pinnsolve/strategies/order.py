"""Which way of solving comes first, and what each may take: the numbers of the automatic choice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """Which way comes first, how much of the budget it takes, and when the other is tried."""

    # A tolerance below which the separation of space and time comes second: it has ten digits
    separated: float = 1e-9
    # Of the budget's seconds, for space and time at once where that is tried first
    first_share: float = 0.5
    # The same where sides disagree with a start: other ways seldom come near
    sudden: float = 0.75
    # The same for linear equations, which seldom want the other way
    linear_share: float = 0.7
    # Seconds for each of both ways on a line, before the first one goes on
    first_turn: float = 5.0
    second_turn: float = 15.0
    # And for the separation of space and time, where that is first
    separated_share: float = 0.75
    # Of the seconds, for products of functions of one coordinate, where an evolution suits them
    products: float = 0.75
    # For waves in boxes, where elements wait: these refine by steps that cost three times as much
    waves_in_products: float = 0.3
    waves_at_once: float = 0.5
    # For steps that hold constraints, where one basis of space and time waits
    constrained: float = 0.7
    # Of the seconds, for one basis of space, before cells of space are tried for an evolution
    one_space: float = 0.4
    # A tolerance below which those have what is left: where sides move, halved steps leave a sixth,
    # and of two random problems at 1e-8 in 30 s they left residuals of 4e-4 and 5e-3, one basis
    # 5e-9 and 6e-6
    stepped: float = 1e-6
    # Seconds for a way, where the budget has no limit
    seconds: float = 60.0
    # For another way, where the first one found that there is no solution to the end
    brief: float = 5.0
    # A residual up to where it ends, above which an evolution's end is not believed
    end_believed: float = 0.1
    # A residual above which another way is tried, though no tolerance is given
    credible: float = 1e-2


ORDER = Order()
