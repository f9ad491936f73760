"""Libraries that are there for some purposes alone, and not installed with the package."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def library(name: str, purpose: str, extra: str = "export") -> Any:
    """A module, imported now. Raises ImportError, which says what for and how to get it."""
    try:
        return import_module(name)
    except ImportError:
        raise ImportError(
            f"{purpose} wants {name}, which is not installed: pip install 'pinnsolve[{extra}]'"
        ) from None
    except OSError as error:  # a part of the system that it needs is not there
        raise ImportError(f"{purpose} wants {name}, which cannot be loaded: {error}") from error
