"""Ten tasks of somebody who has the README and the site, each as it would be written first."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import scipy.special
from sympy import Eq, exp, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Data,
    Interval,
    Mesh,
    PointCloud,
    Problem,
    coordinates,
    eigenmodes,
    eigenvalue,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)

pytestmark = pytest.mark.slow
x, y, z, t = coordinates("x y z t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})


def test_a_plate_in_metres_that_loses_heat_to_the_air():
    """What comes in by conduction goes out by convection."""
    plate = Box({x: (0, 0.2), y: (0, 0.05)})
    conductivity, transfer, air = 45.0, 25.0, 293.15
    lost = transfer * (u - air)
    problem = Problem(
        plate,
        Eq(conductivity * laplacian(u), 0),
        Eq(u, 373.15) @ plate.at(x=0),
        Eq(-conductivity * u.diff(x), lost) @ plate.at(x=0.2),
        Eq(-conductivity * u.diff(y), lost) @ plate.at(y=0.05),
        Eq(u.diff(y), 0) @ plate.at(y=0),
    )
    solution = solve(problem, tolerance=1e-5)
    assert solution.stopped == "met"
    out = sum(float(solution.integrate(lost, plate.at(**at))) for at in ({"x": 0.2}, {"y": 0.05}))
    inside = float(solution.integrate(-conductivity * u.diff(x), plate.at(x=0)))
    # The flux has a logarithm in the corner where the air begins.
    assert inside == pytest.approx(out, rel=1e-3)
    assert 340 < float(solution.minimum()) < 373.2


def test_a_part_of_ones_own_from_an_stl(tmp_path):
    """A brick, whose faces are cut at its edges: heat flows from bottom to top."""
    trimesh = pytest.importorskip("trimesh")
    trimesh.creation.box((2, 1, 1)).export(tmp_path / "brick.stl")
    part, heat = Mesh(tmp_path / "brick.stl", (x, y, z)), unknown("T", x, y, z)
    faces = {
        tuple(patch.bounds[2]): patch for patch in part.patches() if not np.ptp(patch.bounds[2])
    }
    walls = [patch for patch in part.patches() if np.ptp(patch.bounds[2])]
    assert len(faces) == 2
    assert len(walls) == 4
    problem = Problem(
        part,
        Eq(laplacian(heat), 0),
        Eq(heat, 0) @ faces[-0.5, -0.5],
        Eq(heat, 1) @ faces[0.5, 0.5],
        *(Eq(normal_derivative(heat), 0) @ wall for wall in walls),
    )
    solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "met"
    at = np.array([[0.3, 0.1, 0.2], [-0.9, 0.4, -0.4]])
    assert solution(at) == pytest.approx(at[:, 2] + 0.5, abs=1e-5)


def test_a_rate_with_error_bars():
    w, rate = unknown("u", x, t), unknown("k", positive=True)
    rod, draw = Box({x: (0, 1), t: (0, 1)}), np.random.default_rng(0)
    xs, ts = draw.random(200), draw.random(200)
    values = np.exp(-0.1 * np.pi**2 * ts) * np.sin(np.pi * xs) + 0.01 * draw.standard_normal(200)
    problem = Problem(
        rod,
        Eq(w.diff(t), rate * w.diff(x, 2)),
        Eq(w, 0) @ rod.at(x=0),
        Eq(w, 0) @ rod.at(x=1),
        Eq(w, sin(pi * x)) @ rod.at(t=0),
        Eq(w, Data(values, sigma=0.01)) @ PointCloud({x: xs, t: ts}),
    )
    solution = solve(problem, tolerance=1e-4)
    assert solution.stopped == "met"
    assert abs(float(solution[rate]) - 0.1) < 4 * solution[rate].deviation


def test_an_animated_wave(tmp_path):
    w, string = unknown("u", x, t), Box({x: (0, 1), t: (0, 2)})
    problem = Problem(
        string,
        Eq(w.diff(t, 2), w.diff(x, 2)),
        Eq(w, 0) @ string.at(x=0),
        Eq(w, 0) @ string.at(x=1),
        Eq(w, exp(-40 * (x - 0.5) ** 2) * sin(pi * x)) @ string.at(t=0),
        Eq(w.diff(t), 0) @ string.at(t=0),
    )
    solution = solve(problem, tolerance=1e-4)
    assert solution.stopped == "met"
    solution.animate(tmp_path / "wave.gif")
    assert (tmp_path / "wave.gif").read_bytes().startswith(b"GIF8")


def test_the_tones_of_a_drum():
    tone, drum = eigenvalue("lam"), Ball({x: 0, y: 0}, 1)
    found = eigenmodes(
        Problem(drum, Eq(-laplacian(u), tone * u), Eq(u, 0) @ drum.boundary), count=6
    )
    zeros = [scipy.special.jn_zeros(n, 2) for n in (0, 1, 1, 2, 2)]
    assert found.eigenvalues == pytest.approx(np.sort(np.concatenate(zeros) ** 2)[:6], rel=1e-9)


def test_a_flow_past_a_cylinder(tmp_path):
    v, p = unknown("v", x, y), unknown("p", x, y)
    box, body = Box({x: (0, 3), y: (0, 1)}), Ball({x: 1, y: 0.5}, 0.15)
    walls = box.at(y=0), box.at(y=1), body.boundary
    problem = Problem(
        box - body,
        Eq(laplacian(u), p.diff(x)),
        Eq(laplacian(v), p.diff(y)),
        Eq(u.diff(x) + v.diff(y), 0),
        Eq(u, 4 * y * (1 - y)) @ box.at(x=0),
        Eq(v, 0) @ box.at(x=0),
        *(Eq(speed, 0) @ wall for speed in (u, v) for wall in walls),
        Eq(v, 0) @ box.at(x=3),
        Eq(p, 0) @ box.at(x=3),
    )
    solution = solve(problem, tolerance=1e-3)
    assert solution.stopped == "met"
    through = [float(solution.integrate(u, box.at(x=end))) for end in (0, 3)]
    assert through == pytest.approx([2 / 3, 2 / 3], rel=1e-4)
    solution.plot(expression=(u, v)).savefig(tmp_path / "flow.png")


def test_a_curve_through_measured_values():
    w, draw = unknown("u", x), np.random.default_rng(1)
    xs = draw.random(300)
    values = np.sin(6 * xs) + 0.05 * draw.standard_normal(300)
    measured = Eq(w, Data(values, sigma=0.05)) @ PointCloud({x: xs})
    solution = solve(Problem(Interval(x, 0, 1), measured))
    at = np.linspace(0, 1, 50)[:, None]
    assert np.sqrt(np.mean((solution(at) - np.sin(6 * at[:, 0])) ** 2)) < 0.02


SWEEP = """
from joblib import Parallel, delayed
from sympy import Eq
from pinnsolve import Interval, Problem, coordinates, solve, unknown

(x,) = coordinates("x")
u, rod = unknown("u", x), Interval(x, 0, 1)

def middle(k):
    problem = Problem(rod, Eq(k * u - u.diff(x, 2), 1), Eq(u(0), 0), Eq(u(1), 0))
    return float(solve(problem, tolerance=1e-6)([0.5])[0])

print(*Parallel(n_jobs=2)(delayed(middle)(k) for k in range(1, 21)))
"""
NOTEBOOK = """
import nbformat
from nbclient import NotebookClient

cells = '''
from sympy import Eq
from pinnsolve import Box, Problem, coordinates, laplacian, solve, unknown
x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
problem = Problem(square, Eq(-laplacian(u), 1), Eq(u, 0) @ square.boundary)
problem
---
solution = solve(problem, tolerance=1e-3)
solution
---
solution.plot()
'''.split("---")
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c.strip()) for c in cells])
done = NotebookClient(book, timeout=100, kernel_name="python3").execute()
print(*["+".join(sorted(cell.outputs[-1]["data"])) for cell in done.cells])
"""


def said_by(script, folder):
    """What Python prints, given so much."""
    command = [sys.executable, *script]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_sweep_of_twenty(tmp_path):
    pytest.importorskip("joblib")
    (tmp_path / "sweep.py").write_text(SWEEP, encoding="utf-8")
    values = [float(word) for word in said_by(["sweep.py"], tmp_path)]
    k = np.arange(1, 21)
    assert values == pytest.approx((1 - 1 / np.cosh(np.sqrt(k) / 2)) / k, abs=1e-6)


def test_a_table_for_others(tmp_path):
    xarray = pytest.importorskip("xarray")
    problem = Problem(square, Eq(-laplacian(u), 1), Eq(u, 0) @ square.boundary)
    solution = solve(problem, tolerance=1e-4)
    solution.to_xarray().to_netcdf(tmp_path / "u.nc", engine="scipy")
    with xarray.open_dataset(tmp_path / "u.nc", engine="scipy") as read:
        assert float(read.u.sel(x=0.5, y=0.5)) == pytest.approx(0.0736713, abs=1e-4)


def test_a_notebook_shows_all_by_itself(tmp_path):
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    shown = said_by(["-c", NOTEBOOK], tmp_path)
    assert shown == ["text/latex+text/plain", "text/html+text/plain", "image/png+text/plain"]
