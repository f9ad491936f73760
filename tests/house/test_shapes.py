"""Every public function that takes or returns arrays says their shapes, as in `(n, dim)`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pinnsolve"
ARRAYS = re.compile(r"\b(?:Tensor|NDArray|Array)\b")

# A number or a name, or a sum or product of them; any number of lengths is `...`.
LENGTH = r"(?:\.\.\.|[\w.*]+(?: [-+*/] [\w.*]+)*)"
SHAPE = re.compile(rf"(?<!\w)\((?:|\.\.\.|{LENGTH},(?: {LENGTH},)*(?: {LENGTH})?)\)")


def of_arrays(node):
    """Whether arrays are in a function's signature."""
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    given += [a for a in (node.args.vararg, node.args.kwarg) if a]
    annotations = [a.annotation for a in given] + [node.returns]
    return any(ARRAYS.search(ast.unparse(a)) for a in annotations if a is not None)


def shaped(docstring):
    return bool(SHAPE.search(" ".join((docstring or "").split())))


def classes():
    """All classes of the package by name, and with each the names of what it inherits from."""
    trees = [ast.parse(p.read_text(encoding="utf-8")) for p in PACKAGE.rglob("*.py")]
    return {n.name: n for module in trees for n in module.body if isinstance(n, ast.ClassDef)}


CLASSES = classes()


def overridden(owner, name):
    """The docstrings of a method and of those that it overrides: they say its shapes too."""
    own = [n for n in owner.body if isinstance(n, ast.FunctionDef) and n.name == name]
    bases = [CLASSES[b] for b in map(ast.unparse, owner.bases) if b in CLASSES]
    above = [text for base in bases for text in overridden(base, name)]
    return [*map(ast.get_docstring, own), *above]


def shapeless(path):
    """Public functions and methods of a file whose shapes nobody says."""
    lacking = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        kind = isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for function in node.body if kind else [node]:
            asked = isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
            if asked and of_arrays(function):
                name = function.name
                texts = overridden(node, name) if kind else [ast.get_docstring(function)]
                lacking += (
                    [] if any(map(shaped, texts)) else [f"{node.name}.{name}" if kind else name]
                )
    return lacking


@pytest.mark.parametrize(
    "folder", sorted({p.parent for p in PACKAGE.rglob("*.py")}), ids=lambda p: p.name
)
def test_arrays_have_shapes(folder):
    assert not [f"{p.stem}: {name}" for p in sorted(folder.glob("*.py")) for name in shapeless(p)]


def test_a_shape_is_told_from_a_call_and_from_words():
    for shape in ("()", "(n,)", "(n, dim)", "(..., k, l)", "(n_columns + 1, n)", "(n, 2 * dim)"):
        assert shaped(f"Values `{shape}`.")
    for words in ("u(x, 0)", "(the first, and the last)", "(Kaufman 1975)", "solve(x)", ""):
        assert not shaped(words)
