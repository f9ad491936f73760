"""Several materials: coefficients that differ by region, in a rod of three pieces, a plate, nine
boxes.
"""

from sympy import Eq, Expr, Integer, Rational, Symbol, atan2, cos, pi, sin, sqrt, tan

from pinnsolve import (
    Ball,
    Box,
    Ellipse,
    Interval,
    Problem,
    by_region,
    coordinates,
    divergence,
    gradient,
    unknown,
)

x, y = coordinates("x y")
u, v = unknown("u", x, y), unknown("v", x)


def _loaded(conductivities: tuple[Expr, ...], flux: Expr, along: Symbol) -> list[Expr]:
    """Pieces of length one of a rod under a load of one: k v' = flux - x, v continuous, zero at the
    start.
    """
    pieces, value = [], Integer(0)
    for j, k in enumerate(conductivities):
        pieces.append(value + (flux * (along - j) - (along**2 - j**2) / 2) / k)
        value = pieces[-1].subs(along, j + 1)
    return pieces


def rod_of_three() -> Problem:
    """Conduction in a rod of three pieces, conductivities 1, 100 and 10, under a load."""
    conductivities = (Integer(1), Integer(100), Integer(10))
    thirds = [Interval(x, j, j + 1) for j in range(3)]
    # Both ends are cold: the integral of (flux - x) / k vanishes.
    weights = [1 / k for k in conductivities]
    flux = sum((j + Rational(1, 2)) * w for j, w in enumerate(weights)) / sum(weights)
    k = by_region(dict(zip(thirds, conductivities, strict=True)))
    exact = by_region(dict(zip(thirds, _loaded(conductivities, flux, x), strict=True)))
    return Problem(
        Interval(x, 0, 3),
        Eq(-divergence(k * gradient(v)), 1),
        Eq(v(0), 0),
        Eq(v(3), 0),
        exact={v: exact},
    )


def disk_in_plate() -> Problem:
    """A disk that conducts a thousand times better than the plate around it: u = r cos theta + a
    cos theta / r outside.
    """
    plate, radius, ratio = Box({x: (-1, 1), y: (-1, 1)}), Rational(1, 2), Integer(1000)
    disk = Ball({x: 0, y: 0}, radius)
    outside = x + (1 - ratio) / (1 + ratio) * radius**2 * x / (x**2 + y**2)
    exact = by_region({disk: 2 * x / (1 + ratio), plate - disk: outside})
    k = by_region({disk: ratio, plate - disk: 1})
    return Problem(
        plate,
        Eq(divergence(k * gradient(u)), 0),
        Eq(u, exact) @ plate.boundary,
        exact={u: exact},
    )


def ellipse_in_plate() -> Problem:
    """An ellipse that conducts fifty times better than the plate around it: u is a multiple of x
    inside, and x with a multiple of Re(z - sqrt(z^2 - c^2)) outside, where the foci are c from the
    middle.
    """
    plate, ratio = Box({x: (-1, 1), y: (-1, 1)}), Integer(50)
    a, b = Rational(3, 5), Rational(3, 10)
    ellipse, c2 = Ellipse({x: 0, y: 0}, {x: a, y: b}), a**2 - b**2
    # The square of the longer semiaxis of the confocal ellipse through a point.
    r2 = x**2 + y**2
    square = (r2 + c2 + sqrt((x**2 - y**2 - c2) ** 2 + 4 * x**2 * y**2)) / 2
    away = x * (1 - sqrt(1 - c2 / square))
    inside = (a + b) / (a + ratio * b)
    exact = by_region({ellipse: inside * x, plate - ellipse: x + a * (inside - 1) / (a - b) * away})
    k = by_region({ellipse: ratio, plate - ellipse: 1})
    return _without_load(plate, k, exact)


def nine_boxes() -> Problem:
    """Three by three boxes with conductivities a(x) b(y), jumps up to 10,000, four points where
    four materials meet.
    """
    a, b = (
        (Integer(1), Integer(100), Rational(1, 100)),
        (Integer(1), Rational(1, 100), Integer(100)),
    )
    # u = X(x) + Y(y) with a X' = 3/2 - x and b Y' = 1 - y.
    along, up = _loaded(a, Rational(3, 2), x), _loaded(b, Integer(1), y)
    boxes = {(i, j): Box({x: (i, i + 1), y: (j, j + 1)}) for i in range(3) for j in range(3)}
    plate = Box({x: (0, 3), y: (0, 3)})
    k = by_region({box: a[i] * b[j] for (i, j), box in boxes.items()})
    load = by_region({box: a[i] + b[j] for (i, j), box in boxes.items()})
    exact = by_region({box: along[i] + up[j] for (i, j), box in boxes.items()})
    return Problem(
        plate,
        Eq(-divergence(k * gradient(u)), load),
        Eq(u, exact) @ plate.boundary,
        exact={u: exact},
    )


def checkerboard() -> Problem:
    """Four quarters of two materials, whose solution is the square root of the distance from where
    they meet times a function of the angle (Kellogg).
    """
    plate, power = Box({x: (-1, 1), y: (-1, 1)}), Rational(1, 2)
    root = 1 + sqrt(2)  # cot(pi / 8), of the ratio of the conductivities
    radius = (x**2 + y**2) ** (power / 2)
    quarters = [
        Box({x: (a, a + 1), y: (b, b + 1)}) for a, b in ((0, 0), (-1, 0), (-1, -1), (0, -1))
    ]
    # Angles from the middle of each quarter.
    angles = [atan2(y - x, x + y), atan2(-x - y, y - x), atan2(x - y, -x - y), atan2(x + y, x - y)]
    shapes = [cos, lambda a: -root * sin(a), lambda a: -cos(a), lambda a: root * sin(a)]
    values = [radius * shape(power * a) for shape, a in zip(shapes, angles, strict=True)]
    k = by_region({q: root**2 if j % 2 == 0 else 1 for j, q in enumerate(quarters)})
    exact = by_region(dict(zip(quarters, values, strict=True)))
    return _without_load(plate, k, exact)


def quarter() -> Problem:
    """A quarter of a plate that conducts better than the rest: at its corner the solution is the
    distance to the power 4/5, times a function of the angle.
    """
    plate, power = Box({x: (-1, 1), y: (-1, 1)}), Rational(4, 5)
    corner = Box({x: (0, 1), y: (0, 1)})
    radius = (x**2 + y**2) ** (power / 2)
    # Half of the openings; of even functions the values and the fluxes agree.
    inner, outer = power * pi / 4, 3 * power * pi / 4
    size = cos(outer) / cos(inner)
    k = by_region({corner: -tan(outer) / tan(inner), plate - corner: 1})
    exact = by_region(
        {
            corner: size * radius * cos(power * atan2(y - x, x + y)),
            plate - corner: radius * cos(power * atan2(x - y, -x - y)),
        }
    )
    return _without_load(plate, k, exact)


def _without_load(plate: Box, k: Expr, exact: Expr) -> Problem:
    return Problem(
        plate,
        Eq(divergence(k * gradient(u)), 0),
        Eq(u, exact) @ plate.boundary,
        exact={u: exact},
    )


ENTRIES = (rod_of_three, disk_in_plate, nine_boxes)
