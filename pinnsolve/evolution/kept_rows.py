"""Rows of numbers that may outgrow the memory: the states of a long path."""

from __future__ import annotations

import os
import shutil
import weakref
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile, gettempdir
from typing import IO, cast

import numpy as np
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.fields.arrays import array_of, tensor_of


@dataclass(frozen=True)
class Keeping:
    """Where rows are kept."""

    # Bytes that stay in memory; more of them go to a file
    memory: int = 2**26


KEEPING = Keeping()


def _file() -> IO[bytes]:
    return cast(IO[bytes], SpooledTemporaryFile(max_size=KEEPING.memory))


@dataclass(frozen=True, eq=False)
class KeptRows:
    """Rows `(columns,)` of float64, one after another, given back like another tensor.

    More than some megabytes of them lie in a file without a name, in the folder of temporary files
    (`TMPDIR`), which is gone when nobody needs it any more.

    >>> import torch
    >>> rows = KeptRows(2)
    >>> rows.append(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    >>> len(rows), rows[1].tolist(), tuple(rows.whole().shape)
    (2, [3.0, 4.0], (2, 2))
    """

    columns: int
    like: Tensor = DOUBLE
    file: IO[bytes] = field(default_factory=_file, repr=False)

    def __post_init__(self) -> None:
        weakref.finalize(self, self.file.close)

    def __len__(self) -> int:
        self.file.seek(0, os.SEEK_END)
        return self.file.tell() // self._bytes

    def __getitem__(self, k: int) -> Tensor:
        """Row number k, `(columns,)`."""
        self.file.seek(k * self._bytes)
        return self._tensor(bytearray(self.file.read(self._bytes)))[0]

    @property
    def _bytes(self) -> int:
        return 8 * self.columns

    def append(self, rows: Tensor) -> None:
        """One more `(columns,)`, or several `(n, columns)`."""
        self.file.seek(0, os.SEEK_END)
        self.file.write(array_of(rows).tobytes())

    def whole(self) -> Tensor:
        """All of them, `(n, columns)`; what lies in the file is read as it is asked for."""
        count = len(self)
        self.file.flush()
        if count * self._bytes > KEEPING.memory:
            mapped = np.memmap(self.file, np.float64, "r+", shape=(count, self.columns))
            return tensor_of(mapped, self.like)
        self.file.seek(0)
        return self._tensor(bytearray(self.file.read()))

    def _tensor(self, held: bytearray) -> Tensor:
        return tensor_of(np.frombuffer(held).reshape(-1, self.columns), self.like)


def rows_on_disk(columns: int) -> float:
    """How many rows the folder of temporary files has room for."""
    return shutil.disk_usage(gettempdir()).free / (8.0 * columns)
