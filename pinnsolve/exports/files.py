"""Whether a file can be written, asked before any work is done."""

from __future__ import annotations

import os
from inspect import isclass
from pathlib import Path
from tempfile import TemporaryFile

from pinnsolve.symbols.given import shown


def require_named(path: object) -> None:
    """Raise TypeError for a path that is no file's name, ValueError for an empty one."""
    if not isinstance(path, (str, Path)):
        got = shown(path) if isclass(path) else f"{str(path)[:60]}, {type(path).__name__}"
        raise TypeError(f"path must be a file's name, path='run.st': got {got}")
    if not str(path).strip():
        raise ValueError(f"path must be a file's name, path='run.st': got {path!r}, which is empty")


def require_writable(path: str | Path) -> Path:
    """Where a file will be written.

    Raises OSError if it cannot be: no such folder, a folder itself, no permission; TypeError or
    ValueError for no name.
    """
    require_named(path)
    place = Path(os.path.realpath(path))
    if place.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder; name a file in it")
    if place.exists() and not place.is_file():
        raise OSError(f"cannot write {path}: it is no file, but a device")
    for folder in (Path(path).parent, place.parent):
        if not folder.is_dir():
            raise FileNotFoundError(
                f"cannot write {path}: there is no folder {folder}; make it first"
            )
    if not os.access(place if place.exists() else place.parent, os.W_OK):
        raise PermissionError(f"cannot write {path}: no permission")
    try:
        with TemporaryFile(dir=place.parent):  # some folders say that they can be written to
            return place
    except OSError as error:
        raise OSError(f"cannot write {path}: {error.strerror}") from error
