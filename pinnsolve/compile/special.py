"""Special functions as data: evaluated by scipy, since derivatives are taken on the symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
import sympy
import torch
from torch import Tensor


def by_numpy(function: Callable[..., Any], name: str) -> Callable[..., Tensor]:
    """A function of arrays as one of tensors. It has no gradient: of an unknown's values that are trained it is refused."""

    def operation(*arguments: Tensor) -> Tensor:
        if any(a.requires_grad for a in arguments):
            raise ValueError(f"{name} is known as data only, of coordinates: hidden parameters cannot be trained through it")
        like = arguments[-1]
        values = function(*(a.detach().cpu().numpy() for a in arguments))
        return torch.as_tensor(np.asarray(values, dtype=float), dtype=like.dtype, device=like.device)

    return operation


_SCIPY: dict[Any, Callable[..., Any]] = {
    sympy.besselj: scipy.special.jv,
    sympy.bessely: scipy.special.yv,
    sympy.besseli: scipy.special.iv,
    sympy.besselk: scipy.special.kv,
    sympy.gamma: scipy.special.gamma,
    sympy.factorial: lambda a: scipy.special.gamma(a + 1),
    sympy.beta: scipy.special.beta,
    sympy.polygamma: scipy.special.polygamma,
    sympy.airyai: lambda a: scipy.special.airy(a)[0],
    sympy.airyaiprime: lambda a: scipy.special.airy(a)[1],
    sympy.airybi: lambda a: scipy.special.airy(a)[2],
    sympy.airybiprime: lambda a: scipy.special.airy(a)[3],
    sympy.erfi: scipy.special.erfi,
    sympy.Si: lambda a: scipy.special.sici(a)[0],
    sympy.Ci: lambda a: scipy.special.sici(a)[1],
    sympy.Shi: lambda a: scipy.special.shichi(a)[0],
    sympy.Chi: lambda a: scipy.special.shichi(a)[1],
    sympy.Ei: scipy.special.expi,
    sympy.fresnels: lambda a: scipy.special.fresnel(a)[0],
    sympy.fresnelc: lambda a: scipy.special.fresnel(a)[1],
    sympy.elliptic_k: scipy.special.ellipk,
    sympy.elliptic_e: scipy.special.ellipe,
    sympy.LambertW: lambda a: scipy.special.lambertw(a).real,
}
SPECIAL = {function: by_numpy(by, function.__name__) for function, by in _SCIPY.items()}
