"""The catalogue: problems with exact solutions, by name. `CATALOGUE["poisson_2d"]()` gives a
`Problem`.

The data of many are exponentials or sines. Automatic solves read such modes off the data, and those
with which the equation answers them (`search/exponents.py`): what they reach there says nothing of
problems whose frequencies stand nowhere.
"""

from collections.abc import Callable

from pinnsolve.declare.problem import Problem

from . import (
    complex_values,
    diffusion,
    dynamics,
    evolution,
    fields,
    flows,
    fronts,
    integral,
    layers,
    materials,
    mechanics,
    nonlinear,
    poisson,
    regions,
)

MODULES = (
    poisson,
    regions,
    fields,
    evolution,
    layers,
    mechanics,
    nonlinear,
    flows,
    fronts,
    dynamics,
    diffusion,
    materials,
    integral,
    complex_values,
)
CATALOGUE: dict[str, Callable[[], Problem]] = {
    entry.__name__: entry for module in MODULES for entry in module.ENTRIES
}
