"""Files: safetensors with a description that is only ever read as data, whole or not at all.

The description says what was solved, in what basis and how, as nodes (`nodes.py`); the digest in
the header is of every byte of the file, itself written as zeros.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from pinnsolve.exports.files import require_named, require_writable

FORMAT = "pinnsolve-3"
# The tensor that holds it: a header has an upper limit.
DESCRIPTION = "description"
# Of a file that is being written.
SUFFIX = ".pinnsolve.tmp"
# In the header: before the digest, and in its place.
FIELD, UNSET = b'"sha256":"', b"0" * 64
# What constructors raise for what they are not made for: all of it is the file's fault.
FAULTS = (
    *(
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        NameError,
        ArithmeticError,
        RuntimeError,
        MemoryError,
    ),
    *(AssertionError, SafetensorError),
)


def write_file(
    path: str | Path, tensors: Mapping[str, Tensor], description: Mapping[str, Any]
) -> None:
    """Write tensors `(...)` by name and a description of plain data, all or nothing: a file that is
    there stays until the new one is whole.

    Raises OSError, with the file's name, if it cannot be written.
    """
    place = require_writable(path)
    text = json.dumps({"format": FORMAT, **description}, allow_nan=False).encode()
    held = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    held[DESCRIPTION] = torch.frombuffer(bytearray(text), dtype=torch.uint8)
    data = bytearray(save(held, {"pinnsolve": FORMAT, "sha256": UNSET.decode()}))
    place_of_digest = data.index(FIELD) + len(FIELD)
    data[place_of_digest : place_of_digest + len(UNSET)] = _digest(data, place_of_digest)
    # In the same folder: only within one file system a file takes the place of another at once.
    temporary = place.with_name(f"{_prefix(place)}{secrets.token_hex(4)}{SUFFIX}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            # On the disk before it takes the place of the other: after a crash one of them is
            # whole.
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            shutil.copymode(place, temporary)
        os.replace(temporary, place)
    except OSError as error:
        raise OSError(error.errno, f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _prefix(place: Path) -> str:
    return f".{place.name[:100]}."


def sweep(path: str | Path) -> None:
    """Remove what writers of this file left that were killed in the midst of it. No other one may
    be writing.
    """
    place = Path(os.path.realpath(path))
    for other in place.parent.iterdir():
        if other.name.startswith(_prefix(place)) and other.name.endswith(SUFFIX):
            other.unlink(missing_ok=True)


def _digest(data: bytes | bytearray, place: int) -> bytes:
    """Of all bytes, those of the digest itself, at `place`, written as zeros."""
    whole = hashlib.sha256(memoryview(data)[:place])
    whole.update(UNSET)
    whole.update(memoryview(data)[place + len(UNSET) :])
    return whole.hexdigest().encode()


def read_file(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors `(...)` by name, and the description.

    Raises OSError if there is no file to read, ValueError if it is none that `write_file` wrote,
    byte by byte.
    """
    require_named(path)
    if Path(path).is_dir():
        raise IsADirectoryError(f"cannot read {path}: it is a folder")
    if not Path(path).is_file():
        raise FileNotFoundError(f"no file {path}")
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise OSError(error.errno, f"cannot read {path}: {error.strerror or error}") from error
    with fault_of(path):
        _require_whole(data)
        tensors = load(data)
        text = tensors.pop(DESCRIPTION).numpy().tobytes()
        description = json.loads(text, parse_constant=_refuse)
        if description["format"] != FORMAT:
            raise ValueError(f"it has format {description['format']}: this version reads {FORMAT}")
    return tensors, description


def _require_whole(data: bytes) -> None:
    """The digest in the header, against that of the bytes."""
    length = int.from_bytes(data[:8], "little")
    header = data[8 : 8 + length]
    if len(header) < length or b'"pinnsolve":' not in header:
        raise ValueError("it holds no pinnsolve solution, or is damaged")
    if FIELD not in header:
        raise ValueError(f"it was written by another version of pinnsolve: this one reads {FORMAT}")
    place = 8 + header.index(FIELD) + len(FIELD)
    if data[place : place + len(UNSET)] != _digest(data, place):
        raise ValueError("it is damaged: its checksum is not that of its contents")


def _refuse(constant: str) -> Any:
    raise ValueError(f"it holds {constant}, which is no number")


@contextmanager
def fault_of(path: str | Path) -> Iterator[None]:
    """Whatever goes wrong inside is a ValueError that names the file."""
    try:
        yield
    except RecursionError as error:
        raise ValueError(f"cannot read {path}: it is nested too deeply") from error
    except FAULTS as error:
        said = (
            f"{type(error).__name__} {error}" if not isinstance(error, ValueError) else str(error)
        )
        raise ValueError(f"cannot read {path}: {said}") from error
