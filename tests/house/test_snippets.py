"""What the site's pages tell to write runs, and gives the numbers that stand beside it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

SITE = Path(__file__).parents[2] / "docs" / "site"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOLD = re.compile(r"  # (True|False|-?\d[\d.]*)$")


def blocks(text: str) -> list[str]:
    return BLOCK.findall(text)


def parts() -> dict[str, list[str]]:
    """Blocks that run one after the other: those of a page; of the page of problems, those of each
    kind, after the lines that all begin with.
    """
    found = {}
    for path in sorted(SITE.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(SITE).with_suffix("").as_posix()
        first, *kinds = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
        if name == "problems":
            pairs = zip(kinds[::2], kinds[1::2], strict=True)
            found |= {kind: [*blocks(first), *blocks(own)] for kind, own in pairs}
        elif blocks(text):
            found[name] = blocks(text)
    return found


PARTS = parts()


def run(block: str, space: dict[str, Any]) -> int:
    """Run a block; how many numbers it tells."""
    checked = 0
    lines = block.splitlines()
    for statement in ast.parse(block).body:
        code = ast.unparse(statement)
        told = TOLD.search(lines[statement.end_lineno - 1])
        if told is None or not isinstance(statement, ast.Expr):
            exec(code, space)
            continue
        value, said = eval(code, space), told.group(1)
        digits = len(said.partition(".")[2])
        expected = float(said == "True") if said.isalpha() else float(said)
        assert abs(float(value) - expected) < 0.7 * 10.0**-digits, f"{code}: {value}"
        checked += 1
    return checked


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_what_is_told_to_write_runs(part, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    assert sum(run(block, space) for block in PARTS[part]) or part == "concepts/box"


def test_a_wrong_number_is_seen():
    assert run("1 / 3  # 0.333\n", {}) == 1
    with pytest.raises(AssertionError, match="1 / 3"):
        run("1 / 3  # 0.335\n", {})


def test_there_are_forty_kinds():
    kinds = re.findall(r"^### ", (SITE / "problems.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(kinds) >= 40
