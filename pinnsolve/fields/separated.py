"""Functions of space whose coefficients move in time: u_k(x, t) = sum_j q_kj(t) psi_j(x).

This is what an integrator leaves behind: q at its steps with two derivatives in time, joined by
quintic Hermite polynomials (the error of sixth order in the step).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.motion import Motion
from pinnsolve.fields.space import Block
from pinnsolve.jets.indices import JetIndex, MultiIndex
from pinnsolve.jets.polynomials import Polynomial, derivative, horner
from pinnsolve.jets.propagation import summed

# Quintic Hermite polynomials on [0, 1]: of value, slope and curvature on the left, then on the
# right.
HERMITE: tuple[Polynomial, ...] = (
    (1.0, 0.0, 0.0, -10.0, 15.0, -6.0),
    (0.0, 1.0, 0.0, -6.0, 8.0, -3.0),
    (0.0, 0.0, 0.5, -1.5, 1.5, -0.5),
    (0.0, 0.0, 0.0, 10.0, -15.0, 6.0),
    (0.0, 0.0, 0.0, -4.0, 7.0, -3.0),
    (0.0, 0.0, 0.0, 0.5, -1.0, 0.5),
)


class Constant(Basis):
    """The basis of one function, 1, of no coordinates: a number, or all of space in an ordinary
    differential equation.
    """

    size = 1

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("one", DOUBLE.new_ones(()), persistent=False)  # its dtype and device

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Ones, `(n_indices, n, 1)`: without coordinates there are no derivatives."""
        return x.new_ones(len(indices), len(x), 1)


@dataclass(frozen=True)
class Modes:
    """Functions of space, `space` (None: there is none), whose coefficients move with the
    coordinate `time`.
    """

    space: Declaration | None
    time: str

    def build(self, domain: Domain, seed: int) -> Block:
        """The functions of space, built for the domain's box."""
        names = list(domain)
        places = {name: bounds for name, bounds in domain.items() if name != self.time}
        inner: Basis = self.space.build(places, seed) if self.space is not None else Constant()
        return Block(inner, tuple(axis for axis, name in enumerate(names) if name != self.time))


@dataclass(frozen=True, eq=False)
class Separated(Motion):
    """u_k = sum_j q_kj(t) psi_j, with psi the functions of `modes` times `transform (size, r)`, t
    coordinate number `axis`.

    `times (m,)` and `states (3, m, n_unknowns, r)`: q and its first two derivatives in time at the
    integrator's steps.
    """

    modes: Block
    axis: int
    transform: Tensor
    times: Tensor
    states: Tensor

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return int(self.states.shape[2])

    @property
    def functions(self) -> int:
        """Functions of space."""
        return self.modes.size

    @property
    def sizes(self) -> dict[str, int]:
        """Drawn functions of space, how many of them can be told apart, and steps in time."""
        if self.modes.axes == ():  # an ordinary differential equation
            return {"steps": self.steps}
        return {
            "functions of space": self.functions,
            "rank": self.transform.shape[1],
            "steps": self.steps,
        }

    def state(self) -> dict[str, Tensor]:
        """The motion, and the numbers that make the functions of space."""
        inner = {f"modes.{name}": tensor for name, tensor in self.modes.basis.state_dict().items()}
        return {**inner, "transform": self.transform, "times": self.times, "states": self.states}

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at space-time points `(n, dim)`: `(n_unknowns, n_indices,
        n)`.
        """
        parts = [summed(indices, partial(self._single, part)) for part in torch.split(x, 2048)]
        return torch.cat(parts, dim=1).permute(2, 0, 1)

    def _single(self, x: Tensor, index: MultiIndex) -> Tensor:
        place = (*index[: self.axis], 0, *index[self.axis + 1 :])
        functions = self.modes(x, [place])[0] @ self.transform
        return torch.einsum("nr,nkr->nk", functions, self.motion(x[:, self.axis], index[self.axis]))

    def with_coefficients(self, coefficients: Tensor) -> Separated:
        """Another motion at the same times, of all its states `(3 * m * n_unknowns * r,)`."""
        return replace(self, states=coefficients.reshape(self.states.shape))

    def spread(self, unknown: int, x: Array, factor: Array) -> Array:
        """What columns of states `(3 * m * n_unknowns * r, rank)` make of an unknown at points
        `(n, dim)`, `(n, rank)`.
        """
        columns = tensor_of(factor).reshape(*self.states.shape, factor.shape[1])
        own = columns[:, :, unknown].contiguous()
        parts = []
        with torch.no_grad():
            for _, part, _ in self.blocks(x, None, factor.shape[1]):
                functions = self.modes(part, [(0,) * x.shape[1]])[0] @ self.transform
                moved = along(self.times, own, part[:, self.axis], 0)
                parts.append(torch.einsum("nr,nrk->nk", functions, moved))
        return array_of(torch.cat(parts))

    def motion(self, t: Tensor, order: int) -> Tensor:
        """The derivative of q in time, of any order, at times `(n,)`: `(n, n_unknowns, r)`."""
        return along(self.times, self.states, t, order)


def along(times: Tensor, states: Tensor, t: Tensor, order: int) -> Tensor:
    """The derivative of any order, at times `(n,)`, of a path whose states and their first two
    derivatives at its own times `(m,)` are `(3, m, ...)`: `(n, ...)`.
    """
    step = (torch.searchsorted(times, t.contiguous()) - 1).clamp(0, len(times) - 2)
    weights = between(torch.stack([times[step], times[step + 1]]), t, order)
    moved = torch.zeros_like(states[0, step])
    shape = (len(t),) + (1,) * (moved.dim() - 1)
    for number, weight in enumerate(weights):
        power, side = divmod(number, 2)
        moved = moved + weight.reshape(shape) * states[power, step + side]
    return moved


def between(ends: Tensor, t: Tensor, order: int) -> Tensor:
    """What a quintic polynomial, or a derivative of it, at times `(n,)` takes of value, slope and
    curvature at the ends `(2, ...)` of its interval: `(6, n)`, each of both ends in turn.
    """
    length = ends[1] - ends[0]
    share = (t - ends[0]) / length
    found = [torch.empty(0)] * len(HERMITE)
    for number, polynomial in enumerate(HERMITE):
        side, power = divmod(number, 3)
        differentiated = reduce(lambda p, _: derivative(p), range(order), polynomial)
        found[2 * power + side] = horner(differentiated, share) * length ** (power - order)
    return torch.stack(found)
