"""The lid-driven cavity by finite differences: `python -m pinnsolve.problems.reference.cavity`
writes its reference values.

The stream function on n x n cells, second order, Newton's method with a sparse factorization;
extrapolated (Richardson) from n = 128 and 256. Printed beside it: how far it is from the
extrapolation of 64 and 128.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, identity, kron
from scipy.sparse.linalg import splu

Array = Any
SHOWN = 32  # cells a side of the grid that is written
STEPS, SMALL = 30, 1e-11


def stream_function(reynolds: float, n: int) -> Array:
    """Values `(n + 1, n + 1)` on the grid, x first: laplacian^2 s / Re = s_y (laplacian s)_x - s_x
    (laplacian s)_y.
    """
    h, m = 1 / n, n - 1
    eye = identity(m, format="csr")
    first = diags([-1.0, 1.0], [-1, 1], shape=(m, m), format="csr") / (2 * h)
    second = diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(m, m), format="csr") / h**2
    fourth = diags([1.0, -4.0, 6.0, -4.0, 1.0], [-2, -1, 0, 1, 2], shape=(m, m), format="lil")
    fourth[0, 0] = fourth[-1, -1] = 7.0  # points beyond the walls, by the slope there
    fourth = csr_matrix(fourth) / h**4
    ends = csr_matrix(([-2 / h**2, 2 / h**2], ([0, m - 1], [0, m - 1])), shape=(m, m)) / (2 * h)
    third = first @ second + ends  # s_nn on a wall is 2 s_1 / h^2
    last = np.zeros((m, m))
    last[:, -1] = 1.0  # next to the lid
    lid_fourth, lid_third = 2 / h**3 * last.ravel(), 1 / h**2 * last.ravel()
    along = {"x": kron(first, eye, format="csr"), "y": kron(eye, first, format="csr")}
    bending = (kron(fourth, eye) + 2 * kron(second, second) + kron(eye, fourth)).tocsr() / reynolds
    curl_x = (kron(third, eye) + kron(first, second)).tocsr()
    curl_y = (kron(eye, third) + kron(second, first)).tocsr()
    s = np.zeros(m * m)
    for _ in range(STEPS):
        sx, sy, wx, wy = along["x"] @ s, along["y"] @ s, curl_x @ s, curl_y @ s + lid_third
        misfit = bending @ s + lid_fourth / reynolds - sy * wx + sx * wy
        slope = (
            bending
            - diags(wx) @ along["y"]
            - diags(sy) @ curl_x
            + diags(wy) @ along["x"]
            + diags(sx) @ curl_y
        )
        change = splu(slope.tocsc()).solve(misfit)
        s -= change
        if np.abs(change).max() < SMALL * np.abs(s).max():
            break
    return np.pad(s.reshape(m, m), 1)


def extrapolated(reynolds: float, n: int) -> Array:
    """Values `(n / 2 + 1, n / 2 + 1)` of fourth order, from n / 2 and n cells a side
    (Richardson).
    """
    found: Array = (
        4 * stream_function(reynolds, n)[::2, ::2] - stream_function(reynolds, n // 2)
    ) / 3
    return found


def main() -> None:
    """Write cavity_100.npz and cavity_400.npz."""
    grid = np.linspace(0, 1, SHOWN + 1)[1:-1]
    for reynolds in (100, 400):
        before, best = (
            extrapolated(reynolds, n)[:: n // 2 // SHOWN, :: n // 2 // SHOWN] for n in (128, 256)
        )
        print(f"cavity_{reynolds}: {np.abs(best - before).max() / np.abs(best).max():.1e}")
        np.savez_compressed(
            Path(__file__).parent / f"cavity_{reynolds}.npz",
            axis0=grid,
            axis1=grid,
            s=best[1:-1, 1:-1],
        )


if __name__ == "__main__":
    main()
