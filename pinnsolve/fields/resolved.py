"""Solutions of an elliptic problem with several complex numbers, mixed with weights that move."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.adapted.damped import Damped
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.separable import legendre
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.motion import Motion, terms_of
from pinnsolve.fields.separated import along
from pinnsolve.jets.indices import JetIndex, MultiIndex, members
from pinnsolve.jets.propagation import summed


@dataclass(frozen=True)
class Holding:
    """How much is held at once."""

    # Values a point: few, so that places come again within a block
    values: int = 8
    # Places, at which the functions of one number are made
    places: int = 2048


HOLDING = Holding()


@dataclass(frozen=True)
class Resolvents:
    """Functions around `holes` and from the walls of the box of space, `counts` waves each, or of
    `rims` in their place, and the coordinate `time`, with which they are mixed. Made by `solve`.
    """

    holes: tuple[Hole, ...]
    counts: tuple[int, ...]
    time: str
    rims: tuple[Hole, ...] = ()

    def __str__(self) -> str:
        if self.rims:
            return f"functions of a disk, mixed by {self.time}"
        return f"functions around {len(self.holes)} holes, mixed by {self.time}"


@dataclass(frozen=True, eq=False)
class Resolved(Motion):
    """u = sum_j Re(w_j(t) phi_j(x)), t coordinate number `axis`: of each of the numbers `roots
    (n, 2)`, real and imaginary parts side by side as everywhere here, and of each load, phi is made
    of the functions `damped` with coefficients `own (n, loads, functions, 2)`, and a polynomial on
    their box, `given (n, loads, ., ., 2)` by Legendre's, of no coefficients where there is none.

    `times (m,)` and `states (3, m, 2 n loads)`: w and its first two derivatives in time, joined by
    quintic polynomials.
    """

    damped: Damped
    axis: int
    times: Tensor
    states: Tensor
    roots: Tensor
    own: Tensor
    given: Tensor

    @property
    def n_unknowns(self) -> int:
        """One."""
        return 1

    @property
    def functions(self) -> int:
        """Functions of all numbers."""
        return self.damped.size * len(self.roots)

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers, and functions of each."""
        return {"complex numbers": len(self.roots), "functions of each": self.damped.size}

    @property
    def weak(self) -> bool:
        """At the start, where data disagree, weights are a ramp that no equation has made."""
        return True

    def state(self) -> dict[str, Tensor]:
        """The motion, and the numbers of every field of space."""
        names = ("times", "states", "roots", "own", "given")
        return {name: getattr(self, name) for name in names}

    def blocks(
        self, x: Array, normals: Array | None, derivatives: int
    ) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
        """Points `(n, dim)` in large pieces: places that come again at other times are evaluated
        once.
        """
        return blocks(x, normals, HOLDING.values * derivatives, like=self.like)

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives at points `(n, dim)`: `(1, n_indices, n)`."""
        t = x[:, self.axis]
        at = torch.cat([x[:, : self.axis], x[:, self.axis + 1 :]], dim=1)
        at, back = torch.unique(at, dim=0, return_inverse=True)
        terms = [terms_of(index, self.axis) for index in indices]
        places = list(dict.fromkeys(place for own in terms for place, _ in own))
        orders = dict.fromkeys(order for own in terms for _, order in own)
        shape = (len(t), *self.own.shape[:2], 2)
        weights = {n: along(self.times, self.states, t, n).reshape(shape) for n in orders}
        out = x.new_zeros(1, len(indices), len(x))
        for number in range(len(self.roots)):
            parts = [self.of_number(number, some, places) for some in at.split(HOLDING.places)]
            fields = torch.cat(parts, dim=2)[:, :, back]
            for row, own in enumerate(terms):
                for place, order in own:
                    moved, mixed = fields[:, places.index(place)], weights[order][:, number]
                    out[0, row] += torch.einsum("nm,mn->n", mixed[..., 0], moved.real)
                    out[0, row] -= torch.einsum("nm,mn->n", mixed[..., 1], moved.imag)
        return out

    def of_number(self, number: int, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of the fields of one number at places `(n, dim - 1)`: `(loads, n_indices,
        n)`, complex.
        """
        k = complex(*self.roots[number].tolist())
        return solutions(
            self.damped,
            k,
            torch.view_as_complex(self.own[number]),
            torch.view_as_complex(self.given[number]),
            x,
            indices,
        )


def solutions(
    damped: Damped, k: complex, own: Tensor, given: Tensor, x: Tensor, indices: Sequence[JetIndex]
) -> Tensor:
    """Derivatives of what functions of a number k, and polynomials, make with coefficients `(loads,
    functions)` and `(loads, ., .)` at points `(n, 2)`: `(loads, n_indices, n)`.
    """
    found = torch.einsum("ink,mk->min", damped(k, x, indices), own)
    return found + polynomials(damped.box, given, x, indices) if given.numel() else found


def polynomials(
    box: Sequence[tuple[float, float]], coefficients: Tensor, x: Tensor, indices: Sequence[JetIndex]
) -> Tensor:
    """Derivatives of sums of Legendre's polynomials on a box, with `coefficients (loads, ., .)`, at
    points `(n, 2)`: `(loads, n_indices, n)`.
    """
    low, high = x.new_tensor(box).T
    slopes = (2 / (high - low)).tolist()
    unit = 2 * (x - low) / (high - low) - 1
    tables = []
    for axis in range(2):
        order = max(m[axis] for i in indices for m in members(i))
        each = legendre(unit[:, axis], max(1, coefficients.shape[axis + 1] - 1), order)
        tables.append([table[:, : coefficients.shape[axis + 1]] for table in each])

    def single(index: MultiIndex) -> Tensor:
        one, other = (tables[axis][index[axis]].to(coefficients.dtype) for axis in range(2))
        scale = math.prod(slope**order for slope, order in zip(slopes, index, strict=True))
        found: Tensor = scale * torch.einsum("np,mpq,nq->mn", one, coefficients, other)
        return found

    return summed(indices, single).movedim(0, 1)
