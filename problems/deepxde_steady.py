"""Demonstrations of DeepXDE's documentation (Lu et al., SIAM Review 63, 2021) that do not evolve in
space, in our words: ordinary and integro-differential equations, Poisson's, Helmholtz's, a plate, a
flow.
"""

import numpy as np
from numpy.typing import NDArray
from sympy import Add, Eq, Expr, Rational, cos, cosh, exp, pi, sin, sinh, sqrt

from pinnsolve import (
    Ball,
    Box,
    Interval,
    Problem,
    coordinates,
    laplacian,
    manufactured,
    normal,
    normal_derivative,
    unknown,
)
from pinnsolve.geometry.combine import Solid

from .flows import momentum
from .reference import reference
from .reference.paths import followed

x, y, z, t, r, a = coordinates("x y z t r a")
u, v, w = unknown("u", x), unknown("v", x, t), unknown("w", x, y)
LINE = Interval(x, -1, 1)


def ode_system() -> Problem:
    """Two equations of first order: a rotation, for a period and a half."""
    p, q = unknown("p", t), unknown("q", t)
    return Problem(
        Interval(t, 0, 10),
        Eq(p.diff(t), q),
        Eq(q.diff(t), -p),
        Eq(p(0), 0),
        Eq(q(0), 1),
        exact={p: sin(t), q: cos(t)},
    )


def ode_2nd() -> Problem:
    """u'' - 10 u' + 9 u = 5 t, which grows like exp(9 t)."""
    p = unknown("p", t)
    value = Rational(50, 81) + 5 * t / 9 - 2 * exp(t) + Rational(31, 81) * exp(9 * t)
    return Problem(
        Interval(t, 0, Rational(1, 4)),
        Eq(p.diff(t, 2) - 10 * p.diff(t) + 9 * p, 5 * t),
        Eq(p(0), -1),
        Eq(p.diff(t).subs(t, 0), 2),
        exact={p: value},
    )


def predators() -> Problem:
    """Lotka's and Volterra's equations, of numbers over 200 (reference: Dormand and Prince)."""
    p, q = unknown("p", t), unknown("q", t)

    def law(s: float, state: NDArray[np.float64]) -> list[float]:
        prey, hunters = state
        return [40 * prey - 160 * prey * hunters, 80 * prey * hunters - 21.2 * hunters]

    return Problem(
        Interval(t, 0, 1),
        Eq(p.diff(t), 40 * p - 160 * p * q),
        Eq(q.diff(t), 80 * p * q - Rational(106, 5) * q),
        Eq(p(0), Rational(1, 2)),
        Eq(q(0), Rational(3, 40)),
        reference=followed(law, [0.5, 0.075], (0, 1), "pq"),
    )


def _on_line(*conditions: Eq, load: Expr, exact: Expr, line: Solid = LINE) -> Problem:
    return Problem(line, Eq(u.diff(x, 2), load), *conditions, exact={u: exact})


def poisson_dirichlet() -> Problem:
    """-u'' = pi^2 sin(pi x), zero at both ends."""
    return _on_line(Eq(u(-1), 0), Eq(u(1), 0), load=-(pi**2) * sin(pi * x), exact=sin(pi * x))


def poisson_neumann() -> Problem:
    """u'' = 2, zero on the left, slope 4 on the right."""
    return _on_line(Eq(u(-1), 0), Eq(u.diff(x), 4) @ LINE.at(x=1), load=2, exact=(x + 1) ** 2)


def poisson_robin() -> Problem:
    """u'' = 2, zero on the left, u' = u on the right."""
    return _on_line(Eq(u(-1), 0), Eq(u.diff(x), u) @ LINE.at(x=1), load=2, exact=(x + 1) ** 2)


def poisson_periodic() -> Problem:
    """-u'' = pi^2 sin(pi x), zero on the left, the same on the right."""
    return _on_line(Eq(u(-1), 0), Eq(u(1), u(-1)), load=-(pi**2) * sin(pi * x), exact=sin(pi * x))


def poisson_sum() -> Problem:
    """-u'' = sum_(i < 5) i sin(i x) + 8 sin(8 x) between 0 and pi, with pi on the right."""
    waves = (1, 2, 3, 4, 8)
    return _on_line(
        Eq(u(0), 0),
        Eq(u(pi), pi),
        load=-Add(*[i * sin(i * x) for i in waves]),
        exact=x + Add(*[sin(i * x) / i for i in waves]),
        line=Interval(x, 0, pi),
    )


def poisson_multiscale() -> Problem:
    """One wave, and a tenth of twenty-five waves."""
    value = sin(2 * pi * x) + sin(50 * pi * x) / 10
    unit = Interval(x, 0, 1)
    return _on_line(Eq(u(0), 0), Eq(u(1), 0), load=value.diff(x, 2), exact=value, line=unit)


def poisson_l_shape() -> Problem:
    """-laplacian(u) = 1 in an L, zero on its sides (reference: spectral elements)."""
    p = unknown("u", x, y)
    region = Box({x: (-1, 1), y: (-1, 1)}) - Box({x: (0, 1), y: (0, 1)})
    return Problem(
        region,
        Eq(-laplacian(p), 1),
        Eq(p, 0) @ region.boundary,
        reference=reference("deepxde_l_shape"),
    )


def laplace_disk() -> Problem:
    """Laplace's equation in polar coordinates, cos(angle) on the rim."""
    p = unknown("p", r, a)
    return Problem(
        Box({r: (0, 1), a: (0, 2 * pi)}),
        Eq(r * p.diff(r) + r**2 * p.diff(r, 2) + p.diff(a, 2), 0),
        Eq(p(1, a), cos(a)),
        Eq(p(r, 0), p(r, 2 * pi)),
        exact={p: r * cos(a)},
    )


def elasticity_plate() -> Problem:
    """A plate under forces, with displacements or tractions on its sides (Lame's 1 and 1/2)."""
    first, second = unknown("u", x, y), unknown("v", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    stretch = first.diff(x) + second.diff(y)
    stress = {
        (x, x): first.diff(x) + stretch,
        (y, y): second.diff(y) + stretch,
        (x, y): (first.diff(y) + second.diff(x)) / 2,
    }
    return manufactured(
        square,
        stress[x, x].diff(x) + stress[x, y].diff(y),
        stress[x, y].diff(x) + stress[y, y].diff(y),
        *[first @ square.at(y=end) for end in (0, 1)],
        *[second @ square.at(x=end) for end in (0, 1)],
        second @ square.at(y=0),
        *[stress[x, x] @ square.at(x=end) for end in (0, 1)],
        stress[y, y] @ square.at(y=1),
        exact={first: cos(2 * pi * x) * sin(pi * y), second: sin(pi * x) * y**4},
    )


def helmholtz_hole() -> Problem:
    """-laplacian(u) - (2 pi)^2 u = f around a hole, with the slopes on it."""
    half = Rational(1, 2)
    square, hole = Box({x: (-half, half), y: (-half, half)}), Ball({x: 0, y: 0}, half / 2)
    k = 2 * pi
    return manufactured(
        square - hole,
        -laplacian(w) - k**2 * w,
        w @ square.boundary,
        normal_derivative(w) @ hole.boundary,
        exact={w: sin(k * x) * sin(k * y)},
    )


def sound_hard() -> Problem:
    """A wave of wavenumber 2 that a hard disk scatters, in a square that absorbs what comes upon
    its sides at a right angle. No reference: what is scattered in the open is another problem.
    """
    k, n = 2, normal(x, y)
    p, q = unknown("p", x, y), unknown("q", x, y)
    square, hole = Box({x: (-pi, pi), y: (-pi, pi)}), Ball({x: 0, y: 0}, pi / 4)
    flux = {f: f.diff(x) * n[0] + f.diff(y) * n[1] for f in (p, q)}
    return Problem(
        square - hole,
        *(Eq(laplacian(f) + k**2 * f, 0) for f in (p, q)),
        Eq(flux[p], k * sin(k * x) * n[0]) @ hole.boundary,
        Eq(flux[q], -k * cos(k * x) * n[0]) @ hole.boundary,
        Eq(flux[p] + k * q, 0) @ square.boundary,
        Eq(flux[q] - k * p, 0) @ square.boundary,
    )


def integro_differential() -> Problem:
    """u' + the integral of u from 0 = f: the integral is one more unknown."""
    s = unknown("s", x)
    load = 2 * pi * cos(2 * pi * x) + sin(pi * x) ** 2 / pi
    return Problem(
        Interval(x, 0, 1),
        Eq(u.diff(x) + s, load),
        Eq(s.diff(x), u),
        Eq(u(0), 0),
        Eq(s(0), 0),
        exact={u: sin(2 * pi * x), s: sin(pi * x) ** 2 / pi},
    )


def volterra() -> Problem:
    """u' + u = the integral of exp(s - x) u(s) from 0: so is this one."""
    s = unknown("s", x)
    return Problem(
        Interval(x, 0, 5),
        Eq(u.diff(x) + u, s),
        Eq(s.diff(x), u - s),
        Eq(u(0), 1),
        Eq(s(0), 0),
        exact={u: exp(-x) * cosh(x), s: exp(-x) * sinh(x)},
    )


def kovasznay_20() -> Problem:
    """Kovasznay's flow at Re = 20: velocities on the boundary, the pressure on the right side."""
    u, v, p = (unknown(name, x, y) for name in "uvp")
    rate = 10 - sqrt(100 + 4 * pi**2)
    box = Box({x: (-Rational(1, 2), 1), y: (-Rational(1, 2), Rational(3, 2))})
    exact = {
        u: 1 - exp(rate * x) * cos(2 * pi * y),
        v: rate / (2 * pi) * exp(rate * x) * sin(2 * pi * y),
        p: (1 - exp(2 * rate * x)) / 2,
    }
    laws = momentum([u, v], p, (x, y), Rational(1, 20))
    sides = [u @ box.boundary, v @ box.boundary, p @ box.at(x=1)]
    return manufactured(box, *laws, u.diff(x) + v.diff(y), *sides, exact=exact)
