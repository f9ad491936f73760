"""The catalogue of problems, installed as `pinnsolve.problems`."""

from .catalogue import CATALOGUE

__all__ = ["CATALOGUE"]
