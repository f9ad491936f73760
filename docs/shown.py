"""Pages of examples, as markdown: words, code, what was printed, the picture, the numbers."""

from __future__ import annotations

import json
from typing import Any

from click import Context

from docs.examples import KINDS, Example
from pinnsolve.cli.main import commands as cli


def made(example: Example) -> dict[str, Any]:
    """What came of it, empty if it has not run yet."""
    if not example.result.exists():
        return {}
    held: dict[str, Any] = json.loads(example.result.read_text(encoding="utf-8"))
    return held


def _figure(value: Any) -> str:
    if value is None:
        return "not known"
    return f"{value:.1e}" if isinstance(value, float) else str(value)


def numbers(told: dict[str, Any]) -> str:
    """A table of one row."""
    names = {
        "error": "measured error",
        "estimate": "estimate",
        "stopped": "stopped",
        "functions": "functions",
    }
    row = {words: _figure(told[name]) for name, words in names.items() if name in told}
    row["CPU seconds"] = f"{told['seconds']:.1f}"
    lines = [" | ".join(row), " | ".join("---" for _ in row), " | ".join(row.values())]
    return "\n".join(f"| {line} |" for line in lines)


def page(example: Example) -> str:
    """The page of an example."""
    told = made(example)
    picture = f"![{example.title}]({example.picture.name})" if example.picture.exists() else ""
    said = told.get("said", [""] * len(example.cells))
    first, *rest = zip(example.cells, said, strict=True)
    parts = [f"# {example.title}", first[0].text]
    parts += [picture, numbers(told) if told else "*Not run yet.*"]
    for cell, printed in rest:
        parts.append(f"```python\n{cell.text}\n```" if cell.runs else cell.text)
        parts.append(f"```text\n{printed.rstrip()}\n```" if printed.strip() else "")
    if example.declared:
        parts.append("The problem is declared so, in the catalogue:")
        parts.append(f"```python\n{example.declared}```")
    if told and told["source"] != example.source:
        parts.append("*Picture and numbers are of an earlier form of this example.*")
    return "\n\n".join(filter(None, parts)) + "\n"


def commands() -> str:
    """What every command says of itself."""
    parts = []
    for name, command in sorted(cli.commands.items()):
        context = Context(command, info_name=f"pinnsolve {name}", max_content_width=72)
        parts.append(f"### {name}\n\n```text\n{command.get_help(context)}\n```")
    return "\n\n".join(parts)


def _contents(names: list[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])


def gallery(shown: list[Example]) -> str:
    """Pictures of all, by kind."""
    parts = [
        "# Gallery",
        "Each example ran as it stands, on one thread of one core: the picture, what was printed,"
        " the error and the seconds are what came of it. Errors are relative, in the root mean"
        " square, against a formula or an independent reference, where there is one; else the page"
        " says what was compared.",
    ]
    for kind, words in KINDS.items():
        own = [e for e in shown if e.kind == kind and kind != "tutorials"]
        if own:
            cards = [
                f"[![{e.title}]({e.picture.name}) {e.title}]({e.name}.md)"
                for e in own
                if e.picture.exists()
            ]
            parts.append(f"## {words}")
            parts += ["\n\n".join(["```{container} gallery", *cards, "```"])] if cards else []
            parts.append(_contents([e.name for e in own]))
    return "\n\n".join(parts) + "\n"


def tutorials(shown: list[Example]) -> str:
    """The list of tutorials."""
    own = [e for e in shown if e.kind == "tutorials"]
    lines = [f"- [{e.name[:2]} {e.title}]({e.name}.md)" for e in own]
    parts = [
        "# Tutorials",
        "Plain scripts, in order. Each asserts its own errors, and the test suite runs it.",
        "\n".join(lines),
        _contents([e.name for e in own]),
    ]
    return "\n\n".join(parts) + "\n"
