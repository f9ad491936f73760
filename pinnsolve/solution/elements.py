"""The field of moving elements, out of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from pinnsolve.basis.basis import Domain
from pinnsolve.declare.problem import Problem
from pinnsolve.fields.elements import Elements, MovingElements
from pinnsolve.fields.field import Field
from pinnsolve.fields.pieces import Pieces
from pinnsolve.solution.shapes import restored_field


@restored_field.register
def _(
    declared: MovingElements, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int
) -> Field:
    pieces = tuple(Pieces(*box[name], count, declared.degree) for name, count in declared.counts)
    times, states = (torch.as_tensor(state[name]) for name in ("times", "states"))
    field = Elements(pieces, list(box).index(declared.time), times, states)
    if len(times) < 2 or states.shape != (3, len(times), field.functions):
        raise ValueError(
            f"its motion does not fit {field.functions} nodes: {tuple(times.shape)},"
            f" {tuple(states.shape)}"
        )
    return field
