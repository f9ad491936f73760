"""Run the examples of the gallery: `python -m docs.run` those whose source changed, `python -m
docs.run NAME ...` these, `python -m docs.run all` all of them, before a release for instance.

Writes, for each, a picture and a file of numbers into `docs/gallery/made`: what was printed, the
error, the estimate, CPU seconds on one thread.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps

from docs.examples import MADE, Example, examples
from pinnsolve.version import VERSION

# Shares of the width, and qualities, until a picture is small enough: maps of errors are noise
SMALLER = ((1, 85), (1, 70), (1, 55), (0.9, 55), (0.8, 50), (0.7, 50), (0.6, 40), (0.5, 40))
WIDEST = 1100  # pixels of a picture
LARGEST = 40_000  # bytes of it


@contextmanager
def inside(folder: str) -> Iterator[None]:
    """Work in a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def shrunk(picture: Path) -> bytes:
    """A picture with a narrow rim, with as many pixels as the largest file allows."""
    image = Image.open(picture).convert("RGB")
    image = ImageOps.expand(image.crop(ImageOps.invert(image).getbbox()), 20, "white")
    width, held = min(image.width, WIDEST), b""
    for share, quality in SMALLER:
        size = (round(width * share), round(image.height * width * share / image.width))
        out = BytesIO()
        image.resize(size, Image.Resampling.LANCZOS).save(out, "WEBP", quality=quality, method=6)
        held = out.getvalue()
        if len(held) <= LARGEST:
            break
    return held


def judged(space: dict[str, Any]) -> dict[str, Any]:
    """What is known of the last solution: its error, as far as anybody knows it."""
    solution = space.get("solution")
    told: dict[str, Any] = {}
    if hasattr(solution, "estimate"):
        known = solution.problem.exact is not None or solution.problem.reference is not None
        told = {
            "error": float(solution.error()) if known else None,
            "estimate": float(solution.estimate),
            "stopped": str(solution.stopped),
            "functions": solution.field.functions,
        }
    return {**told, "error": float(space["error"])} if _is_number(space.get("error")) else told


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def run(example: Example) -> None:
    """Run it in a folder of its own, and write what came of it."""
    space: dict[str, Any] = {"__name__": example.name}
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder, inside(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begin = time.process_time()
        for cell in example.cells:
            out = StringIO()
            if cell.runs:
                with redirect_stdout(out):
                    exec(compile(cell.text, example.name, "exec"), space)
            said.append(out.getvalue())
        seconds = time.process_time() - begin
        if not (pictures := sorted(Path(folder).glob("*.png"))) and "solution" in space:
            space["solution"].plot("last.png")
            pictures = [Path(folder) / "last.png"]
        if pictures:
            example.picture.write_bytes(shrunk(pictures[0]))
        told = {
            "source": example.source,
            "version": VERSION,
            "seconds": round(seconds, 2),
            "said": said,
            **judged(space),
        }
    example.result.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"{example.name}: {seconds:.1f} s, error {told.get('error')}", flush=True)


def fresh(example: Example) -> bool:
    """Whether what was made is of this source."""
    if not example.result.exists():
        return False
    held = json.loads(example.result.read_text(encoding="utf-8"))
    return bool(held["source"] == example.source)


def main(names: list[str]) -> int:
    """How many failed."""
    torch.set_num_threads(1)
    MADE.mkdir(exist_ok=True)
    wanted = [
        e for e in examples() if e.name in names or names == ["all"] or not (names or fresh(e))
    ]
    failed = 0
    for example in wanted:
        try:
            run(example)
        except Exception:
            failed += 1
            print(f"{example.name} failed", file=sys.stderr)
            traceback.print_exc()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
