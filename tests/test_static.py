"""mypy strict, ruff's rules and ruff's format, over everything; and what an installation holds."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.mark.parametrize("command", [("mypy",), ("ruff", "check", "."), ("ruff", "format", "--check", ".")], ids=" ".join)
def test_static_checks(command):
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_wheel_holds_the_package_and_the_catalogue(tmp_path):
    """Built without isolation, from a copy, so that nothing is fetched and no build folder is left behind."""
    copy = tmp_path / "source"
    files = subprocess.run(["git", "ls-files"], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT).stdout.split()
    for name in files:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "pinnsolve").rglob("*.py")}
    catalogue = {f"pinnsolve/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / "problems").glob("*.py")}
    assert modules | catalogue | {"pinnsolve/py.typed", "pinnsolve/__init__.pyi"} <= names
    assert not any(name.startswith(("tests", "results", "tutorials")) for name in names)
    answers_from(tmp_path / "site", wheel)


def answers_from(site, wheel):
    """The installed package, and no clone, lists the catalogue and declares an entry."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = "import pinnsolve.problems as p; from pinnsolve.cli.listing import catalogue\n"
    code += "assert catalogue().keys() == p.CATALOGUE.keys(); print(p.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False, cwd=site, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == site / "pinnsolve" / "problems" / "__init__.py"
