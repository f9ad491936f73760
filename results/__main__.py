"""`python -m results NAME ...`: each study of this folder, by its name."""

import sys
from collections.abc import Callable

from results import (
    accuracy,
    adaptive,
    blind,
    box,
    cavity,
    deep,
    hard,
    hostile,
    layer_parallel,
    lsgd_report,
    nonlinear,
    peers,
    quick,
    speed,
)

STUDIES: dict[str, Callable[[], None]] = {
    "accuracy": accuracy.run,
    "blind": blind.run,
    "peers": peers.run,
    "adaptive": adaptive.run,
    "box": box.run,
    "cavity": cavity.run,
    "deep": deep.run,
    "hard": hard.run,
    "hostile": hostile.run,
    "speed": speed.run,
    "quick": quick.run,
    "nonlinear": nonlinear.run,
    "layers": layer_parallel.run,
    "lsgd": lsgd_report.run,
}

if __name__ == "__main__":
    names = sys.argv[1:]
    if not names or not set(names) <= set(STUDIES):
        sys.exit(f"usage: python -m results {{{'|'.join(STUDIES)}}} ...")
    for name in names:
        STUDIES[name]()
