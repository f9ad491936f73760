"""The field of moving products, out of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from pinnsolve.basis.basis import Domain
from pinnsolve.declare.problem import Problem
from pinnsolve.fields.field import Field
from pinnsolve.fields.lines import Line
from pinnsolve.fields.products import MovingProducts, Products
from pinnsolve.solution.shapes import restored_field


@restored_field.register
def _(
    declared: MovingProducts, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int
) -> Field:
    space = [name for name in box if name != declared.time]
    ends = {**box, **{name: (box[name][0], box[name][0] + turn) for name, turn in declared.turns}}
    lines = tuple(
        tuple(
            Line(*ends[name], name in declared.periodic, torch.as_tensor(state[f"lines.{k}.{i}"]))
            for i, name in enumerate(space)
        )
        for k in range(len(problem.unknowns))
    )
    times, states = (torch.as_tensor(state[name]) for name in ("times", "states"))
    field = Products(lines, list(box).index(declared.time), times, states)
    columns = field.places[-1].stop
    if len(times) < 2 or states.shape != (3, len(times), columns):
        raise ValueError(
            f"its motion does not fit {columns} functions: {tuple(times.shape)},"
            f" {tuple(states.shape)}"
        )
    return field
