"""Activation functions with their derivatives of every order.

Each is a function `(z, orders) -> [sigma^(k)(z) for k in orders]`, which shares what the orders
have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import torch
from torch import Tensor

from pinnsolve.jets.polynomials import Polynomial, derivative, horner, plus, times

Derivatives = Callable[[Tensor, Sequence[int]], list[Tensor]]


@cache
def _autonomous(slope: Polynomial, order: int) -> Polynomial:
    """sigma^(order) as a polynomial in sigma, where sigma' = slope(sigma): P_(k+1) = slope *
    P_k'.
    """
    if order == 0:
        return (0.0, 1.0)
    return times(slope, derivative(_autonomous(slope, order - 1)))


@cache
def _hermite(order: int) -> Polynomial:
    """Probabilists' Hermite polynomials: He_(k+1) = z He_k - He_k'."""
    if order == 0:
        return (1.0,)
    previous = _hermite(order - 1)
    return plus(times((0.0, 1.0), previous), times((-1.0,), derivative(previous)))


def tanh(z: Tensor, orders: Sequence[int]) -> list[Tensor]:
    """Hyperbolic tangent; derivatives are polynomials in tanh itself. Each `(...)` as z."""
    # One transcendental function for all orders.
    a = torch.tanh(z)
    return [a if k == 0 else horner(_autonomous((1.0, 0.0, -1.0), k), a) for k in orders]


def sin(z: Tensor, orders: Sequence[int]) -> list[Tensor]:
    """Sine: random Fourier features, if frequencies and phases are random. Each `(...)` as z."""
    of: dict[int, Tensor] = {}
    for parity in {k % 2 for k in orders}:
        of[parity] = torch.cos(z) if parity else torch.sin(z)
    return [-of[k % 2] if k % 4 >= 2 else of[k % 2] for k in orders]


def gaussian(z: Tensor, orders: Sequence[int]) -> list[Tensor]:
    """exp(-z^2/2); its derivatives are Hermite polynomials times itself, with alternating sign.
    Each `(...)` as z.
    """
    g = torch.exp(-0.5 * z * z)
    return [(-1.0) ** k * horner(_hermite(k), z) * g if k else g for k in orders]


def softplus(z: Tensor, orders: Sequence[int]) -> list[Tensor]:
    """log(1 + exp(z)), `(...)` as z; derivatives from the first on are those of the sigmoid."""
    s = torch.sigmoid(z)
    slope = (0.0, 1.0, -1.0)
    return [
        (
            horner(_autonomous(slope, k - 1), s)
            if k
            else torch.nn.functional.softplus(z, threshold=40.0)
        )
        for k in orders
    ]


def relu_power(z: Tensor, orders: Sequence[int], power: int) -> list[Tensor]:
    """max(0, z)^power; derivatives from order `power` + 1 on are zero (their jumps carry no value
    at points). Each `(...)` as z.
    """
    positive = z.clamp(min=0.0)

    def of_order(k: int) -> Tensor:
        if k > power:
            return torch.zeros_like(z)
        factor = 1.0
        for j in range(k):
            factor *= power - j
        value = (
            (z > 0).to(z.dtype)
            if k == power
            else positive
            if k == power - 1
            else positive ** (power - k)
        )
        return value if factor == 1 else factor * value

    return [of_order(k) for k in orders]


ACTIVATIONS: dict[str, Derivatives] = {
    "tanh": tanh,
    "sin": sin,
    "gaussian": gaussian,
    "softplus": softplus,
    "relu": partial(relu_power, power=1),
    "relu2": partial(relu_power, power=2),
    "relu3": partial(relu_power, power=3),
    "relu4": partial(relu_power, power=4),
}

# The interval that an activation's values fill when its argument runs over a unit box: the box of
# the next layer.
RANGES: dict[str, tuple[float, float]] = {
    "tanh": (-1.0, 1.0),
    "sin": (-1.0, 1.0),
    "gaussian": (0.0, 1.0),
}


def activation(name: str) -> Derivatives:
    """Look an activation up by name. Raises ValueError that lists the names."""
    if name not in ACTIVATIONS:
        raise ValueError(f"no activation {name!r}; there are {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def value_range(name: str) -> tuple[float, float]:
    """The box, a side, that a layer's values live in (unit box where nothing else is known)."""
    return RANGES.get(name, (0.0, 1.0))
