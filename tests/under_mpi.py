"""Processes under mpiexec, for the tests of several ranks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
MPIEXEC = Path(sys.executable).with_name("mpiexec").resolve()


def started(n, code):
    """`n` ranks that run the code, one thread each; they can import what tests share."""
    environment = {
        "OMP_NUM_THREADS": "1",
        "PATH": str(MPIEXEC.parent),
        "LD_LIBRARY_PATH": str(MPIEXEC.parents[1] / "lib"),
        "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]),
    }
    command = [str(MPIEXEC), "-n", str(n), sys.executable, "-c", code]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def ended(process, timeout):
    """Exit code, output and errors, after so many seconds at most."""
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        process.kill()
    return process.returncode, out, err
