"""Open every page of the built site in a browser: `python -m docs.browse`.

Asked of each, at the width of a phone: no error in the console, nothing fetched from elsewhere, no
picture missing, no link that leads nowhere, nothing wider than the screen.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag

from playwright.sync_api import Browser, Page, sync_playwright

from docs.build import BUILT

PHONE = 390  # pixels
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
SEEN = """() => ({
    width: document.documentElement.scrollWidth,
    links: [...document.querySelectorAll('a[href]')].map(a => a.href),
    broken: [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src),
    anchors: [...document.querySelectorAll('[id]')].map(e => e.id),
})"""


def browser_here() -> str | None:
    """Where a browser is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass(frozen=True)
class Visit:
    """What a page showed."""

    faults: list[str]
    links: list[str]
    anchors: frozenset[str]


def visit(page: Page, path: Path) -> Visit:
    """Open a page, and look at it."""
    faults: list[str] = []

    def heard(kind: str, text: str) -> None:
        faults.append(f"{kind}: {text}")

    page.on("console", lambda said: said.type == "error" and heard("console", said.text))
    page.on("pageerror", lambda error: heard("script", str(error)))
    page.on("request", lambda r: r.url.startswith("http") and heard("fetched", r.url))
    page.goto(path.as_uri(), wait_until="load")
    seen = page.evaluate(SEEN)
    if seen["width"] > PHONE:
        faults.append(f"{seen['width']} pixels wide")
    faults += [f"picture missing: {source}" for source in seen["broken"]]
    return Visit(faults, seen["links"], frozenset(seen["anchors"]))


def _visits(browser: Browser, pages: list[Path]) -> dict[Path, Visit]:
    found = {}
    for path in pages:
        page = browser.new_page(viewport={"width": PHONE, "height": 844})
        found[path] = visit(page, path)
        page.close()
    return found


def faults_of(html: Path) -> list[str]:
    """What is wrong with the site, a line each."""
    pages = [p.resolve() for p in sorted(html.rglob("*.html"))]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_here(), args=FLAGS)
        visits = _visits(browser, pages)
        browser.close()
    told = []
    for path, seen in visits.items():
        lost = {link for link in seen.links if not _leads(link, visits)}
        faults = [*seen.faults, *(f"leads nowhere: {link}" for link in sorted(lost))]
        told += [f"{path.relative_to(html.resolve())}: {fault}" for fault in faults]
    return told


def search(html: Path, word: str) -> int:
    """How many pages the site's search finds."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_here(), args=FLAGS)
        page = browser.new_page()
        page.goto(f"{(html / 'search.html').resolve().as_uri()}?q={word}")
        page.wait_for_selector("#search-results p:text-matches('found|did not match')")
        found = page.locator("#search-results li").count()
        browser.close()
    return found


def _leads(link: str, visits: dict[Path, Visit]) -> bool:
    """Whether a link within the site has a goal."""
    if not link.startswith("file:"):
        return link.startswith(("https:", "mailto:"))
    place, anchor = urldefrag(link)
    goal = Path(unquote(place.removeprefix("file://").partition("?")[0]))
    if goal not in visits:
        return goal.exists()
    return not anchor or unquote(anchor) in visits[goal].anchors


if __name__ == "__main__":
    wrong = faults_of(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT / "html")
    print("\n".join(wrong) or "no faults")
    sys.exit(bool(wrong))
