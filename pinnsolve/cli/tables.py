"""Tables of numbers in files: a line of names, then a line a point; columns divided by commas, or
by semicolons or tabs, and then perhaps with commas in their numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Style:
    """How a table is written."""

    divider: str = ","
    decimal: str = "."

    def number(self, text: str) -> float:
        """Raises ValueError for what is none."""
        return float(text.replace(self.decimal, "."))

    def text(self, columns: Mapping[str, Sequence[float]]) -> str:
        """A table of columns by name."""
        held = StringIO(newline="")
        writer = csv.writer(held, delimiter=self.divider, lineterminator="\n")
        writer.writerow(columns)
        rows = zip(*columns.values(), strict=True)
        writer.writerows([repr(n).replace(".", self.decimal) for n in row] for row in rows)
        return held.getvalue()


def style_of(text: str) -> Style:
    """As its first line is divided, and its numbers are written."""
    first, _, rest = text.partition("\n")
    divider = next((d for d in ";\t" if d in first), ",")
    return Style(divider, "," if divider != "," and "," in rest else ".")


def table_in(path: Path) -> tuple[dict[str, Any], Style]:
    """Numbers by the names of the first line, and how they were written.

    Raises ValueError that names the file.
    """
    text = path.read_text(encoding="utf-8-sig")
    style = style_of(text)
    names, *rows = list(csv.reader(text.splitlines(), delimiter=style.divider)) or [[]]
    try:
        numbers = [[style.number(value) for value in row] for row in rows if row]
    except ValueError as error:
        raise ValueError(f"{path}: {error}; the first line names the coordinates") from None
    if not numbers or any(len(row) != len(names) for row in numbers):
        raise ValueError(
            f"{path} wants a line of names, {', '.join(names)}, then a line a point; numbers have"
            " points, or commas where columns are divided by semicolons"
        )
    columns = zip(*numbers, strict=True)
    return {name.strip(): list(column) for name, column in zip(names, columns, strict=True)}, style
