"""pinnsolve on a composite problem: `... composite_ours PROBLEM SEED TOLERANCE` with nothing given
but that, or `... PROBLEM SEED CELLS FUNCTIONS`: so many cells along a side, each with so many
waves, one solve.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from time import perf_counter, process_time

from pinnsolve import Budget, Dense, Waves, solve
from results.composite import true_error
from results.peer_problems import COMPOSITE_PROBLEMS

SECONDS = 30.0  # CPU seconds
# Of the waves in a cell, in units of its size: as in `results/composite.py` for k = 100.
SCALES = {"helmholtz_k100": 7.0}

if __name__ == "__main__":
    # Budgets look at this clock: other work on the machine shall end no solve.
    time.perf_counter = time.process_time
    name, seed, *given = sys.argv[1:]
    problem = COMPOSITE_PROBLEMS[name]()
    if len(given) == 1:
        keywords = {"tolerance": float(given[0]), "budget": Budget(seconds=SECONDS)}
    else:
        cells, functions = map(int, given)
        waves = Dense(functions, activation="sin", initialize=Waves(SCALES.get(name, 2.0)))
        keywords = {"basis": waves, "cells": (cells, cells)}
    start, cpu = perf_counter(), process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what is in the row
        solution = solve(problem, seed=int(seed), **keywords)
    seconds, cpu = perf_counter() - start, process_time() - cpu
    print(
        json.dumps(
            {
                "error": true_error(name, solution)[0],
                "seconds": seconds,
                "cpu": cpu,
                "unknowns": solution.field.functions,
                "note": str(solution.stopped),
            }
        )
    )
