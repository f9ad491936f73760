"""The examples in the docstrings of the names that are used most: they are there, and they run."""

from __future__ import annotations

import doctest
import inspect
import warnings

import pytest

import pinnsolve

# By how often the README, tutorials and tests use them.
SHOWN = [
    *("coordinates", "unknown", "Interval", "Box", "Ball", "Polygon", "PointCloud", "Data"),
    *("Problem", "manufactured", "laplacian", "gradient", "normal_derivative", "sample_region"),
    *("solve", "Dense", "Waves", "Budget", "March", "geometric", "LSGD", "GradientDescent"),
    *("Solution", "load"),
]
OTHERS = [name for name in pinnsolve.__all__ if ">>>" in (getattr(pinnsolve, name).__doc__ or "")]


def example(name):
    """The docstring's example, in a namespace of its own: nothing is imported for it."""
    text = inspect.cleandoc(getattr(pinnsolve, name).__doc__)
    return doctest.DocTestParser().get_doctest(text, {}, name, None, None)


@pytest.mark.parametrize("name", sorted({*SHOWN, *OTHERS}))
def test_the_example_runs(name):
    shown = example(name)
    assert shown.examples, f"{name} has lost its example"
    said: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        failed, tried = doctest.DocTestRunner().run(shown, out=said.append)
    assert tried > 0
    assert not failed, "".join(said)


@pytest.mark.parametrize("name", sorted({*SHOWN, *OTHERS}))
def test_the_example_shows_a_result(name):
    """An example without one cannot fail."""
    assert any(line.want for line in example(name).examples)


def test_an_example_that_is_wrong_is_seen():
    shown = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert doctest.DocTestRunner().run(shown, out=lambda text: None).failed == 1
