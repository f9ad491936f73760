"""The catalogue in a clone, where its folder lies beside the package; an installation holds that
folder in this place.
"""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parents[2] / "problems")]

from pinnsolve.problems.catalogue import CATALOGUE

__all__ = ["CATALOGUE"]
