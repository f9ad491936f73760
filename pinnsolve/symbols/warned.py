"""Warnings that point at the user's line."""

from __future__ import annotations

import sys
import warnings

# What may stand between the user's line and the warning: the package, and what it goes through
BETWEEN = {"pinnsolve", "torch", "sympy", "contextlib", "functools", "threading", "concurrent"}


def warn(text: str) -> None:
    """A UserWarning at the innermost line that is neither the package's nor of a library that it
    goes through.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, UserWarning, stacklevel=level)
