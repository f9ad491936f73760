"""Functions of space whose coefficients move in time: u_k(x, t) = sum_j q_kj(t) psi_j(x).

`SteadyBasis` sees space-time points and ignores time; `EvolvingBasis` is what an integrator leaves behind: the q at its
steps with two derivatives in time, joined by quintic Hermite polynomials (the error of sixth order in the step).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import torch
from torch import Tensor, nn

from pinnsolve.basis.indices import JetIndex, MultiIndex
from pinnsolve.basis.jets import summed
from pinnsolve.basis.networks import Basis, Declaration, Domain
from pinnsolve.basis.polynomials import Polynomial, derivative, horner

POINTS = 2048  # evaluated at a time
# Quintic Hermite polynomials on [0, 1]: of value, slope and curvature on the left, then on the right.
HERMITE: tuple[Polynomial, ...] = (
    (1.0, 0.0, 0.0, -10.0, 15.0, -6.0),
    (0.0, 1.0, 0.0, -6.0, 8.0, -3.0),
    (0.0, 0.0, 0.5, -1.5, 1.5, -0.5),
    (0.0, 0.0, 0.0, 10.0, -15.0, 6.0),
    (0.0, 0.0, 0.0, -4.0, 7.0, -3.0),
    (0.0, 0.0, 0.0, 0.5, -1.0, 0.5),
)


class Constant(nn.Module):
    """The basis of one function, 1: all of space, where there is none (ordinary differential equations)."""

    size = 1

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Ones, `(n_indices, n, 1)`: without coordinates there are no derivatives."""
        return x.new_ones(len(indices), len(x), 1)


class SteadyBasis(nn.Module):
    """Functions of space as functions of space and time, which is coordinate number `axis`."""

    def __init__(self, inner: Basis, axis: int) -> None:
        super().__init__()
        self.inner, self.axis, self.size = inner, axis, inner.size

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives at space-time points `(n, dim)`: `(n_indices, n, size)`; those in time are zero."""
        place = torch.cat([x[:, : self.axis], x[:, self.axis + 1 :]], dim=1)

        def single(index: MultiIndex) -> Tensor:
            if index[self.axis]:
                return x.new_zeros(len(x), self.size)
            return self.inner(place, [index[: self.axis] + index[self.axis + 1 :]])[0]

        return summed(indices, single)


@dataclass(frozen=True)
class Evolving:
    """A basis in space, `space` (None: there is none), whose coefficients move with the coordinate `time`. Made by `solve`.

    Built, it is at rest at zero; a file, or the integrator, gives it its motion.
    """

    space: Declaration | None
    time: str

    def build(self, domain: Domain, seed: int) -> EvolvingBasis:
        """The basis over the domain's box, with no motion yet."""
        steady = self.steady(domain, seed)
        none = torch.zeros(steady.size, 0, dtype=torch.float64)  # functions that move; not as many as there are, squared
        return EvolvingBasis(steady, none, None, none.new_zeros(3, 2, 1, 0))

    def steady(self, domain: Domain, seed: int) -> SteadyBasis:
        """The functions of space, built for the domain's box."""
        places = {name: bounds for name, bounds in domain.items() if name != self.time}
        inner = self.space.build(places, seed) if self.space is not None else Constant()
        return SteadyBasis(inner, list(domain).index(self.time))


class EvolvingBasis(nn.Module):
    """One function an unknown: sum_j q_kj(t) psi_j(x), psi = the steady functions times `transform (size, r)`.

    `times (m,)` and `states (3, m, n_unknowns, r)`: q and its first two derivatives in time at the integrator's steps.
    """

    transform: Tensor
    times: Tensor
    states: Tensor

    def __init__(
        self, steady: SteadyBasis, transform: Tensor | None = None, times: Tensor | None = None, states: Tensor | None = None
    ) -> None:
        super().__init__()
        self.steady = steady
        self.register_buffer(
            "transform", torch.eye(steady.size, dtype=torch.float64) if transform is None else transform.contiguous()
        )
        self.register_buffer("times", torch.arange(2, dtype=torch.float64) if times is None else times)
        self.register_buffer(
            "states", torch.zeros(3, 2, 1, steady.size, dtype=torch.float64) if states is None else states.contiguous()
        )

    @property
    def size(self) -> int:
        """Functions: each unknown has its own."""
        return int(self.states.shape[2])

    def load_state_dict(self, state_dict: Mapping[str, Any], *modes: Any) -> Any:
        """As torch does; but the motion may have any number of steps."""
        for name in ("transform", "times", "states"):
            self.register_buffer(name, torch.empty_like(state_dict[name]))
        return super().load_state_dict(state_dict, *modes)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at space-time points `(n, dim)`: `(n_indices, n, n_unknowns)`."""
        return torch.cat([summed(indices, partial(self._single, block)) for block in torch.split(x, POINTS)], dim=1)

    def _single(self, x: Tensor, index: MultiIndex) -> Tensor:
        axis = self.steady.axis
        place = (*index[:axis], 0, *index[axis + 1 :])
        functions = self.steady(x, [place])[0] @ self.transform
        return torch.einsum("nr,nkr->nk", functions, self.motion(x[:, axis], index[axis]))

    def motion(self, t: Tensor, order: int) -> Tensor:
        """The derivative of q in time, of any order, at times `(n,)`: `(n, n_unknowns, r)`."""
        step = (torch.searchsorted(self.times, t.contiguous()) - 1).clamp(0, len(self.times) - 2)
        length = self.times[step + 1] - self.times[step]
        share = (t - self.times[step]) / length
        found = torch.zeros_like(self.states[0, step])
        for number, polynomial in enumerate(HERMITE):
            side, power = divmod(number, 3)
            differentiated = reduce(lambda p, _: derivative(p), range(order), polynomial)
            weight = horner(differentiated, share) * length ** (power - order)
            found = found + weight[:, None, None] * self.states[power, step + side]
        return found
