"""Build the site: `python -m docs.build`; `quick` leaves out measurements and notes for developers,
`serve` opens it at http://localhost:8000.

Pages of `docs/site`, the documents of the repository, and one page an example are laid into
`build/site/source`, with links that fit their places there; Sphinx makes `build/site/html` of them.
Nothing is executed: results of examples are those that `python -m docs.run` wrote.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sphinx.cmd.build import build_main

from docs.examples import ROOT, examples
from docs.shown import commands, gallery, page, tutorials
from pinnsolve.version import VERSION

BUILT = ROOT / "build" / "site"
LISTS = re.compile(r"```\{toctree\}\n:glob:.*?```", re.DOTALL)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def documents(kind: str) -> dict[Path, str]:
    """The documents of the repository, each with its place on the site."""
    site = ROOT / "docs" / "site"
    placed = {p: p.relative_to(site).as_posix() for p in site.rglob("*.md")}
    placed |= {ROOT / "CHANGELOG.md": "changelog.md"}
    if kind != "quick":
        placed |= {p: f"results/{p.name}" for p in (ROOT / "results").glob("*.md")}
        placed |= {p: f"results/{p.name}" for p in (ROOT / "results").glob("*.png")}
        developers = [ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
        placed |= {p: f"developers/{p.name.lower()}" for p in developers}
        decisions = (ROOT / "docs" / "decisions").glob("*.md")
        placed |= {p: f"developers/decisions/{p.name.lower()}" for p in decisions}
    tutorials = (ROOT / "tutorials").glob("*.py")
    return placed | {p: f"tutorials/{p.stem}.md" for p in tutorials}


def moved(text: str, source: Path, placed: dict[Path, str]) -> str:
    """A document's links, as they are where it is placed: what is not on the site is no link."""

    def link(found: re.Match[str]) -> str:
        shown, words, target = found.groups()
        place, _, anchor = target.partition("#")
        if not place or re.match(r"[a-z]+:", target):
            return found.group()
        goal = (source.parent / place).resolve()
        goal = goal / "README.md" if goal.is_dir() else goal
        if goal not in placed:
            return "" if shown else words
        here = Path(placed[source]).parent
        there = Path(os.path.relpath(placed[goal], here)).as_posix()
        return f"{shown}[{words}]({there}{'#' if anchor else ''}{anchor})"

    return LINK.sub(link, text)


def lay(source: Path, kind: str) -> None:
    """Lay all pages."""
    placed = documents(kind)
    for path, place in placed.items():
        target = source / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            text = moved(path.read_text(encoding="utf-8"), path, placed)
            text = LISTS.sub("", text) if kind == "quick" else text  # of pages that are left out
            text = text.replace("PINNSOLVE_VERSION", VERSION)
            target.write_text(text.replace("EVERY_COMMAND", commands()), encoding="utf-8")
        elif path.suffix == ".png":
            shutil.copy(path, target)
    shown = examples()
    for example in shown:
        folder = source / ("tutorials" if example.kind == "tutorials" else "gallery")
        folder.mkdir(exist_ok=True)
        (folder / f"{example.name}.md").write_text(page(example), encoding="utf-8")
        if example.picture.exists():
            shutil.copy(example.picture, folder)
    (source / "gallery" / "index.md").write_text(gallery(shown), encoding="utf-8")
    (source / "tutorials" / "index.md").write_text(tutorials(shown), encoding="utf-8")


def build(kind: str = "whole", built: Path = BUILT) -> Path:
    """The folder of the built pages. Raises SystemExit, if Sphinx has a warning."""
    source, html = built / "source", built / "html"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    lay(source, kind)
    settings = ["-c", str(ROOT / "docs"), "-d", str(built / "trees"), "-q", "-W", "--keep-going"]
    if build_main(["-b", "html", *settings, str(source), str(html)]):
        raise SystemExit("the site has faults, which are named above")
    return html


def serve(html: Path) -> None:
    """Until Ctrl-C."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(html))
    print("http://localhost:8000")
    with ThreadingHTTPServer(("localhost", 8000), handler) as server, suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    made = build("quick" if "quick" in sys.argv else "whole")
    print(made / "index.html")
    if "serve" in sys.argv:
        serve(made)
