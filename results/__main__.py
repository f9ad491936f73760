"""`python -m results NAME ...`: each study of this folder, by its name."""

import sys
from collections.abc import Callable

from results import (
    accuracy,
    adaptive,
    blind,
    box,
    cavity,
    cell_traces,
    complex_values,
    composite,
    composite_peers,
    corners,
    deep,
    deepxde,
    evolutions,
    hard,
    hostile,
    integral,
    inverse,
    layer_parallel,
    layer_traces,
    lsgd_report,
    moving_cost,
    nonlinear,
    numbers,
    peers,
    pinnacle,
    quick,
    spectra,
    spectra_peers,
    speed,
    wide,
)

STUDIES: dict[str, Callable[[], None]] = {
    "accuracy": accuracy.run,
    "blind": blind.run,
    "peers": peers.run,
    "adaptive": adaptive.run,
    "box": box.run,
    "cavity": cavity.run,
    "cells": cell_traces.run,
    "complex_values": complex_values.run,
    "composite": composite.run,
    "composite_peers": composite_peers.run,
    "corners": corners.run,
    "deep": deep.run,
    "deepxde": deepxde.run,
    "evolutions": evolutions.run,
    "hard": hard.run,
    "hostile": hostile.run,
    "integral": integral.run,
    "inverse": inverse.run,
    "spectra": spectra.run,
    "spectra_peers": spectra_peers.run,
    "speed": speed.run,
    "pinnacle": pinnacle.run,
    "quick": quick.run,
    "nonlinear": nonlinear.run,
    "numbers": numbers.run,
    "layers": layer_parallel.run,
    "traces": layer_traces.run,
    "lsgd": lsgd_report.run,
    "moving_cost": moving_cost.run,
    "wide": wide.run,
}

if __name__ == "__main__":
    names = sys.argv[1:]
    if not names or not set(names) <= set(STUDIES):
        sys.exit(f"usage: python -m results {{{'|'.join(STUDIES)}}} ...")
    for name in names:
        STUDIES[name]()
