"""Habits: what runs everywhere, what is public, documented and listed, and how tests stand in folders."""

from __future__ import annotations

import ast
import re

import pytest

import pinnsolve
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.composite import COMPOSITE
from pinnsolve.problems.deepxde import DEMOS
from pinnsolve.problems.multiscale import MULTISCALE
from pinnsolve.problems.shapes import SHAPES
from results.pinnacle import PROBLEMS
from sources import PACKAGE, ROOT, SOURCES, for_each, imports, tree

EVERYWHERE = sorted(
    p
    for folder in ("pinnsolve", "problems", "results", "tests", "tutorials")
    for p in (ROOT / folder).rglob("*.py")
)
POSIX = {"fcntl", "grp", "pwd", "resource", "termios"}
POSIX_NAMES = {
    "sysconf",
    "fork",
    "getuid",
    "geteuid",
    "killpg",
    "mkfifo",
    "sched_getaffinity",
    "SIGKILL",
    "SIGALRM",
    "SIGUSR1",
}
ASKS_FIRST = {
    "results/layer_cost.py",
    "results/forked.py",
    "pinnsolve/running/budget.py",
}  # for the platform


@pytest.mark.slow
@for_each(EVERYWHERE)
def test_nothing_is_for_one_system_only(path):
    """Windows has another encoding of texts by default, and none of the names above."""
    asks = path.relative_to(ROOT).as_posix() in ASKS_FIRST
    assert asks or not POSIX & set(imports(path))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and _opens_a_text(node):
            assert any(k.arg == "encoding" for k in node.keywords), (
                f"line {node.lineno} names no encoding"
            )
        if isinstance(node, ast.Attribute) and not asks:
            assert node.attr not in POSIX_NAMES, (
                f"line {node.lineno}: {node.attr} is not there on Windows"
            )


def _opens_a_text(call):
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    mode = [
        a.value
        for a in call.args
        if isinstance(a, ast.Constant) and isinstance(a.value, str) and "b" in a.value
    ]
    return name in ("read_text", "write_text") or (name == "open" and not mode)


ASKED = 4.5  # of `isinstance`, a thousand lines; 13, before kinds answered for themselves


def test_types_are_seldom_asked():
    """What an object is, it says itself: by a method, or by its entry in a table of functions."""
    asked = {
        path.relative_to(PACKAGE).as_posix(): sum(
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") in ("isinstance", "issubclass")
            for node in ast.walk(tree(path))
        )
        for path in SOURCES
    }
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES)
    most = sorted(asked, key=lambda name: asked[name], reverse=True)[:5]
    assert 1000 * sum(asked.values()) / lines < ASKED, {name: asked[name] for name in most}


def test_public_names_are_one_list():
    assert len(pinnsolve.__all__) == len(set(pinnsolve.__all__))  # the linter sorts it
    assert all(getattr(pinnsolve, name).__doc__ for name in pinnsolve.__all__)
    stub = tree(PACKAGE / "__init__.pyi").body
    imported = {
        alias.name for node in stub if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    (listed,) = (
        ast.literal_eval(n.value)
        for n in stub
        if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"
    )
    assert imported - {"VERSION"} == set(pinnsolve.__all__) == set(listed)


@pytest.mark.slow
def test_documentation_is_a_sixth_of_the_lines():
    """Docstrings and comments, 12 to 25 % of the lines of the package that are not blank."""
    lines = docs = 0
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        lines += sum(1 for line in text.splitlines() if line.strip())
        docs += sum(1 for line in text.splitlines() if line.strip().startswith("#"))
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(
                node
            ):
                docs += node.body[0].end_lineno - node.body[0].lineno + 1
    assert 0.12 < docs / lines < 0.25


def test_every_catalogue_module_lists_its_entries():
    for path in sorted((ROOT / "problems").glob("*.py")):
        if path.stem in (
            "__init__",
            "catalogue",
            "draws",
            "random",
            "deep",
            "hostile",
            "inverse",
            "numbers",
            "pinnacle",
            "deepxde",
            "spectra",
        ):
            continue
        defined = [
            n.name
            for n in tree(path).body
            if isinstance(n, ast.FunctionDef) and ast.unparse(n.returns or n) == "Problem"
        ]
        public = [name for name in defined if not name.startswith("_")]
        assert public, path
        tasks = {entry.__name__ for entry in (*PROBLEMS.values(), *DEMOS.values())}
        assert set(public) <= {*CATALOGUE, *COMPOSITE, *MULTISCALE, *SHAPES, *tasks}, path


def test_no_test_looks_at_the_clock():
    """A busy machine is slow, not wrong: budgets of seconds are tested by the fixtures `clock` and
    `work`.
    """
    for path in sorted({*(ROOT / "tests").rglob("*.py")} - {ROOT / "tests" / "conftest.py"}):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"perf_coun" + r"ter\(|monoton" + r"ic\(|time\.time" + r"\(", text), (
            path.name
        )


TESTS = ROOT / "tests"
FILES_OF_TESTS = sorted(TESTS.rglob("*.py"))


@for_each(FILES_OF_TESTS)
def test_files_of_tests_are_short_and_say_what_they_test(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
    assert ast.get_docstring(tree(path))
    shared = not path.stem.startswith("test_")
    assert shared == (path.parent == TESTS), "tests stand in a folder, what they share does not"


def test_tests_stand_in_the_folders_of_the_package():
    """Each folder has tests; beside them are those of the whole, and those that are all slow."""
    folders = {p.parent.name for p in PACKAGE.glob("*/__init__.py")} - {"problems"}
    assert {p.parent.name for p in TESTS.rglob("test_*.py")} == folders | {"house", "slow"}
    names = [p.name for p in FILES_OF_TESTS]
    assert len(names) == len(set(names)), "pytest imports two files of one name as one module"


def test_all_is_slow_in_the_folder_of_slow_tests():
    for path in (TESTS / "slow").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        tests = len(re.findall(r"^def test_", text, re.MULTILINE))
        assert "pytestmark = pytest.mark.slow" in text or text.count("@pytest.mark.slow") == tests
