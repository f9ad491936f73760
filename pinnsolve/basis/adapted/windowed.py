"""Functions that live around one place: a basis times a Gaussian window, for needles in several
coordinates.

Where a solution has a spot of width d on top of what is smooth, waves over the whole domain need as
many functions as there are d-sized boxes in it; waves in a window of a few d need a few hundred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb, prod
from typing import Any

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, members
from pinnsolve.jets.propagation import combined


@dataclass(frozen=True)
class Windowed(Sums):
    """`within`, times exp(-sum_i ((x_i - c_i) / r_i)^2) over the coordinates named: `at={x: (c,
    r)}`.

    The inner basis is built on the box of four radii around the centre, where the window is 1e-7.
    Raises ValueError for a radius that is not positive, or, when built, for a coordinate that the
    domain lacks.
    """

    within: Declaration
    at: Mapping[Any, tuple[float, float]]

    def __post_init__(self) -> None:
        if not self.at or not all(radius > 0 for _, radius in self.at.values()):
            raise ValueError(
                f"Windowed wants centre and positive radius of a coordinate: got {dict(self.at)}"
            )

    def build(self, domain: Domain, seed: int) -> WindowedBasis:
        """The basis for a domain's box."""
        windows = {str(c): (float(m), float(r)) for c, (m, r) in self.at.items()}
        stray = sorted(set(windows) - set(domain))
        if stray:
            raise ValueError(
                f"Windowed names {', '.join(stray)}: the coordinates are {', '.join(domain)}"
            )
        box = {n: (m - 4 * r, m + 4 * r) for n, (m, r) in windows.items()}
        inner = self.within.build({**domain, **box}, seed)
        return WindowedBasis(inner, tuple(windows.get(n) for n in domain), domain)


class WindowedBasis(Basis):
    """Functions phi(x) g(x), g a product of Gaussians; derivatives by Leibniz's rule."""

    box: Tensor

    def __init__(
        self, inner: Basis, windows: tuple[tuple[float, float] | None, ...], domain: Domain
    ) -> None:
        super().__init__()
        self.inner, self.windows, self.size = inner, windows, inner.size
        self.register_buffer("box", DOUBLE.new_tensor(list(domain.values())))

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        needed = list(dict.fromkeys(b for i in indices for a in members(i) for b in self._below(a)))
        inner = dict(zip(needed, self.inner(x, needed), strict=True))
        return torch.stack(
            [
                combined(
                    (self._window(x, a, b)[:, None], inner[b])
                    for a in members(i)
                    for b in self._below(a)
                )
                for i in indices
            ]
        )

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """To where the functions are steep."""
        return (self.gather,)

    def gather(self, x: Tensor, normals: Tensor | None = None) -> Tensor:
        """Points in the window, from points `(n, dim)` that are uniform in the box."""
        columns = []
        for column, (low, high), window in zip(x.T, self.box, self.windows, strict=True):
            if window is None:
                columns.append(column)
                continue
            # Within so many radii points are gathered.
            first, last = ((window[0] + side * 2.5 * window[1]) for side in (-1, 1))
            first, last = max(first, float(low)), min(last, float(high))
            columns.append(first + (column - low) / (high - low) * (last - first))
        return torch.stack(columns, dim=1)

    def _below(self, index: MultiIndex) -> Iterator[MultiIndex]:
        """The derivatives of the inner functions in Leibniz's rule: lower ones in coordinates that
        have a window.
        """
        return product(
            *(range(k + 1) if w else (k,) for k, w in zip(index, self.windows, strict=True))
        )

    def _window(self, x: Tensor, outer: MultiIndex, inner: MultiIndex) -> Tensor:
        """The coefficient of D^inner phi in D^outer (phi g), `(n,)`: binomials times derivatives of
        the window.
        """
        factor = x.new_full(
            (x.shape[0],), float(prod(comb(a, b) for a, b in zip(outer, inner, strict=True)))
        )
        for column, window, a, b in zip(x.T, self.windows, outer, inner, strict=True):
            if window is not None:
                z = (column - window[0]) / window[1]
                factor = factor * _hermite(z, a - b) * torch.exp(-z * z) / window[1] ** (a - b)
        return factor


def _hermite(z: Tensor, order: int) -> Tensor:
    """d^order/dz^order exp(-z^2), over exp(-z^2): (-1)^n H_n(z), H_(n+1) = 2 z H_n - 2 n
    H_(n-1).
    """
    before, last = torch.zeros_like(z), torch.ones_like(z)
    for n in range(order):
        before, last = last, -2 * z * last - 2 * n * before
    return last
