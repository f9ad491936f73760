"""Problems whose fields are measured all over a box, and of which nothing else is known: which they
are, and the fields that data say alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from sympy import Expr

from pinnsolve.basis.adapted.polynomials import PolynomialBasis, Polynomials
from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.assemble import pieces
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.separated import Constant
from pinnsolve.fields.space import Block, Space
from pinnsolve.geometry.solids import Box
from pinnsolve.strategies.measured_rows import data_of, deviations, may_be_wild
from pinnsolve.symbols.occurrences import separate


@dataclass(frozen=True)
class Fitting:
    """What float64 tells apart."""

    # Of a triangle's diagonal, relative: below it data leave functions open
    seen: float = 1e-10
    # Of a field's size: nothing is fitted closer
    rounding: float = 1e-15


FITTING = Fitting()


@dataclass(frozen=True)
class Measured:
    """Of a system: which unknowns are fields that are measured, fields that are not, and numbers;
    which residuals hold in the domain, which are of data, and which say elsewhere what is not
    measured.
    """

    system: System
    fields: tuple[int, ...]
    hidden: tuple[int, ...]
    numbers: tuple[int, ...]
    equations: tuple[Residual, ...]
    data: tuple[bool, ...]
    beside: tuple[Residual, ...]

    @property
    def values(self) -> int:
        """How many values the field has that is measured least."""
        rows = dict.fromkeys(self.fields, 0)
        for residual, is_data in zip(self.system.residuals, self.data, strict=True):
            if is_data:
                rows[residual.slots[0].unknown] += residual.condition.region.measured
        return min(rows.values())

    def space(self, degrees: Sequence[int], sides: Sequence[int]) -> Space:
        """Polynomials for fields: of `degrees` along each coordinate, where they are measured; of
        all degrees up to `sides`, where they are not.
        """
        box = tensor_of(self.system.domain.bounds)
        named = {
            c.name: b for c, b in zip(self.system.domain.coordinates, box.tolist(), strict=True)
        }
        known = Block(Polynomials(tuple(degrees)).build(named, 0))
        every = list(product(*(range(n + 1) for n in sides)))
        free, number = Block(PolynomialBasis(box, every)), Block(Constant(), ())
        kinds = dict.fromkeys(self.fields, known) | dict.fromkeys(self.hidden, free)
        return Space(tuple(kinds.get(k, number) for k in range(self.system.n_unknowns)))


def measured_everywhere(system: System) -> Measured | None:
    """A problem in a box with numbers that are sought, whose conditions are data of single fields
    and equations that hold everywhere; fields that are not measured enter linearly, nothing that is
    sought multiplies them, and conditions elsewhere are of them alone. None, where it is another.
    """
    unknowns, domain = system.problem.unknowns, system.domain
    conditions = system.problem.conditions
    data = tuple(bool(data_of(c)) for c in conditions)
    numbers = tuple(k for k, u in enumerate(unknowns) if not u.args)
    pairs = list(zip(system.residuals, data, strict=True))
    seen = [r for r, d in pairs if d]
    equations = tuple(r for r, d in pairs if not d and r.condition.region is domain)
    beside = tuple(r for r, d in pairs if not d and r.condition.region is not domain)
    single = all(r.linear and len(r.slots) == 1 for r in seen)
    fields = tuple(sorted({s.unknown for r in seen for s in r.slots} - set(numbers)))
    hidden = tuple(k for k in range(len(unknowns)) if k not in (*fields, *numbers))
    known = Measured(system, fields, hidden, numbers, equations, data, beside)
    whole = all(u.args == domain.coordinates for u in unknowns if u.args)
    local = all(t.points is None and t.rule is None for r in (*seen, *equations) for t in r.traces)
    certain = not any(may_be_wild(r.condition) for r in seen)
    inside = isinstance(domain, Box) and whole and local and single and certain
    if not (numbers and fields and equations and inside):
        return None
    apart = all(r.linear and {s.unknown for s in r.slots} <= set(hidden) for r in beside)
    linear = all(_linear_in_hidden(known, difference(r.condition)) for r in equations)
    return known if apart and linear else None


def _linear_in_hidden(known: Measured, equation: Expr) -> bool:
    """Whether fields that are not measured are multiplied by nothing that is sought."""
    rest, occurrences = separate(equation)
    named = {u.func: k for k, u in enumerate(known.system.problem.unknowns)}
    hidden = {d for d, o in occurrences.items() if named[o.function] in known.hidden}
    sought = hidden | {d for d, o in occurrences.items() if named[o.function] in known.numbers}
    return not any(rest.diff(d).free_symbols & sought for d in hidden)


@dataclass(frozen=True, eq=False)
class Fitted:
    """Fields as data alone say them, in functions of a space: coefficients `(columns,)` of all
    unknowns, zero where they are not measured, and of those that are a factor `(size, size)` of the
    covariance each.

    `misfits` are what is left of each field's data a value that is not used up, in the root mean
    square, in their deviations, or in the field's size, if there are none; `known` says which,
    `free` how many values these are, and `squares` the largest mean square of what is left, in
    deviations, or as it is. `noise` is the largest part of a field's size that the errors of its
    data are, said or left. The `score` says how well other values are foreseen: Akaike's criterion,
    where deviations are known, else the logarithm of generalized cross validation; less is better.
    """

    space: Space
    coefficients: Array
    factors: dict[int, Array]
    misfits: dict[int, float]
    known: bool
    free: int
    noise: float
    squares: float
    score: float


def fitted(known: Measured, space: Space) -> Fitted | None:
    """By least squares, each field by itself; None, where data do not determine all functions."""
    coefficients, factors, misfits = np.zeros(space.columns), {}, {}
    with_deviations, free, noise, squares, score = True, 0, 0.0, 0.0, 0.0
    for k in known.fields:
        rows, own, said = _rows(known, space, k)
        left, triangle = np.linalg.qr(rows[:, :-1] / own[:, None])
        diagonal = np.abs(np.diag(triangle))
        if len(rows) < rows.shape[1] or diagonal.min() < FITTING.seen * diagonal.max():
            return None
        target = rows[:, -1] / own
        turned = left.T @ target
        factor = np.linalg.inv(triangle)
        coefficients[space.slices[k]] = factor @ turned
        rest = max(1, len(rows) - len(triangle))
        over = float(np.linalg.norm(target - left @ turned)) / rest**0.5
        size = float(np.sqrt(np.mean(target**2))) or 1.0
        over = max(over, FITTING.rounding * size)
        factors[k] = factor * (1.0 if said else over)
        squares = max(squares, (over * (1.0 if said else own[0])) ** 2)
        score += _score(over**2, len(rows), rest, said)
        misfits[k], noise = over, max(noise, (1.0 if said else over) / size)
        with_deviations, free = with_deviations and said, rest
    return Fitted(
        space, coefficients, factors, misfits, with_deviations, free, noise, squares, score
    )


def _score(square: float, values: int, rest: int, said: bool) -> float:
    """Of a field, of whose values so many are not used up, from the mean square that is left."""
    if said:
        return square * rest + 2 * (values - rest)
    return values * (math.log(square) + math.log(values / rest))


def _rows(known: Measured, space: Space, field: int) -> tuple[Array, Array, bool]:
    """Of a field's data, the target last, `(n, size + 1)`; the deviation of each, or the field's
    size, `(n,)`; and whether it is the deviation.
    """
    at, rows, own, said = tensor_of(np.zeros(space.columns)), [], [], True
    for residual, is_data in zip(known.system.residuals, known.data, strict=True):
        if is_data and residual.slots[0].unknown == field:
            cloud = sample_region(residual.condition.region, 1, 0)
            mine = np.empty((len(cloud.x), space.blocks[field].size + 1))
            for taken, parts, target in pieces(residual, cloud, space, at):
                mine[taken, :-1], mine[taken, -1] = array_of(parts[field]), array_of(target)
            rows.append(mine)
            own.append(deviations(residual.condition))
            each = data_of(residual.condition)
            said = said and all(d.has_errors and d.sigma is not None for d in each)
    whole = np.vstack(rows)
    size = float(np.sqrt(np.mean(whole[:, -1] ** 2))) or 1.0
    return whole, np.concatenate(own) if said else np.full(len(whole), size), said
