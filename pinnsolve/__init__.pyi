"""pinnsolve: declare a PDE in sympy, solve it by least squares in a network's adaptive basis."""

from pinnsolve.basis.corners import Corner, CornerFunctions
from pinnsolve.basis.finite_elements import FiniteElements
from pinnsolve.basis.initialize import BoxPlanes, Glorot, Graded, Harmonics, He, Sparse, Uniform, UnitVariance, Waves
from pinnsolve.basis.lifted import Level, Lifted
from pinnsolve.basis.networks import Dense, ResNet
from pinnsolve.basis.rotated import Rotated
from pinnsolve.basis.separable import LowRank
from pinnsolve.basis.stretch import Stretched
from pinnsolve.basis.tensor import TensorProduct
from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.calculus import curl, divergence, gradient, laplacian, normal_derivative
from pinnsolve.declare.cloud import PointCloud
from pinnsolve.declare.hard import Hard, hard
from pinnsolve.declare.manufactured import manufactured
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.solids import Ball, Box, Interval, Polygon
from pinnsolve.declare.symbols import Data, coordinates, normal, unknown
from pinnsolve.mgrit.propagate import MGRIT
from pinnsolve.sample.points import grid, sample_region, uniform
from pinnsolve.sample.sobol import sobol
from pinnsolve.solution.checkpoint import Checkpoint
from pinnsolve.solution.inspection import Inspection, draw_hyperplanes, inspect
from pinnsolve.solution.solution import Solution, load
from pinnsolve.solver import solve
from pinnsolve.train.budget import Budget
from pinnsolve.train.continuation import geometric
from pinnsolve.train.descents import Adam, InTurn, SteepestDescent
from pinnsolve.train.evolution.march import March
from pinnsolve.train.gauss_newton import GaussNewton
from pinnsolve.train.greedy import Greedy
from pinnsolve.train.least_squares import LeastSquares
from pinnsolve.train.levenberg import LevenbergMarquardt
from pinnsolve.train.lsgd import LSGD, GradientDescent, compiled
from pinnsolve.train.quasi_newton import LBFGS, SelfScaledBroyden
from pinnsolve.train.resample import Resample
from pinnsolve.version import VERSION

__version__ = VERSION

__all__ = [
    "LBFGS",
    "LSGD",
    "MGRIT",
    "Adam",
    "Ball",
    "Box",
    "BoxPlanes",
    "Budget",
    "Checkpoint",
    "Corner",
    "CornerFunctions",
    "Data",
    "Dense",
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
    "InTurn",
    "Inspection",
    "Interval",
    "LeastSquares",
    "Level",
    "LevenbergMarquardt",
    "Lifted",
    "LowRank",
    "March",
    "PointCloud",
    "Polygon",
    "Problem",
    "ResNet",
    "Resample",
    "Rotated",
    "SelfScaledBroyden",
    "Solution",
    "Sparse",
    "SteepestDescent",
    "Stretched",
    "TensorProduct",
    "Uniform",
    "UnitVariance",
    "Waves",
    "compile_problem",
    "compiled",
    "coordinates",
    "curl",
    "divergence",
    "draw_hyperplanes",
    "geometric",
    "gradient",
    "grid",
    "hard",
    "inspect",
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
