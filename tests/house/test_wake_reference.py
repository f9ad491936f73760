"""The wake's data beside an exact flow, and constants from it."""

from __future__ import annotations

import numpy as np

from results.wake_reference import MODES, SIDE, TRUE, errors, measured, stepped, velocity


def test_vortices_decay_as_they_should():
    """Taylor's, carried by a mean flow: an exact solution."""
    at, k, mean, h = np.arange(MODES) * SIDE / MODES, 2 * np.pi / SIDE * 3, 0.3, 0.05

    def vorticity(t):
        return np.outer(np.sin(k * (at - mean * t)), np.sin(k * at)) * np.exp(
            -2 * TRUE[1] * k**2 * t
        )

    w = np.fft.fft2(vorticity(0))
    for _ in range(10):
        w = stepped(w, mean, h)
    assert np.abs(np.fft.ifft2(w).real - vorticity(10 * h)).max() < 1e-7
    u, v = np.fft.ifft2(velocity(w, mean)).real
    stream = vorticity(10 * h) / (2 * k**2)
    exact = mean + np.gradient(stream, at, axis=1, edge_order=2)
    assert np.abs(u - exact)[:, 1:-1].max() < 0.02 * np.abs(u).max()
    assert abs(v.mean()) < 1e-12


def test_constants_are_those_of_the_flow():
    window = ((1.0, 3.0), (-1.0, 1.0), (0.0, 0.4))
    data = measured(window, 3000, 0)
    coarse, fine = (errors(window, degree, data) for degree in (6, 10))
    assert max(fine) < 2e-2
    assert max(fine) < max(coarse) / 5
