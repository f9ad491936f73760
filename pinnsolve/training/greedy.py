"""Greedy choice of neurons: each new one is the candidate that takes most from the residual.

Fokina and Oseledets, "Growing axons: greedy learning of neural networks with application to
function approximation" (2019); the orthogonal greedy algorithm (Pati, Rezaiifar, Krishnaprasad
1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Generator, Tensor

from pinnsolve.basis.basis import Basis, Declaration
from pinnsolve.basis.initialize import BoxPlanes, Initializer, Waves
from pinnsolve.basis.networks import Dense, DenseBasis
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.space import Space
from pinnsolve.running.budget import FOREVER, Budget
from pinnsolve.training.prune import one_hidden_layer
from pinnsolve.training.reference import reference_problem


@dataclass(frozen=True)
class Greedy:
    """Chooses the neurons of `Dense(width, depth=1)` from many candidates, before anything is
    trained.

    In each of `rounds`, `candidates` are drawn by the initializers `within` (planes, or waves, of
    several steepnesses, if there are none); after the first, the planes of half of them go through
    points where the residual is large. Columns are orthogonalized against those chosen, and the one
    most parallel to the residual is taken, until the round's share of the width is full. All
    coefficients are solved for afterwards. Raises ValueError for numbers below 1.

    >>> from sympy import exp
    >>> from pinnsolve import Dense, Greedy, Interval, coordinates, manufactured, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u, line = unknown("u", x), Interval(x, 0, 1)
    >>> layer = manufactured(line, u.diff(x), u(0), exact={u: exp(10 * (x - 1))})
    >>> chosen = solve(layer, Dense(30), grow=Greedy(candidates=300, rounds=4))
    >>> chosen.error() < 2e-4  # 5e-3, as they are drawn
    True
    """

    candidates: int = 1000
    rounds: int = 8
    within: tuple[Initializer, ...] = ()
    budget: Budget = field(default=FOREVER, repr=False)

    def __post_init__(self) -> None:
        if self.candidates < 1 or self.rounds < 1:
            raise ValueError(
                f"Greedy wants candidates and rounds of at least 1: got {self.candidates},"
                f" {self.rounds}"
            )

    def __call__(
        self,
        system: System,
        points: Sequence[Points],
        declared: Declaration,
        basis: Basis,
        seed: int,
    ) -> None:
        """Put the neurons chosen into the basis, round by round: where it is ended early, the rest
        stay as they were drawn.

        Raises ValueError for anything but a network of one hidden layer, OutOfTimeError if the
        budget's seconds are used.
        """
        network = one_hidden_layer(basis)
        if network is None or not isinstance(declared, Dense):
            raise ValueError(
                f"Greedy chooses the neurons of one hidden layer, Dense(width): got {declared}"
            )
        problem = reference_problem(system, points)
        left = tensor_of(problem.target.copy())
        chosen = left.new_zeros(len(left), 0)
        generator = Generator().manual_seed(seed)
        taken = 0
        while taken < declared.width:
            self.budget.require()
            share = min(-(-declared.width // self.rounds), declared.width - taken)
            drawn = self._drawn(system, declared, generator)
            if taken:
                _gather(drawn, points, left, generator)
            space = Space.shared(drawn, system.n_unknowns)
            # In the scales of the first problem, which the residual that is left is measured in.
            rows = assemble(system, points, space, row_scales=problem.row_scales)
            columns = tensor_of(rows.matrix).reshape(len(left), system.n_unknowns, drawn.size)
            picked, chosen = _pick(columns, left, chosen, share)
            (weight, bias), places = drawn.planes(), slice(taken, taken + len(picked))
            network.weights[0].data[:, places], network.biases[0].data[places] = (
                weight[:, picked],
                bias[picked],
            )
            taken += len(picked)

    def _drawn(self, system: System, declared: Dense, generator: Generator) -> DenseBasis:
        wave = declared.activation == "sin"
        steepness = (3.0, 5.0, 8.0, 12.0)  # on the unit box
        within = self.within or tuple(Waves(s) if wave else BoxPlanes(s) for s in steepness)
        each = -(-self.candidates // len(within))
        parts = [replace(declared, width=each, initialize=i) for i in within]
        seeds = torch.randint(2**62, (len(parts),), generator=generator).tolist()
        built = [
            p.build(bounds_by_name(system.problem), s) for p, s in zip(parts, seeds, strict=True)
        ]
        weights, biases = zip(*(b.planes() for b in built), strict=True)
        return DenseBasis(declared.activation, [(torch.cat(weights, dim=1), torch.cat(biases))])


def _gather(
    drawn: DenseBasis, points: Sequence[Points], left: Tensor, generator: Generator
) -> None:
    """Every second plane through a point, drawn with the squared residual as its probability."""
    x = tensor_of(np.concatenate([p.x for p in points]))
    which = torch.arange(0, drawn.size, 2)
    through = x[
        torch.multinomial(left.square() + 1e-300, len(which), replacement=True, generator=generator)
    ]
    drawn.biases[0].data[which] = -(drawn.weights[0].data[:, which] * through.T).sum(dim=0)


def _pick(
    columns: Tensor, left: Tensor, chosen: Tensor, many: int, dependent: float = 1e-10
) -> tuple[Tensor, Tensor]:
    """Which candidates are taken, and the orthonormal columns `chosen` with theirs; `left`, the
    residual, is changed.

    `columns` is `(n_rows, n_unknowns, n_candidates)`. Where no more than the `dependent` part of a
    column's square is left after projection, it brings nothing new.
    """
    rows, unknowns, n = columns.shape
    flat = columns.reshape(rows, -1)
    before = flat.square().sum(dim=0).clamp(min=1e-300)
    for _ in range(2):  # twice is enough (Kahan and Parlett)
        flat = flat - chosen @ (chosen.T @ flat)
    squares = flat.square().sum(dim=0)
    picked: list[int] = []
    new: list[Tensor] = []
    for _ in range(min(many, n)):
        # What is left of a column that others hold is round-off, and would be chosen for its
        # direction.
        free = squares > dependent * before
        scores = (
            torch.where(free, (left @ flat).square() / squares.clamp(min=1e-300), 0.0)
            .reshape(unknowns, n)
            .sum(dim=0)
        )
        scores[picked] = -1.0
        best = int(scores.argmax())
        picked.append(best)
        for k in range(unknowns):
            column = flat[:, k * n + best]
            size = column.norm()
            if float(size**2) <= dependent * float(before[k * n + best]):
                continue
            q = column / size
            along = q @ flat
            flat -= torch.outer(q, along)
            squares = (squares - along.square()).clamp(min=0.0)
            left -= (q @ left) * q
            new.append(q)
    return torch.tensor(picked), torch.column_stack([chosen, *new])
