"""How large a thing may be that a file declares: files come from anywhere, and are read whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileLimits:
    """What a file may hold, far beyond what problems and bases are made of."""

    # Levels of nesting
    nesting: int = 1000
    # Parts, what occurs twice counted twice
    parts: int = 10**7
    # Derivatives of one kind: sympy takes one after the other
    derivatives: int = 100
    # Functions of one corner: as a rule, there are 6
    corner_functions: int = 10_000


FILE_LIMITS = FileLimits()
