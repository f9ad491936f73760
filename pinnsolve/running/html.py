"""Tables for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(names: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table in HTML, its cells as text."""
    head = _row("th", names)
    body = "".join(_row("td", row) for row in rows)
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


class Report(str):
    """Lines of text, each a word and what is said of it, which a notebook shows as tables: the
    first line heads the first, and an empty one ends it.
    """

    def _repr_html_(self) -> str:
        first, *others = self.split("\n\n")
        head, *rows = (line.split(None, 1) for line in first.splitlines())
        rest = [[line.split(None, 1) for line in other.splitlines()] for other in others]
        return table(head, rows) + "".join(table((), each) for each in rest)


def _row(cell: str, values: Iterable[object]) -> str:
    return "<tr>" + "".join(f"<{cell}>{escape(str(v))}</{cell}>" for v in values) + "</tr>"
