"""Steps of a linear evolution in Krylov spaces: of all products no matrix is made, nor taken apart.

With q' = A q + f, and f a polynomial in time on a step, q is a part of exp(h B) b, where B holds A,
the polynomial's coefficients, and a shift (Al-Mohy and Higham, SIAM J. Sci. Comput. 33 (2011) 488).
That is looked for among sums of b, B b, B^2 b, .., in an orthonormal basis of Arnoldi's, until what
is left is little (Saad, SIAM J. Numer. Anal. 29 (1992) 209).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import System
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.exponential import RULE, taylor, top_part
from pinnsolve.evolution.leaps import (
    LEAPING,
    Bounds,
    GoesOn,
    Leaps,
    first_sizes,
    halvings,
    in_the_middle,
    later_starts,
    longer,
)
from pinnsolve.evolution.products import Equations, Force, grid_of, slopes_at
from pinnsolve.evolution.rates import kept_of, linear_of
from pinnsolve.evolution.stepping import Clock
from pinnsolve.fields.lines import Lines
from pinnsolve.jets.indices import MultiIndex


@dataclass(frozen=True)
class Spaces:
    """How many directions a step's space has."""

    # At most: each costs as much as all before it
    most: int = 80
    # After so many more it is looked at what is left
    looked_at: int = 8
    # Of what a step may leave, what its space may
    share: float = 0.1
    # Of a direction, what is left beside the others: then there are no more
    same: float = 1e-13
    # Of the most: with more, a step of twice the length would want too many
    longer: float = 0.55
    # Halvings of the whole time, over which data have a slope at the start
    soon: int = 16
    # Of the power method, that tells how fast the fastest mode is
    powers: int = 12


SPACES = Spaces()

Term = tuple[Tensor, int, MultiIndex]  # a coefficient on the grid, unknown, orders in space


@dataclass(frozen=True, eq=False)
class Operator:
    """q' = A q + f, with data alone as the forces of `equations`: A multiplies by its stiff rates,
    and has the `terms` of every law; `first` says whether these are of the highest order in space.
    """

    equations: Equations
    terms: tuple[tuple[Term, ...], ...]
    first: bool

    def __call__(self, q: Tensor) -> Tensor:
        """A q, `(columns,)`."""
        equations, found = self.equations, []
        held = dict[tuple[int, MultiIndex], Tensor]()
        for force, terms in zip(equations.forces, self.terms, strict=True):
            rate = equations.grid.x.new_zeros(len(equations.grid.x))
            for coefficient, k, own in terms:
                if (k, own) not in held:
                    part = q[equations.places[k]].reshape(equations.shapes[k])
                    held[k, own] = equations.grid.values(k, own, part)
                rate += coefficient * held[k, own]
            found.append(equations.grid.projected(force.law.unknown, rate))
        return equations.stiff * q + torch.cat(found)

    def force(self, t: float) -> Tensor:
        """f at a time, `(columns,)`."""
        return self.equations.force(t, [])

    @cached_property
    def radians(self) -> float:
        """About how far the fastest mode turns, or how often it falls by e, in the whole time."""
        form, generator = self.equations.form, torch.Generator().manual_seed(0)
        q = torch.randn(len(self.equations.stiff), generator=generator, dtype=DOUBLE.dtype)
        for _ in range(SPACES.powers):
            q = self(q / q.norm())
        return (form.end - form.start) * float(q.norm())

    @cached_property
    def rests(self) -> bool:
        """Whether f is the same at all times."""
        return self.equations.steady is not None


def operator_of(system: System, form: Form, lines: Lines, points: Sequence[int]) -> Operator | None:
    """Of an evolution of first order; None, where it is not linear, or its coefficients move, or
    products are modes.
    """
    linear = [linear_of(system, form, law) for law in form.laws]
    if set(form.orders) != {1} or not all(each.steady for each in linear):
        return None
    grid = grid_of(system, form, lines, points)
    x, forces, terms = grid.at(form.start), [], []
    kept = kept_of(form, lines, grid, linear)
    if not any(kept.left):
        return None
    for law, left in zip(form.laws, kept.left, strict=True):
        slopes = slopes_at(law, x, x.new_ones(len(law.residual.slots), len(x)))
        forces.append(Force(law, (), slopes[law.top]))
        slots = law.residual.slots
        terms.append(tuple((slopes[i], slots[i].unknown, o) for i, _, own in left for o in own))
    equations = Equations(form, lines, grid, tuple(forces), kept.stiff, kept.damping)
    return Operator(equations, tuple(terms), kept.first)


def carried(
    operator: Operator, parts: Sequence[Tensor], rtol: float, goes_on: GoesOn, bounds: Bounds
) -> tuple[Leaps, str]:
    """From q `(columns,)` to the end; and why it ended: "finished", "stopped", or "not finite"."""
    equations, (q,) = operator.equations, parts
    form = equations.form
    whole, state = form.end - form.start, _begun(operator, q)
    leaps = Leaps([form.start], [state])
    sizes, clock = _first_sizes(operator, q, bounds), Clock(LEAPING.fewest + 1)
    while not clock.over:
        if clock.level > LEAPING.most:
            return leaps, "not finite"
        h = math.ldexp(whole, -clock.level)
        t = form.start + clock.place * h
        step = None if h > bounds.reach(t) else _step(operator, t, h, state, rtol * sizes)
        if step is None:
            clock = clock.finer(1)
            continue
        if not step.error <= 1:
            clock = clock.finer(halvings(step.error))
            continue
        roomy = step.directions <= SPACES.longer * SPACES.most
        clock = clock.next(longer(step.error) if roomy else 1.0)
        leaps.times.append(form.start + math.ldexp(whole * clock.place, -clock.level))
        leaps.states.append(step.state)
        state = step.state
        sizes = torch.maximum(sizes, equations.sizes(state[0]))
        if not goes_on(leaps):
            return leaps, "stopped"
    return leaps, "finished"


def _first_sizes(operator: Operator, q: Tensor, bounds: Bounds) -> Tensor:
    """Of a state `(columns,)`, as data act in a long step, or in a short time."""
    form = operator.equations.form
    long = math.ldexp(form.end - form.start, -LEAPING.fewest)

    def made(start: float) -> list[Tensor]:
        return [long * operator.force(start + c * long) for c in RULE.places.tolist()]

    kicks = [width * operator.force(at) for at, width in bounds.narrow]
    later = chain.from_iterable(map(made, later_starts(form)))
    return first_sizes(operator.equations, q, [*made(form.start), *kicks], later, bounds.least)


@dataclass(frozen=True, eq=False)
class Step:
    """The path's state at its end `(3, columns)`, its error relative to what it may be, and how
    many directions its space has.
    """

    state: Tensor
    error: float
    directions: int


def _begun(operator: Operator, q: Tensor) -> Tensor:
    """q and its first two derivatives at the start, `(3, columns)`."""
    form = operator.equations.form
    soon = math.ldexp(form.end - form.start, -SPACES.soon)
    force, later = (operator.force(form.start + h) for h in (0.0, soon))
    rate = operator(q) + force
    return torch.stack([q, rate, operator(rate) + (later - force) / soon])


def _step(operator: Operator, t: float, h: float, state: Tensor, allowed: Tensor) -> Step | None:
    """From a state `(3, columns)`; None, where its space would have too many directions."""
    places = RULE.places.tolist()
    data = [operator.force(t + h * c) for c in ([0.0] if operator.rests else places)]
    forces = torch.stack(data)
    enough = SPACES.share * float(allowed.min())
    found = _exponential(operator, h, state[0], taylor(forces), enough)
    if found is None:
        return None
    middle, last, directions = found
    errors = [in_the_middle(h, state, last) - middle]
    errors += [] if operator.rests else [h * part for part in top_part(forces)]
    sizes = torch.stack([operator.equations.sizes(e) for e in errors]).amax(dim=0)
    error = float((sizes / allowed).max())
    return Step(last, error if math.isfinite(error) else math.inf, directions)


def _exponential(
    operator: Operator, h: float, q: Tensor, forces: Tensor, enough: float
) -> tuple[Tensor, Tensor, int] | None:
    """q `(columns,)` in the middle of a step, and at its end with two derivatives `(3, columns)`,
    beside derivatives of the force in the step's own time `(k, columns)`; and how many directions
    there are. None, where the most leave more than is `enough`.

    Derivatives are those of the sum of directions: those of the law would have the stiff part of
    what is left many times over.
    """
    n, degree = len(q), len(forces)
    size = max(float(q.norm()), h * float(forces.norm()), 1e-300)
    forces = h * forces / size

    def made(v: Tensor) -> Tensor:
        own, powers = v[:n], v[n:]
        rate = h * operator(own) + powers @ forces
        return torch.cat([rate, powers.new_zeros(1), powers[:-1]])

    start = torch.cat([q, q.new_zeros(degree)])
    start[n] = size
    norm = float(start.norm())
    basis = start.new_zeros(SPACES.most + 1, n + degree)
    basis[0] = start / norm
    table = start.new_zeros(SPACES.most + 1, SPACES.most)
    for j in range(SPACES.most):
        v = made(basis[j])
        before = float(v.norm())
        for _ in range(2):
            along = basis[: j + 1] @ v
            v = v - along @ basis[: j + 1]
            table[: j + 1, j] += along
        left = float(v.norm())
        if not math.isfinite(left):
            return None
        table[j + 1, j] = left
        last = left <= SPACES.same * before
        if last or (j + 1) % SPACES.looked_at == 0 or j + 1 == SPACES.most:
            middle, states, off = _of_table(table[: j + 1, : j + 1])
            if last or norm * left * off <= enough:
                powers = norm * h ** -torch.arange(3.0, dtype=v.dtype)[:, None]
                end = (powers * states) @ basis[: j + 1]
                return norm * (middle @ basis[: j + 1])[:n], end[:, :n], j + 1
        basis[j + 1] = v / left
    return None


def _of_table(table: Tensor) -> tuple[Tensor, Tensor, float]:
    """The first column of exp(H / 2), `(m,)`, that of exp(H) with two derivatives `(3, m)`, and how
    much the last direction has of these, or of what is still to come: the last entry of phi_1(H)'s
    first column.
    """
    m = len(table)
    held = DOUBLE.new_zeros(m + 1, m + 1)
    held[:m, :m] = table
    held[0, m] = 1.0
    half: Tensor = torch.linalg.matrix_exp(held / 2)
    whole = half @ half
    value = whole[:m, 0]
    rate = table @ value
    states = torch.stack([value, rate, table @ rate])
    off = torch.stack([whole[m - 1, m], *states[:2, m - 1]])
    return half[:m, 0], states, float(off.abs().max())
