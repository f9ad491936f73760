"""The only types and functions that a file can name: reading looks names up here and calls nothing
else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from functools import singledispatch
from typing import Any

from pinnsolve.basis.adapted.biharmonic import FlowCorner, FlowCornerFunctions, Term
from pinnsolve.basis.adapted.bores import Bore, BoreFunctions
from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.adapted.finite_elements import FiniteElements
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.lifted import Level, Lifted
from pinnsolve.basis.adapted.meetings import Meeting, MeetingFunctions, Sector
from pinnsolve.basis.adapted.modulated import Carrier, Modulated
from pinnsolve.basis.adapted.one_sided import OneSided
from pinnsolve.basis.adapted.own_waves import OwnWaves
from pinnsolve.basis.adapted.particular import Particular
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.basis.adapted.polynomials import Polynomials
from pinnsolve.basis.adapted.rim_layers import Rim, RimLayers
from pinnsolve.basis.adapted.rotated import Rotated
from pinnsolve.basis.adapted.scaled import Scaled
from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.basis.adapted.start_surfaces import Surface, SurfaceFunctions
from pinnsolve.basis.adapted.starts import Start, StartFunctions
from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.adapted.tensor import TensorProduct
from pinnsolve.basis.adapted.walls import WallFunctions
from pinnsolve.basis.adapted.windowed import Windowed
from pinnsolve.basis.classical import Glorot, He, Uniform, UnitVariance
from pinnsolve.basis.initialize import BoxPlanes, Graded, Harmonics, Sparse, Waves
from pinnsolve.basis.networks import Dense, ResNet
from pinnsolve.basis.standing import Standing
from pinnsolve.basis.sums import Sum
from pinnsolve.coefficients.gauss_newton import GaussNewton
from pinnsolve.coefficients.least_squares import LeastSquares
from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.compile.functions import Functions
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.reference import Reference
from pinnsolve.discretize.resample import Resample
from pinnsolve.evolution.chain import OpenSlab
from pinnsolve.evolution.runs import Plan, Run, Runs
from pinnsolve.evolution.underway import Underway
from pinnsolve.fields.cellwise import CellBases
from pinnsolve.fields.declared import BasisEach
from pinnsolve.fields.elements import MovingElements
from pinnsolve.fields.mixed import MixedCells
from pinnsolve.fields.moving import MovingCells
from pinnsolve.fields.products import MovingProducts
from pinnsolve.fields.resolved import Resolvents
from pinnsolve.fields.separated import Modes
from pinnsolve.fields.slabs import SlabBases
from pinnsolve.geometry.cloud import PointCloud
from pinnsolve.geometry.combine import Difference, Intersection, Product, Relisted, Union
from pinnsolve.geometry.curve import Arc, Curve
from pinnsolve.geometry.ellipse import Ellipse
from pinnsolve.geometry.implicit import Implicit
from pinnsolve.geometry.interface import Interface, Part, Shared
from pinnsolve.geometry.lateral import Lateral, Reordered
from pinnsolve.geometry.mesh.mesh import Mesh
from pinnsolve.geometry.mesh.part import MeshPart
from pinnsolve.geometry.mesh.simplices import Simplices
from pinnsolve.geometry.polygon import Polygon
from pinnsolve.geometry.region import Boundary, Condition, Face, Where
from pinnsolve.geometry.revolved import Revolved
from pinnsolve.geometry.rules import Kept
from pinnsolve.geometry.solids import Ball, Box
from pinnsolve.geometry.through import Spline
from pinnsolve.running.history import History, Step
from pinnsolve.training.compiled import compiled, eager
from pinnsolve.training.descents import Adam, Sequence, SteepestDescent
from pinnsolve.training.greedy import Greedy
from pinnsolve.training.levenberg import LevenbergMarquardt
from pinnsolve.training.low_rank import LowRankFit
from pinnsolve.training.lsgd import LSGD, GradientDescent
from pinnsolve.training.quasi_newton import LBFGS, SelfScaledBroyden

BASES = (
    *(
        Dense,
        ResNet,
        Sum,
        Stretched,
        Rotated,
        Windowed,
        Lifted,
        Level,
        LowRank,
        CornerFunctions,
        Corner,
        FlowCornerFunctions,
        FlowCorner,
        Term,
        MeetingFunctions,
        Meeting,
        Sector,
        Poles,
        OwnWaves,
        Particular,
        Polynomials,
        Hole,
        StartFunctions,
        Start,
        WallFunctions,
        SurfaceFunctions,
        Surface,
        BoreFunctions,
        Bore,
        RimLayers,
        Rim,
        TensorProduct,
    ),
    *(
        FiniteElements,
        Modes,
        SlabBases,
        CellBases,
        MovingCells,
        MixedCells,
        Resolvents,
        MovingProducts,
        MovingElements,
        BasisEach,
        Functions,
        OneSided,
        Scaled,
        Modulated,
        Carrier,
    ),
    *(BoxPlanes, Waves, Harmonics, Standing, Graded, Sparse, He, Glorot, Uniform, UnitVariance),
)
METHODS = (
    *(LeastSquares, GaussNewton, LSGD, GradientDescent, LowRankFit, Greedy, Resample),
    *(Adam, SteepestDescent, Sequence, LBFGS, SelfScaledBroyden, LevenbergMarquardt),
)
REGIONS = (
    *(Box, Ball, Polygon, Ellipse, Curve, Arc, Spline, Revolved, Implicit),
    *(Product, Union, Intersection, Difference),
    *(
        Boundary,
        Face,
        Where,
        PointCloud,
        Lateral,
        Reordered,
        Relisted,
        Kept,
        Shared,
        Part,
        Interface,
    ),
    *(Mesh, MeshPart, Simplices),
)
MIDST = (OpenSlab, Runs, Run, Plan, Underway, Posterior)
PARTS: dict[str, Any] = {
    part.__name__: part
    for part in (*BASES, *METHODS, *REGIONS, *MIDST, Problem, Condition, Reference, History, Step)
}
# As files name them that were written before they were called so.
PARTS |= {"InTurn": Sequence, "Slab": OpenSlab}
FUNCTIONS: dict[str, Any] = {f.__name__: f for f in (eager, compiled)}


def _step(**held: Any) -> Step:
    """A step; files that were written before have `neurons` where it says `functions`."""
    return Step(**{"functions" if n == "neurons" else n: value for n, value in held.items()})


# Types whose constructors take something else than their fields.
_MADE: dict[str, Callable[..., Any]] = {
    "Functions": lambda expressions: Functions(*expressions),
    "Sequence": lambda stages: Sequence(*stages),
    "InTurn": lambda stages: Sequence(*stages),
    "History": lambda columns, stopped: History(
        tuple(
            _step(**dict(zip(columns, row, strict=True)))
            for row in zip(*columns.values(), strict=True)
        ),
        stopped,
    ),
    "Step": _step,
    "Problem": lambda domain, declared, exact=None, constants=None, reference=None: Problem(
        domain, *declared, exact=exact, constants=constants, reference=reference
    ),
}


@singledispatch
def held_fields(part: Any) -> dict[str, Any]:
    """What makes a part again, by name of field; fields that have their default, or do not count in
    `==`, are left out.

    How layers are run, in parallel or not, is not part of what they are.
    """
    counted = [f for f in fields(part) if f.init and f.compare and f.name != "propagate"]
    return {f.name: value for f in counted if not _is_default(f, value := getattr(part, f.name))}


@held_fields.register
def _(part: Problem) -> dict[str, Any]:
    reference = {} if part.reference is None else {"reference": part.reference}
    return {
        "domain": part.domain,
        "declared": part.declared,
        "exact": part.exact,
        # The order in which they were given says nothing.
        "constants": dict(sorted(part.constants.items(), key=str)),
        **reference,
    }


@held_fields.register
def _(part: History) -> dict[str, Any]:
    """Of many steps: in columns, so that it is soon written."""
    columns = {f.name: tuple(getattr(step, f.name) for step in part.steps) for f in fields(Step)}
    return {"columns": columns, "stopped": part.stopped}


def _is_default(field: Field[Any], value: Any) -> bool:
    if field.default is MISSING:
        return False
    return value is field.default or (
        isinstance(value, (bool, int, float, str)) and _same(value, field.default)
    )


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b


def made(name: str, held: dict[str, Any]) -> Any:
    """The part of that name, from its fields. Raises KeyError for an unknown name, TypeError for
    fields that do not fit.
    """
    return _MADE.get(name, PARTS[name])(**held)
