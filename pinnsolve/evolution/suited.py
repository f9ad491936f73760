"""One path of an evolution in products of functions of one coordinate each: whether it suits them,
what moves, and how much is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import System
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.own_features import narrow_instants
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.beside import Beside
from pinnsolve.evolution.krylov import carried, operator_of
from pinnsolve.evolution.leaps import Bounds, GoesOn, Leaps, leapt
from pinnsolve.evolution.lifts import Lift, lift_of
from pinnsolve.evolution.lines import Ends, ends_of, sides_of
from pinnsolve.evolution.modes import fine_grid, modes_of
from pinnsolve.evolution.motion import Motion, motion_of
from pinnsolve.evolution.products import Equations, initial, is_fit, points_of
from pinnsolve.evolution.rates import equations_of
from pinnsolve.fields.lines import Lines, columns_of, places_of, shapes_of
from pinnsolve.fields.products import MovingProducts, Products
from pinnsolve.running.budget import Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit, streams


@dataclass(frozen=True)
class Numbers:
    """How many functions there are, and when a path is given up."""

    # Of all coefficients along a coordinate, the last part of them is what is left out
    last: float = 0.15
    # Points of a fine grid for each function that initial data may ask for
    of_points: int = 3
    # Products of all unknowns that are moved without a matrix: a step is some megabytes
    products: int = 400_000
    # Up to which a matrix is taken apart, too, where all of the highest order are numbers
    few: int = 600
    # Else, up to so many radians of the fastest mode, for each product squared, steps cost less:
    # they take one application a radian, a matrix the cube of products
    radians: float = 1 / 150
    # Bytes a product and step: three states, twice while they are joined
    bytes_a_step: float = 48.0
    # Steps at which it is looked whether functions hold a lift
    looked_at: int = 16


NUMBERS = Numbers()


@dataclass(frozen=True, eq=False)
class Suited:
    """An evolution that suits products: its form, and the conditions at the ends. Where sides have
    data, these are those of what is left beside a lift.
    """

    form: Form
    ends: Ends
    lift: Lift | None = None

    def moving(self, system: System) -> System:
        """The system of what is in products."""
        return system if self.lift is None else self.lift.system

    def names(self, system: System) -> list[str]:
        """Of the coordinates of space."""
        return [system.domain.coordinates[i].name for i in self.ends.space]

    def declared(self, system: System, numbers: Sequence[int]) -> MovingProducts:
        """So many functions of each of them."""
        names = self.names(system)
        turns = {n: turn for n, turn in zip(names, self.ends.turns, strict=True) if turn}
        return MovingProducts(
            tuple(zip(names, numbers, strict=True)),
            tuple(turns),
            system.domain.coordinates[self.form.axis].name,
            tuple(turns.items()),
        )


def suits_products(system: System, form: Form) -> Suited | None:
    """None, where it does not."""
    same = len(set(form.orders)) == 1 and all(is_fit(r, form.axis) for r in form.initial)
    ends = ends_of(system, form) if same else None
    suited = _lifted(system, form) if ends is None and same else None
    if ends is not None:
        suited = Suited(form, ends)
    if suited is None:
        return None
    few = [2 + max(len(e) for own in suited.ends.rows for e in own)] * len(suited.ends.space)
    return None if steps_in(system, suited, few) is None else suited


def _lifted(system: System, form: Form) -> Suited | None:
    """Beside a lift that satisfies the sides."""
    sides = sides_of(system, form)
    lift = lift_of(system, form, sides) if sides else None
    ends = None if lift is None else ends_of(lift.system, lift.form)
    return None if lift is None or ends is None else Suited(lift.form, ends.unmirrored, lift)


# From q (and q'), by what a step may leave, as long as it goes on, within bounds.
Follow = Callable[[list[Tensor], float, GoesOn, Bounds], tuple[Leaps, str]]


def steps_in(
    system: System, suited: Suited, numbers: Sequence[int]
) -> tuple[Equations, Follow] | None:
    """Exponential steps, where products are modes, or a matrix has such; else, of what is linear,
    steps in Krylov's spaces. None, where neither suits.
    """
    moving, form = suited.moving(system), suited.form
    lines = suited.ends.lines(moving, numbers)
    columns = sum(columns_of(lines))
    if moving.linear and columns <= NUMBERS.products:
        operator = operator_of(moving, form, lines, points_of(lines))
        if operator is not None:
            stiff = operator.first and operator.radians > NUMBERS.radians * columns**2
            apart = columns <= NUMBERS.few or stiff
            taken = modes_of(moving, form, lines) if apart else None
            if taken is None:
                return operator.equations, partial(carried, operator)
            return taken[0], partial(leapt, motion_of(*taken))
    motion = motion_in(system, suited, numbers)
    return None if motion is None else (motion.equations, partial(leapt, motion))


def motion_in(system: System, suited: Suited, numbers: Sequence[int]) -> Motion | None:
    """Products that are modes, where they are; else those of a matrix. None, where there would be
    too many.
    """
    system, form = suited.moving(system), suited.form
    lines = suited.ends.lines(system, numbers)
    if sum(columns_of(lines)) > NUMBERS.products:
        return None
    equations = equations_of(system, form, lines, points_of(lines))
    if equations is not None and (equations.given or not system.linear):
        return motion_of(equations, None)
    taken = modes_of(system, form, lines) if system.linear else None
    return None if taken is None else motion_of(*taken)


@dataclass(frozen=True, eq=False)
class Followed:
    """A path, how much its last coefficients are along each coordinate, at most, and why it ended:
    "finished", "stopped" where these had become too large, or "not finite".
    """

    fit: Fit
    tails: tuple[float, ...]
    ended: str


def followed(
    system: System,
    suited: Suited,
    numbers: Sequence[int],
    rtol: float,
    lost: float,
    seed: int,
    budget: Budget,
) -> Followed | None:
    """To the end, or until the last coefficients are beyond `lost`; its residuals are infinite, if
    it did not reach the end. None for more functions than can be moved. Raises MemoryError where
    steps fill the memory.
    """
    start = budget.spent()
    steps = steps_in(system, suited, numbers)
    if steps is None:
        return None
    (equations, follow), form, lift = steps, suited.form, suited.lift
    grid = fine_grid(suited.moving(system), form, equations.lines)
    parts = initial(form, grid, system.n_unknowns)
    beside = None if lift is None else Beside.of(lift, suited.ends, numbers)
    least = parts[0].new_zeros(system.n_unknowns) if beside is None else beside.sizes
    seen, free = [tails_of(equations.lines, parts[0], least)], budget.bytes_free()

    def goes_on(leaps: Leaps) -> bool:
        budget.require()
        held = len(leaps.states) * leaps.states[-1].shape[1] * NUMBERS.bytes_a_step
        if held > free:
            raise MemoryError("the steps of an evolution fill the memory")
        seen.append(tails_of(equations.lines, leaps.states[-1][0], least))
        return max(seen[-1]) <= lost

    longest = math.inf if beside is None else beside.longest(rtol)
    bounds = Bounds(narrow_instants(system, form.axis), longest, least)
    leaps, word = follow(parts, rtol, goes_on, bounds)
    times = parts[0].new_tensor(leaps.times or [form.start, form.end])
    nothing = parts[0].new_zeros(3, 2, len(parts[0]))
    states = torch.stack(leaps.states, dim=1) if leaps.states else nothing
    field = Products(equations.lines, form.axis, times, states)
    if beside is not None:
        field = beside.added(field)
        some = range(0, len(times), max(1, len(times) // NUMBERS.looked_at))
        seen += [tails_of(field.lines, field.states[0, step], least) for step in some]
    residuals = (math.inf,) * len(system.residuals)
    if word == "finished":
        residuals = relative_residuals(system, field, streams(seed)[2] + sum(numbers))
    facts = by_other_means(float(field.functions), len(times) - 1)
    declared, seconds = suited.declared(system, numbers), budget.spent() - start
    fitted = Fit(declared, seed, field, residuals, facts, Stop.SOLVED, seconds)
    return Followed(fitted, tuple(map(max, zip(*seen, strict=True))), word)


def tails_of(lines: Lines, q: Tensor, least: Tensor | None = None) -> tuple[float, ...]:
    """Along each coordinate, the last of the coefficients of a state `(columns,)`, of any unknown
    relative to that one, or to the `least` that it counts for, `(n_unknowns,)`.
    """
    found = [0.0] * len(lines[0])
    sizes = torch.stack([q[place].norm() for place in places_of(lines)])
    sizes = sizes if least is None else torch.maximum(sizes, least)
    sizes = sizes.clamp(min=max(1e-6 * float(sizes.max()), 1e-300))
    parts = zip(lines, places_of(lines), shapes_of(lines), sizes.tolist(), strict=True)
    for own, place, shape, size in parts:
        each = q[place].reshape(shape)
        for i, line in enumerate(own):
            raw = torch.tensordot(line.transform, each, dims=([1], [i])).flatten(1).norm(dim=1)
            last = max(2, math.ceil(NUMBERS.last * len(raw)))
            found[i] = max(found[i], float(raw[-last:].norm()) / size)
    return tuple(found)


def numbers_of_start(
    system: System, suited: Suited, fewest: int, left_out: float
) -> tuple[int, ...]:
    """How many functions the initial data ask for along each coordinate, so that no more than that
    part of them is left out: at least a few, and at most what a fine grid has.
    """
    system, form, ends = suited.moving(system), suited.form, suited.ends
    lines = ends.lines(system, [fewest] * len(ends.space))
    grid = fine_grid(system, form, lines)
    most = [n // NUMBERS.of_points for n in grid.shape]
    x, found = grid.at(form.start), [fewest] * len(most)
    for residual in form.initial:
        values = residual.data(x, None).reshape(grid.shape)
        for i, line in enumerate(ends.free_lines(system, most)):
            at, weights = line.rule(grid.shape[i])
            table = line.table(at, 0)[0] * weights[:, None]
            raw = torch.tensordot(table.T, values, dims=([1], [i])).flatten(1).norm(dim=1)
            left = raw.square().flip(0).cumsum(0).flip(0).sqrt()
            found[i] = max(found[i], 2 + int((left > left_out * float(left[0])).sum()))
    return tuple(map(min, found, most))
