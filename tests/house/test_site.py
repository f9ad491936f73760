"""The documentation site: its gallery is of these sources, its reference is whole, it builds without
a warning, and a browser finds no fault with its pages.
"""

from __future__ import annotations

import json
import re
import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest

import pinnsolve
from docs.examples import MADE, examples

ROOT = Path(__file__).parents[2]
EXAMPLES = [e for e in examples() if e.result.exists()]
LACKS = [
    name for name in ("sphinx", "myst_parser", "furo", "playwright") if find_spec(name) is None
]
BUILDS = pytest.mark.skipif(bool(LACKS), reason=f"the docs extra is not installed: {LACKS}")


def told(example):
    return json.loads(example.result.read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_an_example_has_results_of_its_source(example):
    """If not: `python -m docs.run`."""
    held = told(example)
    assert held["source"] == example.source
    assert len(held["said"]) == len(example.cells)
    assert held["seconds"] < 60
    if example.kind != "tutorials":  # of which some have none
        assert example.picture.stat().st_size <= 40_000


def test_the_gallery_is_large_and_its_files_are_small():
    assert len({e.name for e in EXAMPLES}) == len(EXAMPLES) >= 40
    assert sum(p.stat().st_size for p in MADE.glob("*.webp")) < 2e6
    made = {p.stem for p in MADE.iterdir()}
    assert made == {e.name for e in EXAMPLES}
    assert sum(told(e).get("error") is not None for e in EXAMPLES) >= 40


def test_the_reference_has_every_public_name_once():
    pages = (ROOT / "docs" / "site" / "api").glob("*.md")
    text = "\n".join(p.read_text(encoding="utf-8") for p in pages)
    listed = re.findall(r"^\.\. auto\w+:: pinnsolve\.(\w+)$", text, re.MULTILINE)
    assert sorted(listed) == sorted(pinnsolve.__all__)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site in its quick form. What Sphinx warns of ends the build."""
    from docs.build import build

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Sphinx's parts about each other
        return build("quick", tmp_path_factory.mktemp("site"))


@BUILDS
@pytest.mark.slow
@pytest.mark.xdist_group("site")
def test_the_site_builds_and_formulas_are_mathml(site):
    assert "<math" in (site / "concepts" / "basis.html").read_text(encoding="utf-8")
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"""<(?:script|link|img)[^>]*(?:src|href)=["'](?:https?:)?//""", text)


@BUILDS
@pytest.mark.slow
@pytest.mark.xdist_group("site")
def test_a_browser_finds_no_fault(site):
    from docs.browse import browser_here, faults_of, search

    if browser_here() is None:
        pytest.skip("no Chromium is installed")
    assert faults_of(site) == []
    assert search(site, "eigenvalue") > 3
    assert search(site, "nonsensical") == 0


BAD = """<!doctype html><meta charset="utf-8"><div style="width: 500px" id="a">wide</div>
<img src="gone.png"><a href="gone.html">x</a><a href="#b">y</a><script>throw Error("no")</script>"""


@BUILDS
@pytest.mark.slow
def test_a_browser_sees_faults(tmp_path):
    from docs.browse import browser_here, faults_of

    if browser_here() is None:
        pytest.skip("no Chromium is installed")
    (tmp_path / "bad.html").write_text(BAD, encoding="utf-8")
    found = "\n".join(faults_of(tmp_path))
    for fault in ("pixels wide", "picture missing", "gone.html", "#b", "script: no"):
        assert fault in found
