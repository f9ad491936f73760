"""The house rules of the design, held by reading the source."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from sources import PACKAGE, ROOT, SOURCES, for_each, imports, tree

ALL = SOURCES + sorted((ROOT / "problems").glob("*.py")) + sorted((ROOT / "results").glob("*.py"))

# Which stage may import which, and what else.
FLOORS = {  # from the ground up: a stage imports those before it, and what else?
    "symbols": {"sympy", "numpy", "scipy"},  # scipy: splines through tables
    # matplotlib: pictures of regions; scipy: trees of points on curves, of facets; mpmath: digits
    "geometry": {"sympy", "numpy", "shapely", "matplotlib", "scipy", "mpmath"},
    "declare": {"sympy", "numpy", "scipy", "matplotlib"},  # scipy: integrals in exact solutions
    "jets": {"torch"},
    "mgrit": {"torch", "mpi4py"},
    "basis": {"torch"},
    "compile": {"sympy", "torch", "numpy", "scipy"},  # scipy: special functions as data
    "fields": {"torch", "numpy"},
    "running": {"torch", "numpy", "psutil", "rich"},
    "discretize": {"torch", "numpy", "sympy"},
    "coefficients": {"torch", "numpy", "scipy"},
    "cells": {"torch", "numpy", "scipy"},
    "training": {"torch", "numpy", "scipy"},
    "search": {"torch", "numpy", "sympy", "scipy"},
    "evolution": {"torch", "numpy", "sympy", "scipy"},
    "strategies": {"torch", "numpy", "sympy"},
    "exports": {"torch", "numpy", "sympy", "scipy"},
    "pictures": {"numpy", "sympy", "scipy", "matplotlib"},
    "solution": {"torch", "numpy", "sympy", "scipy", "matplotlib", "safetensors"},
    "cli": {"click", "torch"},
}
ABOVE = {"solver", "problems", "version"}  # what the command may import besides

# What may be imported inside a function, where: heavy, and not needed by most who import the
# package.
LATE = {
    "pinnsolve/coefficients/hard_rows.py": {"scipy.optimize"},
    "pinnsolve/cli/find.py": {"pinnsolve.problems"},
    "pinnsolve/cli/files.py": {
        "pinnsolve.exports.files",
        "pinnsolve.pictures.files",
        "pinnsolve.solution.inputs",
        "torch",
    },
    "pinnsolve/cli/main.py": {
        "pinnsolve.exports.files",
        "pinnsolve.pictures.files",
    },
    "pinnsolve/running/progress.py": {"rich.console", "rich.progress"},
    "pinnsolve/solution/extremes.py": {"scipy.optimize"},
    "pinnsolve/pictures/files.py": {"matplotlib.animation", "matplotlib.figure"},
    "pinnsolve/pictures/films.py": {"matplotlib.animation"},
    "pinnsolve/pictures/panels.py": {"matplotlib", "matplotlib.colors", "scipy.interpolate"},
    "pinnsolve/pictures/cells.py": {"matplotlib.collections", "matplotlib.colors"},
    "pinnsolve/geometry/figures.py": {"matplotlib.figure"},
    "pinnsolve/declare/probes.py": {"scipy.integrate"},  # of exact solutions under integrals
    "pinnsolve/geometry/path.py": {"scipy.spatial"},  # of curves alone
    "pinnsolve/geometry/through.py": {"scipy.interpolate"},
    "pinnsolve/symbols/splines.py": {"scipy.interpolate"},  # of tables alone
    "pinnsolve/search/choose.py": {"scipy.optimize"},
    "pinnsolve/search/families/meetings.py": {"scipy.optimize"},
    "pinnsolve/evolution/held.py": {"scipy.interpolate"},
    "pinnsolve/evolution/integrate.py": {"scipy.integrate"},
    "pinnsolve/training/quasi_newton.py": {"scipy.optimize"},
}


def stage(path):
    relative = path.relative_to(PACKAGE)
    return (
        relative.parts[0] if len(relative.parts) > 1 and relative.parts[0] != "problems" else None
    )


@for_each([p for p in SOURCES if stage(p)])
def test_imports_run_left_to_right(path):
    floors = list(FLOORS)
    ours, theirs = set(floors[: floors.index(stage(path))]), FLOORS[stage(path)]
    ours |= ABOVE if stage(path) == "cli" else set()
    for module in imports(path):
        top, *rest = module.split(".")
        if module == "pinnsolve":
            assert stage(path) == "cli", "the whole package is imported by its command alone"
        elif top == "pinnsolve":
            assert rest[0] in ours | {stage(path)}, f"{stage(path)} may not import {module}"
        else:
            assert top in theirs | set(sys.stdlib_module_names), (
                f"{stage(path)} may not import {module}"
            )


@pytest.mark.slow
def test_no_import_cycles():
    names = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
        for p in SOURCES
    }
    edges = {name: {m for m in imports(path) if m in names} for name, path in names.items()}
    done: set[str] = set()

    def visit(name, above):
        assert name not in above, f"import cycle: {' -> '.join([*above, name])}"
        if name not in done:
            for other in edges[name]:
                visit(other, [*above, name])
            done.add(name)

    for name in edges:
        visit(name, [])


@for_each(ALL)
def test_files_and_functions_are_short_and_documented(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    module = tree(path)
    assert ast.get_docstring(module), "a file says what it is"
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno - node.lineno + 1 <= 50, node.name
            inside = {n.module for n in ast.walk(node) if isinstance(n, ast.ImportFrom)}
            inside |= {
                alias.name for n in ast.walk(node) if isinstance(n, ast.Import) for alias in n.names
            }
            assert inside <= LATE.get(path.relative_to(ROOT).as_posix(), set()), (
                f"{node.name} imports inside"
            )
    for node in module.body:
        public = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
        assert not public or ast.get_docstring(node), f"{node.name} has no docstring"


@for_each(SOURCES)
def test_classes_are_frozen_and_set_only_their_fields(path):
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "dataclass":
                assert any(k.arg == "frozen" and k.value.value for k in decorator.keywords), (
                    f"{node.name} is not frozen"
                )
            assert getattr(decorator, "id", "") != "dataclass", f"{node.name} is not frozen"
        for method in (
            n for n in node.body if isinstance(n, ast.FunctionDef) and n.name != "__init__"
        ):
            for target in (
                n
                for n in ast.walk(method)
                if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
            ):
                assert getattr(target.value, "id", "") != "self", (
                    f"{node.name}.{method.name} sets self.{target.attr}"
                )


CELL = "pinnsolve/running/latest.py"  # the one place where a value is replaced
MAKES = {"__init__", "__post_init__", "__setstate__"}


@pytest.mark.slow
@for_each(ALL)
def test_state_is_passed_and_not_hidden(path):
    """No `nonlocal`, no container of one element, no frozen value that is changed once made."""
    assert not any(isinstance(node, (ast.Nonlocal, ast.Global)) for node in ast.walk(tree(path)))
    for call in (n for n in ast.walk(tree(path)) if isinstance(n, ast.Call)):
        of_one = any(k.arg == "maxlen" and ast.unparse(k.value) == "1" for k in call.keywords)
        assert not of_one or path == ROOT / CELL, f"line {call.lineno}: state in disguise"
    for method in (n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef)):
        sets = any(
            isinstance(n, ast.Attribute) and n.attr in ("__setattr__", "__delattr__")
            for n in ast.walk(method)
        )
        assert not sets or method.name in MAKES, f"{method.name} sets an attribute by the back door"


@for_each(SOURCES)
def test_what_the_house_refuses(path):
    text = path.read_text(encoding="utf-8")
    assert "utils" not in path.stem
    assert not re.search(r"class \w*(Manager|Helper|Util)\b", text)
    for forbidden in (
        "eval(",
        "exec(",
        "pickle",
        "torch.manual_seed(",
        "np.random.seed(",
        "set_default_dtype",
        "parse_expr(",
    ):
        assert not re.search(rf"(?<![\w.]){re.escape(forbidden)}", text), forbidden
    if stage(path) != "cli":
        assert not re.search(r"(?<!\w)print\(", text), "the library prints nothing"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            flags = [
                d for d in defaults if isinstance(d, ast.Constant) and isinstance(d.value, bool)
            ]
            assert not flags, f"{node.name} has a keyword boolean"
