"""What a network is worth before it is trained: hyperplanes that cut the domain, rank and condition
of its functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from pinnsolve.basis.basis import Basis, Declaration
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.geometry.figures import new_figure
from pinnsolve.geometry.region import Region

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Inspection:
    """Of a basis at its initialization, on random points of a region.

    `hyperplanes`: for every layer, how many neurons change sign in the region, those of equal sign
    pattern counted once (bent hyperplanes, from the second layer on). `rank` and `condition`: of
    the matrix of values, columns scaled to one, singular values above 1e-10 of the largest counted.
    `largest`: the largest value of any function.

    >>> from pinnsolve import Box, BoxPlanes, Dense, coordinates, inspect
    >>> square = Box({c: (0, 1) for c in coordinates("x y")})
    >>> seen = inspect(Dense(16, activation="relu", initialize=BoxPlanes()), square)
    >>> seen.hyperplanes, round(seen.largest, 2) <= 1
    ((16,), True)
    """

    hyperplanes: tuple[int, ...]
    rank: int
    condition: float
    largest: float


def inspect(declared: Declaration, region: Region, seed: int = 0) -> Inspection:
    """Build a network for the region and look at it. Raises ValueError for a basis that is no
    network.

    >>> from pinnsolve import Box, Dense, He, coordinates, inspect
    >>> square = Box({c: (0, 1) for c in coordinates("x y")})
    >>> inspect(Dense(32, depth=8, activation="relu", initialize=He()), square).rank
    24
    """
    basis = _built(declared, region, seed)
    x = sample_region(region, 2048, seed).tensors()[0]
    with torch.no_grad():
        signs = [(z > 0).T for z in basis.arguments(x)]
        values = basis(x, [(0,) * x.shape[1]])[0]
    counts = []
    for layer in signs:
        active = layer[layer.any(dim=1) & ~layer.all(dim=1)]
        same_side = active ^ active[:, :1]  # a plane and its other side are one
        counts.append(len(torch.unique(same_side, dim=0)) if len(active) else 0)
    norms = values.norm(dim=0)
    scaled = values / torch.where(norms > 0, norms, 1.0)
    # Columns of one length: a neuron that is small is not dependent.
    s = torch.linalg.svdvals(scaled) if bool(scaled.isfinite().all()) else values.new_zeros(1)
    rank = int((s > 1e-10 * s[0]).sum())
    condition = float(s[0] / s[-1]) if float(s[-1]) > 1e-17 * float(s[0]) else math.inf
    return Inspection(tuple(counts), rank, condition, float(values.abs().max()))


def draw_hyperplanes(declared: Declaration, region: Region, seed: int = 0) -> Figure:
    """Where the neurons of every layer change sign, a colour a layer, in a region of two
    coordinates.

    Raises ValueError for another number of coordinates.

    >>> from pinnsolve import Box, BoxPlanes, Dense, coordinates, draw_hyperplanes
    >>> square = Box({c: (0, 1) for c in coordinates("x y")})
    >>> figure = draw_hyperplanes(Dense(16, depth=2, initialize=BoxPlanes()), square)
    >>> len(figure.axes)
    1
    """
    if len(region.coordinates) != 2:
        raise ValueError(
            f"hyperplanes are drawn in two coordinates: {region} has {len(region.coordinates)}"
        )
    figure = new_figure(4.5, 4.2)
    draw_hyperplanes_into(figure.add_subplot(), declared, region, seed)
    return figure


def draw_hyperplanes_into(ax: Axes, declared: Declaration, region: Region, seed: int = 0) -> None:
    """The same into axes that are there."""
    (a, b), (c, d) = region.bounds
    side = 401  # points of the grid
    lines = np.linspace(a, b, side), np.linspace(c, d, side)
    x = np.stack([g.ravel() for g in np.meshgrid(*lines)], axis=1)
    with torch.no_grad():
        layers = _built(declared, region, seed).arguments(tensor_of(x))
    for number, layer in enumerate(layers):
        colour = f"C{number % 10}"
        for z in array_of(layer.T):
            if z.min() < 0 < z.max():
                ax.contour(*lines, z.reshape(side, side), [0.0], colors=colour, linewidths=0.8)
    ax.set(xlabel=str(region.coordinates[0]), ylabel=str(region.coordinates[1]), aspect="equal")


def _built(declared: Declaration, region: Region, seed: int) -> Basis:
    if not isinstance(region, Region) or not hasattr(declared, "build"):
        raise TypeError(
            f"a network and a region are wanted, inspect(Dense(50), region): got {declared},"
            f" {region}"
        )
    bounds = {
        c.name: (float(a), float(b))
        for c, (a, b) in zip(region.coordinates, region.bounds, strict=True)
    }
    basis = declared.build(bounds, seed)
    if not basis.layered:
        raise ValueError(f"only networks, Dense or ResNet, have hyperplanes: got {declared}")
    return basis
