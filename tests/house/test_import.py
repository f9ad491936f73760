"""What an import brings: public names on demand, heavy packages only where they are used; in a
clone and in an installation.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pinnsolve
from pinnsolve.cli.listing import catalogue
from pinnsolve.problems import CATALOGUE

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch",
    "sympy",
    "numpy",
    "scipy.stats",
    "scipy.optimize",
    "scipy.integrate",
    "matplotlib",
    "rich",
    "shapely",
    "mpi4py",
)
# As if nothing were installed: an editable installation has a finder of its own.
PLAIN = (
    "import sys; sys.meta_path = [f for f in sys.meta_path if 'Editable' not in getattr(f,"
    " '__name__', '')]; "
)


def python(*arguments: str, cwd: Path = ROOT) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=cwd,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded(statement: str) -> set[str]:
    """Which of the heavy packages are there after a statement."""
    return set(
        python(
            "-c", f"{statement}\nimport sys\nprint(*(m for m in {HEAVY} if m in sys.modules))"
        ).split()
    )


def test_importing_the_package_imports_nothing_heavy():
    assert loaded("import pinnsolve; dir(pinnsolve); pinnsolve.__version__") == set()


@pytest.mark.slow
def test_declaring_needs_no_torch_and_solving_no_pictures():
    assert "torch" not in loaded(
        "from pinnsolve import Box, Problem, coordinates, laplacian, unknown"
    )
    assert "torch" not in loaded(
        "from pinnsolve.problems import CATALOGUE; CATALOGUE['stokes']().pretty()"
    )
    assert loaded("from pinnsolve import *") <= {"torch", "sympy", "numpy", "shapely"}


QUICK = {
    "list": set(),
    "--version": set(),
    "--help": set(),
    "show stokes": {"sympy", "numpy", "shapely"},
}


@pytest.mark.slow
@pytest.mark.parametrize("command", QUICK)
def test_quick_commands_import_little(command):
    run = f"import sys, runpy; sys.argv = {['pinnsolve', *command.split()]}\n"
    run += (
        "try: runpy.run_module('pinnsolve', run_name='__main__')\nexcept SystemExit as end: assert"
        " not end.code, end\n"
    )
    lines = python(
        "-c", f"{run}print('loaded:', *(m for m in {HEAVY} if m in sys.modules))"
    ).splitlines()
    assert len(lines) > 1
    assert set(lines[-1].removeprefix("loaded:").split()) <= QUICK[command]


def test_public_names_come_when_they_are_asked_for():
    assert set(pinnsolve.__all__) <= set(dir(pinnsolve))
    assert pinnsolve.solve.__module__ == "pinnsolve.solver"
    assert pinnsolve.solve is pinnsolve.solver.solve
    assert not hasattr(pinnsolve, "nonsense")
    with pytest.raises(AttributeError, match="'pinnsolve' has no attribute 'Sovle'"):
        _ = pinnsolve.Sovle
    names: dict[str, object] = {}
    exec("from pinnsolve import *", names)
    assert set(pinnsolve.__all__) <= set(names)


def test_the_list_is_the_catalogue():
    assert catalogue() == {
        name: (entry.__doc__ or "").strip().splitlines()[0] for name, entry in CATALOGUE.items()
    }


@pytest.mark.slow
def test_catalogue_of_a_clone_that_is_not_installed():
    where = (
        "import pinnsolve.problems.random as r, pinnsolve.problems as p; print(r.__file__,"
        " len(p.CATALOGUE))"
    )
    file, count = python("-c", PLAIN + where).split()
    assert Path(file) == ROOT / "problems" / "random.py"
    assert int(count) == len(CATALOGUE)
    assert "usage: python -m results" in python(
        "-c", PLAIN + "import results.__main__ as m; print('usage: python -m results')"
    )
