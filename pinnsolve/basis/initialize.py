"""Where the hyperplanes of hidden neurons lie: box initialization and its relatives.

A neuron sigma(w.x + b) varies across its hyperplane w.x + b = 0. If no hyperplane meets the domain,
the neuron is useless there; so they are placed in the domain's box, and the next layer's in the box
of this layer's values (Cyr, Gulian, Patel, Perego, Trask, arXiv 1912.04862; formulas as in two
public re-implementations).

An initializer is called with a box `(dim, 2)`, the names of its coordinates, a width and a
generator, and gives `weight (dim, width)` and `bias (width,)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import singledispatch
from itertools import combinations
from typing import Any

import torch
from torch import Generator, Tensor

from pinnsolve.basis.basis import DOUBLE

Initializer = Callable[[Tensor, Sequence[str], int, Generator], tuple[Tensor, Tensor]]
Matrix = tuple[tuple[float, ...], ...]
Scale = float | Mapping[Any, float] | Matrix


def uniform_numbers(*size: int, generator: Generator) -> Tensor:
    """Random numbers between 0 and 1, in an array `(...)` of this size."""
    return torch.rand(*size, generator=generator, dtype=torch.float64)


def normal_numbers(*size: int, generator: Generator) -> Tensor:
    """Random numbers of mean 0 and deviation 1, in an array `(...)` of this size."""
    return torch.randn(*size, generator=generator, dtype=torch.float64)


@singledispatch
def scaled(scale: Any, directions: Tensor, names: Sequence[str]) -> Tensor:
    """Directions `(dim, width)` times one scale, one a coordinate (1 where a mapping leaves it
    out), or a matrix `(dim, dim)`.

    Raises ValueError if the matrix does not fit.
    """
    return directions * float(scale)


@scaled.register(Mapping)
def _(scale: Mapping[Any, float], directions: Tensor, names: Sequence[str]) -> Tensor:
    by_name = {str(c): float(s) for c, s in scale.items()}
    each = [[by_name.get(name, 1.0)] for name in names]
    return directions * DOUBLE.new_tensor(each)


@scaled.register
def _(scale: tuple, directions: Tensor, names: Sequence[str]) -> Tensor:  # type: ignore[type-arg]
    matrix = DOUBLE.new_tensor(scale)
    if matrix.shape != (len(names), len(names)):
        raise ValueError(
            f"a matrix of scales for {len(names)} coordinates is square: got shape"
            f" {tuple(matrix.shape)}"
        )
    return matrix @ directions


@singledispatch
def _numbers(scale: Any) -> tuple[Any, ...]:
    """The scales that are no matrix."""
    return (scale,)


@_numbers.register(Mapping)
def _(scale: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(scale.values())


@_numbers.register(tuple)
@_numbers.register(type(None))
def _(scale: Any) -> tuple[Any, ...]:
    return ()


def _require_scale(initializer: Any, scale: Any) -> None:
    """Raise TypeError for a scale that is no number, no matrix and no mapping, ValueError for one
    that is negative.
    """
    example = f"{type(initializer).__name__}(3.0)"
    for number in _numbers(scale):
        if isinstance(number, (bool, str)) or not hasattr(number, "__float__"):
            wanted = "a scale is a number, one by coordinate, or a matrix as a tuple of rows"
            raise TypeError(f"{wanted}, {example}: got {scale!r}")
        if float(number) < 0:  # nothing varies along a coordinate of scale 0
            raise ValueError(f"a scale is no negative number, {example}: got {scale!r}")


def check_names(initializer: object, names: Sequence[str]) -> None:
    """Raise ValueError if an initializer speaks of a coordinate that the domain does not have."""
    for part in fields(initializer) if is_dataclass(initializer) else ():
        value = getattr(initializer, part.name)
        stray = sorted({str(c) for c in value} - set(names)) if isinstance(value, Mapping) else []
        if stray:
            raise ValueError(
                f"{part.name} of {initializer} names {', '.join(stray)}: the coordinates are"
                f" {', '.join(names)}"
            )
        check_names(value, names)


def in_box(weight: Tensor, bias: Tensor, box: Tensor) -> tuple[Tensor, Tensor]:
    """Neurons on the unit box, `weight (dim, width)` and `bias (width,)`, carried to another box
    `(dim, 2)` by the affine map between them.
    """
    low, sides = box[:, 0], box[:, 1] - box[:, 0]
    stretched = weight / sides[:, None]
    return stretched, bias - low @ stretched


@dataclass(frozen=True)
class BoxPlanes:
    """Hyperplanes through uniform points of the box, with uniform directions.

    Without `slope`, as in the paper: the neuron's maximum over the box is exactly 1 (the rule for
    ReLU); heavy-tailed in low dimension. With `slope` (one, one a coordinate, or a matrix), the
    steepness of w on the unit box: the rule for smooth activations (TransNet: Zhang, Bao, Ju, Zhang
    2024). Raises TypeError for a slope that is none of these, ValueError for a negative one.

    >>> from pinnsolve import Box, BoxPlanes, Dense, coordinates, inspect
    >>> square = Box({c: (0, 1) for c in coordinates("x y")})
    >>> inspect(Dense(32, activation="relu", initialize=BoxPlanes()), square).hyperplanes
    (32,)
    """

    slope: Scale | None = None

    def __post_init__(self) -> None:
        _require_scale(self, self.slope)

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        directions = normal_numbers(len(box), width, generator=generator)
        directions /= directions.norm(dim=0)
        points = uniform_numbers(len(box), width, generator=generator)
        if self.slope is None:
            # Over a box a plane is largest in the corner furthest along its normal.
            furthest = (directions > 0).to(points.dtype)
            weight = directions / ((furthest - points) * directions).sum(dim=0)
        else:
            weight = scaled(self.slope, directions, names)
        return in_box(weight, -(weight * points).sum(dim=0), box)


@dataclass(frozen=True)
class Waves:
    """Random waves for the sine: frequencies normal with deviation `scale` (radians a side of the
    box), phases uniform.

    `scale` is one number, one a coordinate, or a matrix that multiplies a normal vector. In
    `periodic` coordinates (by name) the frequencies are rounded to whole periods of the box. Raises
    as `BoxPlanes`.

    >>> from sympy import sin
    >>> from pinnsolve import Dense, Interval, Waves, coordinates, manufactured, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u, line = unknown("u", x), Interval(x, 0, 1)
    >>> problem = manufactured(line, -u.diff(x, 2), u @ line.boundary, exact={u: sin(9 * x)})
    >>> solution = solve(problem, Dense(60, activation="sin", initialize=Waves(9)))
    >>> solution.error() < 1e-8
    True
    """

    scale: Scale = 4.0
    periodic: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_scale(self, self.scale)

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        weight = scaled(self.scale, normal_numbers(len(box), width, generator=generator), names)
        for axis, name in enumerate(names):
            if name in self.periodic:
                weight[axis] = 2 * math.pi * torch.round(weight[axis] / (2 * math.pi))
        return in_box(weight, 2 * math.pi * uniform_numbers(width, generator=generator), box)


@dataclass(frozen=True)
class Harmonics:
    """Fourier's functions for the sine, where all coordinates are periodic: the `width` ones of
    lowest frequency.

    Each wave vector k of whole periods of the box, up to sign and by increasing |k|, with two
    phases (k = 0 with one).

    >>> from pinnsolve import Dense, Harmonics, Interval, coordinates, inspect
    >>> ring = Interval(*coordinates("x"), 0, 1)
    >>> inspect(Dense(9, activation="sin", initialize=Harmonics()), ring).condition < 3
    True
    """

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        # In each coordinate: a cube of wave vectors with more than enough.
        most = math.ceil(width ** (1 / len(box)))
        vectors = torch.cartesian_prod(*[torch.arange(-most, most + 1)] * len(box)).reshape(
            -1, len(box)
        )
        first = (vectors != 0).to(torch.int8).argmax(dim=1, keepdim=True)
        vectors = vectors[vectors.gather(1, first)[:, 0] >= 0]  # one of k and -k
        vectors = vectors[vectors.square().sum(dim=1).argsort(stable=True)]
        waves = torch.cat([vectors[:1], vectors[1:].repeat_interleave(2, dim=0)])[:width]
        phases = DOUBLE.new_tensor([math.pi / 2, 0.0]).repeat(width // 2 + 1)[:width]
        return in_box(2 * math.pi * waves.T.to(DOUBLE), phases, box)


@dataclass(frozen=True)
class Graded:
    """Hyperplanes gathered towards a layer, `Graded(1e-3, at={x: 1})`, or towards a corner,
    `Graded(1e-3, at={x: 0, y: 0})`.

    For each neuron a width d, log-uniform between a third of `thinnest` and the side of the box;
    its plane within 4 d of the given place, its slope 1/d, its direction uniform among the
    coordinates named: every scale has its share. Lengths in units of the coordinates.

    >>> from pinnsolve import Dense, Graded, Interval, coordinates, inspect
    >>> line = Interval(*coordinates("x"), 0, 1)
    >>> inspect(Dense(40, initialize=Graded(1e-3, at={"x": 1})), line).rank > 30
    True
    """

    thinnest: float
    at: Mapping[Any, float]

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        axes = [list(names).index(str(c)) for c in self.at]
        place = DOUBLE.new_tensor([[float(v)] for v in self.at.values()])
        low, high = box[axes, :1], box[axes, 1:]
        longest = float((high - low).max())
        d = longest * (self.thinnest / 3 / longest) ** uniform_numbers(width, generator=generator)
        points = place + 4 * d * (2 * uniform_numbers(len(axes), width, generator=generator) - 1)
        # Nothing lies beyond the end of the box: fold the planes back inside.
        points = torch.minimum(torch.maximum(points, 2 * low - points), 2 * high - points)
        directions = normal_numbers(len(axes), width, generator=generator)
        weight = DOUBLE.new_zeros(len(box), width)
        weight[axes] = directions / directions.norm(dim=0) / d
        return weight, -(weight[axes] * points).sum(dim=0)


@dataclass(frozen=True)
class Sparse:
    """Neurons that see few coordinates: `Sparse(active=1, within=Waves(4))` is a basis of functions
    of one variable each.

    All subsets of the coordinates of that size (or sizes) get neurons in turn; for high dimension.

    >>> from pinnsolve import Dense, Sparse, Waves
    >>> basis = Dense(90, activation="sin", initialize=Sparse(1, Waves(4)))
    >>> basis.build({c: (0, 1) for c in "xyz"}, seed=0).size
    90
    """

    active: int | tuple[int, ...]
    within: Initializer

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        sizes = (self.active,) if isinstance(self.active, int) else self.active
        subsets = [s for size in sizes for s in combinations(range(len(box)), min(size, len(box)))]
        order = torch.randperm(len(subsets), generator=generator).tolist()
        weight = DOUBLE.new_zeros(len(box), width)
        bias = DOUBLE.new_zeros(width)
        for turn, which in enumerate(order):
            neurons = list(range(turn, width, len(subsets)))
            if not neurons:
                break
            axes = list(subsets[which])
            w, b = self.within(box[axes], [names[a] for a in axes], len(neurons), generator)
            weight[torch.tensor(axes)[:, None], torch.tensor(neurons)] = w
            bias[neurons] = b
        return weight, bias


# These look at no domain: given to a network, they start its hidden layers too.


def default_initializer(activation: str) -> Initializer:
    """What suits an activation when nothing else is said."""
    if activation.startswith("relu"):
        return BoxPlanes()
    # What smooth solutions on the unit box want: waves of about their wavenumber, slopes of two to
    # three.
    return Waves(4.0) if activation == "sin" else BoxPlanes(slope=3.0)
