"""Pictures say what is there: values, axes, colours, parts; and what they cannot show is refused."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sympy import Eq, exp, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Data,
    Dense,
    Interval,
    PointCloud,
    Problem,
    Waves,
    coordinates,
    gradient,
    laplacian,
    solve,
    unknown,
)  # fmt: skip
from pinnsolve.pictures.panels import draw_error, limits_of
from pinnsolve.pictures.views import views_of
from pinnsolve.problems import CATALOGUE

X, Y, Z, T = coordinates("x y z t")
U, V, W = unknown("u", X, Y), unknown("v", X, T), unknown("w", X, Y, T)
PLATE = Box({X: (0, 4), Y: (0, 1)}) - Ball({X: 1, Y: 0.5}, 0.2)
ROD = Interval(X, 0, 1) * Interval(T, 0, 0.5)
SINES = {"activation": "sin", "initialize": Waves(3)}


@pytest.fixture(scope="module")
def plate():
    data = sin(X) * exp(Y)
    problem = Problem(PLATE, Eq(laplacian(U), 0), Eq(U, data) @ PLATE.boundary, exact={U: data})
    return solve(problem, Dense(300, **SINES))


@pytest.fixture(scope="module")
def rod():
    walls = Eq(V(0, T), 0), Eq(V(1, T), 0)
    heat = Problem(ROD, Eq(V.diff(T), V.diff(X, 2)), Eq(V(X, 0), sin(pi * X)), *walls)
    return solve(heat, Dense(150, **SINES))


@pytest.fixture(scope="module")
def sheet():
    square = Box({X: (0, 1), Y: (0, 1)})
    start = sin(pi * X) * sin(pi * Y)
    heat = Problem(
        square * Interval(T, 0, 0.1),
        Eq(W.diff(T), W.diff(X, 2) + W.diff(Y, 2)),
        Eq(W(X, Y, 0), start),
        Eq(W, 0) @ square.boundary,
        exact={W: exp(-2 * pi**2 * T) * start},
    )
    return solve(heat, Dense(150, **SINES))


def panels(figure):
    return [ax for ax in figure.axes if ax.get_title()]


def test_space_is_drawn_as_it_is(plate):
    figure = plate.plot()
    assert [ax.get_title() for ax in panels(figure)] == ["u", "exact u", "|error| of u"]
    assert all(ax.get_aspect() == 1 for ax in panels(figure))
    assert "error" in figure.get_suptitle()


def test_what_is_drawn_are_values_at_nodes_and_edges_are_curved(plate):
    (ax,) = panels(plate.plot(expression=2 * U))
    (mesh,) = [c for c in ax.collections if len(np.atleast_1d(c.get_array())) > 100]
    (view,) = views_of(PLATE, None, None)
    assert np.allclose(mesh.get_array(), 2 * plate(view.nodes))
    apart = np.abs(np.hypot(*(view.nodes - [1, 0.5]).T) - 0.2)
    assert np.sum(apart < 1e-9) > 20  # nodes on the hole's rim


def test_time_runs_to_the_right(rod):
    ax = panels(rod.plot())[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("t", "x")
    assert ax.get_aspect() == "auto"


def test_several_times_are_lines_with_names(rod):
    ax = panels(rod.plot(at={T: [0, 0.1, 0.5]}))[0]
    assert [line.get_label() for line in ax.lines] == ["t=0", "t=0.1", "t=0.5"]
    x, values = ax.lines[1].get_data()
    assert np.allclose(values, np.exp(-0.1 * np.pi**2) * np.sin(np.pi * x), atol=1e-4)


def test_an_evolution_in_the_plane_is_drawn_at_three_times(sheet):
    titles = [ax.get_title() for ax in panels(sheet.plot())]
    places = [f"w at t={t}" for t in ("0", "0.05", "0.1")]
    assert titles == [*places, *(f"|error| of {place}" for place in places)]


def test_signed_fields_have_colours_about_zero():
    assert limits_of(np.array([-1.0, 2.0])) == (-2, 2, "RdBu_r")
    assert limits_of(np.array([0.0, 2.0, np.nan])) == (0, 2, "viridis")
    assert limits_of(np.array([-1e-9, 2.0]))[2] == "viridis"


def test_singular_corners_leave_colours_to_the_rest():
    values = np.append(np.linspace(0, 1, 1000), 1e295)
    assert limits_of(values)[1] == pytest.approx(1)


def test_errors_at_a_corner_leave_the_rest_to_be_seen():
    (view,) = views_of(Box({X: (0, 1), Y: (0, 1)}), None, None)
    errors = 1e-9 * (1 + view.nodes[:, 0])
    errors[0] = 1e-6
    ax = Figure().subplots()
    draw_error(ax, view, "u", errors)
    (map_,) = ax.collections
    shades = np.asarray(map_.norm(map_.get_array()))
    assert np.ptp(shades.ravel()[1:]) > 0.1
    draw_error(Figure().subplots(), view, "u", np.zeros_like(errors))


def test_names_of_many_lines_stand_beside_these(rod):
    (ax, *_) = panels(rod.plot(at={T: [0, 0.1, 0.2, 0.3, 0.4]}))
    figure = ax.figure
    figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().x0 > ax.get_window_extent().x1 - 1


def test_on_axes_that_are_given(plate, rod):
    ax = Figure().subplots()
    assert plate.plot(ax=ax, expression=U) is ax.figure
    assert ax.get_title() == "u"
    rod.plot(ax=ax, at={T: [0, 0.5]})
    assert len(ax.lines) > 2


def test_axes_that_are_given_hold_one_picture(sheet):
    with pytest.raises(ValueError, match="ax takes one picture, and these are several maps"):
        sheet.plot(ax=Figure().subplots())


def test_a_pair_is_a_vector_field_with_streams(plate):
    (ax,) = panels(plate.plot(expression=gradient(U)))
    assert ax.get_title() == "(u_x, u_y)"
    assert len(ax.patches) > 10  # arrows
    with pytest.raises(ValueError, match="two components: got 3"):
        plate.plot(expression=(U, U, U))


@pytest.fixture(scope="module")
def fitted():
    """A fit of values at three times, with errors that are known."""
    x, t = np.meshgrid(np.linspace(0, 1, 9), [0, 0.25, 0.5])
    values = Data(np.sin(3 * x.ravel()) + t.ravel(), sigma=0.1)
    cloud = PointCloud({X: x.ravel(), T: t.ravel()})
    return solve(Problem(ROD, Eq(V, values) @ cloud), Dense(12))


def test_measured_values_are_dots_in_the_colours_of_the_map(fitted):
    ax = panels(fitted.plot())[0]
    assert ax.get_title() == "v, dots: measured"
    dots = ax.collections[-1]
    (cloud,) = (c.region for c in fitted.problem.conditions)
    assert np.allclose(dots.get_offsets(), cloud.points[:, ::-1])  # time to the right
    assert np.allclose(dots.get_array(), cloud.known[0])
    assert dots.get_clim() == ax.collections[0].get_clim()


def test_measured_values_stand_on_the_line_of_their_time_with_bars(fitted):
    ax = panels(fitted.plot(at={T: [0.25, 0.4]}))[0]
    ((dots, _, (bars,)),) = ax.containers
    assert np.allclose(dots.get_ydata(), np.sin(3 * np.linspace(0, 1, 9)) + 0.25)
    assert dots.get_color() is ax.lines[0].get_color()
    low, high = np.array(bars.get_segments())[:, :, 1].T
    assert np.allclose(high - low, 2 * 1.96 * 0.1)


def test_what_was_not_measured_has_no_dots(fitted):
    for other in (V.diff(X), 2 * V):
        assert "dots" not in panels(fitted.plot(expression=other))[0].get_title()
    assert "dots" in panels(fitted.plot(expression=V))[0].get_title()
    assert "dots" not in panels(fitted.plot(at={T: 0.4}))[0].get_title()


def test_films_have_their_frames(rod, sheet, tmp_path):
    gif = pytest.importorskip("PIL.GifImagePlugin").GifImageFile
    told = []
    rod.animate(tmp_path / "rod.gif", frames=4, frame=lambda done, of: told.append((done, of)))
    with gif(tmp_path / "rod.gif") as film:
        assert film.n_frames == 4
    assert told[-1] == (3, 4)
    sheet.animate(tmp_path / "sheet", frames=2)
    with gif(tmp_path / "sheet.gif") as film:
        assert film.n_frames == 2


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [("a.avi", ValueError, "ends in one of .gif"), ("no/a.gif", FileNotFoundError, "no folder")],
)
def test_films_that_cannot_be_written_are_refused(rod, tmp_path, name, error, said):
    with pytest.raises(error, match=said):
        rod.animate(tmp_path / name)


def test_without_a_time_there_is_no_film(plate, tmp_path):
    with pytest.raises(ValueError, match="no time: see plot"):
        plate.animate(tmp_path / "a.gif")


def test_four_coordinates_are_cut_through_the_middle():
    names = coordinates("a b c d")
    box = Box({c: (0, k + 1) for k, c in enumerate(names)})
    (view,) = views_of(box, None, None)
    assert view.note == "c=1.5, d=2"
    with pytest.raises(ValueError, match="values at points"):
        views_of(box, None, dict.fromkeys(names, 0.5))


def test_of_four_coordinates_it_is_said_where_they_are_cut():
    """And how a slice is asked for; nothing is said where one is, or in a notebook."""
    u, body = unknown("u", X, Y, Z, T), Box({X: (0, 1), Y: (0, 1), Z: (0, 2)}) * Interval(T, 0, 1)
    found = solve(Problem(body, Eq(u, X * T + Z)), Dense(20))
    told = r"drawn at t=0, z=1; t=0.5, z=1; t=1, z=1: plot\(at=\{t: 0, z: 1\}\)"
    with pytest.warns(UserWarning, match=told) as warned:
        assert "t=0.5, z=1" in str([ax.get_title() for ax in found.plot().axes])
    assert warned[0].filename == __file__
    assert found.plot(at={T: 0, Z: 1}).axes
    assert "<table>" in found._repr_html_()


def test_a_problem_shows_its_conditions_on_their_parts():
    hole = Ball({X: 1, Y: 0.5}, 0.2)
    walls = Eq(U, 1) @ hole.boundary, Eq(U.diff(X), 0) @ PLATE.at(x=0)
    cloud = Eq(U, 2) @ PointCloud({X: [3.0], Y: [0.5]})
    figure = Problem(PLATE, Eq(laplacian(U), 0), *walls, cloud).plot()
    (legend,) = figure.legends
    told = [text.get_text().split("\n")[0] for text in legend.get_texts()]
    assert told == ["u = 1", "u_x = 0", "u = 2"]
    (ax,) = figure.axes
    assert ax.get_title(loc="left") == "u_xx + u_yy = 0"
    by_name = {line.get_label().split("\n")[0]: line.get_xydata() for line in ax.lines}
    rim = by_name["u = 1"]
    assert np.allclose(np.hypot(*(rim - [1, 0.5]).T), 0.2)
    assert np.nanmax(np.abs(by_name["u_x = 0"][:, 0])) == 0


@pytest.mark.parametrize(
    "region",
    [Interval(X, 0, 1), PLATE, PLATE.boundary, ROD, Ball({X: 0, Y: 0, Z: 0}, 1), ROD.at(t=0)],
    ids=str,
)
def test_regions_draw_themselves(region):
    figure = region.plot()
    (ax,) = figure.axes
    assert ax.has_data()
    assert region.plot(ax=ax) is figure


def test_regions_and_problems_are_drawn_into_files(tmp_path):
    PLATE.plot(tmp_path / "plate.png")
    Problem(PLATE, Eq(U, 0)).plot(tmp_path / "problem.pdf")
    assert {path.name for path in tmp_path.iterdir()} == {"plate.png", "problem.pdf"}


def test_a_region_of_four_coordinates_is_refused():
    box = Box(dict.fromkeys(coordinates("a b c d"), (0, 1)))
    with pytest.raises(ValueError, match=r"up to three .*: a, b, c, d are too many; plot a region"):
        box.plot()


def test_four_panels_have_two_rows_and_powers_of_ten_are_labelled():
    figure = solve(CATALOGUE["poisson_1d"](), tolerance=1e-4).plot()
    assert figure.axes[0].get_gridspec().get_geometry() == (2, 2)
    low, high = figure.axes[-1].get_ylim()
    assert high >= 10 * low


def test_a_single_large_error_hides_no_others():
    (view,) = views_of(PLATE, None, None)
    values = np.ones(len(view.nodes))
    values[0] = 1e6
    ax = Figure().subplots()
    draw_error(ax, view, "u", values)
    (mesh,) = [c for c in ax.collections if len(np.atleast_1d(c.get_array())) > 100]
    assert mesh.get_clim() == (0, 1)


def test_places_of_many_coordinates_are_the_first_and_the_last():
    box = Box(dict.fromkeys(coordinates("a b c d e f"), (0, 1)))
    assert views_of(box, None, None)[0].note == "c=0.5, ..., f=0.5"
