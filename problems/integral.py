"""Integral equations: what happens here depends on what is, or was, elsewhere."""

from sympy import (
    Abs,
    E,
    Eq,
    Integral,
    Rational,
    Symbol,
    cos,
    cosh,
    exp,
    pi,
    sin,
    sqrt,
)

from pinnsolve import (
    Ball,
    Box,
    Interval,
    Problem,
    coordinates,
    integral,
    laplacian,
    normal_derivative,
    unknown,
)

x, y, t = coordinates("x y t")
s = Symbol("s", real=True)
u, v, w = unknown("u", x), unknown("v", x, y), unknown("w", x, t)
line = Interval(x, 0, 1)


def volterra() -> Problem:
    """Volterra's equation of the second kind for the exponential function."""
    return Problem(line, Eq(u, 1 + Integral(u(s), (s, 0, x))), exact={u: exp(x)})


def volterra_nonlinear() -> Problem:
    """The square of what was before, weighed by how long it took (Wazwaz 2011, chapter 12)."""
    data = exp(x) - x * (exp(2 * x) - 1) / 2
    equation = Eq(u, data + x * Integral(u(s) ** 2, (s, 0, x)))
    return Problem(line, equation, exact={u: exp(x)})


def integro_differential() -> Problem:
    """A rate that remembers all before, and forgets: u' + u = integral of exp(s - x) u(s), the
    demo of DeepXDE.
    """
    memory = Integral(exp(s - x) * u(s), (s, 0, x))
    equation = Eq(u.diff(x) + u, memory)
    return Problem(Interval(x, 0, 5), equation, Eq(u(0), 1), exact={u: exp(-x) * cosh(x)})


def fredholm() -> Problem:
    """Fredholm's equation of the second kind, with a kernel that is a product."""
    exact = sin(2 * pi * x) - 3 * x / (4 * pi)
    equation = Eq(u, sin(2 * pi * x) + Integral(x * s * u(s), (s, 0, 1)))
    return Problem(line, equation, exact={u: exact})


def fredholm_kink() -> Problem:
    """The kernel |x - s|, which has a kink where the row is."""
    data = exp(x) - (2 * exp(x) - (E + 1) * x - 1)
    return Problem(line, Eq(u, data + Integral(Abs(x - s) * u(s), (s, 0, 1))), exact={u: exp(x)})


def abel() -> Problem:
    """Abel's kernel 1 / sqrt(x - s), singular where the row is, and a smooth solution."""
    data = x**2 + Rational(16, 15) * x ** Rational(5, 2)
    equation = Eq(u + Integral(u(s) / sqrt(x - s), (s, 0, x)), data)
    return Problem(line, equation, exact={u: x**2})


def heat_with_memory() -> Problem:
    """Heat whose flux remembers: w_t = w_xx + integral over the past, which fades."""
    # For w = exp(-t) sin(pi x) the memory is t exp(-t) sin(pi x).
    memory = Integral(exp(s - t) * w(x, s), (s, 0, t))
    exact = exp(-t) * sin(pi * x)
    source = exact.diff(t) - exact.diff(x, 2) - t * exact
    return Problem(
        line * Interval(t, 0, 1),
        Eq(w.diff(t), w.diff(x, 2) + memory + source),
        Eq(w(x, 0), sin(pi * x)),
        Eq(w, 0) @ line.boundary,
        exact={w: exact},
    )


def heat_of_known_amount() -> Problem:
    """A rod of which the whole heat is known at all times, instead of what happens at one end."""
    exact = exp(-(pi**2) * t) * cos(pi * x) + x**2 + 2 * t
    rod = line * Interval(t, 0, 1)
    return Problem(
        rod,
        Eq(w.diff(t), w.diff(x, 2)),
        Eq(w(x, 0), cos(pi * x) + x**2),
        Eq(w.diff(x), 0) @ rod.at(x=0),
        Eq(Integral(w(s, t), (s, 0, 1)), Rational(1, 3) + 2 * t),
        exact={w: exact},
    )


def neumann_of_mean_zero() -> Problem:
    """A flux all around a disk: the mean of the solution, not its value somewhere, makes it one."""
    disk = Ball({x: 0, y: 0}, 1)
    return Problem(
        disk,
        Eq(laplacian(v), 4),
        Eq(normal_derivative(v), 2) @ disk.boundary,
        Eq(integral(v, disk), 0),
        exact={v: x**2 + y**2 - Rational(1, 2)},
    )


def plate_of_known_flux() -> Problem:
    """A plate of which the whole heat that leaves through one wall is known, and that this wall has
    one temperature.
    """
    plate = Box({x: (0, 1), y: (0, 1)})
    wall = plate.at(x=1)
    return Problem(
        plate,
        Eq(laplacian(v), 0),
        Eq(v, 0) @ plate.at(x=0),
        Eq(v.diff(y), 0) @ plate.at(y=0),
        Eq(v.diff(y), 0) @ plate.at(y=1),
        Eq(v.diff(y), 0) @ wall,
        Eq(integral(normal_derivative(v), wall), 3),
        exact={v: 3 * x},
    )


def pierced_plate() -> Problem:
    """A potential around two holes, with a known flux through all sides and a known mean."""
    plate = Box({x: (0, 2), y: (0, 1)})
    holed = plate - Ball({x: 0.5, y: 0.5}, 0.2) - Ball({x: 1.5, y: 0.4}, 0.2)
    exact = exp(x) * cos(y)
    return Problem(
        holed,
        Eq(laplacian(v), 0),
        Eq(normal_derivative(v), normal_derivative(exact, x, y)) @ holed.boundary,
        Eq(integral(v, holed), integral(exact, holed)),
        exact={v: exact},
    )


ENTRIES = (
    volterra,
    volterra_nonlinear,
    integro_differential,
    fredholm,
    fredholm_kink,
    abel,
    heat_with_memory,
    heat_of_known_amount,
    neumann_of_mean_zero,
    plate_of_known_flux,
    pierced_plate,
)
