"""What a solve is asked for; and in words, so that ranks which solve together can compare it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch

from pinnsolve.coefficients.least_squares import Method
from pinnsolve.compile.system import System
from pinnsolve.declare.decompose import solved_problem
from pinnsolve.declare.problem import Problem
from pinnsolve.evolution.march import March
from pinnsolve.fields.declared import Bases
from pinnsolve.mgrit.communicator import ranks as ranks_of_run
from pinnsolve.mgrit.exits import several
from pinnsolve.running.budget import Budget
from pinnsolve.running.together import Ranks, sharing
from pinnsolve.search.cluster import Cluster
from pinnsolve.search.fit import Grow
from pinnsolve.solution.nodes import packed
from pinnsolve.solution.solution import Solution
from pinnsolve.strategies.continuation import Continuation
from pinnsolve.strategies.in_basis import is_wide
from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.priors import Smooth
from pinnsolve.symbols.symbols import Unknown

# In the words for a function: another in each process.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True, eq=False)
class Asked:
    """All that `solve` was asked, checked; `resume` is the solution that is gone on with."""

    problem: Problem
    basis: Bases | None
    method: Method | None
    grow: Grow | None
    tolerance: float | None
    budget: Budget
    seed: int
    guess: Mapping[Unknown, Formula] | None
    continuation: Continuation | None
    march: March | None
    cells: tuple[int, ...] | None
    resume: Solution | None
    device: torch.device
    cluster: Cluster | None
    prior: Mapping[Unknown, Smooth]

    @property
    def solved(self) -> Problem:
        """The problem that is solved for the one that was asked for: itself, or that in pieces."""
        return solved_problem(self.problem)

    @property
    def automatic(self) -> bool:
        """Whether nothing says how: neither a basis nor a march, nor cells."""
        return self.basis is None and self.march is None and self.cells is None


def ranks_of(asked: Asked, system: System) -> Ranks | None:
    """Those that solve together: in cells, by rows of a wide basis, or by layers."""
    if asked.cells is not None or shares_rows(asked, system):
        return ranks_of_run()
    return sharing(asked.basis)


def shares_rows(asked: Asked, system: System) -> bool:
    """Whether there are ranks, and a wide basis is given, and nothing that says how to go on."""
    if not several() or asked.basis is None or sharing(asked.basis) is not None:
        return False
    others = (asked.method, asked.grow, asked.march, asked.cells)
    return all(other is None for other in others) and is_wide(system, asked.basis)


def in_words(asked: Asked) -> dict[str, str]:
    """What was asked, part by part, all their numbers said; of those that no file could hold, what
    they say of themselves.
    """
    return {part.name: _said(getattr(asked, part.name)) for part in fields(asked)}


def _said(part: Any) -> str:
    if isinstance(part, Solution):
        part = (part.declared, part.field.state())
    said = ADDRESS.sub("", repr(part))
    try:
        return f"{said}; {json.dumps(packed(part)[0])}"
    except ValueError:
        return said
