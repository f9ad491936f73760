"""Polynomials as tuples of coefficients, constant first: derivatives of activations and of maps are
made from them.
"""

from __future__ import annotations

import torch
from torch import Tensor

Polynomial = tuple[float, ...]


def horner(p: Polynomial, a: Tensor) -> Tensor:
    """p(a) for every entry of a `(...)`, by Horner's rule."""
    if len(p) == 1:
        return torch.full_like(a, p[0])
    result = a if p[-1] == 1 else p[-1] * a
    for power, coefficient in enumerate(reversed(p[:-1])):
        result = result * a if power else result
        # Odd and even polynomials have many zeros.
        result = result + coefficient if coefficient else result
    return result


def plus(p: Polynomial, q: Polynomial) -> Polynomial:
    """p + q."""
    length = max(len(p), len(q))
    return tuple(
        (p[i] if i < len(p) else 0.0) + (q[i] if i < len(q) else 0.0) for i in range(length)
    )


def times(p: Polynomial, q: Polynomial) -> Polynomial:
    """p q."""
    product = [0.0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            product[i + j] += a * b
    return tuple(product)


def derivative(p: Polynomial) -> Polynomial:
    """p'."""
    return tuple(k * c for k, c in enumerate(p))[1:] or (0.0,)
