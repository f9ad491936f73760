"""The source, as the house tests read it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "pinnsolve"
SOURCES = sorted(PACKAGE.rglob("*.py"))


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
