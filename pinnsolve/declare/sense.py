"""What conditions must be together to make sense: every check of a problem, in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr

from pinnsolve.declare.checks import difference
from pinnsolve.declare.exact import require_satisfied
from pinnsolve.declare.jumps import require_no_lost_jump, warn_of_a_flux
from pinnsolve.declare.misplaced import (
    require_values_in_place,
    warn_of_final_values,
    warn_of_fixed_data,
)
from pinnsolve.declare.probes import require_points_inside, require_tables_cover
from pinnsolve.declare.timelike import require_no_time_in_laplacian
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.symbols import Unknown


def require_sense(
    domain: Solid,
    conditions: Sequence[Condition],
    unknowns: Sequence[Unknown],
    exact: Mapping[Unknown, Expr] | None,
) -> None:
    """Raise ValueError, or warn, where conditions make no sense, or `exact` does not satisfy
    them.
    """
    for condition in conditions:
        if condition.region.is_solid:  # jumps do not cross a boundary
            require_no_lost_jump(difference(condition), condition.region, str(condition))
            warn_of_a_flux(difference(condition), condition.region, str(condition))
    for condition in conditions:
        require_points_inside(condition, domain)
        require_tables_cover(condition)
    require_no_time_in_laplacian(conditions, domain)
    # Equations that an exact solution satisfies are meant so: no slip is looked for in them.
    if exact is None:
        require_values_in_place(conditions, unknowns, domain)
        warn_of_fixed_data(conditions, domain)
        warn_of_final_values(conditions, domain)
    else:
        require_satisfied(conditions, exact)
