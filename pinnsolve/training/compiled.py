"""Transforms of losses: none, or torch.compile."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from pinnsolve.running.latest import Latest
from pinnsolve.symbols.warned import warn

Loss = Callable[..., Tensor]
Transform = Callable[[Loss], Loss]


def eager(loss: Loss) -> Loss:
    """The loss as it is: the transform that does nothing."""
    return loss


def compiled(loss: Loss) -> Loss:
    """The loss through torch.compile, which takes seconds once; as it is, with a warning, where
    there is no C++ compiler.

    >>> import warnings
    >>> from pinnsolve import compiled
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # where there is no compiler
    ...     quick = compiled(lambda parameters: parameters.square().sum())
    >>> callable(quick)
    True
    """
    return _Compiled(loss)


@dataclass(frozen=True, eq=False)
class _Compiled:
    loss: Loss
    # What stood in the way of compiling.
    failure: Latest[str] = field(default_factory=lambda: Latest(""))

    @cached_property
    def quick(self) -> Loss:
        """Made when it is first called: importing the compiler takes seconds."""
        return torch.compile(self.loss, dynamic=False)

    def __call__(self, *arguments: Any) -> Tensor:
        """The loss; after one failure, it is not compiled again."""
        if self.failure.value:
            return self.loss(*arguments)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # dynamo's remarks on caches that it looks through
                return self.quick(*arguments)
        except RuntimeError as error:  # of the loss itself too: then it is raised again below
            self.failure.tell(str(error).splitlines()[0])
            warn(f"not compiled, since {self.failure.value}")
        return self.loss(*arguments)
