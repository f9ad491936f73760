"""The 22 tasks of PINNacle (Hao et al., arXiv 2306.08827), by the benchmark's names.

`PINNACLE["poisson2d-c"]()` is a problem. Definitions are the published ones, in our words; random
fields are our own draws, of the same kind. Those that stood in the catalogue already are taken from
there. `python -m results pinnacle` solves them.
"""

from collections.abc import Callable

from pinnsolve import Problem

from .channels import backward_step
from .composite import four_balls, poisson_boltzmann, poisson_classic
from .evolution import wave_1d
from .fronts import burgers, kuramoto_sivashinsky
from .multiscale import heat_of_two_scales, waves_of_two_modes
from .pinnacle_evolutions import (
    burgers_plane,
    gray_scott_plane,
    heat_around_pipes,
    heat_for_long,
    heat_inverse,
    heat_nd,
    heat_varying,
    pulsating_channel,
    waves_in_two_media,
)
from .pinnacle_steady import cavity, poisson_inverse, poisson_many_areas, poisson_nd

PINNACLE: dict[str, Callable[[], Problem]] = {
    "burgers1d": burgers,
    "burgers2d": burgers_plane,
    "poisson2d-c": poisson_classic,
    "poisson2d-cg": poisson_boltzmann,
    "poisson3d-cg": four_balls,
    "poisson2d-ms": poisson_many_areas,
    "heat2d-vc": heat_varying,
    "heat2d-ms": heat_of_two_scales,
    "heat2d-cg": heat_around_pipes,
    "heat2d-lt": heat_for_long,
    "ns2d-c": cavity,
    "ns2d-cg": backward_step,
    "ns2d-lt": pulsating_channel,
    "wave1d-c": wave_1d,
    "wave2d-cg": waves_in_two_media,
    "wave2d-ms": waves_of_two_modes,
    "grayscott": gray_scott_plane,
    "ks": kuramoto_sivashinsky,
    "poisson-nd": poisson_nd,
    "heat-nd": heat_nd,
    "poisson-inv": poisson_inverse,
    "heat-inv": heat_inverse,
}
