"""The documents: links lead somewhere, decision records have their headings, commits are named so
that they can be found.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
RECORDS = sorted(DECISIONS.glob("[0-9]*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
HEADINGS = ["Context", "Decision", "Consequences", "Evidence"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMITS = re.compile(r"(?<![-\w])commits?((?:[\s,]|and|of|`[^`]*`)+)")


def name(path):
    return path.relative_to(ROOT).as_posix()


def read(path):
    return path.read_text(encoding="utf-8")


def anchors(path):
    """The names by which a browser finds the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", read(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for link in LINK.findall(read(page)):
        if re.match(r"[a-z]+:", link):
            assert link.startswith(("https://", "mailto:")), link
            continue
        place, _, heading = link.partition("#")
        target = page if not place else (page.parent / place).resolve()
        assert target.is_relative_to(ROOT), f"{link} leads out of the project"
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


@pytest.mark.parametrize("record", RECORDS, ids=lambda p: p.stem)
def test_a_decision_has_its_four_headings_and_evidence(record):
    text = read(record)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[:4] == HEADINGS
    assert headings[4:] in ([], ["Tried and lost"])
    assert text.startswith(f"# {record.stem[:4]} ")
    assert len(text.splitlines()) <= 60, "a page"
    evidence = text.split("## Evidence", 1)[1]
    assert any(character.isdigit() for character in COMMITS.sub("", evidence)), (
        "evidence has numbers"
    )


def commits_of(page):
    return [h for named in COMMITS.findall(read(page)) for h in re.findall(r"`([^`]*)`", named)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commits_are_named_by_seven_digits_at_least(page):
    """They are not looked up: a checkout may be shallow."""
    assert all(re.fullmatch(r"[0-9a-f]{7,40}", h) for h in commits_of(page)), commits_of(page)
    assert page not in RECORDS or commits_of(page)


def test_the_index_lists_every_decision_by_its_title():
    listed = dict(
        re.findall(
            r"^\| \[\d{4}\]\(([^)]+)\) \| (.+) \|$", read(DECISIONS / "README.md"), re.MULTILINE
        )
    )
    assert listed == {p.name: read(p).splitlines()[0].split(" ", 2)[2] for p in RECORDS}
    numbers = [p.name[:4] for p in RECORDS]
    # Gaps are those of work that has not landed yet.
    assert len(set(numbers)) == len(numbers)


@pytest.mark.slow
def test_recipes_name_files_and_names_that_are_there():
    text = read(ROOT / "CONTRIBUTING.md")
    paths = re.findall(r"`([\w./-]+/[\w./-]*)`", text)
    assert len(paths) > 10
    assert not [p for p in paths if not (ROOT / p).exists() and "your_basis" not in p]
    source = "\n".join(
        read(p) for p in [*(ROOT / "pinnsolve").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    )
    names = set(re.findall(r"`(_?[A-Z]{4,}|test_\w+)`", text))
    assert {"BASES", "OPERATIONS"} <= names
    assert not [n for n in names - {"OMP_NUM_THREADS"} if not re.search(rf"\b{n}\b", source)]
