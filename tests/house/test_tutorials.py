"""Every tutorial runs, and asserts its own error."""

from __future__ import annotations

import runpy
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

TUTORIALS = sorted((Path(__file__).parents[2] / "tutorials").glob("*.py"))
HANGS = 1200  # seconds, some hundred times what the longest takes on a quiet machine


@pytest.mark.slow
def test_a_tutorial_is_a_program(tmp_path):
    command = [sys.executable, str(TUTORIALS[0])]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=HANGS, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("path", TUTORIALS[1:], ids=lambda p: p.stem)
def test_tutorial_runs(path, tmp_path, monkeypatch):
    """In this process, which has imported already what all of them do."""
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some show what is warned of
        runpy.run_path(str(path), run_name="__main__")


def test_tutorials_are_numbered_and_assert_errors():
    numbers = [int(path.stem[:2]) for path in TUTORIALS]
    assert numbers == list(range(1, len(TUTORIALS) + 1))
    for path in TUTORIALS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# %% [markdown]\n# # " + path.stem[:2])
        assert "assert " in text
        assert any(name in text for name in (".error()", ".uncertainties", ".deviation"))
