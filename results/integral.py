"""Integral and integro-differential equations, with nothing given but a tolerance of 1e-11.

Errors are relative L2 on fresh random points; seconds are CPU seconds of the whole call on one
thread, compilation included.
"""

from __future__ import annotations

from pinnsolve.problems.integral import ENTRIES
from results.exact_study import Study

STUDY = Study.of(ENTRIES, 1e-11)


def run() -> None:
    """Measure; write integral.csv and integral.md."""
    STUDY.run(__file__, "Integrals", __doc__)


if __name__ == "__main__":
    run()
