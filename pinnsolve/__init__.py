"""pinnsolve: declare a PDE in sympy, solve it by least squares in a network's adaptive basis."""

from pinnsolve.basis.corners import Corner, CornerFunctions
from pinnsolve.basis.initialize import BoxPlanes, Graded, Sparse, Waves
from pinnsolve.basis.networks import Dense, ResNet
from pinnsolve.basis.rotated import Rotated
from pinnsolve.basis.separable import LowRank
from pinnsolve.basis.stretch import Stretched
from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.calculus import curl, divergence, gradient, laplacian, normal_derivative
from pinnsolve.declare.manufactured import manufactured
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.solids import Ball, Box, Interval, Polygon
from pinnsolve.declare.symbols import coordinates, normal, unknown
from pinnsolve.sample.points import grid, sample_region, sobol, uniform
from pinnsolve.solution.solution import Solution, load
from pinnsolve.solver import solve
from pinnsolve.train.budget import Budget
from pinnsolve.train.least_squares import LeastSquares
from pinnsolve.version import VERSION

__version__ = VERSION

__all__ = [
    "Ball",
    "Box",
    "BoxPlanes",
    "Budget",
    "Corner",
    "CornerFunctions",
    "Dense",
    "Functions",
    "Graded",
    "Interval",
    "LeastSquares",
    "LowRank",
    "Polygon",
    "Problem",
    "ResNet",
    "Rotated",
    "Solution",
    "Sparse",
    "Stretched",
    "Waves",
    "compile_problem",
    "coordinates",
    "curl",
    "divergence",
    "gradient",
    "grid",
    "laplacian",
    "load",
    "manufactured",
    "normal",
    "normal_derivative",
    "sample_region",
    "sobol",
    "solve",
    "uniform",
    "unknown",
]
