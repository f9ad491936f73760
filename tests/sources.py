"""The source, as the house tests read it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "pinnsolve"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def for_each(paths):
    """Turn a rule for a file into one test of all of them, which names those that break it: a test
    a file would be two thousand.
    """

    def of_all(rule):
        def test():
            broken = [
                f"{path.relative_to(ROOT)}: {said}"
                for path in paths
                for said in _broken(rule, path)
            ]
            assert not broken, "\n".join(broken)

        test.__name__, test.__doc__ = rule.__name__, rule.__doc__
        return test

    return of_all


def _broken(rule, path):
    try:
        rule(path)
    except AssertionError as error:
        yield str(error)


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """Modules imported anywhere in the file."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 or not path.is_relative_to(PACKAGE), f"{path}: relative import"
            found.append(node.module or "")
    return found
