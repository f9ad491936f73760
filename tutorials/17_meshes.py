# %% [markdown]
# # 17 A part from a file
#
# A part that was drawn elsewhere comes as a file: an STL of a surface, or a mesh of gmsh. `Mesh`
# takes either as a region, with the same words as boxes and balls. What reads files is an extra:
# `pip install 'pinnsolve[mesh]'`.

# %%
import math
import tempfile
from pathlib import Path

import numpy as np
from sympy import Eq

from pinnsolve import (
    Ball,
    Mesh,
    Problem,
    coordinates,
    laplacian,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)

x, y, z = coordinates("x y z")
u = unknown("u", x, y, z)

# %% [markdown]
# Whoever has no part at hand makes one: a bush of radii 10 and 20 and height 15, in millimetres,
# as a text of three solids with names. Points around the axis, and between two rings of them
# triangles, seen from outside.

# %%
AROUND = 48
angle = 2 * math.pi * np.arange(AROUND) / AROUND
rings = {
    (r, h): np.stack([r * np.cos(angle), r * np.sin(angle), 0 * angle + h], axis=1)
    for r in (10.0, 20.0)
    for h in (0.0, 15.0)
}


def band(one, other):
    """Triangles between two rings; seen from outside, the first runs to the right."""
    after_one, after_other = np.roll(one, -1, axis=0), np.roll(other, -1, axis=0)
    halves = ([one, after_one, after_other], [one, after_other, other])
    return np.concatenate([np.stack(half, axis=1) for half in halves])


solids = {
    "bore": band(rings[10.0, 15.0], rings[10.0, 0.0]),
    "outside": band(rings[20.0, 0.0], rings[20.0, 15.0]),
    "ends": np.concatenate(
        [band(rings[10.0, 0.0], rings[20.0, 0.0]), band(rings[20.0, 15.0], rings[10.0, 15.0])]
    ),
}


def written(name, triangles):
    """A solid as an STL has it."""
    lines = [f"solid {name}"]
    for corners in triangles:
        vertices = [f"vertex {a:.9g} {b:.9g} {c:.9g}" for a, b, c in corners]
        lines += ["facet normal 0 0 0", "outer loop", *vertices, "endloop", "endfacet"]
    return "\n".join([*lines, f"endsolid {name}", ""])


folder = Path(tempfile.mkdtemp())
path = folder / "bush.stl"
path.write_text("".join(written(*solid) for solid in solids.items()), encoding="utf-8")

# %% [markdown]
# Its coordinates shall be in metres, so that the file's unit is 1e-3. The volume says whether that
# was right. Edges of more than 30 degrees are meant to be there; elsewhere facets stand for a
# smooth surface, and `facet_error` tells how far they are from it: the arc's height over its chord.

# %%
bush = Mesh(path, (x, y, z), unit=1e-3)
print(bush, bush.parts)
print(f"{bush.volume * 1e6:.3f} cm^3, facets up to {bush.facet_error * 1e6:.0f} micrometres off")
assert abs(bush.volume / (math.pi * (0.02**2 - 0.01**2) * 0.015) - 1) < 4e-3
assert abs(bush.facet_error / (0.02 * (1 - math.cos(math.pi / AROUND))) - 1) < 0.05

# %% [markdown]
# The names of the solids are parts of the boundary. The bore is 80 degrees warm, the outside 20,
# and nothing flows through the ends: the logarithm of the radius is the answer on a round bush.

# %%
heat = Problem(
    bush,
    Eq(laplacian(u), 0),
    Eq(u, 80) @ bush.part("bore"),
    Eq(u, 20) @ bush.part("outside"),
    Eq(normal_derivative(u), 0) @ bush.part("ends"),
)
solution = solve(heat, tolerance=3e-2)
print(solution.report())
points = sample_region(bush, 2000, seed=1)
radius = np.hypot(points.x[:, 0], points.x[:, 1])
exact = 80 - 60 * np.log(radius / 0.01) / math.log(2)
off = np.abs(solution(points) - exact).max()
print(f"{off:.2f} degrees off")
assert off < 0.6

# %% [markdown]
# The report says what the facets leave open, as they stand for something round. `sharp=0` takes
# them as the body itself; what is given there has all its digits.

# %%
plain = Mesh(path, (x, y, z), unit=1e-3, sharp=0)
harmonic = x**2 - z**2
given = Problem(plain, Eq(laplacian(u), 0), Eq(u, harmonic) @ plain.boundary, exact={u: harmonic})
found = solve(given, tolerance=1e-6)
print(found.error())
assert found.error() < 1e-6

# %% [markdown]
# Without names, `patches` are what lies between sharp edges, the largest first. A mesh combines
# with any other region: a groove is cut into it by a ball.

# %%
print([f"{patch.charts()[0].measure * 1e4:.2f} cm^2" for patch in bush.patches()])
groove = bush - Ball({x: 0.02, y: 0, z: 0.0075}, 0.004)
print(sample_region(groove, 4000, seed=0).weights.sum() / bush.volume)
assert len(bush.patches()) == 4

# %% [markdown]
# A file that bounds nothing is named, and mended where that is possible: here a facet is missing.

# %%
open_path = folder / "open.stl"
facets = np.concatenate(list(solids.values()))[1:]
open_path.write_text(written("open", facets), encoding="utf-8")
try:
    Mesh(open_path, (x, y, z), unit=1e-3)
except ValueError as error:
    print(error)
mended = Mesh.repaired(open_path, (x, y, z), unit=1e-3)
assert abs(mended.volume / bush.volume - 1) < 1e-6

# %% [markdown]
# Pictures and files have the part's own surface.

# %%
figure = solution.plot(folder / "bush.png", on=bush.boundary)
