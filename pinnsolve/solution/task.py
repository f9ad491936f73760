"""What a solve is asked for, in words: so that ranks which solve together can compare it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from pinnsolve.solution.nodes import packed
from pinnsolve.solution.solution import Solution

NAMES = (
    "problem",
    "basis",
    "method",
    "grow",
    "tolerance",
    "budget",
    "seed",
    "guess",
    "continuation",
    "march",
    "resume",
)
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # in the words for a function: another in each process


def in_words(asked: Sequence[Any]) -> dict[str, str]:
    """The parts of a task by `NAMES`, all their numbers said; of those that no file could hold,
    what they say of themselves.
    """
    return {name: _said(part) for name, part in zip(NAMES, asked, strict=True)}


def _said(part: Any) -> str:
    if isinstance(part, Solution):
        part = (part.declared, part.field.state())
    said = ADDRESS.sub("", repr(part))
    try:
        return f"{said}; {json.dumps(packed(part)[0])}"
    except ValueError:
        return said
