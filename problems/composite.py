"""Problems that are too much for one basis: many waves, holes, spots, corners, bodies in a flow.

`COMPOSITE[name]()` is a problem. Those with a formula have it as their exact solution; the others
are compared with finite elements (`python -m results composite`).
"""

from collections.abc import Callable, Sequence

from sympy import Eq, Expr, Integer, Piecewise, Rational, cos, exp, log, pi, sin, sqrt, tanh

from pinnsolve import (
    Ball,
    Box,
    Ellipse,
    Problem,
    coordinates,
    laplacian,
    manufactured,
    normal,
    unknown,
)
from pinnsolve.geometry.combine import Solid

from .channels import backward_step, navier_stokes_cylinder, stokes_cylinder, stokes_step
from .flows import cavity_100, cavity_400
from .materials import checkerboard, disk_in_plate, ellipse_in_plate, nine_boxes, quarter
from .regions import corner_function

x, y, z = coordinates("x y z")
u, v, w = unknown("u", x, y), unknown("v", x), unknown("w", x, y, z)
SQUARE = Box({x: (0, 1), y: (0, 1)})


def disk(at: Sequence[Expr], radius: Expr) -> Ball:
    """A disk of the plane."""
    return Ball(dict(zip((x, y), at, strict=True)), radius)


def without(region: Solid, holes: Sequence[Solid]) -> Solid:
    """A region with holes."""
    for hole in holes:
        region = region - hole
    return region


def square_distance(at: Sequence[Expr]) -> Expr:
    """The square of the distance from a point."""
    return sum((c - value) ** 2 for c, value in zip((x, y, z)[: len(at)], at, strict=True))


def _helmholtz(k: int) -> Problem:
    """Five plane waves and a Gaussian."""
    directions = ((3, 4, 5), (5, 12, 13), (-8, 15, 17), (7, -24, 25), (20, 21, 29))
    waves = sum(
        cos(Rational(a, c) * k * x + Rational(b, c) * k * y + i)
        for i, (a, b, c) in enumerate(directions)
    )
    value = waves + exp(-20 * square_distance((Rational(1, 3), Rational(3, 5))))
    return manufactured(SQUARE, laplacian(u) + k**2 * u, u @ SQUARE.boundary, exact={u: value})


def helmholtz_k100() -> Problem:
    """Sixteen wavelengths along a side."""
    return _helmholtz(100)


def helmholtz_k200() -> Problem:
    """Thirty-two wavelengths along a side."""
    return _helmholtz(200)


def _perforated(centers: Sequence[tuple[Expr, Expr]], radius: Expr) -> Problem:
    """A harmonic function with a logarithm and a dipole in every hole: values on the square, fluxes
    on the holes.
    """
    plate = without(SQUARE, [disk(center, radius) for center in centers])
    value: Expr = sin(x) * exp(y)
    for i, (a, b) in enumerate(centers):
        r2 = square_distance((a, b))
        value += (-1) ** i * log(r2) / 8 + radius * ((x - a) + (i % 3) * (y - b)) / r2
    n = normal(x, y)
    flux = u.diff(x) * n[0] + u.diff(y) * n[1]
    inside = plate.boundary.where((x - Rational(1, 2)) ** 2 < Rational(24, 100)).where(
        (y - Rational(1, 2)) ** 2 < Rational(24, 100)
    )
    return manufactured(plate, laplacian(u), u @ SQUARE.boundary, flux @ inside, exact={u: value})


def four_holes() -> Problem:
    """A plate with four holes of radius 1/10."""
    places = (Rational(1, 4), Rational(3, 4))
    return _perforated([(a, b) for a in places for b in places], Rational(1, 10))


def sixteen_holes() -> Problem:
    """A plate with sixteen holes of radius 1/20."""
    places = [Rational(2 * i + 1, 8) for i in range(4)]
    return _perforated([(a, b) for a in places for b in places], Rational(1, 20))


def elliptical_hole() -> Problem:
    """A plate with an elliptical hole, in which two sources lie between the foci; a reaction."""
    hole = Ellipse({x: 0, y: 0}, {x: Rational(1, 4), y: Rational(1, 2)})
    plate = Box({x: (-1, 1), y: (-1, 1)}) - hole
    value = log(square_distance((0, Rational(1, 5)))) - 2 * log(x**2 + y**2) + sin(2 * x) * exp(y)
    return manufactured(plate, 4 * u - laplacian(u), u @ plate.boundary, exact={u: value})


def twenty_spots() -> Problem:
    """Twenty Gaussian spots of width 1/50, whose sum is the solution."""
    spots = [(Rational(7 * i % 20 + 2, 25), Rational(13 * i % 20 + 3, 26)) for i in range(20)]
    value = x * y + sum(exp(-1250 * square_distance(spot)) for spot in spots)
    return manufactured(SQUARE, -laplacian(u), u @ SQUARE.boundary, exact={u: value})


def two_steps() -> Problem:
    """A step of width 1/200 and one of 1/5000 on an interval."""
    line = Box({x: (0, 1)})
    value = tanh(200 * (x - Rational(3, 10))) + tanh(5000 * (x - Rational(71, 100))) + sin(x)
    return manufactured(line, -v.diff(x, 2), v @ line.boundary, exact={v: value})


def front_into_corners() -> Problem:
    """A front of width 1/200 along the diagonal of the square: it ends in two corners."""
    value = tanh(200 * (x - y)) + sin(2 * x) * cos(y)
    return manufactured(SQUARE, -laplacian(u), u @ SQUARE.boundary, exact={u: value})


def wind_at_walls() -> Problem:
    """Layers of thickness 1/1000 along the two walls to which it blows."""
    eps = Rational(1, 1000)
    along = {c: c - _toward_one(c, eps) for c in (x, y)}
    wind = u.diff(x) + u.diff(y)
    return manufactured(
        SQUARE, wind - eps * laplacian(u), u @ SQUARE.boundary, exact={u: along[x] * along[y]}
    )


def reaction_at_walls() -> Problem:
    """Layers of thickness 1/100 along all four walls."""
    depth = Rational(1, 100)
    decayed = {
        c: 1 - (exp(-c / depth) + exp((c - 1) / depth)) / (1 + exp(-1 / depth)) for c in (x, y)
    }
    law = 2 * u - depth**2 * laplacian(u)
    return manufactured(SQUARE, law, u @ SQUARE.boundary, exact={u: decayed[x] * decayed[y]})


def _toward_one(c: Expr, width: Expr) -> Expr:
    return (exp((c - 1) / width) - exp(-1 / width)) / (1 - exp(-1 / width))


def l_shape_waves() -> Problem:
    """Waves in an L, with the singular function of its corner."""
    region = Box({x: (-1, 1), y: (-1, 1)}) - Box({x: (0, 1), y: (-1, 0)})
    value = corner_function(1) + sin(12 * x + 5 * y)
    load = 400 * corner_function(1) + (400 - 169) * sin(12 * x + 5 * y)
    law = Eq(laplacian(u) + 400 * u, load)
    return Problem(region, law, Eq(u, value) @ region.boundary, exact={u: value})


def sound_hard_disk() -> Problem:
    """A plane wave of wavenumber 8 that a hard disk scatters, inside of a wall that absorbs what
    comes upon it at a right angle: real and imaginary part of the scattered wave.
    """
    k = 8
    p, q = unknown("p", x, y), unknown("q", x, y)
    wall, hole = disk((0, 0), Integer(1)), disk((0, 0), Rational(1, 4))
    n = normal(x, y)
    flux = {f: f.diff(x) * n[0] + f.diff(y) * n[1] for f in (p, q)}
    return Problem(
        wall - hole,
        *(Eq(laplacian(f) + k**2 * f, 0) for f in (p, q)),
        Eq(flux[p], k * sin(k * x) * n[0]) @ hole.boundary,
        Eq(flux[q], -k * cos(k * x) * n[0]) @ hole.boundary,
        Eq(flux[p] + k * q, 0) @ wall.boundary,
        Eq(flux[q] - k * p, 0) @ wall.boundary,
    )


DISKS = tuple((a * Rational(3, 10), b * Rational(3, 10)) for a in (-1, 1) for b in (-1, 1))
CHARGED = (
    ((Rational(1, 2), Rational(1, 2)), Rational(1, 5)),
    ((Rational(2, 5), Rational(-2, 5)), Rational(2, 5)),
    ((Rational(-1, 5), Rational(-7, 10)), Rational(1, 10)),
    ((Rational(-3, 5), Rational(1, 2)), Rational(3, 10)),
)
BALLS = (
    ((Rational(2, 5), Rational(3, 10), Rational(3, 5)), Rational(1, 5)),
    ((Rational(3, 5), Rational(7, 10), Rational(3, 5)), Rational(1, 5)),
    ((Rational(1, 5), Rational(4, 5), Rational(7, 10)), Rational(1, 10)),
    ((Rational(3, 5), Rational(1, 5), Rational(3, 10)), Rational(1, 10)),
)


def poisson_classic() -> Problem:
    """Poisson 2D-C of PINNacle (Hao et al., arXiv 2306.08827): one outside, zero on four disks."""
    square = Box({x: (-Rational(1, 2), Rational(1, 2)), y: (-Rational(1, 2), Rational(1, 2))})
    disks = [disk(center, Rational(1, 10)) for center in DISKS]
    plate = without(square, disks)
    on_disks = [Eq(u, 0) @ hole.boundary for hole in disks]
    return Problem(plate, Eq(laplacian(u), 0), Eq(u, 1) @ square.boundary, *on_disks)


def poisson_boltzmann() -> Problem:
    """Poisson 2D-CG of PINNacle: a potential that is screened, around four disks."""
    square = Box({x: (-1, 1), y: (-1, 1)})
    disks = [disk(center, radius) for center, radius in CHARGED]
    plate = without(square, disks)
    load = 10 * (17 + x**2 + y**2) * sin(pi * x) * sin(4 * pi * y)
    on_disks = [Eq(u, 1) @ hole.boundary for hole in disks]
    law = Eq(-laplacian(u) + 64 * u, load)
    return Problem(plate, law, Eq(u, Rational(1, 5)) @ square.boundary, *on_disks)


def ball_in_cube() -> Problem:
    """A cube with a ball cut out, fluxes on it: a charge and a dipole inside of the ball."""
    cube = Box({x: (0, 1), y: (0, 1), z: (0, 1)})
    center = (Rational(1, 2), Rational(1, 2), Rational(1, 2))
    ball = Ball(dict(zip((x, y, z), center, strict=True)), Rational(1, 4))
    r2 = square_distance(center)
    value = 1 / sqrt(r2) / 4 + (z - center[2]) / sqrt(r2) ** 3 / 8 + sin(x) * exp(y)
    n = normal(x, y, z)
    flux = sum(w.diff(c) * n_ for c, n_ in zip((x, y, z), n, strict=True))
    body = cube - ball
    return manufactured(
        body, laplacian(w), w @ cube.boundary, flux @ ball.boundary, exact={w: value}
    )


def four_balls() -> Problem:
    """Poisson 3D-CG of PINNacle: four balls cut out of a cube, two media, no flux."""
    cube = Box({x: (0, 1), y: (0, 1), z: (0, 1)})
    balls = [Ball(dict(zip((x, y, z), at, strict=True)), radius) for at, radius in BALLS]
    body = without(cube, balls)
    waves = sin(pi * x) * sin(10 * pi * y) * sin(5 * pi * z)
    r2 = x**2 + y**2 + z**2
    sum_of_waves = sin(pi * x) + sin(10 * pi * y) + sin(5 * pi * z)
    load = 20 * exp(sum_of_waves) * (r2 - 1) / (r2 + 1) + 100 * waves
    screening = Piecewise((64, z < Rational(1, 2)), (100, True))
    n = normal(x, y, z)
    flux = sum(w.diff(c) * n_ for c, n_ in zip((x, y, z), n, strict=True))
    return Problem(body, Eq(-laplacian(w) + screening * w, load), Eq(flux, 0) @ body.boundary)


ENTRIES = (
    helmholtz_k100,
    helmholtz_k200,
    four_holes,
    sixteen_holes,
    twenty_spots,
    two_steps,
    front_into_corners,
    wind_at_walls,
    reaction_at_walls,
    l_shape_waves,
    sound_hard_disk,
    poisson_classic,
    poisson_boltzmann,
    ball_in_cube,
    four_balls,
    stokes_cylinder,
    navier_stokes_cylinder,
    stokes_step,
    backward_step,
    cavity_100,
    cavity_400,
    disk_in_plate,
    ellipse_in_plate,
    elliptical_hole,
    nine_boxes,
    checkerboard,
    quarter,
)
COMPOSITE: dict[str, Callable[[], Problem]] = {entry.__name__: entry for entry in ENTRIES}
