"""The forward and inverse demonstrations of DeepXDE's documentation (Lu et al., SIAM Review 63,
2021), by the names of their pages or scripts.

`DEMOS["ode.system"]()` is a problem. Those that differ only in how a network is trained are one.
Those that stood in the catalogue already are taken from there. `python -m results deepxde` solves
them.
"""

from collections.abc import Callable

from pinnsolve import Problem

from .deepxde_evolutions import (
    allen_cahn_fixed,
    black_scholes,
    diffusion,
    diffusion_reaction,
    ethier_steinman,
    heat,
    klein_gordon_long,
    wave_10,
)
from .deepxde_inverse import (
    brinkman_forchheimer,
    diffusion_inverse,
    diffusion_reaction_rate,
    elliptic_inverse_field,
    klein_gordon_inverse,
    lorenz_inverse,
    lorenz_inverse_forced,
)
from .deepxde_steady import (
    elasticity_plate,
    helmholtz_hole,
    integro_differential,
    kovasznay_20,
    laplace_disk,
    ode_2nd,
    ode_system,
    poisson_dirichlet,
    poisson_l_shape,
    poisson_multiscale,
    poisson_neumann,
    poisson_periodic,
    poisson_robin,
    poisson_sum,
    predators,
    sound_hard,
    volterra,
)
from .fields import helmholtz_4pi
from .fronts import burgers, schroedinger
from .mechanics import beam

DEMOS: dict[str, Callable[[], Problem]] = {
    "ode.system": ode_system,
    "lotka.volterra": predators,
    "ode.2nd": ode_2nd,
    "poisson.1d.dirichlet": poisson_dirichlet,
    "poisson.1d.neumanndirichlet": poisson_neumann,
    "poisson.1d.dirichletrobin": poisson_robin,
    "poisson.1d.dirichletperiodic": poisson_periodic,
    "poisson.dirichlet.1d.exactbc": poisson_sum,
    "poisson.1d.multiscaleFourier": poisson_multiscale,
    "poisson.Lshape": poisson_l_shape,
    "laplace.disk": laplace_disk,
    "eulerbeam": beam,
    "elasticity.plate": elasticity_plate,
    "helmholtz.2d.dirichlet": helmholtz_4pi,
    "helmholtz.2d.neumann.hole": helmholtz_hole,
    "helmholtz.2d.sound.hard.abc": sound_hard,
    "Kovasznay.flow": kovasznay_20,
    "burgers": burgers,
    "heat": heat,
    "diffusion.1d": diffusion,
    "diffusion.reaction": diffusion_reaction,
    "allen.cahn": allen_cahn_fixed,
    "klein.gordon": klein_gordon_long,
    "black_scholes": black_scholes,
    "Beltrami_flow": ethier_steinman,
    "wave_1d": wave_10,
    "Schrodinger": schroedinger,
    "ide": integro_differential,
    "Volterra_IDE": volterra,
    "lorenz.inverse": lorenz_inverse,
    "lorenz.inverse.forced": lorenz_inverse_forced,
    "elliptic.inverse.field": elliptic_inverse_field,
    "brinkman_forchheimer": brinkman_forchheimer,
    "diffusion_reaction_rate": diffusion_reaction_rate,
    "diffusion.1d.inverse": diffusion_inverse,
    "klein.gordon.inverse": klein_gordon_inverse,
}
