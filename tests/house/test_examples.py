"""Every public name has an example in its docstring, which runs, and says what it refuses."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import warnings
from textwrap import dedent

import pytest

import pinnsolve

NAMES = pinnsolve.__all__
REFUSES = re.compile(r"_?(require|check)\w*")
MAKES = ("__post_init__", "__init__", "__new__", "build")


def example(name):
    """The docstring's example, in a namespace of its own: nothing is imported for it."""
    text = inspect.cleandoc(getattr(pinnsolve, name).__doc__)
    return doctest.DocTestParser().get_doctest(text, {}, name, None, None)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_runs(name):
    shown = example(name)
    assert shown.examples, f"{name} has no example"
    said: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        failed, tried = doctest.DocTestRunner().run(shown, out=said.append)
    assert tried > 0
    assert not failed, "".join(said)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_shows_a_result(name):
    """An example without one cannot fail."""
    assert any(line.want for line in example(name).examples)


def refuses(node):
    """Whether a function raises an error itself, or asks a function to."""
    return any(
        isinstance(n, ast.Raise)
        or (isinstance(n, ast.Call) and REFUSES.fullmatch(getattr(n.func, "id", "")))
        for n in ast.walk(node)
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_is_refused_is_said(name):
    """By a function itself, or where a class is made."""
    public = inspect.unwrap(getattr(pinnsolve, name))
    (node,) = ast.parse(dedent(inspect.getsource(public))).body
    made = [n for n in getattr(node, "body", []) if getattr(n, "name", "") in MAKES]
    if any(map(refuses, [node] if isinstance(node, ast.FunctionDef) else made)):
        assert re.search(r"\braises\b", public.__doc__, re.IGNORECASE)


def test_an_example_that_is_wrong_is_seen():
    shown = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert doctest.DocTestRunner().run(shown, out=lambda text: None).failed == 1


def test_a_refusal_is_seen():
    for text in ("raise ValueError", "_check(self)", "require_counts(n)"):
        assert refuses(ast.parse(text))
    assert not refuses(ast.parse("look(self)"))
