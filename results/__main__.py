"""`python -m results accuracy`."""

import sys
from collections.abc import Callable

from results import accuracy

STUDIES: dict[str, Callable[[], None]] = {"accuracy": accuracy.run}

if __name__ == "__main__":
    names = sys.argv[1:]
    if not names or not set(names) <= set(STUDIES):
        sys.exit(f"usage: python -m results {{{'|'.join(STUDIES)}}} ...")
    for name in names:
        STUDIES[name]()
