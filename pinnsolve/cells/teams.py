"""Which ranks work on which part of a tree of cells, and what they tell each other.

A part of the tree belongs to a team of neighbouring ranks. Its two halves belong to two halves of
the team, until a rank is alone; the first rank of a team merges what its two halves have condensed.
So only what is kept at faces goes up, and what was decided comes down.
"""

from __future__ import annotations

from pinnsolve.fields.tree import Tree

Key = int
# A team's first rank, and the one after its last.
Team = tuple[int, int]


def halves(tree: Tree, team: Team) -> tuple[Team, Team]:
    """The teams of both parts, by the cells in them; a rank alone has both.

    >>> import numpy as np
    >>> from pinnsolve.fields.tree import grid
    >>> halves(grid(np.array([[0.0, 1.0], [0.0, 1.0]]), (3, 1)), (0, 2))
    ((0, 1), (1, 2))
    """
    start, end = team
    if end - start == 1:
        return team, team
    first, second = (len(part.cells) for part in tree.parts)
    share = round((end - start) * first / (first + second))
    # No rank without a cell.
    share = min(max(share, 1, end - start - second), end - start - 1, first)
    return (start, start + share), (start + share, end)


def dealt(tree: Tree, ranks: int) -> tuple[tuple[int, int], ...]:
    """Of every rank, its cells: the first, and the one after the last.

    >>> import numpy as np
    >>> from pinnsolve.fields.tree import grid
    >>> dealt(grid(np.array([[0.0, 1.0], [0.0, 1.0]]), (4, 2)), 3)
    ((0, 2), (2, 4), (4, 8))
    """
    cells: dict[int, tuple[int, int]] = {}

    def deal(part: Tree, first: int, team: Team) -> None:
        if team[1] - team[0] == 1:
            cells[team[0]] = (first, first + len(part.cells))
            return
        for half, mine in zip(part.parts, halves(part, team), strict=True):
            deal(half, first, mine)
            first += len(half.cells)

    deal(tree, 0, (0, ranks))
    return tuple(cells[rank] for rank in range(ranks))


def above(tree: Tree, team: Team, rank: int) -> int | None:
    """The rank that merges what this one has condensed; None of the first rank of all."""
    if team[1] - team[0] == 1:
        return None
    first, second = halves(tree, team)
    if rank == second[0]:
        return first[0]
    part, mine = (tree.parts[1], second) if rank >= second[0] else (tree.parts[0], first)
    return above(part, mine, rank)
