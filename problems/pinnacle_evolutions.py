"""PINNacle's tasks that evolve (Hao et al., arXiv 2306.08827), in our words: heat, waves, flows,
reactions, and a conductivity that is sought.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from scipy.fft import idctn
from sympy import Add, Eq, Expr, Float, Integer, Rational, Symbol, cos, exp, lambdify, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Interval,
    PointCloud,
    Problem,
    coordinates,
    divergence,
    gradient,
    interpolate,
    laplacian,
    manufactured,
    normal_derivative,
    unknown,
)
from pinnsolve.symbols.symbols import Unknown

from .composite import disk, without
from .flows import momentum
from .multiscale import SQUARE
from .pinnacle_steady import noisy
from .reference import reference

x, y, t = coordinates("x y t")
PLATE = Box({x: (-1, 1), y: (-1, 1)})


def random_field(seed: int, reach: int = 5) -> Expr:
    """A Gaussian random field of mean zero and variance one, periodic on the unit square: its power
    falls with the wavenumber's fourth power, and ends at `reach`.
    """
    numbers = [
        (k, m)
        for k, m in product(range(reach + 1), range(-reach, reach + 1))
        if 0 < k**2 + m**2 <= reach**2 and (k > 0 or m > 0)
    ]
    sizes = np.array([1 / (k**2 + m**2) for k, m in numbers])
    drawn = sizes * np.random.default_rng(seed).standard_normal((2, len(numbers)))
    return _waves(numbers, *(drawn / np.sqrt((drawn**2).sum() / 2)).round(6))


def _ends(space: Box) -> Iterator[tuple[Symbol, Expr]]:
    """Coordinates and ends of a rectangle's sides."""
    return ((c, end) for c in space.coordinates for end in space.limits[c])


def _closed(u: Unknown, space: Box) -> list[Eq]:
    """Zero on all sides."""
    return [Eq(u.subs(c, end), 0) for c, end in _ends(space)]


def _periodic(u: Unknown, space: Box) -> list[Eq]:
    """Values and slopes agree on opposite sides."""
    sides = ((c, *space.limits[c]) for c in space.coordinates)
    return [Eq(w.subs(c, low), w.subs(c, high)) for c, low, high in sides for w in (u, u.diff(c))]


def heat_nd() -> Problem:
    """Heat in the unit ball of five dimensions, fluxes given, u = exp(r^2 / 2 + t)."""
    five = coordinates("x1:6")
    u, ball = unknown("u", *five, t), Ball(dict.fromkeys(five, 0), 1)
    body = ball * Interval(t, 0, 1)
    value = exp(Add(*[c**2 for c in five]) / 2 + t)
    flux = normal_derivative(u, *five) @ (ball.boundary * Interval(t, 0, 1))
    left = u.diff(t) - laplacian(u, *five) / 5
    return manufactured(body, left, u @ body.at(t=0), flux, exact={u: value})


def heat_varying() -> Problem:
    """Heat 2D-VC: the diffusivity is the exponential of a Gaussian random field."""
    u, domain = unknown("u", x, y, t), SQUARE * Interval(t, 0, 5)
    load = 200 * sin(pi * x) * sin(5 * pi * y) * sin(pi * t)
    return Problem(
        domain,
        Eq(u.diff(t), exp(random_field(0)) * laplacian(u, x, y) + load),
        Eq(u(x, y, 0), 0),
        *_closed(u, SQUARE),
        reference=reference("pinnacle_heat2d_vc"),
    )


def darcy() -> Problem:
    """Beside the benchmark: a flow through a porous medium that is known at 65 x 65 points, as the
    exponential of such a field.
    """
    u, line = unknown("u", x, y), np.linspace(0, 1, 65)
    values = np.exp(lambdify((x, y), random_field(1))(line[:, None], line))
    medium = interpolate({x: line, y: line}, values)
    flux = -divergence(medium * gradient(u))
    exact = {u: sin(pi * x) * sin(2 * pi * y) * exp(x)}
    return manufactured(SQUARE, flux, u @ SQUARE.boundary, exact=exact)


BIG = (
    *((4 * a, 3 * b) for a in (-1, 1) for b in (-1, 1)),
    *((4 * a, 9 * b) for a in (-1, 1) for b in (-1, 1)),
    *((0, 6 * a) for a in (-1, 0, 1)),
)
SMALL = tuple((Rational(16, 5) * a, 6 * b) for a in (-1, 1) for b in (-1, 0, 1))


def heat_around_pipes() -> Problem:
    """Heat 2D-CG: eleven hot pipes and six warm ones through a plate, each side of which leaks."""
    u, plate, span = unknown("u", x, y, t), Box({x: (-8, 8), y: (-12, 12)}), Interval(t, 0, 3)
    pipes = [
        (disk(at, radius), warmth)
        for places, radius, warmth in ((BIG, Integer(1), 5), (SMALL, Rational(2, 5), 1))
        for at in places
    ]
    # Into the plate: the normal of a pipe points out of the pipe.
    slope = normal_derivative(u, x, y)
    on_pipes = [Eq(u - slope, warmth) @ (pipe.boundary * span) for pipe, warmth in pipes]
    return Problem(
        without(plate, [pipe for pipe, _ in pipes]) * span,
        Eq(u.diff(t), laplacian(u, x, y)),
        Eq(u(x, y, 0), 0),
        *on_pipes,
        Eq(slope + u, Rational(1, 10)) @ (plate.boundary * span),
        reference=reference("pinnacle_heat2d_cg"),
    )


def heat_for_long() -> Problem:
    """Heat 2D-LT: a reaction that is turned up and down for twelve periods."""
    u, domain = unknown("u", x, y, t), SQUARE * Interval(t, 0, 100)
    reaction = 5 * sin(u**2) * (1 + 2 * sin(pi * t / 4)) * sin(4 * pi * x) * sin(2 * pi * y)
    return Problem(
        domain,
        Eq(u.diff(t), laplacian(u, x, y) / 1000 + reaction),
        Eq(u(x, y, 0), sin(4 * pi * x) * sin(3 * pi * y)),
        *_closed(u, SQUARE),
        reference=reference("pinnacle_heat2d_lt"),
    )


# Waves along each coordinate of the vortices at the start.
WAVES = 3


def vortices(seed: int = 0) -> Iterator[Expr]:
    """Two random sums of waves, each at most 2 in size, and a constant: periodic over one."""
    rng, line = np.random.default_rng(seed), np.arange(200) / 200
    waves = [(i, j) for i in range(WAVES + 1) for j in range(WAVES + 1)]
    angles = [2 * np.pi * (i * line[:, None] + j * line) for i, j in waves]
    for _ in range(2):
        odd, even = rng.normal(size=(2, len(waves)))
        constant = rng.uniform(-1, 1)
        field = sum(
            a * np.sin(angle) + b * np.cos(angle)
            for angle, a, b in zip(angles, odd, even, strict=True)
        )
        odd, even = (np.round(2 * each / np.abs(field).max(), 6) for each in (odd, even))
        yield _waves(waves, odd, even) + Float(round(constant, 6))


def _waves(numbers: Sequence[tuple[int, int]], odd: np.ndarray, even: np.ndarray) -> Expr:
    """The sum of sines and cosines of these wavenumbers."""
    return Add(
        *[
            Float(wave) * f(2 * pi * (i * x + j * y))
            for f, all_of in ((sin, odd), (cos, even))
            for (i, j), wave in zip(numbers, all_of, strict=True)
        ]
    )


def burgers_plane() -> Problem:
    """Burgers 2D: two velocities that carry each other, viscosity 1/1000, periodic."""
    u, v = unknown("u", x, y, t), unknown("v", x, y, t)
    space = Box({x: (0, 4), y: (0, 4)})
    laws = [
        Eq(w.diff(t) + u * w.diff(x) + v * w.diff(y), laplacian(w, x, y) / 1000) for w in (u, v)
    ]
    starts = [Eq(w(x, y, 0), value) for w, value in zip((u, v), vortices(), strict=True)]
    sides = [side for w in (u, v) for side in _periodic(w, space)]
    return Problem(space * Interval(t, 0, 1), *laws, *starts, *sides)


def pulsating_channel() -> Problem:
    """NS 2D-LT: three frequencies pulsate through a channel, at Re = 100. The flow leaves straight
    on, which the benchmark does not say and uniqueness asks for.
    """
    a, b, p = (unknown(name, x, y, t) for name in "abp")
    domain = Box({x: (0, 2), y: (0, 1)}) * Interval(t, 0, 5)
    pulse = Add(*[sin(k * pi * t) for k in (1, 3, 5)])
    forces = (0, -sin(pi * x) * sin(pi * y) * sin(pi * t))
    laws = momentum([a, b], p, (x, y), Rational(1, 100))
    return Problem(
        domain,
        *[Eq(v.diff(t) + law, f) for v, law, f in zip((a, b), laws, forces, strict=True)],
        Eq(a.diff(x) + b.diff(y), 0),
        *[Eq(v, 0) @ domain.at(y=end) for v in (a, b) for end in (0, 1)],
        Eq(a(0, y, t), sin(pi * y) * pulse),
        Eq(b(0, y, t), 0),
        Eq(p(2, y, t), 0),
        Eq(b(2, y, t), 0),
        Eq(a(x, y, 0), 0),
        Eq(b(x, y, 0), 0),
        reference=reference("pinnacle_ns2d_lt"),
    )


def two_media(seed: int = 0, n: int = 256) -> np.ndarray:
    """Squares of speeds on a grid, `(n, n)`: 12 and 1 where a Gaussian random field is above and
    below zero, which has cosines for its modes.
    """
    k = np.pi * np.arange(n)
    sizes = (k[:, None] ** 2 + k**2 + 9) ** -2
    amplitudes = sizes * np.random.default_rng(seed).standard_normal((n, n))
    amplitudes[0, 0] = 0
    return np.where(idctn(amplitudes, norm="ortho") > 0, 12.0, 1.0)


def waves_in_two_media() -> Problem:
    """Wave 2D-CG: speeds of 1 and sqrt(12), linear between the points of a grid; no flux at the
    sides.
    """
    u, domain = unknown("u", x, y, t), PLATE * Interval(t, 0, 5)
    media = two_media()
    line = np.linspace(-1, 1, len(media))
    medium = interpolate({x: line, y: line}, media, degree=1)
    start = exp(-((x + Rational(1, 2)) ** 2 + y**2) * Rational(50, 9))
    return Problem(
        domain,
        Eq(u.diff(t, 2), medium * laplacian(u, x, y)),
        Eq(u(x, y, 0), start),
        Eq(u.diff(t), 0) @ domain.at(t=0),
        *[Eq(u.diff(c).subs(c, end), 0) for c, end in _ends(PLATE)],
        reference=reference("pinnacle_wave2d_cg"),
    )


def gray_scott_plane() -> Problem:
    """Gray-Scott: two substances that react and diffuse, to t = 200, periodic."""
    u, v = unknown("u", x, y, t), unknown("v", x, y, t)
    a, b = Rational(1, 20), Rational(1, 50)
    hole, spot = (exp(-80 * ((x + sign * a) ** 2 + (y + sign * b) ** 2)) for sign in (1, -1))
    feed, loss, rate = Rational(1, 25), Rational(1, 10), Rational(1, 200000)
    return Problem(
        PLATE * Interval(t, 0, 200),
        Eq(u.diff(t), 2 * rate * laplacian(u, x, y) + feed * (1 - u) - u * v**2),
        Eq(v.diff(t), rate * laplacian(v, x, y) - loss * v + u * v**2),
        Eq(u(x, y, 0), 1 - hole),
        Eq(v(x, y, 0), spot),
        *_periodic(u, PLATE),
        *_periodic(v, PLATE),
        reference=reference("pinnacle_grayscott"),
    )


# Of places and times where the temperature is measured.
MEASURED = 2500


def heat_inverse(seed: int = 1) -> Problem:
    """HInv: the conductivity of a plate, from 2,500 values of u in space and time that noise
    spoils, and from its own values on the sides.
    """
    u, a = unknown("u", x, y, t), unknown("a", x, y)
    wave = sin(pi * x) * sin(pi * y)
    values = {u: exp(-t) * wave, a: 2 + wave}
    flux = divergence(a * gradient(u, x, y), x, y)
    around = PLATE.boundary * Interval(t, 0, 1)
    load = (u.diff(t) - flux).subs(values).doit()
    at = np.random.default_rng(0).random((3, MEASURED)) * [[2], [2], [1]] - [[1], [1], [0]]
    xs, ys, ts = at.round(6)
    measured = noisy(np.exp(-ts) * np.sin(np.pi * xs) * np.sin(np.pi * ys), seed)
    return Problem(
        PLATE * Interval(t, 0, 1),
        Eq(u.diff(t) - flux, load),
        Eq(u, measured) @ PointCloud({x: xs, y: ys, t: ts}),
        Eq(a, 2 + wave) @ around,
        exact=values,
    )
