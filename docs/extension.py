"""What the site adds to Sphinx.

Formulas become MathML, which browsers draw by themselves: no script and no font is needed. Bars in
docstrings are sizes, `|u|`, and no references.
"""

from __future__ import annotations

import re
from typing import Any

from docutils.nodes import Element, SkipNode
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def inline(page: HTML5Translator, node: Element) -> None:
    """A formula within a line."""
    page.body.append(tex2mathml(node.astext()))
    raise SkipNode


def block(page: HTML5Translator, node: Element) -> None:
    """A formula on lines of its own, which scrolls where it is too wide."""
    page.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode


def plain_bars(
    app: Sphinx, what: str, name: str, held: Any, options: Any, lines: list[str]
) -> None:
    """Escape bars outside of backticks and examples."""
    text = "\n".join(lines)
    parts = re.split(r"(`[^`]*`|^>>>.*(?:\n.+)*)", text, flags=re.MULTILINE)
    parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
    lines[:] = "".join(parts).split("\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of it."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("autodoc-process-docstring", plain_bars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
