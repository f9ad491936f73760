"""How large the unknowns of a field are, beside each other."""

from __future__ import annotations

from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import deviation, not_negligible, shares_of
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.sizes import natural_sizes
from pinnsolve.fields.field import Field


def sizes_of(system: System, field: Field, seed: int) -> Tensor:
    """The sizes `(n_unknowns,)` of what varies in the unknowns of a field."""
    p = quadrature(system, 1024, seed)
    sizes = deviation(system, field.values(p.x), field.support(p.x), shares_of(p))
    return not_negligible(sizes, natural_sizes(system))
