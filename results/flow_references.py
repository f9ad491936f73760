"""The driven cavity of PINNacle by Chebyshev collocation: `python -m results.flow_references`
writes problems/reference/pinnacle_ns2d_c.npz.

The stream function s, of velocity a = s_y and b = -s_x, at the points of a grid: the law inside,
values and slopes on the walls, by least squares in Newton's method. The pressure has the gradient
that the momentum leaves. `apart` is by how much two degrees differ. In the upper corners, where the
lid's velocity has a slope and that of the walls none, the pressure goes like the logarithm of the
distance: slow flow of that slope is known, and what is left beside it is sought.
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


class Corners:
    """Slow flow beside both upper corners, whose velocity on the lid is 4 r at a distance r from
    one of them: s = pi h^2 - 2 th r^2 - 2 d h, at a depth h below the lid, a distance d from the
    wall, and an angle th from the lid. Of it the derivatives, those of its vorticity w, and the
    pressure.
    """

    def __init__(self, x: Array, y: Array) -> None:
        h = 1 - y
        self.s, self.sx, self.sy, self.wx, self.wy, self.p = np.zeros((6, len(x)))
        self.sxx, self.sxy, self.syy = np.zeros((3, len(x)))
        for d, side in ((x, 1.0), (1 - x, -1.0)):
            th, r2 = np.arctan2(h, d), np.maximum(d**2 + h**2, 1e-30)
            self.s += np.pi * h**2 - 2 * th * r2 - 2 * d * h
            self.sx -= side * 4 * d * th
            self.sy += 4 * d + 4 * h * th - 2 * np.pi * h
            self.sxx -= 4 * th - 4 * d * h / r2
            self.sxy += side * 4 * (1 - h**2 / r2)
            self.syy -= 4 * th + 4 * d * h / r2 - 2 * np.pi
            self.wx += side * 8 * h / r2
            self.wy += 8 * d / r2
            self.p += side * 4 / REYNOLDS * np.log(r2)


def stream_function(grid: Grid) -> Array:
    """Newton's method from rest: laplacian^2 s / Re = s_y (laplacian s)_x - s_x (laplacian s)_y, of
    what is left beside the corners' own.
    """
    dx, dy, inner, own = grid.x, grid.y, grid.inner, Corners(*grid.places)
    (left, right), (below, lid) = grid.sides
    across, upright = below | lid, left | right
    walls = [np.eye(len(dx))[~inner], dx[upright & ~across], dy[across & ~upright]]
    x = grid.places[0]
    slide = (4 * x * (1 - x) * lid - own.sy)[across & ~upright]
    slopes = [-own.s[~inner], -own.sx[upright & ~across], slide]
    wall, wanted = np.concatenate(walls), np.concatenate(slopes)
    vorticity = dx @ dx + dy @ dy
    bending, turned_x, turned_y = vorticity @ vorticity / REYNOLDS, dx @ vorticity, dy @ vorticity
    scale = 1 / np.linalg.norm(bending[inner], axis=1)
    s = np.zeros(len(dx))
    for _ in range(STEPS):
        sx, sy = dx @ s + own.sx, dy @ s + own.sy
        wx, wy = turned_x @ s + own.wx, turned_y @ s + own.wy
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
    own = Corners(*grid.places)
    a, b = dy @ s, -(dx @ s)
    along, upwards = a + own.sy, b - own.sx
    pushes = [
        (dx @ (dx @ v) + dy @ (dy @ v)) / REYNOLDS
        - along * (dx @ v + own_x)
        - upwards * (dy @ v + own_y)
        for v, own_x, own_y in ((a, own.sxy, own.syy), (b, -own.sxx, -own.sxy))
    ]
    # On the walls as well, or nothing would tell the corners' pressure; but not on the lid.
    known, weights = grid.places[1] < 1, np.sqrt(grid.areas)[:, None]
    rows = np.concatenate([(weights * d)[known] for d in (dx, dy)])
    given = np.concatenate([(weights[:, 0] * push)[known] for push in pushes])
    p = lstsq(rows, given, cond=1e-10, lapack_driver="gelsy")[0]
    p = p - p[(grid.places == 0).all(axis=0)]
    sample = interpolation(grid.line, line)
    n = degree + 1
    at = Corners(*(c.ravel() for c in np.meshgrid(line, line, indexing="ij")))
    zero = Corners(np.zeros(1), np.zeros(1))
    return {
        name: sample @ field.reshape(n, n) @ sample.T + more.reshape(len(line), -1)
        for name, field, more in (("a", a, at.sy), ("b", b, -at.sx), ("p", p, at.p - zero.p))
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
