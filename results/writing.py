"""What all studies write alike: CSV, Markdown tables, provenance."""

from __future__ import annotations

import csv
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(__file__).parent
T = TypeVar("T")
LIMIT = 3 * 3600  # seconds, of one process: the slowest peer takes 80 minutes
PACKAGES = ("pinnsolve", "torch", "numpy", "scipy", "sympy")


def _commit() -> str:
    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *arguments],
            capture_output=True,
            text=True,
            cwd=FOLDER.parent,
            check=False,
            timeout=30,
        )

    changed = git("diff", "--quiet", "HEAD", "--", "pinnsolve", "problems").returncode != 0
    return git("rev-parse", "--short", "HEAD").stdout.strip() + (" with changes" if changed else "")


COMMIT = _commit()  # of the code that runs: when the study starts, not when it ends


def write_csv(name: str, rows: Sequence[Any]) -> None:
    """Rows are dataclass instances of one type; six digits of a number are enough."""
    with (FOLDER / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(asdict(rows[0])))
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in asdict(row).items()}
            )


def read_csv(name: str, kind: type[T]) -> list[T]:
    """The rows of a study, as they were written."""
    read: dict[str, Callable[[str], Any]] = {
        "str": str,
        "int": int,
        "float": float,
        "bool": "True".__eq__,
    }
    with (FOLDER / name).open(encoding="utf-8") as file:
        columns = [(f.name, read[str(f.type)]) for f in fields(kind)]  # type: ignore[arg-type]
        return [
            kind(*(parse(line[name]) for name, parse in columns)) for line in csv.DictReader(file)
        ]


def json_of(command: Sequence[str], ranks: int = 1) -> dict[str, Any]:
    """What a script prints last, as JSON; run as by `output_of`."""
    found: dict[str, Any] = json.loads(output_of(command, ranks).strip().splitlines()[-1])
    return found


def output_of(command: Sequence[str], ranks: int = 1, **environment: str) -> str:
    """What a script prints, run from the repository's root with one thread; on several ranks, under
    mpiexec. Raises RuntimeError with its last words.
    """
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    if ranks > 1:
        # Where it truly is: what it starts, and its library, lie beside it.
        mpiexec = Path(sys.executable).with_name("mpiexec").resolve()
        command = [str(mpiexec), "-n", str(ranks), *command]
        one["LD_LIBRARY_PATH"] = str(mpiexec.parents[1] / "lib")
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=FOLDER.parent,
        env={**os.environ, **one, **environment},
        timeout=LIMIT,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr[-1000:]}")
    return done.stdout


def markdown_table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, numbers right-aligned from the second column on."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *lines))


def provenance(seconds: float, seeds: Sequence[int]) -> str:
    """Commit, versions, machine, seeds, seconds: what is needed to run a study again."""
    versions = ", ".join(f"{p} {version(p)}" for p in PACKAGES)
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU cores, Python"
        f" {platform.python_version()}"
    )
    return (
        f"Written by `python -m results` on {date.today()}: commit {COMMIT or 'unknown'};"
        f" {versions}; {machine}; seeds {', '.join(map(str, seeds))}; {seconds:.0f} s in all."
    )
