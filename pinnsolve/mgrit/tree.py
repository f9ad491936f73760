"""The binomial tree along which one rank's tensor reaches all of them, a generation a message."""

from __future__ import annotations


def tree(place: int, size: int) -> tuple[int | None, list[int]]:
    """The parent of a place among so many, and its children, the largest branch first. The root is
    place 0, which has no parent.

    >>> tree(0, 6), tree(4, 6)
    ((None, [4, 2, 1]), (0, [5]))
    """
    lowest = place & -place if place else 1 << size.bit_length()
    steps = [1 << k for k in range(size.bit_length()) if 1 << k < lowest]
    children = [place + step for step in reversed(steps) if place + step < size]
    return (place - lowest if place else None), children
