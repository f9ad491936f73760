"""Functions of space for an evolution: orthonormal, and with the homogeneous side conditions built
in.

A drawn basis is nearly dependent; its weighted SVD, sqrt(w) Phi = U S V', gives orthonormal
functions psi = phi V / S (the SVD layer of Datar et al., arXiv 2405.20836). The coefficients a of
all unknowns then satisfy the side conditions, C a = g(t), as a = C^+ g(t) + Z y, Z an orthonormal
basis of the null space of C, with y free.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.points import Points, sample_region
from pinnsolve.discretize.recognize import Form
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.fields.separated import Modes
from pinnsolve.fields.space import Block, Space
from pinnsolve.geometry.solids import Box
from pinnsolve.jets.indices import JetIndex, is_sum, members
from pinnsolve.search.scales import periodic_coordinates


@dataclass(frozen=True)
class Reduction:
    """How drawn functions become orthonormal ones, and on how many points."""

    # Singular values of the drawn functions, relative to the largest: smaller ones are noisy
    kept: float = 1e-9
    # Singular values of the side conditions' rows, relative to the largest
    constrained: float = 1e-10
    # Points a function, in one dimension of space, and in several
    points_in_one: int = 2
    points_in_several: int = 4


REDUCTION = Reduction()


@dataclass(frozen=True, eq=False)
class Orthonormal:
    """Functions psi_j, j < r, of space, `modes` times `transform (size, r)`, on weighted points
    `(n, dim)`.

    Coefficients a `(n_unknowns * r,)` of all unknowns are `lift @ g + free @ y` for side data g and
    any y.
    """

    modes: Block
    axis: int
    transform: Tensor
    points: Tensor
    weights: Tensor
    sides: tuple[Side, ...]
    lift: Tensor
    free: Tensor

    @property
    def rank(self) -> int:
        """How many functions an unknown has."""
        return self.transform.shape[1]

    def values(self) -> Tensor:
        """The functions themselves on the points: `(n, r)`."""
        with torch.no_grad():
            functions: Tensor = (
                self.modes(self.points, [(0,) * self.points.shape[1]])[0] @ self.transform
            )
        return functions

    def side_data(self, t: float) -> Tensor:
        """The data of all sides at a time, `(n_side_points,)`."""
        return torch.cat([side.data(t, self.axis) for side in self.sides])

    def slots(self, residual: Residual, x: Tensor) -> list[Tensor]:
        """For every slot the functions with its derivatives in space, at points of any time: each
        `(n, r)`.

        A derivative in time is left to the caller: the slot has the functions of its derivatives in
        space.
        """
        places = tuple(replace(s, index=_in_space(s.index, self.axis)) for s in residual.slots)
        each = Space((self.modes,) * (1 + max((s.unknown for s in places), default=0)))
        with torch.no_grad():
            return [phi @ self.transform for phi in each.slots(replace(residual, slots=places), x)]


@dataclass(frozen=True, eq=False)
class Side:
    """A side condition on points of space: its rows are those of the equation times `scale`."""

    residual: Residual
    points: Tensor
    normals: Tensor | None
    scale: float

    def data(self, t: float, axis: int) -> Tensor:
        """What the rows must equal at a time: `(n,)`."""
        x = self.points.clone()
        x[:, axis] = t
        return -self.scale * self.residual.data(x, self.normals)


def orthonormal_functions(system: System, form: Form, declared: Modes, seed: int) -> Orthonormal:
    """Draw the basis, place the points, reduce, and build the side conditions in."""
    streams = torch.randint(2**31, (2,), generator=torch.Generator().manual_seed(seed)).tolist()
    modes = declared.build(bounds_by_name(system.problem), streams[0])
    points, weights = _points(system, form, modes, streams[1])
    x = tensor_of(points)
    with torch.no_grad():
        root = tensor_of(np.sqrt(weights))[:, None]
        phi = root * modes(x, [(0,) * x.shape[1]])[0]
        norms = phi.norm(dim=0).clamp(min=1e-300)
        # Waves at random are nearly dependent: an integrator needs as many numbers as there are
        # functions.
        _, s, vt = torch.linalg.svd(phi / norms, full_matrices=False)
        kept = s > REDUCTION.kept * s[0]
        transform = (vt[kept].T / s[kept]) / norms[:, None]
        # The smallest functions are noisy by now: orthogonal again, or each law leaks into them.
        r = torch.linalg.qr(root * (modes(x, [(0,) * x.shape[1]])[0] @ transform)).R
        transform = torch.linalg.solve_triangular(r, transform, upper=True, left=False)
        space = Orthonormal(
            modes,
            form.axis,
            transform,
            x,
            tensor_of(weights),
            (),
            torch.empty(0),
            torch.empty(0),
        )
        return _constrained(space, system, form, streams[1])


def _constrained(space: Orthonormal, system: System, form: Form, seed: int) -> Orthonormal:
    total = system.n_unknowns * space.rank
    rows, sides = [torch.empty(0, total, dtype=torch.float64)], []
    for k, residual in enumerate(form.sides):
        side, matrix = _side(space, system, form, residual, seed + k)
        rows.append(matrix)
        sides.append(side)
    u, s, vt = torch.linalg.svd(torch.cat(rows), full_matrices=True)
    rank = int((s > REDUCTION.constrained * max(1.0, float(s.max()))).sum()) if len(s) else 0
    lift = vt[:rank].T @ (u[:, :rank] / s[:rank]).T
    return replace(space, sides=tuple(sides), lift=lift, free=vt[rank:].T)


def _side(
    space: Orthonormal, system: System, form: Form, residual: Residual, seed: int
) -> tuple[Side, Tensor]:
    """A side condition's points and its rows, of about unit norm: `(n, n_unknowns * r)`."""
    p = _places(residual, system, form, space, seed)
    x, normals = p.tensors()
    phi = space.slots(residual, x)
    slopes = residual.coefficients(x, normals)
    matrix, size = x.new_zeros(len(x), system.n_unknowns, space.rank), 0.0
    for i, slot in enumerate(residual.slots):
        part = slopes[i][:, None] * phi[i]
        matrix[:, slot.unknown] += part
        # Of parts, which may cancel: periodic functions satisfy periodic conditions.
        size = max(size, float(part.norm()))
    scale = len(x) ** 0.5 / max(size, 1e-300)
    return Side(residual, x, normals, scale), scale * matrix.flatten(1)


def _places(
    residual: Residual, system: System, form: Form, space: Orthonormal, seed: int
) -> Points:
    """Points of a side, each once in space, at the start of time; two in one dimension, in more
    about twice its functions.
    """
    dim = len(system.domain.coordinates)
    p = sample_region(
        residual.condition.region, 1 if dim == 1 else 64 if dim == 2 else 2 * space.rank, seed
    )
    x = p.x.copy()
    x[:, form.axis] = form.start
    _, first = np.unique(
        np.round((x - system.domain.bounds[:, 0]) / system.domain.extent, 12),
        axis=0,
        return_index=True,
    )
    return Points(x[first], None if p.normals is None else p.normals[first], p.weights[first])


def _points(system: System, form: Form, modes: Block, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of space at the start of time, and weights: Gauss's points in a box, Sobol's
    elsewhere.

    All of Gauss's points have one weight, unless the coordinate is periodic: the ends of a side
    then weigh more than their length, as in Chebyshev's measure, and errors there are no larger
    than inside.
    """
    axes = [i for i in range(len(system.domain.coordinates)) if i != form.axis]
    if not axes:
        return np.array([[form.start]]), np.ones(1)
    if not isinstance(system.domain, Box):
        name = system.domain.coordinates[form.axis].name
        n = REDUCTION.points_in_several * modes.size
        p = sample_region(system.domain.at(**{name: form.start}), n, seed)
        return p.x, p.weights
    each = (
        REDUCTION.points_in_one * modes.size
        if len(axes) == 1
        else int(np.ceil((REDUCTION.points_in_several * modes.size) ** (1 / len(axes))))
    )
    # Gauss's weights made the initial fit 30 times worse at the ends than inside, which unstable
    # equations amplify: equal ones do not (docs/decisions/0007).
    nodes, gauss = np.polynomial.legendre.leggauss(each)
    periodic = periodic_coordinates(system)
    names = [system.domain.coordinates[i].name for i in axes]
    rules = [gauss if name in periodic else np.full(each, 2 / each) for name in names]
    bounds = system.domain.bounds[axes]
    grids = np.meshgrid(
        *[low + (high - low) * (nodes + 1) / 2 for low, high in bounds], indexing="ij"
    )
    lengths = np.ptp(bounds, axis=1) / 2
    products = np.meshgrid(
        *[length * rule for length, rule in zip(lengths, rules, strict=True)], indexing="ij"
    )
    place, weight = (
        np.stack([g.ravel() for g in grids], axis=1),
        np.prod([w.ravel() for w in products], axis=0),
    )
    place, weight = _stretched(modes.basis, place, weight)
    return np.insert(place, form.axis, form.start, axis=1), weight


def _stretched(
    inner: Basis, place: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The rule carried along the basis' own coordinates; of several parts, the mean of theirs."""
    rules: list[tuple[np.ndarray, np.ndarray]] = []
    for part in inner.side_by_side:
        if part.gathers:
            x = tensor_of(place).requires_grad_()
            moved = part.gathers[0](x, None)
            (slopes,) = torch.autograd.grad(moved.sum(), x)
            rules.append((array_of(moved), weight * array_of(slopes.prod(dim=1))))
        elif not rules or rules[-1][0] is not place:
            rules.append((place, weight))
    return np.concatenate([x for x, _ in rules]), np.concatenate([w for _, w in rules]) / len(rules)


def _in_space(index: JetIndex, axis: int) -> JetIndex:
    """The same derivative in space, none in time."""
    if is_sum(index):
        return index
    (single,) = members(index)
    return (*single[:axis], 0, *single[axis + 1 :])
