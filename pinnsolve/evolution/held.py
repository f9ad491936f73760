"""A constrained evolution in one basis of products: what is linear, and all constraints, are solved
for at every stage of a step by one least-squares factor; the rest of a law is taken as it is known.

The stages are those of Ascher, Ruuth and Spiteri (Applied Numerical Mathematics 25 (1997) 151):
ARS(4, 4, 3), of order three, of which the last stage is the step: constraints hold at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import System
from pinnsolve.discretize.recognize import Constrained
from pinnsolve.evolution.decoupled import Decoupled, decoupled
from pinnsolve.evolution.sheets import Sheet, sheets_of
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.fields.lines import Line, whole_line
from pinnsolve.fields.products import Products


@dataclass(frozen=True)
class Stages:
    """The method, and how equations are weighed against each other."""

    gamma: float = 0.5
    times: tuple[float, ...] = (0.0, 1 / 2, 2 / 3, 1 / 2, 1.0)
    implicit: tuple[tuple[float, ...], ...] = (
        (),
        (0.0,),
        (0.0, 1 / 6),
        (0.0, -1 / 2, 1 / 2),
        (0.0, 3 / 2, -3 / 2, 1 / 2),
    )
    explicit: tuple[tuple[float, ...], ...] = (
        (),
        (1 / 2,),
        (11 / 18, 1 / 18),
        (5 / 6, -5 / 6, 1 / 2),
        (1 / 4, 7 / 4, 3 / 4, -7 / 4),
    )
    # Times as much as the other equations, for those of sides
    sides: float = 10.0
    # Of the largest on its diagonal, what a factor has at least: else something is undetermined
    determined: float = 1e-11
    # States whose unknowns that do not move are found together
    together: int = 256
    # Times its largest value of before, from which on a state grows without bound
    bounded: float = 1e4


STAGES = Stages()

Asked = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Held:
    """All equations, and the solution of a stage of steps of length `h`."""

    form: Constrained
    lines: tuple[Line, ...]
    unknowns: int
    h: float
    laws: tuple[Sheet, ...]
    fixed: tuple[Sheet, ...]
    scales: tuple[float, ...]
    solution: Decoupled

    def _shaped(self, z: Tensor) -> Tensor:
        return z.reshape(self.unknowns, *(line.count for line in self.lines))

    def rates(self, z: Tensor, t: float) -> list[tuple[Tensor, Tensor]]:
        """Of every law, what is linear and what is the rest, at its points: `(n,)` each."""
        found = []
        for sheet in self.laws:
            u = sheet.slots(self._shaped(z), 0)
            linear = (sheet.slopes * u).sum(dim=0)
            found.append((linear, sheet.residual.value(sheet.at(t), sheet.normals, u) - linear))
        return found

    def stepped(
        self, z: Tensor, t: float, rates: list[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """The coefficients `(columns,)` a step later, and rates there, by those at its start."""
        start = [(s.slopes * s.slots(self._shaped(z), 1)).sum(dim=0) for s in self.laws]
        known = [rates]
        for i in range(1, len(STAGES.times)):
            at, right = t + STAGES.times[i] * self.h, []
            for k, whole in enumerate(start):
                held = whole
                for a, b, each in zip(STAGES.implicit[i], STAGES.explicit[i], known, strict=True):
                    held = held - self.h * (a * each[k][0] + b * each[k][1])
                right.append(held)
            fixed = [self.fixed[k - len(right)] for k in self.solution.heard if k >= len(right)]
            right += [-s.residual.data(s.at(at), s.normals) for s in fixed]
            scales = [self.scales[k] for k in self.solution.heard]
            rows = zip((*self.laws, *fixed), scales, right, strict=True)
            z = self.solution.solved([scale * s.weighed(own) for s, scale, own in rows])
            known.append(self.rates(z, at))
        return z, known[-1]


def held_of(system: System, form: Constrained, counts: Sequence[int], steps: int) -> Held | None:
    """So many functions along each coordinate of space, so many steps. None, where the equations
    leave something undetermined.
    """
    space = [i for i in range(len(system.domain.coordinates)) if i != form.axis]
    bounds = system.domain.bounds[space].tolist()
    pairs = zip(bounds, counts, strict=True)
    lines = tuple(whole_line(low, high, n) for (low, high), n in pairs)
    laws, constraints, sides = sheets_of(system, form, lines)
    h, n = (form.end - form.start) / steps, system.n_unknowns
    size = STAGES.gamma * h
    # What only constraints ask for is a multiple of 1 / h, beside what moves.
    units = DOUBLE.new_ones(n, int(np.prod(counts)))
    for k in range(n):
        units[k] = 1.0 if k in form.moving else 1 / size
    rows, scales = [], []
    for sheet in (*laws, *constraints, *sides):
        whole = sheet.matrix(0, n)
        if sheet in laws:
            whole = sheet.matrix(1, n) + size * whole
        whole = sheet.weighed(whole) * units.flatten()
        scale = (STAGES.sides if sheet in sides else 1.0) / float(whole.square().mean().sqrt())
        scales.append(scale / len(whole) ** 0.5)
        rows.append(scales[-1] * whole)
    fixed = (*constraints, *sides)
    # Laws have what was known before, others their data, if any.
    heard = [k for k, s in enumerate((*laws, *fixed)) if k < len(laws) or s.has_data]
    solution = decoupled(rows, heard, STAGES.determined)
    if solution is None:
        return None
    solution = solution.in_units(units.flatten())
    return Held(form, lines, n, h, tuple(laws), fixed, tuple(scales), solution)


def begun(held: Held, system: System) -> Tensor:
    """The coefficients of the initial values, `(columns,)`; of what is not known at first, zero."""
    rules = [line.rule(2 * line.count) for line in held.lines]
    places = torch.stack(torch.meshgrid(*[x for x, _ in rules], indexing="ij"), dim=-1)
    dim = len(system.domain.coordinates)
    space = [i for i in range(dim) if i != held.form.axis]
    x = DOUBLE.new_full((places[..., 0].numel(), dim), held.form.start)
    x[:, space] = places.flatten(0, -2)
    found = DOUBLE.new_zeros(held.unknowns, *(line.count for line in held.lines))
    for residual in held.form.initial:
        unknown = residual.slots[0].unknown
        if unknown in held.form.moving:
            q = residual.given(x, None).reshape(places.shape[:-1])
            for line, (at, weights) in zip(held.lines, rules, strict=True):
                table = line.table(at, 0)[0] * weights[:, None]
                q = torch.tensordot(q, table, dims=([0], [0]))
            found[unknown] = q
    return found.flatten()


def followed(held: Held, system: System, steps: int, asked: Asked) -> Products | None:
    """From the initial data to the end; None, where a state grows without bound."""
    z = begun(held, system)
    rates, states, largest = held.rates(z, held.form.start), [z], 0.0
    for k in range(steps):
        asked()
        z, rates = held.stepped(z, held.form.start + k * held.h, rates)
        size = float(z.norm())
        if not size <= STAGES.bounded * (largest or np.inf):
            return None
        largest = max(largest, size)
        states.append(z)
    times = torch.linspace(held.form.start, held.form.end, steps + 1, dtype=z.dtype)
    path = _with_still(held, times, torch.stack(states))
    return Products((held.lines,) * held.unknowns, held.form.axis, times, _joined(times, path))


def _with_still(held: Held, times: Tensor, path: Tensor) -> Tensor:
    """The same path `(m, columns)` with other values of what does not move: those of a stage are of
    first order alone. The laws, with rates by a spline through the path, determine them to the
    order of the rest.
    """
    count, n = path.shape[1] // held.unknowns, held.unknowns
    columns = [k * count + torch.arange(count) for k in range(n) if k not in held.form.moving]
    still, sheets, rows, scales = torch.cat(columns), (*held.laws, *held.fixed), [], []
    for sheet in sheets:
        whole = sheet.weighed(sheet.matrix(0, n)[:, still])
        # Of sides that hold something else nothing is asked.
        scales.append(1 / max(float(whole.square().sum().sqrt()), 1e-300) if whole.any() else 0.0)
        rows.append(scales[-1] * whole)
    solution = decoupled(rows, range(len(rows)), 0.0)
    if solution is None:
        return path
    found, rates = path.clone(), _joined(times, path)[1]
    found[:, still] = 0.0
    shape = (n, *(line.count for line in held.lines))
    for low in range(0, len(times), STAGES.together):
        part = slice(low, low + STAGES.together)
        each = zip(times[part].tolist(), found[part], rates[part], strict=True)
        states = [(t, z.reshape(shape), w.reshape(shape)) for t, z, w in each]
        right = [
            torch.stack([-scale * sheet.weighed(sheet.missed(*state)) for state in states], dim=-1)
            for sheet, scale in zip(sheets, scales, strict=True)
        ]
        found[part, still] = solution.solved(right).T
    return found


def _joined(times: Tensor, path: Tensor) -> Tensor:
    """States and their first two derivatives in time, by the quintic spline through them: `(3, m,
    columns)`.
    """
    from scipy.interpolate import make_interp_spline

    spline = make_interp_spline(array_of(times), array_of(path), k=5)
    at = array_of(times)
    return torch.stack([tensor_of(spline.derivative(k)(at) if k else spline(at)) for k in range(3)])
