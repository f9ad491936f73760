"""Residual networks of many layers, and how far results of two ways to run them are apart."""

from __future__ import annotations

import torch

from pinnsolve import ResNet
from pinnsolve.mgrit.propagator import serial

PLANE = {"x": (0.0, 1.0), "y": (-1.0, 1.0)}
ORDERS = {
    0: [(0, 0)],
    1: [(0, 0), (1, 0), (0, 1)],
    2: [(0, 0), frozenset([(2, 0), (0, 2)]), (1, 1)],
    4: [(4, 0), (2, 2), (0, 0)],
}


def network(depth, propagate=serial, width=6, horizon=1.0):
    """A residual network of `depth` steps."""
    return ResNet(width, depth + 1, horizon=horizon, propagate=propagate).build(PLANE, 0)


def points(n=9):
    return torch.rand(n, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def run(basis, indices, x=None):
    """Values, and gradients of some function of them."""
    out = basis(points() if x is None else x, indices)
    weights = torch.sin(torch.arange(out.numel(), dtype=out.dtype)).reshape(out.shape)
    return out.detach(), torch.autograd.grad((out * weights).sum(), list(basis.parameters()))


def distance(found, expected):
    """Relative, the worst of values and gradients."""
    pairs = [(found[0], expected[0]), *zip(found[1], expected[1], strict=True)]
    return max(float((a - b).norm() / b.norm()) for a, b in pairs)
