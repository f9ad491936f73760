"""What the catalogue holds, read from its source: a list is printed without importing torch, or
even sympy.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path


def catalogue() -> dict[str, str]:
    """Names of the catalogue's problems, in its order, and the first line of what each says of
    itself.
    """
    folder = _folder()
    return {
        name: line
        for module in _named(folder / "catalogue.py", "MODULES")
        for name, line in _entries(folder, module)
    }


def _folder() -> Path:
    """Beside the package in a clone, within it in an installation."""
    spec = find_spec("pinnsolve")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    installed = package / "problems"
    return installed if (installed / "catalogue.py").is_file() else package.parent / "problems"


def _entries(folder: Path, module: str) -> list[tuple[str, str]]:
    path = folder / f"{module}.py"
    functions = {node.name: node for node in _body(path) if isinstance(node, ast.FunctionDef)}
    docs = {name: ast.get_docstring(functions[name]) or "" for name in _named(path, "ENTRIES")}
    return [(name, doc.partition("\n")[0]) for name, doc in docs.items()]


def _named(path: Path, variable: str) -> list[str]:
    """The names in the tuple that a module assigns to a variable."""
    (found,) = (
        node.value
        for node in _body(path)
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == variable
        and isinstance(node.value, ast.Tuple)
    )
    return [ast.unparse(element) for element in found.elts]


def _body(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8")).body
