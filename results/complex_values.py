"""Complex unknowns, with nothing given but a tolerance of 1e-8.

Errors are relative L2 of the modulus on fresh random points; seconds are CPU seconds of the whole
call on one thread, compilation included. Frequencies of plane waves, and of states of a particle,
stand in the declaration, and are read off it; those of `point_source` and of `bright_soliton` are
not.
"""

from __future__ import annotations

from pinnsolve.problems.complex_values import ENTRIES
from results.exact_study import Study

STUDY = Study.of(ENTRIES, 1e-8)


def run() -> None:
    """Measure; write complex_values.csv and complex_values.md."""
    STUDY.run(__file__, "Complex unknowns", __doc__)


if __name__ == "__main__":
    run()
