"""A basis over turned coordinates y = Q x: what is aligned with an axis there is oblique here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain, Gather
from pinnsolve.basis.initialize import Matrix
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, members, unit
from pinnsolve.jets.propagation import combined


@dataclass(frozen=True)
class Rotated(Sums):
    """`within`, as a basis over y = Q x, y_i named like x_i; the rows of Q are orthonormal
    directions.

    If these are fewer than the coordinates, the functions are constant across them: ridge
    functions. Raises ValueError, when built, if the rows are not orthonormal or do not fit the
    domain.

    >>> from pinnsolve import Dense, Rotated
    >>> ridges = Rotated(Dense(50), ((0.6, 0.8),))  # functions of 0.6 x + 0.8 y
    >>> ridges.build({"x": (0, 1), "y": (0, 1)}, seed=0).size
    50
    """

    within: Declaration
    directions: Matrix

    def build(self, domain: Domain, seed: int) -> RotatedBasis:
        """The inner basis on the smallest box, in y, around the domain's."""
        q = DOUBLE.new_tensor(self.directions)
        fits = q.dim() == 2 and 0 < q.shape[0] <= q.shape[1] == len(domain)
        if not fits or not torch.allclose(q @ q.T, torch.eye(len(q), dtype=q.dtype), atol=1e-9):
            raise ValueError(
                f"Rotated wants at most {len(domain)} orthonormal directions of the {len(domain)}"
                " coordinates"
            )
        corners = q @ DOUBLE.new_tensor(list(product(*domain.values()))).T
        box = {
            name: (float(row.min()), float(row.max()))
            for name, row in zip(domain, corners, strict=False)
        }
        return RotatedBasis(self.within.build(box, seed), q, domain)


class RotatedBasis(Basis):
    """Functions phi(Q x)."""

    box: Tensor
    q: Tensor

    def __init__(self, inner: Basis, q: Tensor, domain: Domain) -> None:
        super().__init__()
        self.inner = inner
        self.rows = tuple(map(tuple, q.tolist()))
        self.register_buffer("q", q, persistent=False)  # declared: no file holds it
        self.register_buffer("box", DOUBLE.new_tensor(list(domain.values())))
        self.size = inner.size

    @property
    def varying(self) -> int:
        """Along the rows of Q alone."""
        return len(self.q)

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """Those of the inner basis."""
        return tuple(partial(self._gathered, gather) for gather in self.inner.gathers)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        expansions = [
            _collected(term for m in members(i) for term in _expansion(m, self.rows))
            for i in indices
        ]
        needed = list(dict.fromkeys(b for terms in expansions for b in terms))
        inner = dict(zip(needed, self.inner(x @ self.q.T, needed), strict=True))
        return torch.stack(
            [combined((c, inner[b]) for b, c in terms.items()) for terms in expansions]
        )

    def _gathered(self, gather: Gather, x: Tensor, normals: Tensor | None = None) -> Tensor:
        """Points that lie as the inner basis wants them, from points that are uniform in the box
        (some fall outside).
        """
        corners = self.q.new_tensor(list(product(*self.box.tolist()))) @ self.q.T
        low, high = corners.amin(dim=0), corners.amax(dim=0)
        if normals is None:
            share = ((x - self.box[:, 0]) / (self.box[:, 1] - self.box[:, 0]))[:, : len(self.q)]
        else:
            y = x @ self.q.T
            share = (y - y.amin(dim=0)) / (y.amax(dim=0) - y.amin(dim=0)).clamp(min=1e-300)
        moved = gather(low + share * (high - low), None)
        return (
            x + (moved - x @ self.q.T) @ self.q
            if normals is None
            else _along(x, normals, self.q[0], moved[:, 0])
        )


def _along(x: Tensor, normals: Tensor, direction: Tensor, wanted: Tensor) -> Tensor:
    """Points moved along their face to where direction . x is as wanted; not at all, where the face
    lies across it.
    """
    tangent = direction - (normals @ direction)[:, None] * normals
    # The squared sine of an angle: below this, the direction is normal to the face.
    speed, across = tangent @ direction, 1e-12
    step = torch.where(speed > across, (wanted - x @ direction) / speed.clamp(min=across), 0.0)
    return x + step[:, None] * tangent


def _collected(terms: Iterable[tuple[MultiIndex, float]]) -> dict[MultiIndex, float]:
    """Equal derivatives added: those of a Laplacian cancel in part."""
    collected: dict[MultiIndex, float] = {}
    for index, c in terms:
        collected[index] = collected.get(index, 0.0) + c
    return collected


@cache
def _expansion(index: MultiIndex, rows: Matrix) -> list[tuple[MultiIndex, float]]:
    """D_x^index as a sum of c D_y^b: each d/dx_i is sum_k Q_ki d/dy_k."""
    dimension = len(rows)
    terms: dict[MultiIndex, float] = {(0,) * dimension: 1.0}
    for axis in (i for i, order in enumerate(index) for _ in range(order)):
        terms = _collected(
            (tuple(p + q for p, q in zip(b, unit(dimension, k), strict=True)), c * rows[k][axis])
            for b, c in terms.items()
            for k in range(dimension)
        )
    return list(terms.items())
