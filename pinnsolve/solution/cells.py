"""The field of cells, out of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.adapted.damped import Damped
from pinnsolve.basis.basis import Basis, Declaration, Domain
from pinnsolve.cells.spaces import spaces_of
from pinnsolve.declare.instant import of_space
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.supports import supports
from pinnsolve.fields.cellwise import CellBases, Cells, Cellwise
from pinnsolve.fields.field import Field
from pinnsolve.fields.mixed import Mixed, MixedCells
from pinnsolve.fields.moving import Moving, MovingCells
from pinnsolve.fields.resolved import Resolved, Resolvents
from pinnsolve.fields.tree import tree_of
from pinnsolve.geometry.region import Region
from pinnsolve.solution.shapes import restored, restored_field


@restored_field.register
def _(
    declared: CellBases, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int
) -> Field:
    return _cellwise(declared, supports(problem), box, state, seed)


@restored_field.register
def _(
    declared: MovingCells, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int
) -> Field:
    regions, held, axis = _in_space(problem, box, declared.time)
    cells = _cellwise(declared.cells, regions, held, state, seed).cells
    times, states = _motion(state, sum(own.columns for own in cells.spaces))
    return Moving(cells, axis, times, states)


@restored_field.register
def _(
    declared: MixedCells, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int
) -> Field:
    regions, held, axis = _in_space(problem, box, declared.time)
    parts = []
    for k, part in enumerate(declared.parts):
        start = f"fields.{k}."
        own = {n.removeprefix(start): v for n, v in state.items() if n.startswith(start)}
        parts.append(_cellwise(part, regions, held, own, seed))
    return Mixed(tuple(parts), axis, *_motion(state, len(parts)))


@restored_field.register
def _(
    declared: Resolvents, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int
) -> Field:
    _, held, axis = _in_space(problem, box, declared.time)
    damped = Damped(declared.holes, tuple(held.values()), declared.counts, declared.rims)
    roots, own, given = (torch.as_tensor(state[name]) for name in ("roots", "own", "given"))
    numbers = len(roots)
    if roots.shape != (numbers, 2) or own.shape != (numbers, own.shape[1], damped.size, 2):
        raise ValueError(
            f"its coefficients {tuple(own.shape)} do not fit {numbers} numbers and {damped.size}"
            " functions of each"
        )
    times, states = _motion(state, 2 * numbers * own.shape[1])
    return Resolved(damped, axis, times, states, roots, own, given)


def _in_space(problem: Problem, box: Domain, time: str) -> tuple[tuple[Region, ...], Domain, int]:
    """Where each unknown lives in space, the box of space, and the number of time's coordinate."""
    domain, axis = problem.domain, list(box).index(time)
    space = of_space(domain, domain.coordinates[axis])
    if space is None:
        raise ValueError(f"{domain} is not the same at all times, as cells of space want it")
    held = {name: bounds for name, bounds in box.items() if name != time}
    return (space,) * len(problem.unknowns), held, axis


def _motion(state: Mapping[str, Any], columns: int) -> tuple[Tensor, Tensor]:
    """Times `(m,)` and states `(3, m, columns)` out of a file."""
    times, states = torch.as_tensor(state["times"]), torch.as_tensor(state["states"])
    if times.dim() != 1 or states.shape != (3, len(times), columns):
        raise ValueError(
            f"its motion does not fit {columns} functions: {tuple(times.shape)},"
            f" {tuple(states.shape)}"
        )
    return times, states


def _cellwise(
    declared: CellBases,
    regions: tuple[Region, ...],
    box: Domain,
    state: Mapping[str, Any],
    seed: int,
) -> Cellwise:
    tree = tree_of(np.array(list(box.values())), declared.cuts)
    alive = np.asarray(state["alive"], dtype=bool)
    shape = (len(regions), len(tree.cells))
    if alive.shape != shape or len(declared.parts) != len(tree.cells):
        raise ValueError(
            f"it declares {len(declared.parts)} bases for {len(tree.cells)} cells, and says of"
            f" {alive.shape} where unknowns live: {shape} wanted"
        )

    own: list[dict[str, Any]] = [{} for _ in tree.cells]
    for name, value in state.items():
        if name.startswith("parts."):
            _, number, rest = name.split(".", 2)
            own[int(number)][rest] = value
    coefficients = [torch.as_tensor(held.pop("coefficients")) for held in own]

    def made(number: int, kind: int, part: Declaration, domain: Domain) -> Basis:
        held = own[number]
        # Of several bases in a cell, each has a number, in their order.
        numbers = sorted({n.split(".")[0] for n in held if n.split(".")[0].isdigit()}, key=int)
        prefix = f"{numbers[kind]}." if numbers else ""
        mine = {n.removeprefix(prefix): v for n, v in held.items() if n.startswith(prefix)}
        return restored(part, domain, mine, seed)

    spaces = spaces_of(tree, declared.parts, regions, alive, made)
    for space, numbers in zip(spaces, coefficients, strict=True):
        if numbers.shape != (space.columns,):
            raise ValueError(
                f"coefficients of shape {tuple(numbers.shape)} do not fit {space.columns} functions"
            )
    return Cellwise.of(Cells(tree, spaces, alive, regions), coefficients)
