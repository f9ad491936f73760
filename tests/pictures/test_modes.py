"""A page of modes: what is drawn, against sines."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Box, Problem, coordinates, eigenmodes, eigenvalue, laplacian, unknown
from pinnsolve.problems.spectra import SPECTRA

x, y = coordinates("x y")
v, lam = unknown("v", x, y), eigenvalue("lam")
pytestmark = pytest.mark.xdist_group("modes")  # what all share is solved for once


@pytest.fixture(scope="module")
def string():
    return eigenmodes(SPECTRA["string"]()[0], 3)


@pytest.fixture(scope="module")
def drum():
    skin = Box({x: (0, 1), y: (0, 0.6)})
    return eigenmodes(
        Problem(skin, Eq(-laplacian(v), lam * v), Eq(v, 0) @ skin.boundary), 2, tolerance=1e-4
    )


def test_each_mode_of_a_line_is_drawn_under_its_eigenvalue(string, tmp_path):
    figure = string.plot(tmp_path / "modes")
    assert (tmp_path / "modes.png").stat().st_size > 5_000
    shown = [ax for ax in figure.axes if ax.lines]
    assert len(shown) == 3
    for k, ax in enumerate(shown, start=1):
        at, values = ax.lines[0].get_data()
        sine = np.sin(k * np.pi * at)
        assert abs(values @ sine) / np.linalg.norm(values) / np.linalg.norm(sine) > 1 - 1e-9
        assert float(ax.get_title().split(" ± ")[0]) == pytest.approx((k * np.pi) ** 2, rel=1e-7)
        assert float(ax.get_title().split(" ± ")[1]) < 1e-10


@pytest.mark.slow
def test_a_map_has_the_lines_that_rest(drum):
    first, second = drum.plot().axes[:2]
    assert len(first.collections) == 1
    (lines,) = second.collections[1].get_paths()
    inside = np.abs(lines.vertices - (0.5, 0.3)).max(axis=1) < 0.28
    assert inside.sum() > 50
    assert lines.vertices[inside, 0] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.slow
def test_an_expression_is_drawn_in_the_place_of_the_unknown(drum):
    def painted(figure):
        return figure.axes[1].collections[0].get_array().ravel()

    slope = painted(drum.plot(expression=v.diff(x)))
    grid = drum.plot(expression=(v.diff(x), 0 * v))
    assert np.allclose(painted(grid), np.abs(slope))
    assert slope.min() < 0


def test_notebooks_show_the_page_and_all_values(string):
    html = string._repr_html_()
    assert "data:image/png;base64," in html
    assert html.count("<tr>") == 4
    assert f"{string.eigenvalues[2]:.15g}" in html


def test_files_of_no_known_kind_are_refused_before_any_work(string):
    with pytest.raises(ValueError, match=r"the name of a picture ends in"):
        string.plot("modes.docx")
