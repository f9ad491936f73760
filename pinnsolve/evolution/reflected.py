"""Which functions of one coordinate of space an evolution gets: waves at random, polynomials, or
standing waves that its sides reflect.

Waves at random are nearly dependent, and what the singular values leave of them is noisy from the
ninth digit on: a second derivative of it has seven, a fourth one none. Polynomials have them all,
but for the eighth power of their degree in a fourth derivative. Standing waves are eigenfunctions
of all even derivatives. They converge as quickly where the solution, reflected at both ends, is
smooth: where laws and sides do not notice that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.basis.basis import DOUBLE, Declaration
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.standing import Standing
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import Form, moves_along
from pinnsolve.geometry.solids import Box
from pinnsolve.jets.indices import MultiIndex, members
from pinnsolve.search.scales import periodic_coordinates

# Orders of the derivatives, 0 or 1, that vanish at either end; none of polynomials.
Vanishing = tuple[int, ...]
# The highest derivative that polynomials are taken for.
OF_POLYNOMIALS = 3
# Of as many waves at random, that can be told apart.
APART = 0.6


def vanishing_at_ends(system: System, form: Form) -> Vanishing | None:
    """Those of standing waves, where equations are of higher than third order and reflected; none,
    `()`, of polynomials; None where waves at random are all that there is.
    """
    space = [i for i in range(len(system.domain.coordinates)) if i != form.axis]
    if len(space) != 1 or not isinstance(system.domain, Box) or periodic_coordinates(system):
        return None
    (axis,) = space
    laws = [law.residual for law in form.laws]
    if max(m[axis] for r in laws for s in r.slots for m in members(s.index)) <= OF_POLYNOMIALS:
        return ()
    ends = tuple(_vanishing(system, form, axis, end) for end in (0, 1))
    known = [order for order in ends if order is not None]
    reflected = len(known) == 2 and all(
        _reflects(r, axis, order) for r in laws for order in set(known)
    )
    return tuple(known) if reflected else None


def of_one_coordinate(vanishing: Vanishing, width: int) -> Declaration:
    """As many functions as can be told apart of so many waves at random."""
    count = math.ceil(APART * width)
    return Dense(count, 1, "sin", Standing(*vanishing)) if vanishing else LowRank(1, count - 1)


def _vanishing(system: System, form: Form, axis: int, end: int) -> int | None:
    """Whether values and even derivatives of all unknowns vanish at an end, 0, or odd ones, 1;
    None, if neither is so.
    """
    low, high = system.domain.bounds[axis].tolist()
    orders, unknowns = set[int](), set[int]()
    for residual in form.sides:
        p = sample_region(residual.condition.region, 64, 0)
        on = abs(p.x[:, axis] - (low, high)[end]) < 1e-9 * (high - low)
        if not on.any():
            continue
        x, normals = p.tensors()
        if len(residual.slots) != 1 or bool((residual.data(x, normals)[on] != 0).any()):
            return None
        (slot,) = residual.slots
        (index, *others) = members(slot.index)
        if others or sum(index) != index[axis]:
            return None
        orders.add(index[axis] % 2)
        unknowns.add(slot.unknown)
    return orders.pop() if len(orders) == 1 and len(unknowns) == system.n_unknowns else None


def _reflects(residual: Residual, axis: int, order: int) -> bool:
    """Whether a law holds for a field reflected at an end, with its sign changed if values vanish
    there: judged at random slots.
    """
    if moves_along(residual, axis):
        return False
    bounds = residual.condition.region.bounds
    x = DOUBLE.new_tensor(bounds.mean(axis=1)[None]).repeat(64, 1)
    draw = torch.Generator().manual_seed(0)
    u = 0.5 + torch.rand(len(residual.slots), len(x), generator=draw, dtype=x.dtype)
    sign = 1.0 if order else -1.0
    signs = DOUBLE.new_tensor([[sign * _turned(members(s.index), axis)] for s in residual.slots])
    value, other = (residual.value(x, None, v) for v in (u, signs * u))
    return torch.allclose(sign * value, other, rtol=1e-12)


def _turned(several: Sequence[MultiIndex], axis: int) -> float:
    """The sign that a derivative gets by a reflection; no number, if its members do not agree."""
    signs = {(-1.0) ** m[axis] for m in several}
    return signs.pop() if len(signs) == 1 else float("nan")
