"""The last value that was told, for whoever asks later."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """What a listener was told last.

    All else is handed on as a value. Those who call a listener take nothing back from it, so that
    what it has heard stands here, and nowhere else.
    """

    def __init__(self, first: T) -> None:
        self._told = deque([first], maxlen=1)

    @property
    def value(self) -> T:
        """The last one; the first, if nothing has been told."""
        return self._told[0]

    def tell(self, value: T) -> None:
        """Another value, in the place of the one before."""
        self._told.append(value)
