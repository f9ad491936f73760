"""Long texts as people read them."""

from __future__ import annotations

import re
from itertools import accumulate

import numpy as np

LONG = re.compile(r"-?\d+\.\d{6,}(e[+-]\d+)?")  # a number with more digits than anybody reads
PLACE = re.compile(r"\w+\(at=\([^()]*\)")
BRACKETS = {"(": 1, ")": -1}


def basis_in_short(text: str) -> str:
    """A basis with six digits of each number, the places alone of what it has at corners and holes,
    and without its middle, if it is longer than three lines.
    """
    return cut(_by_places(_rounded(text)), 240)


def cut(text: str, first: int = 85, last: int = 30) -> str:
    """Without its middle, if it is longer than a line."""
    return text if len(text) <= first + last + 5 else f"{text[:first]} ... {text[-last:]}"


def _rounded(text: str) -> str:
    """With six digits of each number that has more, and 0 where rounding left no more."""

    def written(found: re.Match[str]) -> str:
        value = float(found[0])
        return f"{value:.6g}" if abs(value) > np.finfo(float).eps else "0"

    return LONG.sub(written, text)


def _by_places(text: str) -> str:
    """Without what is said of a corner or a hole behind the place where it is."""
    kept, end = [], 0
    for found in PLACE.finditer(text):
        if found.start() >= end:
            kept.append(text[end : found.end()])
            end = _closed(text, found.end())
    return "".join([*kept, text[end:]])


def _closed(text: str, start: int) -> int:
    """Where a bracket ends that is open at the start."""
    depths = accumulate((BRACKETS.get(c, 0) for c in text[start:]), initial=1)
    return next((start + k - 1 for k, depth in enumerate(depths) if not depth), len(text))
