"""pinnsolve: declare a PDE in sympy, solve it by least squares in a network's adaptive basis."""

from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.adapted.finite_elements import FiniteElements
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.lifted import Level, Lifted
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.basis.adapted.rotated import Rotated
from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.adapted.tensor import TensorProduct
from pinnsolve.basis.classical import Glorot, He, Uniform, UnitVariance
from pinnsolve.basis.initialize import BoxPlanes, Graded, Harmonics, Sparse, Waves
from pinnsolve.basis.networks import Dense, ResNet
from pinnsolve.coefficients.gauss_newton import GaussNewton
from pinnsolve.coefficients.least_squares import LeastSquares
from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.by_array import by_array
from pinnsolve.declare.by_region import by_region
from pinnsolve.declare.calculus import curl, divergence, gradient, laplacian, normal_derivative
from pinnsolve.declare.caputo import caputo
from pinnsolve.declare.decompose import Decomposed, decompose
from pinnsolve.declare.hard import Hard, hard
from pinnsolve.declare.integral import integral
from pinnsolve.declare.interpolate import interpolate
from pinnsolve.declare.manufactured import manufactured
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.points import grid, sample_region, uniform
from pinnsolve.discretize.resample import Resample
from pinnsolve.discretize.sobol import sobol
from pinnsolve.eigenmodes import eigenmodes
from pinnsolve.evolution.march import March
from pinnsolve.geometry.cloud import PointCloud
from pinnsolve.geometry.curve import Arc, Curve
from pinnsolve.geometry.ellipse import Ellipse
from pinnsolve.geometry.implicit import Implicit
from pinnsolve.geometry.interface import Interface
from pinnsolve.geometry.mesh.mesh import Mesh
from pinnsolve.geometry.polygon import Polygon
from pinnsolve.geometry.revolved import Cone, Cylinder, Torus, revolve
from pinnsolve.geometry.solids import Ball, Box, Interval
from pinnsolve.geometry.through import Spline
from pinnsolve.mgrit.propagate import MGRIT
from pinnsolve.running.budget import Budget
from pinnsolve.solution.checkpoint import Checkpoint
from pinnsolve.solution.inspection import Inspection, draw_hyperplanes, inspect
from pinnsolve.solution.solution import Solution, load
from pinnsolve.solver import solve
from pinnsolve.strategies.continuation import geometric
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.eigenvalue import eigenvalue
from pinnsolve.symbols.priors import Smooth
from pinnsolve.symbols.symbols import coordinates, normal, unknown
from pinnsolve.training.compiled import compiled
from pinnsolve.training.descents import Adam, Sequence, SteepestDescent
from pinnsolve.training.greedy import Greedy
from pinnsolve.training.levenberg import LevenbergMarquardt
from pinnsolve.training.lsgd import LSGD, GradientDescent
from pinnsolve.training.quasi_newton import LBFGS, SelfScaledBroyden
from pinnsolve.version import VERSION

__version__ = VERSION

__all__ = [
    "LBFGS",
    "LSGD",
    "MGRIT",
    "Adam",
    "Arc",
    "Ball",
    "Box",
    "BoxPlanes",
    "Budget",
    "Checkpoint",
    "Cone",
    "Corner",
    "CornerFunctions",
    "Curve",
    "Cylinder",
    "Data",
    "Decomposed",
    "Dense",
    "Ellipse",
    "FiniteElements",
    "Functions",
    "GaussNewton",
    "Glorot",
    "Graded",
    "GradientDescent",
    "Greedy",
    "Hard",
    "Harmonics",
    "He",
    "Hole",
    "Implicit",
    "Inspection",
    "Interface",
    "Interval",
    "LeastSquares",
    "Level",
    "LevenbergMarquardt",
    "Lifted",
    "LowRank",
    "March",
    "Mesh",
    "PointCloud",
    "Poles",
    "Polygon",
    "Problem",
    "ResNet",
    "Resample",
    "Rotated",
    "SelfScaledBroyden",
    "Sequence",
    "Smooth",
    "Solution",
    "Sparse",
    "Spline",
    "SteepestDescent",
    "Stretched",
    "TensorProduct",
    "Torus",
    "Uniform",
    "UnitVariance",
    "Waves",
    "by_array",
    "by_region",
    "caputo",
    "compile_problem",
    "compiled",
    "coordinates",
    "curl",
    "decompose",
    "divergence",
    "draw_hyperplanes",
    "eigenmodes",
    "eigenvalue",
    "geometric",
    "gradient",
    "grid",
    "hard",
    "inspect",
    "integral",
    "interpolate",
    "laplacian",
    "load",
    "manufactured",
    "normal",
    "normal_derivative",
    "revolve",
    "sample_region",
    "sobol",
    "solve",
    "uniform",
    "unknown",
]
