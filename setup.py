"""The README as a package index shows it; all else is in setup.cfg.

There relative links lead nowhere. They become absolute, once `project_urls` of setup.cfg has a
`Source`; until then links are words, and pictures are left out.
"""

import re
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
LINK = re.compile(r"(!?)\[([^\]]+)\]\((?!https?:|mailto:|#)([^)\s]+)\)")


def source():
    """Where the repository is, or None."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    urls = settings.get("metadata", "project_urls", fallback="")
    return dict(re.findall(r"^(\w+)\s*=\s*(\S+)$", urls, re.MULTILINE)).get("Source")


def for_index(text, address):
    """A page without relative links."""

    def link(found):
        picture, words, place = found.groups()
        if address:
            return f"{picture}[{words}]({address}/{'raw' if picture else 'blob'}/main/{place})"
        return "" if picture else words

    return LINK.sub(link, text)


if __name__ == "__main__":
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    setup(
        long_description=for_index(readme, source()), long_description_content_type="text/markdown"
    )
