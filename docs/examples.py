"""The examples of the gallery: scripts of `docs/gallery`, problems of the catalogue, tutorials."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pinnsolve.problems import CATALOGUE

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "docs" / "gallery"
MADE = GALLERY / "made"

# Kinds in the order of the gallery; a folder of scripts has its kind for its name.
KINDS = {
    "regions": "Steady fields, and regions",
    "nonlinear": "Nonlinear and ordinary equations",
    "waves": "Waves",
    "flows": "Flows",
    "fronts": "Heat, fronts and reactions",
    "solids": "Solids and materials",
    "spectra": "Eigenvalues",
    "memory": "Memory: delays, integrals, fractional derivatives",
    "inverse": "Inverse problems",
    "data": "Data and arrays",
    "tutorials": "Tutorials",
}

# Of the catalogue: kind, tolerance, and what `plot` is given.
CHOSEN = {
    "poisson_10d": ("regions", 1e-8, ""),
    "annulus": ("regions", 1e-10, ""),
    "square_minus_disk": ("regions", 1e-9, ""),
    "l_shape": ("regions", 1e-8, ""),
    "neumann_of_mean_zero": ("regions", 1e-9, ""),
    "minimal_surface": ("nonlinear", 1e-8, ""),
    "eikonal": ("nonlinear", 1e-8, ""),
    "p_laplacian": ("nonlinear", 1e-10, ""),
    "van_der_pol": ("nonlinear", 1e-6, ""),
    "lorenz": ("nonlinear", 1e-8, ""),
    "helmholtz_9pi": ("waves", 1e-7, ""),
    "wave_1d": ("waves", 1e-10, ""),
    "advection_30": ("waves", 1e-8, ""),
    "point_source": ("waves", 1e-8, ""),
    "lossy_layer": ("waves", 1e-8, ""),
    "bright_soliton": ("waves", 1e-6, ""),
    "korteweg_de_vries": ("waves", 1e-6, ""),
    "sine_gordon": ("waves", 1e-6, ""),
    "kovasznay": ("flows", 1e-8, ""),
    "cavity_100": ("flows", 1e-3, ""),
    "heat_2d": ("fronts", 1e-8, ""),
    "convection_diffusion_1e3": ("fronts", 1e-9, ""),
    "burgers": ("fronts", 1e-6, ""),
    "fisher": ("fronts", 1e-6, ""),
    "gray_scott": ("fronts", 1e-5, ""),
    "beam": ("solids", 1e-10, ""),
    "biharmonic": ("solids", 1e-9, ""),
    "elasticity": ("solids", 1e-9, ""),
    "disk_in_plate": ("solids", 1e-9, ""),
    "rod_of_three": ("solids", 1e-9, ""),
    "heat_with_memory": ("memory", 1e-8, ""),
    "volterra_nonlinear": ("memory", 1e-10, ""),
    "pierced_plate": ("regions", 1e-8, ""),
}


TITLES = {
    "poisson_10d": "Ten dimensions",
    "annulus": "A ring",
    "square_minus_disk": "A plate with a hole",
    "l_shape": "A corner that points inwards",
    "neumann_of_mean_zero": "Fluxes all around a disk",
    "pierced_plate": "A potential around two holes",
    "minimal_surface": "A minimal surface",
    "eikonal": "The eikonal equation",
    "p_laplacian": "The p-Laplacian",
    "van_der_pol": "Van der Pol's oscillator, stiff",
    "lorenz": "Lorenz's equations",
    "helmholtz_9pi": "Helmholtz's equation",
    "wave_1d": "A string with two frequencies",
    "advection_30": "Carried along thirty times as fast",
    "point_source": "A source of sound outside",
    "lossy_layer": "A wave enters a material that damps it",
    "bright_soliton": "A pulse of Schrödinger's equation",
    "korteweg_de_vries": "Zabusky's and Kruskal's solitons",
    "sine_gordon": "A breather",
    "kovasznay": "Kovasznay's flow",
    "cavity_100": "The lid-driven cavity",
    "heat_2d": "Heat in the plane",
    "convection_diffusion_1e3": "A boundary layer",
    "burgers": "Burgers' front",
    "fisher": "Fisher's travelling wave",
    "gray_scott": "Gray's and Scott's pulse that splits",
    "beam": "A cantilever",
    "biharmonic": "A clamped plate",
    "elasticity": "Plane strain",
    "disk_in_plate": "A disk of another material",
    "rod_of_three": "A rod of three pieces",
    "heat_with_memory": "Heat whose flux remembers",
    "volterra_nonlinear": "Volterra's equation, nonlinear",
}


@dataclass(frozen=True)
class Cell:
    """A piece of an example: words, or code that runs."""

    text: str
    runs: bool


@dataclass(frozen=True)
class Example:
    """What is shown: a title, words and code, in cells; `declared` is where the problem stands."""

    name: str
    kind: str
    title: str
    cells: tuple[Cell, ...]
    declared: str = ""

    @property
    def source(self) -> str:
        """A hash of all code, but for how it is laid out."""
        code = [cell.text for cell in self.cells if cell.runs]
        return sha256(re.sub(r"[\s,]+", "", "".join([*code, self.declared])).encode()).hexdigest()[
            :16
        ]

    @property
    def picture(self) -> Path:
        """Where its picture lies."""
        return MADE / f"{self.name}.webp"

    @property
    def result(self) -> Path:
        """Where its numbers lie."""
        return MADE / f"{self.name}.json"


def examples() -> list[Example]:
    """All, by kind."""
    found = [*_scripts(), *_of_catalogue(), *_tutorials()]
    return sorted(found, key=lambda example: list(KINDS).index(example.kind))


def _scripts() -> Iterator[Example]:
    for path in sorted(GALLERY.glob("*/*.py")):
        text = path.read_text(encoding="utf-8")
        module = ast.parse(text)
        title, _, words = (ast.get_docstring(module) or "").partition("\n\n")
        code = text.splitlines()[module.body[0].end_lineno :]
        cells = (Cell(words, runs=False), Cell("\n".join(code).strip(), runs=True))
        yield Example(path.stem, path.parent.name, title.rstrip("."), cells)


def _of_catalogue() -> Iterator[Example]:
    for name, (kind, tolerance, drawn) in CHOSEN.items():
        entry = CATALOGUE[name]
        given = f'"{name}.png"' + (f", {drawn}" if drawn else "")
        lines = [
            "from pinnsolve import solve",
            "from pinnsolve.problems import CATALOGUE",
            "",
            f'problem = CATALOGUE["{name}"]()',
            f"solution = solve(problem, tolerance={tolerance:.0e})".replace("e-0", "e-"),
            "print(solution.report())",
            f"solution.plot({given})",
        ]
        words = Cell(inspect.cleandoc(entry.__doc__ or ""), runs=False)
        cells = (words, Cell("\n".join(lines), runs=True))
        yield Example(name, kind, TITLES[name], cells, inspect.getsource(entry))


def _tutorials() -> Iterator[Example]:
    for path in sorted((ROOT / "tutorials").glob("*.py")):
        parts = re.split(r"^# %%(.*)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        cells = [
            Cell(re.sub(r"^# ?", "", text, flags=re.MULTILINE).strip(), runs=False)
            if "markdown" in kind
            else Cell(text.strip(), runs=True)
            for kind, text in zip(parts[::2], parts[1::2], strict=True)
        ]
        heading, _, words = cells[0].text.partition("\n")
        title = heading.removeprefix("# ").partition(" ")[2]
        yield Example(path.stem, "tutorials", title, (Cell(words.strip(), runs=False), *cells[1:]))
