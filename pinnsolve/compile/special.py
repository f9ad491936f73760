"""Special functions as data: evaluated by scipy, since derivatives are taken on the symbols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy.special
import sympy
import torch
from torch import Tensor


@dataclass(frozen=True)
class ByNumpy:
    """A function of arrays as one of tensors. It has no gradient: of an unknown's values that are trained it is refused."""

    function: Callable[..., Any]
    name: str

    def __call__(self, *arguments: Tensor) -> Tensor:
        if any(a.requires_grad for a in arguments):
            raise ValueError(
                f"{self.name} is known as data only, of coordinates: hidden parameters cannot be trained through it"
            )
        like = arguments[-1]
        values = self.function(*(a.detach().cpu().numpy() for a in arguments))
        return torch.as_tensor(np.asarray(values, dtype=float), dtype=like.dtype, device=like.device)


def _factorial(a: Any) -> Any:
    return scipy.special.gamma(a + 1)


def _lambert(a: Any) -> Any:
    return scipy.special.lambertw(a).real


def _nth(function: Callable[..., Any], n: int, a: Any) -> Any:
    """One of several results."""
    return function(a)[n]


_SCIPY: dict[Any, Callable[..., Any]] = {
    sympy.besselj: scipy.special.jv,
    sympy.bessely: scipy.special.yv,
    sympy.besseli: scipy.special.iv,
    sympy.besselk: scipy.special.kv,
    sympy.gamma: scipy.special.gamma,
    sympy.factorial: _factorial,
    sympy.beta: scipy.special.beta,
    sympy.polygamma: scipy.special.polygamma,
    sympy.airyai: partial(_nth, scipy.special.airy, 0),
    sympy.airyaiprime: partial(_nth, scipy.special.airy, 1),
    sympy.airybi: partial(_nth, scipy.special.airy, 2),
    sympy.airybiprime: partial(_nth, scipy.special.airy, 3),
    sympy.erfi: scipy.special.erfi,
    sympy.Si: partial(_nth, scipy.special.sici, 0),
    sympy.Ci: partial(_nth, scipy.special.sici, 1),
    sympy.Shi: partial(_nth, scipy.special.shichi, 0),
    sympy.Chi: partial(_nth, scipy.special.shichi, 1),
    sympy.Ei: scipy.special.expi,
    sympy.fresnels: partial(_nth, scipy.special.fresnel, 0),
    sympy.fresnelc: partial(_nth, scipy.special.fresnel, 1),
    sympy.elliptic_k: scipy.special.ellipk,
    sympy.elliptic_e: scipy.special.ellipe,
    sympy.LambertW: _lambert,
}
SPECIAL = {function: ByNumpy(by, function.__name__) for function, by in _SCIPY.items()}
