"""What functions and their derivatives are held against: nested autograd, at points of one seed."""

from __future__ import annotations

import torch


def generator(seed=0):
    """Random numbers that are the same in each run."""
    return torch.Generator().manual_seed(seed)


def nested(function, points, index):
    """D^index of function, (n, dim) -> (n, width), by nested autograd. Each neuron has copies of
    the points to itself, so that one sweep differentiates all.
    """
    n, width = len(points), function(points).shape[1]
    copies = points.repeat(width, 1).requires_grad_(True)
    value = function(copies).reshape(width, n, width).diagonal(dim1=0, dim2=2).T
    for axis, order in enumerate(index):
        for _ in range(order):
            if value.requires_grad:
                value = torch.autograd.grad(
                    value.sum(), copies, create_graph=True, materialize_grads=True
                )[0][:, axis].reshape(width, n)
    return value.detach().T


def against_differences(basis, points, indices, step=1e-4):
    """The largest difference of derivatives to central differences of those an order below, of
    those indices that are listed, relative; NaN, if one is.
    """
    values, gaps = dict(zip(indices, basis(points, indices), strict=True)), []
    for index in indices:
        for axis in range(points.shape[1]):
            higher = tuple(k + (axis == i) for i, k in enumerate(index))
            if higher not in values:
                continue
            moved = torch.zeros_like(points[0])
            moved[axis] = step
            near = [basis(points + k * moved, [index])[0] for k in (-2, -1, 1, 2)]
            by_differences = (near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * step)
            gaps.append((by_differences - values[higher]).abs().max() / values[higher].abs().max())
    return float(torch.stack(gaps).max())


def against_autograd(basis, points, indices):
    """The largest difference of derivatives to those of nested autograd, relative, by function."""

    def values(at):
        return basis(at, [(0,) * at.shape[1]])[0]

    worst = 0.0
    for index in indices:
        oracle = nested(values, points, index)
        apart = (basis(points, [index])[0] - oracle).abs().amax(0)
        worst = max(worst, float((apart / oracle.abs().amax(0).clamp(min=1e-8)).max()))
    return worst


def assert_field_by_autograd(field, x, index):
    """That D^index of all unknowns at points `(n, dim)` is what nested autograd gives, to 1e-9."""
    x = x.clone().requires_grad_()
    values, found = field(x, [(0,) * x.shape[1]])[:, 0], field(x, [index])[:, 0]
    for value, own in zip(values, found, strict=True):
        wanted = value
        for axis, order in enumerate(index):
            for _ in range(order):
                (slope,) = torch.autograd.grad(wanted.sum(), x, create_graph=True)
                wanted = slope[:, axis]
        assert torch.allclose(own, wanted, atol=1e-9 * float(wanted.detach().abs().max()))
