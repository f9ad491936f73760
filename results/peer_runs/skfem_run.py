"""scikit-fem with quadratic triangles on the disk and the L, refined uniformly: `... skfem_run
PROBLEM REFINEMENTS`.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from skfem import Basis, BilinearForm, ElementTriP2, LinearForm, MeshTri, condense, solve
from skfem.helpers import dot, grad
from sympy import lambdify

from results.peer_problems import PROBLEMS

if __name__ == "__main__":
    name, refinements = sys.argv[1], int(sys.argv[2])
    problem = PROBLEMS[name]()
    x, y = problem.domain.coordinates
    (field,) = problem.exact.values()
    source = lambdify((x, y), -(field.diff(x, 2) + field.diff(y, 2)), "numpy")
    exact = lambdify((x, y), field, "numpy")
    start, cpu = time.perf_counter(), time.process_time()
    mesh = (
        MeshTri.init_circle(refinements)
        if name == "disk"
        else MeshTri.init_lshaped().refined(refinements)
    )
    if name != "disk":  # the quarter that is missing is another one
        mesh = MeshTri(np.stack([mesh.p[1], -mesh.p[0]]), mesh.t)
    basis = Basis(mesh, ElementTriP2())
    stiffness = BilinearForm(lambda u, v, _: dot(grad(u), grad(v))).assemble(basis)
    load = LinearForm(lambda v, w: source(*w.x) * v).assemble(basis)
    values = np.asarray(exact(*basis.doflocs), dtype=float)
    solution = solve(*condense(stiffness, load, x=np.nan_to_num(values), D=basis.get_dofs()))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    fine = basis.with_element(ElementTriP2())
    at = fine.global_coordinates().value
    found, truth = fine.interpolate(solution).value, exact(*at)
    error = float(np.sqrt((fine.dx * (found - truth) ** 2).sum() / (fine.dx * truth**2).sum()))
    print(
        json.dumps({"error": error, "seconds": seconds, "cpu": cpu, "note": f"{basis.N} unknowns"})
    )
