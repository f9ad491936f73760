"""jaxhps on the unit square: `... jaxhps_run PROBLEM LEVELS P`, a uniform quadtree of that many
levels, P x P Chebyshev nodes in a leaf and P - 2 Gauss nodes on its sides, as in its documentation.
All times but the first are those of another solver for the same kind of equation, when all is
compiled.
"""

from __future__ import annotations

import json
import os
import sys

# One thread, as all others.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax.numpy as jnp
import jaxhps
import numpy as np
from sympy import Integer, lambdify

from results.peer_problems import COMPOSITE_PROBLEMS, CONDUCTIVITY
from results.peer_runs.timing import repeated

MASS = {"helmholtz_k100": 100.0**2, "varying_plate": 0.0}


def data(name):
    """Functions of points: conductivity, its slopes, the load and what is true."""
    problem = COMPOSITE_PROBLEMS[name]()
    x, y = problem.domain.coordinates
    (field,) = problem.exact.values()
    k = CONDUCTIVITY if name == "varying_plate" else Integer(1)
    load = sum((k * field.diff(z)).diff(z) for z in (x, y)) + MASS[name] * field
    return [lambdify((x, y), f, "numpy") for f in (k, k.diff(x), k.diff(y), load, field)]


def solution(name, functions, levels, p):
    """The domain, and values at its nodes."""
    k, kx, ky, load, exact = functions
    root = jaxhps.DiscretizationNode2D(xmin=0.0, xmax=1.0, ymin=0.0, ymax=1.0)
    domain = jaxhps.Domain(p=p, q=p - 2, root=root, L=levels)
    at = np.asarray(domain.interior_points)
    x, y = at[..., 0], at[..., 1]
    given = {"D_xx_coefficients": k(x, y) + 0 * x, "D_yy_coefficients": k(x, y) + 0 * x}
    if MASS[name]:
        given["I_coefficients"] = MASS[name] + 0 * x
    else:
        given |= {"D_x_coefficients": kx(x, y) + 0 * x, "D_y_coefficients": ky(x, y) + 0 * x}
    arrays = {key: jnp.asarray(value) for key, value in given.items()}
    source = jnp.asarray(load(x, y))
    problem = jaxhps.PDEProblem(domain=domain, source=source, **arrays)
    jaxhps.build_solver(pde_problem=problem)
    rim = np.asarray(domain.boundary_points)
    data = jnp.asarray(exact(rim[..., 0], rim[..., 1]))
    values = jaxhps.solve(pde_problem=problem, boundary_data=data)
    return domain, values.block_until_ready()


if __name__ == "__main__":
    name, levels, p = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    functions = data(name)
    (domain, values), taken = repeated(lambda: solution(name, functions, levels, p), 4)
    line = np.sort(np.random.default_rng(1).random(100))
    found, at = (np.asarray(a) for a in domain.interp_from_interior_points(values, line, line))
    truth = functions[-1](at[..., 0], at[..., 1])
    print(
        json.dumps(
            {
                "error": float(np.linalg.norm(found - truth) / np.linalg.norm(truth)),
                "unknowns": int(values.size),
                "note": f"{4**levels} leaves",
                **taken,
            }
        )
    )
