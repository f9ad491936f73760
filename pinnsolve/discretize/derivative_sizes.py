"""How large derivatives of unknowns are over the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import beside_peers, deviation, of_each, rms, shares_of
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.rough import Roughness, roughness
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import JetIndex, members, order_of


@dataclass(frozen=True)
class Sizes:
    """Of every derivative that occurs, by unknown and index, and the mean of every unknown."""

    of: Mapping[tuple[int, JetIndex], float]
    means: tuple[float, ...]
    rough: Roughness

    def size(self, unknown: int, index: JetIndex) -> float:
        """Of a derivative, or of a sum of them."""
        return self.of[unknown, index]

    def mean(self, unknown: int, index: JetIndex) -> float:
        """The mean of a value, zero for its derivatives."""
        return 0.0 if order_of(index) else self.means[unknown]


def derivative_sizes(
    system: System, field: Field, inside: Points, also: Sequence[tuple[int, JetIndex]] = ()
) -> Sizes:
    """Root mean square over the domain of every derivative of every unknown that occurs, and of
    others; of values, the deviation.

    That of a collapsed Laplacian is the sum over its members: the terms of Laplace's equation
    cancel, but are not small. No derivative counts as smaller than that of a function that varies
    by itself across the domain, |u| / side^order: a linear function has no curvature, and its
    residual would be measured by round-off.
    """
    occurring = [(s.unknown, s.index) for r in system.residuals for s in r.slots]
    wanted = list(dict.fromkeys([*occurring, *also]))
    single = list(dict.fromkeys(m for _, index in wanted for m in members(index)))
    value = (0,) * inside.x.shape[1]
    where = field.support(inside.x)
    jet = field.derivatives_where(inside.x, [value, *single], where)
    rough = roughness(system)
    x, unknowns = tensor_of(inside.x, jet), range(len(jet))
    orders = [[rough.order(k, m) for m in (value, *single)] for k in unknowns]
    weighed = jet * torch.stack([rough.of_derivatives(x, each) for each in orders])
    sizes = rms(weighed, shares_of(inside)) if where is None else of_each(weighed, where, rms)
    deviations = beside_peers(system, deviation(system, jet[:, 0], where))
    sides = tensor_of(np.ptp(system.domain.bounds, axis=1), jet)
    natural = torch.stack([torch.prod(sides ** -sides.new_tensor(m)) for m in single])
    # The floor of fields without curvature.
    size = torch.maximum(sizes[:, 1:], deviations[:, None] * natural)
    for k, m in enumerate(single):
        size[:, k] = deviations if m == value else size[:, k]
    held = size.tolist()
    of = {(k, i): sum(held[k][single.index(m)] for m in members(i)) for k, i in wanted}
    means = of_each(jet[:, 0], where, lambda v: v.mean(dim=-1))
    return Sizes(of, tuple(means.tolist()), rough)
