"""The design page: its folders are those that there are, its paths are those that a solve takes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \d+ \| (\w+) \| (work|types) \| `[\w.]+` \|$", re.MULTILINE)
MOST = 9  # stages of work in a path


@pytest.mark.slow
def test_the_page_says_which_way_a_solve_takes():
    """In a process of its own: nothing is imported or cached before."""
    script = [sys.executable, str(ROOT / "docs" / "call_path.py")]
    done = subprocess.run(
        script, cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.strip()
    assert len(ROW.findall(printed)) > 20
    assert ROW.findall(printed) == ROW.findall(PAGE)
    assert printed in PAGE


def test_a_solve_passes_few_stages():
    """By the page, whose tables are those that the script prints."""
    linear, evolution = (ROW.findall(part) for part in PAGE.split("nonlinear evolution"))
    for path in (linear, evolution):
        folders = [folder for folder, _ in path]
        assert len(folders) == len(set(folders))
        assert sum(kind == "work" for _, kind in path) <= MOST
    assert "evolution" not in dict(linear)
    assert "training" not in dict(linear)
    assert "evolution" in dict(evolution)


def test_the_page_names_the_folders_from_the_top_to_the_ground():
    folders = {p.parent.name for p in (ROOT / "pinnsolve").glob("*/__init__.py")} - {"problems"}
    section = PAGE.split("## Stages", 1)[1].split("\n## ", 1)[0]
    named = re.findall(r"^\| (\w+) \| [^|]+\? \|", section, re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == folders
    source = (ROOT / "tests" / "house" / "test_architecture.py").read_text(encoding="utf-8")
    floors = re.findall(r'^    "(\w+)": \{', source.split("FLOORS = {", 1)[1].split("\n}")[0], re.M)
    assert named == floors[::-1]
