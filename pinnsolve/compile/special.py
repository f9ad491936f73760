"""Special functions as data: evaluated by scipy, since derivatives are taken on the symbols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any, cast

import numpy as np
import scipy.special
import sympy
import torch
from torch import Tensor

DIFFERENCES = "by differences"
STENCILS = (
    ((-2, -1, 1, 2), (1 / 12, -2 / 3, 2 / 3, -1 / 12)),
    ((0, 1, 2, 3, 4), (-25 / 12, 4, -3, 4 / 3, -1 / 4)),
    ((0, -1, -2, -3, -4), (25 / 12, -4, 3, -4 / 3, 1 / 4)),
)

# A derivative by one argument, of all arguments.
Slope = Callable[..., Tensor]


@dataclass(frozen=True)
class ByNumpy:
    """A function of arrays as one of tensors, whose arguments may move: along them it is
    differentiated.

    `slopes` are its derivatives by its arguments: functions, None of a constant, or all of them "by
    differences". Those are no gradients to train by: of an unknown's values that are trained such a
    function is refused.
    """

    function: Callable[..., Any]
    name: str
    slopes: tuple[Slope | None, ...] | str = DIFFERENCES

    def __call__(self, *arguments: Tensor) -> Tensor:
        if self.slopes == DIFFERENCES and any(a.requires_grad for a in arguments):
            raise ValueError(
                f"{self.name} is known as data only, of coordinates: hidden parameters cannot be"
                " trained through it"
            )
        return cast(Tensor, _Numpy.apply(self, *arguments))  # type: ignore[no-untyped-call]

    def of_arrays(self, *arguments: Tensor) -> Tensor:
        """Values of plain tensors, all `(...)`."""
        like = arguments[-1]
        values = self.function(*(a.detach().cpu().numpy() for a in arguments))
        return torch.as_tensor(
            np.asarray(values, dtype=float), dtype=like.dtype, device=like.device
        )

    def slope(self, k: int, arguments: tuple[Tensor, ...]) -> Tensor | None:
        """The derivative by argument k, `(...)` as they are; None of a constant."""
        if self.slopes == DIFFERENCES:
            return ByNumpy(partial(_difference, self.function, k), self.name)(*arguments)
        by = self.slopes[k]
        return by(*arguments) if callable(by) else None


class _Numpy(torch.autograd.Function):
    """What torch.func must know of a function that it cannot look into."""

    @staticmethod
    def forward(by: ByNumpy, *arguments: Tensor) -> Tensor:
        return by.of_arrays(*arguments)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.by = inputs[0]
        ctx.save_for_forward(*inputs[1:])
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def jvp(ctx: Any, _: Any, *tangents: Tensor | None) -> Tensor:
        arguments = ctx.saved_tensors
        total = torch.zeros_like(reduce(torch.add, arguments))
        for k, tangent in enumerate(tangents):
            slope = None if tangent is None else ctx.by.slope(k, arguments)
            total = total if slope is None else total + slope * tangent
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        arguments, gradients = ctx.saved_tensors, []
        for k, argument in enumerate(arguments):
            slope = ctx.by.slope(k, arguments) if ctx.needs_input_grad[k + 1] else None
            gradients.append(
                None if slope is None else (gradient * slope).sum_to_size(argument.shape)
            )
        return None, *gradients

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], by: ByNumpy, *arguments: Tensor
    ) -> tuple[Tensor, int]:
        pairs = list(zip(arguments, in_dims[1:], strict=True))
        deepest = max(a.dim() - (d is not None) for a, d in pairs)
        return by(*(a if d is None else _ahead(a.movedim(d, 0), deepest) for a, d in pairs)), 0


def _ahead(a: Tensor, deepest: int) -> Tensor:
    """A batch `(b, ...)`, its parts filled up to `deepest` dimensions, as broadcasting does."""
    return a.reshape(len(a), *[1] * (deepest + 1 - a.dim()), *a.shape[1:])


def _difference(function: Callable[..., Any], k: int, *arguments: Any) -> Any:
    """A derivative by differences of fourth order: central, and one-sided where the function ends
    (tables do).
    """
    a = np.asarray(arguments[k], dtype=float)
    # Relative to the argument beyond 1: the fourth power of it is roundoff's size.
    step = 1e-3 * np.maximum(1.0, np.abs(a))
    slope: Any = np.nan
    for places, weights in STENCILS:
        moved = ((*arguments[:k], a + place * step, *arguments[k + 1 :]) for place in places)
        total = (
            sum(w * _where_known(function, held) for w, held in zip(weights, moved, strict=True))
            / step
        )
        slope = np.where(np.isfinite(slope), slope, total)
        if np.isfinite(slope).all():
            break
    return slope


def _where_known(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Values, NaN where the function refuses."""
    try:
        with np.errstate(all="ignore"):
            return np.asarray(function(*arguments), dtype=float)
    except ValueError:
        if not any(np.ndim(a) for a in arguments):
            return np.nan
        spread = np.broadcast_arrays(*arguments)
        rows = zip(*(s.ravel() for s in spread), strict=True)
        return np.array([_where_known(function, row) for row in rows]).reshape(spread[0].shape)


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
