"""FastLSQ on its own problem, with its defaults and its search of the scale (which looks at the
exact solution).
"""

from __future__ import annotations

import json
import sys
import time

import torch
from fastlsq import solve_linear, solve_nonlinear
from fastlsq.problems import linear, nonlinear

CLASSES = {
    "poisson_5d": linear.PoissonND,
    "heat_5d": linear.HeatND,
    "wave_1d": linear.Wave1D,
    "wave_2d_ms": linear.Wave2D_MS,
    "maxwell_2d_tm": linear.Maxwell2D_TM,
    "helmholtz_2d": linear.Helmholtz2D,
    "elastic_wave_2d": linear.ElasticWave2D,
    "nl_poisson_2d": nonlinear.NLPoisson2D,
    "nl_bratu_2d": nonlinear.Bratu2D,
    "nl_burgers_1d": nonlinear.SteadyBurgers1D,
    "nl_helmholtz_2d": nonlinear.NLHelmholtz2D,
    "nl_allen_cahn_1d": nonlinear.AllenCahn1D,
}

TRIALS, NEWTON_TRIALS = (
    5,
    1,
)  # of each scale: its default; and a third of it, where that would take an hour

if __name__ == "__main__":
    name = sys.argv[1]
    problem = CLASSES[name]()
    torch.manual_seed(0)
    start, cpu = time.perf_counter(), time.process_time()
    iterates = name.startswith("nl_")
    solver, trials = (solve_nonlinear, NEWTON_TRIALS) if iterates else (solve_linear, TRIALS)
    result = solver(problem, auto_scale_trials=trials, verbose=False)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    note = f"scale {result['scale']:g} of 9, {trials} trials each"
    print(
        json.dumps(
            {
                "error": float(result["metrics"]["val_err"]),
                "seconds": seconds,
                "cpu": cpu,
                "note": note,
            }
        )
    )
