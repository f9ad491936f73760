"""Safetensors files with a JSON description that is only ever read as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from pinnsolve.basis.corners import Corner, CornerFunctions
from pinnsolve.basis.evolving import Evolving
from pinnsolve.basis.finite_elements import FiniteElements
from pinnsolve.basis.initialize import BoxPlanes, Glorot, Graded, Harmonics, He, Sparse, Uniform, UnitVariance, Waves
from pinnsolve.basis.lifted import Level, Lifted
from pinnsolve.basis.networks import Dense, ResNet, Sum
from pinnsolve.basis.rotated import Rotated
from pinnsolve.basis.separable import LowRank
from pinnsolve.basis.slabs import Slabs
from pinnsolve.basis.stretch import Stretched
from pinnsolve.basis.tensor import TensorProduct

FORMAT = "pinnsolve-1"
# The only types that a file can name: loading looks names up here and calls nothing else.
KNOWN: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        *(
            Dense,
            ResNet,
            Sum,
            Stretched,
            Rotated,
            Lifted,
            Level,
            LowRank,
            CornerFunctions,
            Corner,
            TensorProduct,
            FiniteElements,
            Evolving,
            Slabs,
        ),
        *(BoxPlanes, Waves, Harmonics, Graded, Sparse, He, Glorot, Uniform, UnitVariance),
    )
}


def write_file(path: str | Path, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> None:
    """Write tensors and a description of plain data."""
    text = json.dumps({"format": FORMAT, **description})
    save_file({k: v.detach().contiguous() for k, v in tensors.items()}, path, {"pinnsolve": text})


def read_file(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and description. Raises FileNotFoundError, or ValueError if the file was not written by `write_file`."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"no file {path}")
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        tensors = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118  not a dict
    if "pinnsolve" not in metadata:
        raise ValueError(f"{path} holds no pinnsolve solution")
    description = json.loads(metadata["pinnsolve"])
    if description.get("format") != FORMAT:
        raise ValueError(f"{path} has format {description.get('format')}: this version reads {FORMAT}")
    return tensors, description


def encode(value: Any) -> Any:
    """A declared basis as plain data. Raises ValueError for parts that are not pinnsolve's own."""
    if type(value).__name__ in KNOWN and is_dataclass(value):
        held = {f.name: encode(getattr(value, f.name)) for f in fields(value) if f.name != "propagate"}
        return {"type": type(value).__name__, **held}
    if isinstance(value, Mapping):
        return {"mapping": {str(k): float(v) for k, v in value.items()}}
    if isinstance(value, tuple):
        return {"tuple": [encode(v) for v in value]}
    if value is None or isinstance(value, (int, float, str)):
        return value
    raise ValueError(f"cannot save a basis with {value!r}: only networks with pinnsolve's own initializers go into a file")


def decode(value: Any) -> Any:
    """The declared basis that was encoded. Raises ValueError for unknown types."""
    if not isinstance(value, dict):
        return value
    if "mapping" in value:
        return dict(value["mapping"])
    if "tuple" in value:
        return tuple(decode(v) for v in value["tuple"])
    if value.get("type") not in KNOWN:
        raise ValueError(f"the file names an unknown type of basis: {value.get('type')}")
    return KNOWN[value["type"]](**{k: decode(v) for k, v in value.items() if k != "type"})
