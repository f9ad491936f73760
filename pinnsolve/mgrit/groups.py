"""Ranks in groups: those of a group share the layers, and each group has points of its own."""

from __future__ import annotations


def require_groups(ranks: int, size: int) -> None:
    """Raise ValueError unless so many ranks are groups of that size."""
    if ranks % size:
        raise ValueError(
            f"{ranks} ranks are no groups of {size}: layer_ranks divides the number of ranks"
        )
