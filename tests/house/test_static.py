"""mypy strict, ruff's rules and ruff's format, over everything; and what an installation holds."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from pinnsolve.version import VERSION

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [("mypy",), ("ruff", "check", "."), ("ruff", "format", "--check", ".")], ids=" ".join
)
def test_static_checks(command):
    done = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def tracked():
    """The files of the repository, by name."""
    done = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    return [name for name in done.stdout.split() if (ROOT / name).is_file()]


def copied(folder):
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.mark.slow
def test_a_source_distribution_holds_everything(tmp_path):
    """Tests and studies too, so that who packages it can run them."""
    copy = copied(tmp_path / "source")
    build = f"from setuptools import build_meta; build_meta.build_sdist(r'{tmp_path}')"
    done = subprocess.run(
        [sys.executable, "-c", build],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=copy,
    )
    assert done.returncode == 0, done.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive, encoding="utf-8") as held:
        names = {name.partition("/")[2] for name in held.getnames()}
    assert not [name for name in tracked() if name not in names and name != ".gitignore"]


def test_the_version_and_what_is_required_stand_in_one_place():
    """What other packagers read says the same as the package."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {VERSION}\n" in citation
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)$", changelog, re.MULTILINE)[-1] == VERSION
    recipe = (ROOT / ".ci" / "recipe" / "meta.yaml").read_text(encoding="utf-8")
    declared = ConfigParser()
    declared.read(ROOT / "setup.cfg", encoding="utf-8")
    named = {"torch": "pytorch", "matplotlib": "matplotlib-base"}  # as conda calls them
    for line in filter(None, declared["options"]["install_requires"].split("\n")):
        wanted = Requirement(line)
        limits = ",".join(str(s) for s in sorted(wanted.specifier, key=str, reverse=True))
        conda = f"- {named.get(wanted.name, wanted.name)} {limits}"
        assert conda in recipe, conda


def test_a_binder_installs_extras_that_are_there():
    declared = ConfigParser()
    declared.read(ROOT / "setup.cfg", encoding="utf-8")
    binder = (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8")
    (named,) = re.findall(r"^\.\[(.+)\]$", binder, re.MULTILINE)
    assert set(named.split(",")) <= set(declared["options.extras_require"])
    (told,) = re.findall(r"^-c (.+)$", binder, re.MULTILINE)
    assert (ROOT / ".binder" / told).is_file()


@pytest.mark.slow
def test_wheel_holds_the_package_and_the_catalogue(tmp_path):
    """Built without isolation, from a copy, so that nothing is fetched and no build folder is left
    behind.
    """
    copy = copied(tmp_path / "source")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        str(tmp_path),
        str(copy),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "pinnsolve").rglob("*.py")}
    catalogue = {
        f"pinnsolve/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / "problems").glob("*.py")
    }
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
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=site,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == site / "pinnsolve" / "problems" / "__init__.py"


def test_a_package_index_shows_no_link_that_leads_nowhere():
    """Relative links of the README are absolute there, or words."""
    told = importlib.util.spec_from_file_location("setup", ROOT / "setup.py")
    shown = importlib.util.module_from_spec(told)
    told.loader.exec_module(shown)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(shown.LINK.findall(readme)) > 20
    for address in (None, "https://example.org/pinnsolve"):
        targets = re.findall(r"\]\(([^)]+)\)", shown.for_index(readme, address))
        assert targets
        assert all(target.startswith("https://") for target in targets)


def test_constraints_and_requirements_agree():
    """Every pin has its range; where a version has wheels for some Pythons only, markers say which
    one is meant for which.
    """
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = [Requirement(line) for line in text.splitlines() if not line.startswith("#")]
    declared = ConfigParser()
    declared.read(ROOT / "setup.cfg", encoding="utf-8")
    groups = (
        declared["options"]["install_requires"],
        *(declared["options.extras_require"][k] for k in ("test", "mpi", "docs")),
    )
    ranges = [Requirement(line) for group in groups for line in group.split("\n") if line]
    for version in ("3.10", "3.11", "3.12", "3.13", "3.14"):
        here = {"python_version": version, "extra": ""}
        meant = [p for p in pins if p.marker is None or p.marker.evaluate(here)]
        names = [p.name for p in meant]
        assert len(set(names)) == len(names), f"two pins of one package for Python {version}"
        by_name = {p.name: next(iter(p.specifier)).version for p in meant}
        for wanted in (w for w in ranges if w.marker is None or w.marker.evaluate(here)):
            assert wanted.specifier.contains(by_name[wanted.name]), (
                f"{wanted} is pinned to {by_name[wanted.name]}"
            )


def test_hosts_run_what_make_runs():
    """Hooks are the static lines of `make check`; hosted tests are on every Python that setup.cfg
    names, on three systems.
    """
    declared = ConfigParser()
    declared.read(ROOT / "setup.cfg", encoding="utf-8")
    pythons = re.findall(r"Python :: (3\.\d+)$", declared["metadata"]["classifiers"], re.MULTILINE)
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    (matrix,) = re.findall(r"python: \[(.+)\]", workflow)
    assert re.findall(r"[\d.]+", matrix) == pythons
    assert all(f"{system}-latest" in workflow for system in ("ubuntu", "macos", "windows"))
    assert {'python -m pytest -q -m "not slow"', "make test"} <= set(
        re.findall(r"- run: (.+)$", workflow, re.MULTILINE)
    )
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    check = make.partition("\ncheck:")[2].partition("\n\n")[0]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    static = [
        line
        for line in re.findall(r"\$\(BIN\)/(python .+)$", check, re.MULTILINE)
        if "pytest" not in line
    ]
    assert re.findall(r"entry: (.+)$", hooks, re.MULTILINE) == static
