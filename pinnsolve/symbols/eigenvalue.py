"""The symbol of an eigenvalue: a number that is sought together with a function."""

from __future__ import annotations

from sympy import Symbol

from pinnsolve.symbols.given import is_text


class Eigenvalue(Symbol):
    """A number for which a homogeneous problem has solutions that are not zero."""

    __slots__ = ()


def eigenvalue(name: str) -> Eigenvalue:
    """Declare the eigenvalue of a problem: a symbol of its equations, as in `Eq(-laplacian(u),
    lam*u)`; `eigenmodes(problem, count=12)` finds those nearest to zero.

    Raises TypeError for what is no name.

    >>> from pinnsolve import coordinates, eigenvalue, laplacian, unknown
    >>> x, y = coordinates("x y")
    >>> u, lam = unknown("u", x, y), eigenvalue("lam")
    >>> laplacian(u) + lam * u
    lam*u(x, y) + Derivative(u(x, y), (x, 2)) + Derivative(u(x, y), (y, 2))
    """
    if not is_text(name) or not name.isidentifier():
        raise TypeError(
            f"an eigenvalue's name is a word in a string, eigenvalue('lam'): got {name!r}"
        )
    return Eigenvalue(name)
