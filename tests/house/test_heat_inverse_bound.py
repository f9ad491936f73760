"""What the data of heat-inv allow: its sensitivities beside differences, and what follows."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from results.heat_inverse_bound import changes, least_error, measured_at


def by_differences(n=32, steps=32):
    """How the measured values change with the number of cos(pi x/2) cos(pi y/2): central
    differences in space, Crank's and Nicolson's steps, from what two conductivities lead to.
    """
    x = np.linspace(-1, 1, n + 1)
    wave, small = np.outer(*[np.sin(np.pi * x)] * 2), 1e-3
    own = np.outer(*[np.cos(np.pi * x / 2)] * 2)
    at = measured_at()

    def flow(a):
        matrix, number = np.zeros(((n + 1) ** 2,) * 2), np.arange((n + 1) ** 2).reshape(n + 1, -1)
        inner = number[1:-1, 1:-1]
        for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            near = np.roll(number, (-i, -j), (0, 1))[1:-1, 1:-1]
            between = (a.ravel()[inner] + a.ravel()[near]) / 2 * (n / 2) ** 2
            matrix[inner, near] += between
            matrix[inner, inner] -= between
        return matrix[np.ix_(inner.ravel(), inner.ravel())]

    start = wave[1:-1, 1:-1].ravel()
    load = -start - flow(2 + wave) @ start  # times exp(-t): of the true conductivity

    def path(a):
        own, h, u = flow(a), 1 / steps, start
        forth, back = np.eye(len(u)) + h / 2 * own, np.eye(len(u)) - h / 2 * own
        inverse, states = np.linalg.inv(back), [u]
        for k in range(steps):
            given = h * load * (np.exp(-k * h) + np.exp(-(k + 1) * h)) / 2
            u = inverse @ (forth @ u + given)
            states.append(u)
        whole = np.zeros((steps + 1, n + 1, n + 1))
        whole[:, 1:-1, 1:-1] = np.reshape(states, (-1, n - 1, n - 1))
        times = np.linspace(0, 1, steps + 1)
        return RegularGridInterpolator((times, x, x), whole)(at[[2, 0, 1]].T)

    return (path(2 + wave + small * own) - path(2 + wave - small * own)) / (2 * small)


def test_sensitivities_are_those_of_differences():
    told = by_differences()
    assert np.linalg.norm(changes(1)[:, 0] - told) < 0.03 * np.linalg.norm(told)


def test_one_percent_is_had_only_by_who_knows_the_shape():
    """Of one number, but not of four; what is not known of the sides would cost more."""
    assert 0.006 < least_error(1) < 0.007
    assert least_error(2) > 0.014
    assert least_error(4) > 0.06


def test_more_sines_change_nothing():
    assert abs(least_error(4, sines=10) / least_error(4) - 1) < 0.01
