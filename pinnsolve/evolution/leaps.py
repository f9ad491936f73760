"""Exponential steps through the whole time: as long as forces are polynomials on them, and quintic
polynomials between their ends are near enough.

Forces that depend on the state are iterated: a polynomial through their values gives the state at
all nodes, and that gives forces anew. What is stiff is in the exponentials, so that iterations
converge on steps in which forces change little.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from pinnsolve.discretize.own_features import reach
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.exponential import (
    RULE,
    Weights,
    further,
    slope_at_ends,
    top_part,
    weights_of,
)
from pinnsolve.evolution.motion import Motion
from pinnsolve.evolution.products import Equations
from pinnsolve.evolution.stepping import Clock
from pinnsolve.fields.separated import between


@dataclass(frozen=True)
class Leaping:
    """How steps are chosen, and when forces have been iterated enough."""

    # Of the step that the error allows, so much is taken
    safety: float = 0.85
    # Halvings of the whole time, at least and at most
    fewest: int = 3
    most: int = 48
    # Halvings of a step at once, at most
    cuts: int = 8
    # Sizes of steps whose weights are kept
    remembered: int = 3
    # Order of the path between steps
    order: int = 6
    # Sweeps over the nodes, at most; and of what a step may leave, what they may
    sweeps: int = 12
    enough: float = 0.1
    # Changes of a sweep that do not fall by this do not converge
    falling: float = 0.7
    # Of what a long step makes of that which is zero at first, its size; and a floor, of the
    # largest unknown's
    soon: float = 1e-3
    least: float = 1e-6


LEAPING = Leaping()


@dataclass(frozen=True, eq=False)
class Leap:
    """A step: numbers `(n,)` at its end, forces `(nodes, n)` at its nodes, the path's states at its
    ends `(3, columns)`, and its error relative to what it may leave.
    """

    z: Tensor
    forces: Tensor
    first: Tensor
    last: Tensor
    error: float


@dataclass(frozen=True, eq=False)
class Leaps:
    """The states `(3, columns)` at all times so far."""

    times: list[float] = field(default_factory=list)
    states: list[Tensor] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Bounds:
    """No step jumps over what data do at `narrow` instants, each with a width, nor is one longer
    than the `longest`. Unknowns count as no less than the `least (n_unknowns,)`.
    """

    narrow: Sequence[tuple[float, float]]
    longest: float
    least: Tensor

    def reach(self, t: float) -> float:
        """How far a step may go from a time."""
        return min(self.longest, reach(self.narrow, t))


# After each step, whether to go on.
GoesOn = Callable[[Leaps], bool]


def leapt(
    motion: Motion,
    parts: list[Tensor],
    rtol: float,
    goes_on: GoesOn,
    bounds: Bounds,
) -> tuple[Leaps, str]:
    """From q (and q'), each `(columns,)`, to the end; and why it ended: "finished", "stopped", or
    "not finite".
    """
    form, leaps = motion.equations.form, Leaps()
    whole = form.end - form.start
    z = motion.begun(parts)
    force = motion.force(form.start, None if motion.equations.given else z)
    foreseen, before = force.expand(RULE.nodes, -1), math.inf
    clock = Clock(LEAPING.fewest + 1)
    held = {clock.level: weights_of(motion.rates, math.ldexp(whole, -clock.level))}
    sizes = _first_sizes(motion, parts[0], z, held[clock.level], bounds)
    while not clock.over:
        if clock.level > LEAPING.most:
            return leaps, "not finite"
        h = math.ldexp(whole, -clock.level)
        t = form.start + clock.place * h
        if h > bounds.reach(t):
            clock = clock.finer(1)
            continue
        if clock.level not in held:
            held[clock.level] = weights_of(motion.rates, h)
            for level in list(held)[: -LEAPING.remembered]:
                del held[level]
        known = foreseen if before == math.inf else further(foreseen, h / before)
        leap = _leap(motion, held[clock.level], t, z, known, rtol * sizes)
        if not leap.error <= 1:
            clock = clock.finer(halvings(leap.error))
            continue
        if not leaps.times:
            leaps.times.append(t)
            leaps.states.append(leap.first)
        clock = clock.next(longer(leap.error))
        leaps.times.append(form.start + math.ldexp(whole * clock.place, -clock.level))
        leaps.states.append(leap.last)
        z, foreseen, before = leap.z, leap.forces, h
        sizes = torch.maximum(sizes, motion.equations.sizes(leap.last[0]))
        if not goes_on(leaps):
            return leaps, "stopped"
    return leaps, "finished"


def longer(error: float) -> float:
    """How many times as long a step may be whose error is so many times what it may be."""
    factor: float = LEAPING.safety * max(error, 1e-12) ** (-1 / LEAPING.order)
    return factor


def halvings(error: float) -> int:
    """How often a step is halved whose error is too large; once, where it is not finite, as where
    iterations fail: nothing says by how much.
    """
    factor = longer(error)
    return max(1, min(math.ceil(-math.log2(factor)), LEAPING.cuts)) if factor > 0 else 1


def in_the_middle(h: float, first: Tensor, last: Tensor) -> Tensor:
    """The polynomial between both ends of a step, each with two derivatives `(3, columns)`, in its
    middle: `(columns,)`.
    """
    ends = torch.stack([first, last], dim=1).flatten(0, 1)
    weights = between(first.new_tensor([0.0, h]), first.new_tensor([h / 2]), 0)[:, 0]
    return weights @ ends


def first_sizes(
    equations: Equations, q: Tensor, soon: Iterable[Tensor], later: Iterable[Tensor], least: Tensor
) -> Tensor:
    """Of every unknown of a state `(columns,)`, and at `least`, `(n_unknowns,)`; of what is zero, a
    part of what data make of it `soon`, or `later`, where they begin later: each `(columns,)`.
    """
    sizes = torch.maximum(equations.sizes(q), least)

    def grown(made: Iterable[Tensor]) -> Tensor:
        found = [equations.sizes(each).nan_to_num(0.0, 0.0, 0.0) for each in made]
        return torch.stack([sizes, *(LEAPING.soon * each for each in found)]).amax(dim=0)

    sizes = grown(soon)
    if not bool((sizes > 0).all()):
        sizes = grown(later)
    return sizes.clamp(min=max(LEAPING.least * float(sizes.max()), 1e-300))


def later_starts(form: Form) -> list[float]:
    """Where long steps begin, but for the first."""
    long = math.ldexp(form.end - form.start, -LEAPING.fewest)
    return [form.start + k * long for k in range(1, 2**LEAPING.fewest)]


def _first_sizes(motion: Motion, q: Tensor, z: Tensor, weights: Weights, bounds: Bounds) -> Tensor:
    """Of states q `(columns,)` and z `(n,)`, with the weights of a long step."""
    form, known = motion.equations.form, None if motion.equations.given else z

    def made(start: float, z: Tensor) -> Tensor:
        forces = [motion.force(start + weights.h * c, known) for c in RULE.places.tolist()]
        return motion.parts(weights.at_nodes(z, torch.stack(forces))[-1])[0]

    def kick(at: float, width: float) -> Tensor:
        return motion.parts(width * motion.force(at, known))[0]

    kicks = [kick(at, width) for at, width in bounds.narrow if at > form.start]
    later = (made(at, torch.zeros_like(z)) for at in later_starts(form))
    return first_sizes(motion.equations, q, [made(form.start, z), *kicks], later, bounds.least)


def _leap(
    motion: Motion, weights: Weights, t: float, z: Tensor, foreseen: Tensor, allowed: Tensor
) -> Leap:
    """One step, by forces that are foreseen at its nodes `(nodes, n)`, beside what every unknown's
    error may be `(n_unknowns,)`.
    """
    times = [t + weights.h * c for c in RULE.places.tolist()]
    if motion.equations.given:
        forces = torch.stack([foreseen[0], *(motion.force(at, None) for at in times[1:])])
        nodes, left = weights.at_nodes(z, forces), 0.0
    else:
        nodes, forces, left = _swept(motion, weights, times, z, foreseen, allowed)
    if not left < math.inf:
        return Leap(z, forces, z, z, math.inf)
    slopes = slope_at_ends(weights.h, forces)
    first = motion.state(z, forces[0], slopes[0])
    last = motion.state(nodes[-1], forces[-1], slopes[1])
    rough = torch.einsum("jn,jn->n", weights.force[-1], top_part(forces).to(weights.force.dtype))
    off_path = in_the_middle(weights.h, first, last) - motion.parts(nodes[RULE.nodes // 2])[0]
    errors = [motion.parts(rough)[0], off_path]
    sizes = torch.stack([motion.equations.sizes(e) for e in errors]).amax(dim=0)
    error = float((sizes / allowed).max()) + left
    return Leap(nodes[-1], forces, first, last, error if math.isfinite(error) else math.inf)


def _swept(
    motion: Motion,
    weights: Weights,
    times: list[float],
    z: Tensor,
    foreseen: Tensor,
    allowed: Tensor,
) -> tuple[Tensor, Tensor, float]:
    """Nodes and forces `(nodes, n)`, and what is left of the iteration, relative; infinite, where
    it does not converge. Of the forces that are `foreseen (nodes, n)` the first is known.

    Every node sees the forces of this sweep at those before it. In the first, what was foreseen
    wrongly at a node is put right at those after it as well.
    """
    forces, last = foreseen.clone(), math.inf
    nodes = [z] * RULE.nodes
    before = weights.at_node(-1, z, forces)
    for sweep in range(LEAPING.sweeps):
        for i, at in enumerate(times[1:], 1):
            nodes[i] = weights.at_node(i, z, forces)
            found = motion.force(at, nodes[i])
            if sweep == 0:
                forces[i + 1 :] += found - forces[i]
            forces[i] = found
        change = motion.parts(nodes[-1] - before)[0]
        size, before = float((motion.equations.sizes(change) / allowed).max()), nodes[-1]
        falling = size / last
        if sweep and not falling < LEAPING.falling:
            break
        if size <= LEAPING.enough:
            return torch.stack(nodes), forces, size * min(1.0, falling)
        last = max(size, 1e-300)
    return torch.stack(nodes), forces, math.inf
