"""Chebyshev collocation on the unit square, Dirichlet data, for a u + b laplacian(u) = f: `...
chebyshev_run PROBLEM N`.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from numpy.polynomial import chebyshev
from sympy import lambdify

from results.peer_problems import PROBLEMS

REACTION = {
    "poisson_2d": 0.0,
    "helmholtz_2d": 100.0,
    "helmholtz_2d_demo": (4 * np.pi) ** 2,
    "poisson_2d_peak": 0.0,
}

if __name__ == "__main__":
    name, n = sys.argv[1], int(sys.argv[2])
    problem = PROBLEMS[name]()
    x, y = problem.domain.coordinates
    (field,) = problem.exact.values()
    exact = lambdify((x, y), field, "numpy")
    source = lambdify((x, y), field.diff(x, 2) + field.diff(y, 2) + REACTION[name] * field, "numpy")
    start, cpu = time.perf_counter(), time.process_time()
    s = np.cos(np.pi * np.arange(n + 1) / n)
    points = np.stack(np.meshgrid((1 + s) / 2, (1 + s) / 2, indexing="ij"))
    values, derivatives = chebyshev.chebvander(s, n), np.zeros((n + 1, n + 1))
    for k in range(n + 1):
        derivatives[:, k] = 4 * chebyshev.chebval(s, chebyshev.chebder(np.eye(n + 1)[k], 2))
    second = np.linalg.solve(
        values.T, derivatives.T
    ).T  # values at the nodes to second derivatives there
    unit = np.eye(n + 1)
    operator = np.kron(second, unit) + np.kron(unit, second) + REACTION[name] * np.eye((n + 1) ** 2)
    border = np.ones((n + 1, n + 1), dtype=bool)
    border[1:-1, 1:-1] = False
    right, edge = source(*points).ravel(), border.ravel()
    operator[edge], right[edge] = np.eye((n + 1) ** 2)[edge], exact(*points)[border]
    nodal = np.linalg.solve(operator, right).reshape(n + 1, n + 1)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    coefficients = np.linalg.solve(values, np.linalg.solve(values, nodal).T).T
    a, b = np.random.default_rng(1).random((2, 10_000))
    truth = exact(a, b)
    found = chebyshev.chebval2d(2 * a - 1, 2 * b - 1, coefficients)
    error = float(np.linalg.norm(found - truth) / np.linalg.norm(truth))
    print(
        json.dumps(
            {"error": error, "seconds": seconds, "cpu": cpu, "note": f"{n + 1} x {n + 1} nodes"}
        )
    )
