"""FastLSQ on its own problem, with its defaults and its search of the scale (which looks at the exact solution)."""

from __future__ import annotations

import json
import sys
import time

import torch
from fastlsq import solve_linear
from fastlsq.problems import linear

CLASSES = {
    "poisson_5d": linear.PoissonND,
    "heat_5d": linear.HeatND,
    "wave_1d": linear.Wave1D,
    "wave_2d_ms": linear.Wave2D_MS,
    "maxwell_2d_tm": linear.Maxwell2D_TM,
    "helmholtz_2d": linear.Helmholtz2D,
    "elastic_wave_2d": linear.ElasticWave2D,
}

TRIALS = 5  # of each scale: its default

if __name__ == "__main__":
    name = sys.argv[1]
    problem = CLASSES[name]()
    torch.manual_seed(0)
    start, cpu = time.perf_counter(), time.process_time()
    result = solve_linear(problem, auto_scale_trials=TRIALS, verbose=False)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    note = f"scale {result['scale']:g} of 9, {TRIALS} trials each"
    print(json.dumps({"error": float(result["metrics"]["val_err"]), "seconds": seconds, "cpu": cpu, "note": note}))
