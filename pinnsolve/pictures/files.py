"""Files that pictures and films are written to, asked for before any work is done."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pinnsolve.exports.files import require_writable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILMS = {".gif": "pillow", ".mp4": "ffmpeg", ".webm": "ffmpeg"}  # and what writes them


def require_picture(path: str | Path) -> Path:
    """Where a picture will be written: a name without an ending is given one.

    Raises OSError if it cannot be written, TypeError or ValueError for what is no file's name, or
    of no known kind.
    """
    from matplotlib.figure import Figure

    kinds = Figure().canvas.get_supported_filetypes()
    return _required(path, [f".{kind}" for kind in sorted(kinds)], ".png", "picture")


def require_film(path: str | Path) -> tuple[Path, str]:
    """Where a film will be written, and the name of matplotlib's writer for it.

    Raises as `require_picture`, and OSError where what writes it is not installed.
    """
    from matplotlib.animation import writers

    place = _required(path, FILMS, ".gif", "film")
    writer = FILMS[place.suffix.lower()]
    if not writers.is_available(writer):
        raise OSError(
            f"cannot write {path}: {writer} is not installed; a film that ends in .gif needs"
            " nothing"
        )
    return place, writer


def in_html(figure: Figure, said: str) -> str:
    """A figure within the text of a page, and what is said of it where pictures are not seen."""
    held = BytesIO()
    figure.savefig(held, dpi=70, format="png")
    picture = b64encode(held.getvalue()).decode()
    return f'<img alt="{said}" src="data:image/png;base64,{picture}"/>'


def _required(path: str | Path, kinds: Collection[str], usual: str, what: str) -> Path:
    require_writable(path)
    place = Path(path)
    if not place.suffix:
        return _required(place.with_name(f"{place.name}{usual}"), kinds, usual, what)
    if place.suffix.lower() not in kinds:
        raise ValueError(
            f"cannot draw {path}: the name of a {what} ends in one of {', '.join(kinds)}"
        )
    return place
