"""Curves as users give them: formulas and an interval of their parameter, checked and written."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from sympy import Expr, Symbol

from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.path import Path
from pinnsolve.symbols.given import are_symbols, by_symbol, formula_of, is_text, parts_of, shown
from pinnsolve.symbols.written import number, written

# Points by which it is seen whether a curve crosses itself: thin tips that these cut are looked at
# with more of them
FINER = (4096, 32_768, 262_144)


def path_of(what: str, example: str, formulas: Any, parameter: Any) -> Path:
    """The curve of these formulas. Raises TypeError or ValueError with an example of what to
    write.
    """
    held, interval = by_symbol(formulas), parts_of(parameter)
    if not held or any(is_text(f) or formula_of(f) is None for f in held.values()):
        raise TypeError(
            f"{what} wants a formula for each coordinate, {example}: got {shown(formulas)}"
        )
    if interval is None or len(interval) != 3 or not are_symbols(interval[:1]):
        raise TypeError(
            f"{what} wants its parameter with two ends, {example}: got {shown(parameter)}"
        )
    symbol, low, high = interval[0], *(number(v, f"end of {interval[0]}") for v in interval[1:])
    if not low < high:
        raise ValueError(
            f"{symbol} in [{low}, {high}]: {what} wants its lower end first, {example}"
        )
    own: dict[Symbol, Expr] = {c: formula_of(f) for c, f in held.items()}
    for c, f in own.items():
        if f.free_symbols - {symbol}:
            others = ", ".join(sorted(map(str, f.free_symbols - {symbol})))
            raise ValueError(
                f"{what} has formulas of its parameter {symbol} alone, {example}: {c} = {f} names"
                f" {others}"
            )
    path = Path(own, symbol, low, high)
    _require_length(what, path)
    return path


def _require_length(what: str, path: Path) -> None:
    x = path.places
    if not np.isfinite(x).all():
        k = int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])
        raise ValueError(f"{what} is not finite at {path.symbol}={path.samples[k]:.6g}")
    if not np.ptp(x, axis=0).max() > 0:
        raise ValueError(f"{what} has zero length: all of it is one point")


def require_closed(path: Path) -> None:
    """Raise ValueError unless a curve ends where it begins."""
    (first, last), sides = path.places[[0, -1]], np.ptp(path.places, axis=0)
    if (np.abs(first - last) > CLOSE * sides).any():
        begins, ends = (", ".join(f"{v:.6g}" for v in p) for p in (first, last))
        raise ValueError(
            f"the curve is not closed: it begins at ({begins}) and ends at ({ends}); Arc(...) is an"
            " open one"
        )


def require_simple(path: Path) -> None:
    """Raise ValueError for a closed curve that crosses or touches itself, or encloses nothing."""
    (width, height), where = np.ptp(path.places, axis=0), ""
    for many in FINER:
        s = path.samples if many == FINER[0] else np.linspace(*path.ends, many + 1)
        shape = shapely.Polygon(path(s)[0][:-1])
        if shape.is_valid and shape.area > CLOSE * width * height:
            return
        where = shapely.is_valid_reason(shape)
    if "[" not in where:
        raise ValueError("the curve encloses no area")
    size = max(width, height)
    place = [float(v) for v in where[where.find("[") + 1 : where.find("]")].split()]
    at = ", ".join(f"{round(v / size, 9) * size + 0.0:.6g}" for v in place)
    raise ValueError(
        f"the curve crosses or touches itself at ({at}): a region is bounded by one that passes"
        " each of its points once"
    )


def written_path(path: Path) -> str:
    """`x=cos(s), y=sin(s); s: [0, 2*pi]`."""
    formulas = ", ".join(f"{c}={f}" for c, f in path.formulas.items())
    return f"{formulas}; {path.symbol}: [{written(path.low)}, {written(path.high)}]"
