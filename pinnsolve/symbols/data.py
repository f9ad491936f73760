"""Measured values, with or without errors."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Dummy

from pinnsolve.symbols.given import is_text
from pinnsolve.symbols.written import numbers_in

# No errors: values are taken as they are.
EXACT = "exact"
# What is minimized of values with errors: squares, or what Student's distribution makes of them.
SQUARES, STUDENT = "squares", "student"


def _values_in(values: Any) -> NDArray[Any]:
    try:
        array = np.asarray(values)
        array = array.astype(complex) if array.dtype.kind == "c" else numbers_in(array)
    except (TypeError, ValueError) as error:
        raise TypeError(f"Data wants numbers, (n,), one a point: got {values!r}") from error
    if array.ndim != 1:
        raise ValueError(f"Data wants values of shape (n,), one a point: got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(
            f"Data holds {array[~np.isfinite(array)][0]} at row"
            f" {int(np.flatnonzero(~np.isfinite(array))[0])}"
        )
    return array


def _deviations_in(sigma: Any, values: NDArray[np.float64]) -> Any:
    """A deviation for all values, one for each, or None."""
    if sigma is None or (isinstance(sigma, str) and sigma == EXACT):
        return sigma
    try:
        given = numbers_in(np.atleast_1d(sigma))
    except (TypeError, ValueError) as error:
        raise TypeError(
            "sigma is the standard deviation of the values, Data(values, sigma=0.01): got"
            f" {sigma!r}"
        ) from error
    if given.shape not in {(1,), values.shape}:
        raise ValueError(f"sigma is one number, or one a value, {values.shape}: got {given.shape}")
    if not (np.isfinite(given).all() and (given > 0).all()):
        raise ValueError(f"sigma is a standard deviation, above zero: got {sigma}")
    return float(given[0]) if given.shape == (1,) else given


def _loss_in(loss: Any, sigma: Any) -> str:
    """A word for what is minimized."""
    if loss not in {SQUARES, STUDENT}:
        raise ValueError(
            f"loss is {SQUARES!r}, or {STUDENT!r} for values some of which are wild: got {loss!r}"
        )
    if loss == STUDENT and isinstance(sigma, str):
        raise ValueError(
            "values some of which are wild have errors: give Data(values, sigma=0.01,"
            " loss='student'), or sigma=None to have it estimated"
        )
    return str(loss)


class Data(Dummy):
    """Measured values `(n,)`, one a point of the cloud on which the equation holds: `Eq(u,
    Data(values)) @ cloud`.

    With `sigma`, the standard deviation of each, a number or `(n,)`, in the units of the values,
    they have errors, and unknown numbers get error bars; None says that it is to be estimated.
    Those of a complex unknown are complex; sigma is that of each of their two parts.
    Raises ValueError for values that are not finite (with the first row) or not one-dimensional,
    TypeError for a name that is none.

    >>> from sympy import Eq
    >>> from pinnsolve import Box, Data, Dense, PointCloud, Problem, coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u, places = unknown("u", x), [k / 100 for k in range(101)]
    >>> measured = Eq(u, Data([s**2 for s in places])) @ PointCloud({x: places})
    >>> solution = solve(Problem(Box({x: (0, 1)}), measured), Dense(20))
    >>> f"{solution(0.3):.3f}"
    '0.090'
    """

    values: NDArray[Any]
    sigma: Any
    loss: str

    def __new__(
        cls, values: Any, name: str = "data", sigma: Any = EXACT, loss: str = SQUARES
    ) -> Data:
        if not is_text(name):
            raise TypeError(
                f"the second argument of Data is a name: got {name!r}; give deviations by theirs,"
                " Data(values, sigma=0.01)"
            )
        array = _values_in(values)
        data: Data = super().__new__(cls, name, **_kind_of(array))
        data.values, data.sigma = array, _deviations_in(sigma, array)
        data.loss = _loss_in(loss, data.sigma)
        return data

    @cached_property
    def two_parts(self) -> tuple[Data, Data]:
        """Their real and imaginary parts, as data of their own."""
        parts = {"re": self.values.real.copy(), "im": self.values.imag.copy()}
        real, imaginary = (
            Data(v, f"{n} {self.name}", self.sigma, self.loss) for n, v in parts.items()
        )
        return real, imaginary

    @property
    def has_errors(self) -> bool:
        """Whether the values are said to have errors."""
        return not (isinstance(self.sigma, str) and self.sigma == EXACT)

    def __reduce__(self) -> tuple[Any, ...]:
        return _data, (self.values, self.name, self.dummy_index, self.sigma, self.loss)

    def _sympystr(self, printer: Any) -> str:
        return str(self.name)


def _kind_of(values: NDArray[Any]) -> dict[str, bool]:
    return {"complex" if np.iscomplexobj(values) else "real": True}


def _data(
    values: NDArray[Any], name: str, number: int, sigma: Any = EXACT, loss: str = SQUARES
) -> Data:
    """Data that are the same as those of this number, in whichever process."""
    data: Data = Dummy.__new__(Data, name, dummy_index=number, **_kind_of(values))
    data.values, data.sigma, data.loss = values, sigma, loss
    return data
