"""Equations that are not what was meant: times among coordinates of space, conditions without a
place, data of a coordinate that is fixed.
"""

from __future__ import annotations

import pytest
from sympy import Eq, sin

from mistakes import h, line, named, require_refused, s, square, strip, t, u, v, w, x, y
from pinnsolve import Ball, Box, Problem, gradient, laplacian, unknown


def evolving(*equations):
    """On a strip, with values and rates at its start, and nothing at its end."""
    started = [Eq(f, 0) for g in (h, g2) for f in (g(x, 0), g.diff(s).subs(s, 0), g(0, s), g(1, s))]
    return Problem(Box({x: (0, 1), s: (0, 1)}), *equations, *started)


g2 = unknown("g", x, s)
PLAIN = r"if that is a time, write laplacian\(h, x\)"
TIMELIKE = [
    (
        "a wave's laplacian",
        [Eq(h.diff(s, 2), laplacian(h) / 4)],
        "second derivative by s .*" + PLAIN,
    ),
    ("a damped wave's", [Eq(h.diff(s, 2) + h.diff(s), laplacian(h))], PLAIN),
    (
        "a plate's",
        [Eq(h.diff(s, 2), -laplacian(laplacian(h)))],
        "second derivative by s .*" + PLAIN,
    ),
    ("a film's", [Eq(h.diff(s), -laplacian(laplacian(h)))], PLAIN),
    ("a phase field's", [Eq(h.diff(s), laplacian(h**3 - h - laplacian(h)))], PLAIN),
    (
        "another unknown's",
        [Eq(g2.diff(s), -laplacian(h)), Eq(h.diff(s), laplacian(g2, x))],
        "of g by s .*of h.*" + PLAIN,
    ),
    ("a gradient", [Eq(h.diff(s), -sum(p**2 for p in gradient(h)) / 2)], r"write gradient\(h, x\)"),
]
p1, p2 = unknown("p1", x, y), unknown("p2", x, y)
BARE = r"holds everywhere, and so does another, .*write "
MISPLACED = {
    "a value everywhere": (
        (square, Eq(-laplacian(v), 1), Eq(v, 0)),
        BARE + r"Eq\(v, 0\) @ domain.boundary",
    ),
    "a multiple of it": (
        (line, Eq(-u.diff(x, 2), 1), Eq(2 * u, x), Eq(u(0), 0)),
        BARE + r"Eq\(u, x/2\) @ domain.bound",
    ),
    "a start everywhere": (
        (strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w, sin(x))),
        r"2 equations .*Eq\(w, .* @ domain.at\(t=",
    ),
    "a slope everywhere": (
        (line, Eq(u.diff(x, 2), 1), Eq(u(0), 0), Eq(u.diff(x), 0)),
        BARE + r"Eq\(u.diff\(x\), 0\) @",
    ),
    "one of two": (
        (square, Eq(laplacian(p1), p2), Eq(laplacian(p2), p1.diff(x)), Eq(p1, 1)),
        BARE + r"Eq\(p1, 1\)",
    ),
}

MEANT_OTHERWISE = {
    "time by another name": (
        lambda: Problem(
            Box({x: (0, 1), s: (0, 1)}), Eq(h.diff(s), laplacian(h)), Eq(h(x, 0), 0), Eq(h(0, s), 0)
        ),
        ValueError,
        r"if that is a time, write laplacian\(h, x\)",
    ),
    **{
        f"a time among the coordinates of {name}": (
            lambda e=equations: evolving(*e),
            ValueError,
            remedy,
        )
        for name, equations, remedy in TIMELIKE
    },
    "a time that runs backwards": (
        lambda: Problem(
            Box({x: (0, 1), s: (0, 1)}),
            Eq(-h.diff(s), laplacian(h)),
            Eq(h(x, 1), 0),
            Eq(h(0, s), 0),
        ),
        ValueError,
        r"at the start of s: if that is a time, write laplacian\(h, x\)",
    ),
    **{
        name: (lambda a=given: Problem(*a), ValueError, remedy)
        for name, (given, remedy) in MISPLACED.items()
    },
}

MISTAKES = named("declaring", MEANT_OTHERWISE)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    require_refused(*MISTAKES[mistake])


def test_a_stationary_flow_is_not_taken_for_an_evolution():
    disk = Ball({x: 0, y: 0}, 1)
    for domain in (disk, square):
        Problem(domain, Eq(v.diff(y) + v, laplacian(v)), Eq(v, 0) @ domain.boundary)
    sides = [Eq(v, 0) @ square.at(x=0), Eq(v, 0) @ square.at(x=1), Eq(v, 0) @ square.at(y=0)]
    v2 = unknown("v2", x, y)
    Problem(
        square, Eq(laplacian(v), v2.diff(x)), Eq(laplacian(laplacian(v)), laplacian(v)), *sides
    )  # y has an open end
    rod = [Eq(v, 0) @ square.at(x=1), Eq(v, 0) @ square.at(y=0), Eq(v, 1) @ square.at(y=1)]
    Problem(square, Eq(laplacian(v) + v.diff(x) / x, 0), *rod)  # x = 0 is an axis
    Problem(square, Eq(x * laplacian(v), -v.diff(x)), *rod)
    Problem(square, Eq(v.diff(y, 2), v.diff(x, 2)), Eq(v.diff(x) ** 2 + v.diff(y) ** 2, v), *sides)


def test_a_flow_around_a_period_is_not_taken_for_an_evolution():
    """A periodic condition has its points at one end, and joins the other one."""
    value, slope = v, v.diff(x)
    Problem(
        square,
        Eq(v.diff(x), laplacian(v)),
        Eq(value.subs(x, 0), value.subs(x, 1)),
        Eq(slope.subs(x, 0), slope.subs(x, 1)),
        Eq(v, 0) @ square.at(y=0),
        Eq(v, 1) @ square.at(y=1),
    )


def test_more_equations_than_unknowns_that_agree_are_not_misplaced():
    Problem(line, Eq(u.diff(x), 1), Eq(u, x))
    Problem(square, Eq(v.diff(x), 1), Eq(v.diff(y), x))
    Problem(square, Eq(p1, 0), Eq(laplacian(p2), p1), Eq(p2, 0) @ square.boundary)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Eq(w(x, 0), sin(t)), "t is 0 there: did you mean x"),
        (Eq(w(1, t), 2 * x), "x is 1 there: did you mean t"),
        (Eq(w.diff(t).subs(t, 0), t), "t is 0 there: did you mean x"),
        (Eq(w(t, 0), 1), "t is 0 there, and stands in the place of x: did you mean x"),
    ],
)
def test_data_of_a_coordinate_that_is_fixed_there_deserve_a_word(given, words):
    with pytest.warns(UserWarning, match=words):
        Problem(strip, Eq(w.diff(t), w.diff(x, 2)), given)


def test_a_final_value_of_what_follows_from_its_start_deserves_a_word():
    words = r"holds at the final t too, .* write @ domain.sides\(t\)"
    with pytest.warns(UserWarning, match=words):
        Problem(strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w, 0) @ strip.boundary)
    Problem(strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w, 0) @ strip.sides(t), Eq(w(x, 0), 0))
    Problem(strip, Eq(laplacian(w, x, t), w.diff(t)), Eq(w, 0) @ strip.boundary)
    Problem(
        strip,
        Eq(w.diff(t), w.diff(x, 2)),
        Eq(w.diff(x), 0) @ strip.at(x=0),
        Eq(w, 0) @ strip.at(t=1),
    )


def test_data_that_vary_or_are_constant_deserve_none():
    Problem(
        strip,
        Eq(w.diff(t), w.diff(x, 2)),
        Eq(w(x, 0), sin(x + t)),
        Eq(w(0, t), 1),
        Eq(w(1, t), w(0, t) + t),
    )
    Problem(line, Eq(u.diff(x), 1), Eq(u(0), x))
    Problem(strip, Eq(w, t) @ strip.at(t=0))
