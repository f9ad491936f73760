"""Every tutorial runs, asserts its own error, and is quick."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

TUTORIALS = sorted((Path(__file__).parents[1] / "tutorials").glob("*.py"))
SECONDS = 20  # a tutorial, on a quiet machine; importing torch included


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda p: p.stem)
def test_tutorial_runs(path, tmp_path):
    start = time.perf_counter()
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert time.perf_counter() - start < SECONDS


def test_tutorials_are_numbered_and_assert_errors():
    numbers = [int(path.stem[:2]) for path in TUTORIALS]
    assert numbers == list(range(1, len(TUTORIALS) + 1))
    for path in TUTORIALS:
        text = path.read_text()
        assert text.startswith("# %% [markdown]\n# # " + path.stem[:2])
        assert "assert " in text
        assert ".error()" in text
