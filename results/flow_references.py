"""The driven cavity of PINNacle by Chebyshev collocation: `python -m results.flow_references`
writes problems/reference/pinnacle_ns2d_c.npz.

The stream function s, of velocity a = s_y and b = -s_x, at the points of a grid: the law inside,
values and slopes on the walls, by least squares in Newton's method. The pressure has the gradient
that the momentum leaves. `apart` is by how much two degrees differ. In the upper corners, where the
lid's velocity has a slope and that of the walls none, convergence is algebraic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lstsq

from pinnsolve.problems.reference.make import chebyshev, interpolation

Array = NDArray[np.float64]
FOLDER = Path(__file__).parents[1] / "problems" / "reference"
REYNOLDS = 100.0
# Times that conditions on walls count; iterates at most; a change that is none.
WALLS, STEPS, SMALL = 10.0, 20, 1e-9


class Grid:
    """Points of the unit square, `(n, n)`, x first, and the derivatives of what is known there."""

    def __init__(self, degree: int) -> None:
        nodes, d = chebyshev(degree)
        eye = np.eye(degree + 1)
        self.line = (nodes + 1) / 2
        self.x, self.y = np.kron(2 * d, eye), np.kron(eye, 2 * d)
        px, py = (c.ravel() for c in np.meshgrid(self.line, self.line, indexing="ij"))
        self.places = np.stack([px, py])
        # Near the walls points are dense.
        width = np.maximum(np.sqrt(1 - nodes**2), 1 / degree)
        self.areas = np.kron(width, width)
        self.sides = [px == 0, px == 1], [py == 0, py == 1]
        self.inner = (px > 0) & (px < 1) & (py > 0) & (py < 1)


def stream_function(grid: Grid) -> Array:
    """Newton's method from rest: laplacian^2 s / Re = s_y (laplacian s)_x - s_x (laplacian s)_y."""
    dx, dy, inner = grid.x, grid.y, grid.inner
    (left, right), (below, lid) = grid.sides
    across, upright = below | lid, left | right
    walls = [np.eye(len(dx))[~inner], dx[upright & ~across], dy[across & ~upright]]
    wall, wanted = np.concatenate(walls), np.zeros(sum(map(len, walls)))
    x = grid.places[0][across & ~upright]
    wanted[len(walls[0]) + len(walls[1]) :] = 4 * x * (1 - x) * lid[across & ~upright]
    vorticity = dx @ dx + dy @ dy
    bending, turned_x, turned_y = vorticity @ vorticity / REYNOLDS, dx @ vorticity, dy @ vorticity
    scale = 1 / np.linalg.norm(bending[inner], axis=1)
    s = np.zeros(len(dx))
    for _ in range(STEPS):
        sx, sy, wx, wy = dx @ s, dy @ s, turned_x @ s, turned_y @ s
        misfit = bending @ s - sy * wx + sx * wy
        slope = (
            bending
            - wx[:, None] * dy
            - sy[:, None] * turned_x
            + wy[:, None] * dx
            + sx[:, None] * turned_y
        )
        rows = np.concatenate([scale[:, None] * slope[inner], WALLS * wall])
        left_over = np.concatenate([scale * misfit[inner], WALLS * (wall @ s - wanted)])
        change = lstsq(rows, left_over, lapack_driver="gelsy")[0]
        s = s - change
        if np.abs(change).max() < SMALL * np.abs(s).max():
            break
    return s


def flow(degree: int, line: Array) -> dict[str, Array]:
    """Velocity and pressure at a grid of points inside, `(n, n)`; no pressure in (0, 0)."""
    grid = Grid(degree)
    s = stream_function(grid)
    dx, dy = grid.x, grid.y
    a, b = dy @ s, -(dx @ s)
    pushes = [
        (dx @ (dx @ v) + dy @ (dy @ v)) / REYNOLDS - a * (dx @ v) - b * (dy @ v) for v in (a, b)
    ]
    # On the walls as well, or nothing would tell the corners' pressure; but not on the lid.
    known, weights = grid.places[1] < 1, np.sqrt(grid.areas)[:, None]
    rows = np.concatenate([(weights * d)[known] for d in (dx, dy)])
    given = np.concatenate([(weights[:, 0] * push)[known] for push in pushes])
    p = lstsq(rows, given, cond=1e-10, lapack_driver="gelsy")[0]
    p = p - p[(grid.places == 0).all(axis=0)]
    sample = interpolation(grid.line, line)
    n = degree + 1
    return {
        name: sample @ field.reshape(n, n) @ sample.T
        for name, field in (("a", a), ("b", b), ("p", p))
    }


def main() -> None:
    """Write the file."""
    line = (np.arange(40) + 0.5) / 40
    rough, fine = flow(36, line), flow(44, line)
    for name, field in fine.items():
        print(name, np.linalg.norm(field - rough[name]) / np.linalg.norm(field))
    apart = max(
        np.linalg.norm(field - rough[name]) / np.linalg.norm(field) for name, field in fine.items()
    )
    held: dict[str, Any] = {"axis0": line, "axis1": line, "apart": apart, **fine}
    np.savez_compressed(FOLDER / "pinnacle_ns2d_c.npz", **held)


if __name__ == "__main__":
    main()
