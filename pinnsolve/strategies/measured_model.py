"""What a problem with data that have errors is, in functions and points that are chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from pinnsolve.coefficients.posterior import Belief, Posterior
from pinnsolve.compile.system import System
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.measure import sizes_of_terms
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.strategies.measured_rows import numbers_of, rows_of, with_errors
from pinnsolve.symbols.priors import Smooth


@dataclass(frozen=True)
class Making:
    """Points, and where priors begin."""

    # Times as many points as a linear problem takes: equations that are this tight are overfitted
    # by states whose sides are free (fresh rows moved a conductivity by 2 deviations, then 0.3)
    rows: int = 2
    # Of a strength, of half a wave a side in the unit of its field: MacKay's first iterate, weak,
    # since a strong prior leaves nothing to be weakened by; and the largest factor in a step
    first: float = 1e-2
    # Of a number that is held, its size at least: it may pass through zero
    least: float = 0.1
    # Points for each function, by which roughness is integrated
    points: int = 8
    # Of the points on which terms are measured
    seed: int = 0


MAKING = Making()


@dataclass(frozen=True, eq=False)
class Model:
    """A problem with its functions and points; what is sought is watched: `(place, values (n,
    size))` of each coefficient and number. Numbers are `held` to where they are by so many
    deviations, each in its own size: what nothing determines stays there.
    """

    system: System
    space: Space
    points: tuple[Points, ...]
    priors: tuple[Belief, ...]
    watched: tuple[tuple[slice, Array], ...]
    held: float = 0.0

    @property
    def soft(self) -> list[bool]:
        """Which conditions are data with errors."""
        return [with_errors(c) for c in self.system.problem.conditions]

    def rows(self, mean: Array) -> list[Array]:
        """Of all conditions, linearized at coefficients `(columns,)`."""
        return rows_of(self.system, self.points, self.space, mean, [True] * len(self.points))

    def sizes(self, mean: Array) -> tuple[float, ...]:
        """Of the terms of all equations, at coefficients `(columns,)`: of each by itself, since
        together they are the residual.
        """
        field = Expansion(self.space, tensor_of(mean))
        return sizes_of_terms(self.system, field, MAKING.seed, [not s for s in self.soft])

    def numbers_held(self, mean: Array) -> Array:
        """Rows that say so of each number, the target last, `(n, columns + 1)`."""
        places = [self.space.slices[k].start for k in numbers_of(self.system)] if self.held else []
        rows, at = np.zeros((len(places), len(mean) + 1)), mean[places]
        weights = self.held / np.maximum(np.abs(at), MAKING.least)
        rows[np.arange(len(places)), places], rows[:, -1] = weights, weights * at
        return rows

    def moved(self, change: Array, posterior: Posterior) -> float:
        """A change `(columns,)` in units of the deviations, in the root mean square of each that is
        watched, the largest.
        """
        return max(
            rms(values @ change[place]) / rms(posterior.deviations(values, place))
            for place, values in self.watched
        )


def rms(values: Array) -> float:
    """The root mean square, `(n,)`."""
    return float(np.sqrt(np.mean(values**2))) or 1e-300


def drawn(system: System, space: Space, seed: int) -> tuple[Points, ...]:
    """Points for all conditions."""
    return collocation_points(system, space, seed, MAKING.rows * space.columns)


def model_of(
    system: System, space: Space, smooth: dict[int, Smooth], units: Array, seed: int, n: int
) -> Model:
    """A model in a space, with priors for some unknowns, by number; `units (n_unknowns,)` are how
    large they are.
    """
    points = drawn(system, space, seed)
    numbers = numbers_of(system)
    x = quadrature(system, n, seed).x
    watched = [(space.slices[k], array_of(space.blocks[k].values(x))) for k in smooth]
    watched += [(space.slices[k], np.ones((1, 1))) for k in numbers]
    priors = []
    for k, prior in smooth.items():
        triangle = roughness(system, space, k, prior.order)
        strength = MAKING.first / (math.pi**prior.order * float(units[k])) ** 2
        priors.append(Belief(space.slices[k], triangle, strength))
    return Model(system, space, points, tuple(priors), tuple(watched))


def roughness(system: System, space: Space, unknown: int, order: int) -> Array:
    """A triangle `(size, size)` R with |R c|^2 the mean square of all derivatives of an order over
    the unknown's box, its sides 1.
    """
    block = space.blocks[unknown]
    bounds = system.domain.bounds[list(block.axes) if block.axes is not None else slice(None)]
    sides = bounds[:, 1] - bounds[:, 0]
    n = MAKING.points * block.size
    at = bounds[:, 0] + np.random.default_rng(0).random((n, len(sides))) * sides
    rows = []
    for index in product(range(order + 1), repeat=len(sides)):
        if sum(index) == order:
            ways = math.factorial(order) / math.prod(map(math.factorial, index))
            values = array_of(block.basis(tensor_of(at), [index])[0].detach())
            rows.append(values * math.sqrt(ways / n) * np.prod(sides**index))
    return np.asarray(np.linalg.qr(np.vstack(rows), mode="r"))
