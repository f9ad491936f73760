"""Where arrays become tensors, and tensors arrays.

Regions are sampled, and matrices are factorized, as arrays of float64 on the CPU. What lies
between is made like the functions of a space: in the dtype, and on the device, of its task.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
COMPLEX = torch.empty(0, dtype=torch.complex128)


def tensor_of(numbers: Array, like: Tensor = DOUBLE) -> Tensor:
    """An array's numbers `(...)` in the dtype, and on the device, of another tensor; in the same
    memory, if they have these.
    """
    return torch.from_numpy(numbers).to(like)


def array_of(numbers: Tensor) -> Array:
    """A tensor's numbers `(...)` as an array of float64; in the same memory, if they are such on
    the CPU.
    """
    held: Array = numbers.detach().to(DOUBLE).numpy()
    return held


def complex_tensor_of(numbers: Complex) -> Tensor:
    """Complex numbers `(...)` as a tensor."""
    return tensor_of(numbers, COMPLEX)  # type: ignore[arg-type]


def complex_array_of(numbers: Tensor) -> Complex:
    """A complex tensor's numbers `(...)` as an array."""
    found: Complex = array_of(torch.view_as_real(numbers)).view(np.complex128)[..., 0]
    return found
