"""pinnsolve: declare a PDE in sympy, solve it by least squares in a network's adaptive basis.

The public names are those of the stub `__init__.pyi`. Each is imported when it is first asked for
(PEP 562): declaring a problem needs no torch, and the command's quick answers need neither torch
nor sympy.
"""

import ast
import pkgutil
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pinnsolve.version import VERSION

__version__ = VERSION

# Under mpiexec: from now on the other ranks are told when this one leaves.
import_module("pinnsolve.mgrit.exits")


def _homes() -> dict[str, str]:
    """Every public name, and the module that the stub imports it from."""
    stub = pkgutil.get_data(__name__, "__init__.pyi") or b""
    imports = [node for node in ast.parse(stub).body if isinstance(node, ast.ImportFrom)]
    return {
        alias.name: str(node.module)
        for node in imports
        for alias in node.names
        if alias.name != "VERSION"
    }


_HOMES = _homes()
_FORMER = {"InTurn": "Sequence"}  # names that were others, still understood
__all__ = sorted(_HOMES)  # noqa: PLE0605  the stub has the literal list


def __getattr__(name: str) -> Any:
    """A public name, or a folder of the package, imported now."""
    name = _FORMER.get(name, name)
    if name in _HOMES:
        home = import_module(_HOMES[name])
        found = import_module("pinnsolve.keywords").spoken(getattr(home, name))
        setattr(home, name, found)  # where another process looks for it
        globals()[name] = found
        if name in ("load", "solve"):
            __getattr__("Solution")  # which they return
        return found
    if not name.startswith("_") and find_spec(f"{__name__}.{name}") is not None:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
