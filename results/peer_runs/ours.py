"""pinnsolve, with nothing given but the error wanted: `python -m results.peer_runs.ours PROBLEM
TOLERANCE`.
"""

from __future__ import annotations

import json
import sys
import time

from pinnsolve import Budget, solve
from results.peer_problems import PROBLEMS

if __name__ == "__main__":
    name, tolerance = sys.argv[1], float(sys.argv[2])
    start, cpu = time.perf_counter(), time.process_time()
    solution = solve(PROBLEMS[name](), tolerance=tolerance, budget=Budget(seconds=60))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(
        json.dumps(
            {
                "error": float(solution.error()),
                "seconds": seconds,
                "cpu": cpu,
                "note": solution.stopped,
            }
        )
    )
