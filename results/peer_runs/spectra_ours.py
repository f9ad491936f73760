"""pinnsolve's eigenvalues, with nothing given but how many: `... spectra_ours PROBLEM SEED`."""

from __future__ import annotations

import json
import sys
import time

from pinnsolve import Budget, eigenmodes
from pinnsolve.problems.spectra import SPECTRA
from results.spectra_peers import COUNTS, TOLERANCES, error_of

SECONDS = 120.0  # CPU seconds

if __name__ == "__main__":
    name, seed = sys.argv[1], int(sys.argv[2])
    problem, _ = SPECTRA[name]()
    start, cpu = time.perf_counter(), time.process_time()
    budget = Budget(SECONDS, clock=time.process_time)
    found = eigenmodes(problem, COUNTS[name], TOLERANCES.get(name), seed=seed, budget=budget)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(
        json.dumps(
            {
                "error": error_of(name, found.eigenvalues),
                "unknowns": found[0].history.final.functions,
                "note": str(found.stopped),
                "cpu": cpu,
                "seconds": seconds,
            }
        )
    )
