"""Cells of random rows, with jumps that determine them together."""

from __future__ import annotations

import numpy as np
import torch

from oracles import generator
from pinnsolve.cells.eliminate import Raw, Trace
from pinnsolve.fields.tree import faces, grid

SHARED = 4  # numbers that two neighbours see of each other


def normal(*size, of):
    return torch.randn(*size, generator=of, dtype=torch.float64)


def chain_of_cells(counts, columns=12, rows=8, seed=0):
    """Random rows of cells, fewer than columns, with jumps that together determine all; consistent:
    there is a solution of them all.
    """
    tree, of = grid(np.array([[0.0, 1.0]] * len(counts)), counts), generator(seed)
    true = [normal(columns, of=of) for _ in tree.cells]
    inner, raws = list(faces(tree)), []
    sights = {key: (face.below, face.above) for key, face in enumerate(inner)}
    offsets: dict[int, torch.Tensor] = {}
    for number in range(len(tree.cells)):
        a, traces = normal(rows, columns, of=of), {}
        for key, cells in sights.items():
            if number in cells:
                matrix = normal(SHARED, columns, of=of)
                seen = matrix @ true[number]
                # The second one is offset so that both add up to zero.
                offset = torch.zeros_like(seen) if key not in offsets else -offsets[key] - seen
                offsets.setdefault(key, seen)
                traces[key] = Trace(matrix, offset)
        raws.append(Raw(a, a @ true[number], traces))
    return tree, raws, sights, true
