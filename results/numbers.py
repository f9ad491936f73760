"""Numbers that are sought, from data without errors and with 1 % of noise, nothing guessed; and how
often error bars of 95 % hold the truth.

Errors are relative, of several numbers the largest; "in bars" is the largest distance from the
truth in standard deviations, as they are given. Noise is Gaussian, of 1 % of the data's root mean
square. Clean values ask for 1e-8, those of the reaction and of Burgers' equation for 1e-6. Seconds
are CPU seconds of the whole call on one thread, compilation included.

Of the wake (results/wake.py) 7,000 places of a window are known, and nothing on its sides, as of
Burgers' equation. There "met" says that bands of 95 % are as narrow as is asked (1e-3 of clean
values, else a tenth); of clean values those of all fields, too, and the pressure, which nobody
measures, decides.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from pinnsolve.problems.numbers import NUMBERS
from results.by_name import solved_again, timed, write_page
from results.wake import wake
from results.writing import COMMIT, markdown_table, provenance

NOISES, SEEDS, SECONDS, DRAWS = (0.0, 0.01), (0, 1, 2), 60.0, 50
ENTRIES = NUMBERS | {"wake": wake}
# Of what takes a minute one seed of clean values is asked, and fewer digits.
LONG = {"reaction_rates", "burgers_viscosity"}
CLEAN, FEWER, NOISY = 1e-8, 1e-6, 1e-2
# Of a window: clean values, noisy ones, seconds; how many draws of noise
OF_WAKES, LONGER = (1e-3, 1e-1), 180.0
MANY = {"diffusivity": DRAWS, "burgers_viscosity": DRAWS, "wake": 5}


@dataclass(frozen=True)
class Row:
    """One call."""

    problem: str
    noise: float
    seed: int
    error: float
    bar: float
    bars: float
    cpu: float
    stopped: str
    commit: str


def row(name: str, noise: float, seed: int) -> Row:
    """Numbers beside what they are; nan, where nothing was found in time."""
    problem, true = ENTRIES[name](noise, seed)
    asked = FEWER if name in LONG else CLEAN, NOISY
    clean, noisy = OF_WAKES if name == "wake" else asked
    seconds = LONGER if name == "wake" else SECONDS
    try:
        solution, _, cpu = timed(problem, noisy if noise else clean, seconds, seed)
    except TimeoutError:
        return Row(name, noise, seed, math.nan, math.nan, math.nan, seconds, "nothing", COMMIT)
    real = [n for n in (solution[u] for u in true) if not isinstance(n, complex)]
    found = list(zip(real, true.values(), strict=True))
    error = max(abs(float(n) / value - 1) for n, value in found)
    bar = max(n.deviation / abs(value) for n, value in found)
    bars = max(abs(float(n) - value) / n.deviation for n, value in found)
    return Row(name, noise, seed, error, bar, bars, cpu, str(solution.stopped), COMMIT)


def seeds_of(name: str, noise: float) -> range:
    """Many draws of some noise, three of others."""
    if noise and name in MANY:
        return range(MANY[name])
    return range(1 if name in LONG and not noise else len(SEEDS))


def rows_of(name: str) -> Iterator[Row]:
    """All of a problem."""
    return (row(name, noise, seed) for noise in NOISES for seed in seeds_of(name, noise))


def table(rows: Sequence[Row]) -> str:
    """A line a problem and noise."""
    lines = []
    for name in ENTRIES:
        for noise in NOISES:
            mine = [r for r in rows if r.problem == name and r.noise == noise]
            if not mine:
                continue
            errors = [f"{median(r.error for r in mine):.1e}", f"{max(r.error for r in mine):.1e}"]
            bars = ["", ""]
            if noise:
                bars = [f"{median(r.bar for r in mine):.1e}", f"{median(r.bars for r in mine):.2f}"]
            inside = f"{sum(r.bars <= 1.96 for r in mine)} of {len(mine)}" if noise else ""
            met = f"{sum(r.stopped == 'met' for r in mine)} of {len(mine)}"
            cpu = f"{median(r.cpu for r in mine):.1f}"
            lines.append((name, f"{noise:g}", *errors, *bars, inside, cpu, met))
    header = ("problem", "noise", "error: median", "worst", "bar", "error in bars")
    return markdown_table((*header, "within 1.96", "CPU s", "met"), lines)


def run(names: Sequence[str] = ()) -> None:
    """Measure, or only these again; write numbers.csv and numbers.md."""
    start = time.perf_counter()
    rows = solved_again("numbers.csv", Row, list(ENTRIES), names, lambda r: r.problem, rows_of)
    last = provenance(time.perf_counter() - start, SEEDS)
    write_page("numbers.md", "Numbers", (__doc__, table(rows)), rows, last)


if __name__ == "__main__":
    run(sys.argv[1:])
