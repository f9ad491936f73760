"""ReLU networks that are finite elements, and can then be trained: a mesh whose knots are free.

The hat function of a vertex is max(0, min of the affine functions that it equals on the elements
around it), if those form a convex patch; minima are made of rectified units, min(a, b) = b - relu(b
- a), so the network's values are the hat functions exactly (He, Li, Xu, Zheng, "ReLU deep neural
networks and linear finite elements", 2018, theorem 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from pinnsolve.basis.basis import DOUBLE, Basis, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, check_index, members, order_of

Points = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class FiniteElements(Sums):
    """Linear finite elements on a mesh: vertices `(n, dim)` and elements, each of dim + 1 vertices,
    dim 1 or 2.

    Functions and first derivatives; second ones are zero wherever they exist. Raises ValueError for
    elements without volume, or a vertex inside the mesh whose patch is not convex.

    >>> from pinnsolve import FiniteElements
    >>> hats = FiniteElements(((0.0,), (0.4,), (1.0,)), ((0, 1), (1, 2)))
    >>> hats.build({"x": (0, 1)}, seed=0).size
    3
    """

    vertices: Points
    elements: tuple[tuple[int, ...], ...]
    local: ClassVar[bool] = False

    def __init__(
        self, vertices: Sequence[Sequence[float]], elements: Sequence[Sequence[int]]
    ) -> None:
        object.__setattr__(self, "vertices", tuple(tuple(float(c) for c in v) for v in vertices))
        object.__setattr__(self, "elements", tuple(tuple(int(i) for i in e) for e in elements))

    def build(self, domain: Domain, seed: int) -> FiniteElementBasis:
        """The network; nothing in it is random."""
        x = DOUBLE.new_tensor(self.vertices)
        if x.ndim != 2 or x.shape[1] != len(domain):
            raise ValueError(
                f"FiniteElements: vertices of shape {tuple(x.shape)} for {len(domain)} coordinates"
            )
        patches: list[list[tuple[int, int]]] = [[] for _ in x]
        for number, element in enumerate(self.elements):
            corners = torch.cat(
                [x[list(element)], torch.ones(len(element), 1, dtype=x.dtype)], dim=1
            )
            if abs(float(torch.linalg.det(corners))) < 1e-14:
                raise ValueError(f"FiniteElements: the element {element} has no volume")
            for place, vertex in enumerate(element):
                patches[vertex].append((number, place))
        if not all(patches):
            raise ValueError("FiniteElements: a vertex belongs to no element")
        most = max(map(len, patches))
        padded = torch.tensor([[*p, *[p[-1]] * (most - len(p))] for p in patches])
        basis = FiniteElementBasis(x, torch.tensor(self.elements), padded)
        if self._gap(basis, x) > 1e-10:
            raise ValueError(
                "FiniteElements: around some vertex the elements form no convex patch; refine or"
                " swap edges there"
            )
        return basis

    def _gap(self, basis: FiniteElementBasis, x: Tensor) -> float:
        """The largest difference to barycentric coordinates, at points near each corner of each
        element.
        """
        elements = torch.tensor(self.elements)
        k = elements.shape[1]
        barycentric = torch.full((k, k), 0.1 / (k - 1), dtype=x.dtype).fill_diagonal_(0.9)
        points = torch.einsum("ck,ekd->ecd", barycentric, x[elements])
        expected = x.new_zeros(len(elements), k, len(x)).scatter_(
            2, elements[:, None].expand(-1, k, -1), barycentric.expand(len(elements), -1, -1)
        )
        with torch.no_grad():
            values = basis(points.flatten(0, 1), [(0,) * x.shape[1]])[0]
        return float((values - expected.flatten(0, 1)).abs().max())


class FiniteElementBasis(Basis):
    """max(0, min_k (w_k . x + b_k)) for every vertex, k over the elements around it; `vertices (n,
    dim)` can be trained.
    """

    patches: Tensor
    elements: Tensor

    def __init__(self, vertices: Tensor, elements: Tensor, patches: Tensor) -> None:
        super().__init__()
        self.vertices = nn.Parameter(vertices)
        self.register_buffer("elements", elements)
        self.register_buffer("patches", patches)
        self.size = len(vertices)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Values and derivatives at points `(n, dim)`: `(n_indices, n, size)`."""
        corners = self.vertices[self.elements]
        corners = torch.cat([corners, torch.ones_like(corners[..., :1])], dim=2)
        affine = torch.linalg.inv(corners).transpose(1, 2)[
            self.patches[..., 0], self.patches[..., 1]
        ]
        slopes, offsets = affine[:, :, :-1], affine[:, :, -1]
        # Jets of the pieces, value first: (1 + dim, n, size, pieces).
        values = torch.einsum("nd,vkd->nvk", x, slopes) + offsets
        jet = torch.cat([values[None], slopes.permute(2, 0, 1)[:, None].expand(-1, len(x), -1, -1)])
        while jet.shape[3] > 1:
            pairs = jet.shape[3] // 2
            smaller = _minimum(jet[..., :pairs], jet[..., pairs : 2 * pairs])
            jet = torch.cat([smaller, jet[..., 2 * pairs :]], dim=3)
        hats = _relu(jet[..., 0])
        for index in indices:
            check_index(index, x.shape[1])
        return torch.stack(
            [hats[_place(i)] if order_of(i) < 2 else torch.zeros_like(hats[0]) for i in indices]
        )


def _relu(jet: Tensor) -> Tensor:
    return jet * (jet[:1] > 0)


def _minimum(a: Tensor, b: Tensor) -> Tensor:
    return b - _relu(b - a)


def _place(index: JetIndex) -> int:
    """Where a value or first derivative is in a jet (value, d/dx_1, ..., d/dx_dim)."""
    (single,) = members(index)
    return single.index(1) + 1 if 1 in single else 0
