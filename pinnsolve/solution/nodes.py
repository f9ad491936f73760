"""Objects as a list of nodes, each a kind and its parts: plain data, in which what occurs twice is
written once.

A part is a plain scalar, or `[k]`: node number k, one of those before. Arrays go beside, under the
digest of what they hold. So the nodes of two problems are equal if and only if the problems say the
same.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from sympy import Basic
from sympy.matrices.matrixbase import MatrixBase
from torch import Tensor

from pinnsolve.basis.trained import Trained
from pinnsolve.declare.problem import Problem
from pinnsolve.fields.building import box_of
from pinnsolve.search.resume import Begun
from pinnsolve.solution.expressions import KINDS, put_together, taken_apart
from pinnsolve.solution.limits import FILE_LIMITS
from pinnsolve.solution.parts import FUNCTIONS, PARTS, held_fields, made
from pinnsolve.solution.shapes import restored, restored_field

Node = list[Any]
Arrays = dict[str, Tensor]
# The kind of node that names one of the arrays beside.
ARRAY = "array"
# Two of them are two, though they be alike.
_ONE_EACH = ("Dummy", "Data")


def packed(root: Any) -> tuple[list[Node], Arrays]:
    """The nodes of an object, itself last, and its arrays. Raises ValueError for parts that are not
    pinnsolve's own.
    """
    nodes: list[Node] = []
    arrays: Arrays = {}
    # Of objects, by identity: where they are shared, they are looked at once.
    places: dict[int, int] = {}
    equal: dict[str, int] = {}  # and of nodes, by what they say
    # Holds the objects too: an identity is that of a living one.
    apart: dict[int, tuple[Any, str, list[Any]]] = {}
    waiting = [root]
    while waiting:
        value = waiting[-1]
        if id(value) in places:
            waiting.pop()
            continue
        if id(value) not in apart:
            kind, parts = _apart(value, arrays)
            apart[id(value)] = value, kind, list(parts)
        _, kind, parts = apart[id(value)]
        # With a stack of its own: an expression may be nested more deeply than Python recurses.
        missing = [p for p in parts if not _is_plain(p) and id(p) not in places]
        if missing:
            _require_finite(waiting, missing)
            waiting += reversed(missing)
            continue
        node = [kind, *(_plain(p) if _is_plain(p) else [places[id(p)]] for p in parts)]
        text = json.dumps(node) if kind not in _ONE_EACH else f"{kind} {len(nodes)}"
        if text not in equal:
            equal[text] = len(nodes)
            nodes.append(node)
        places[id(value)] = equal[text]
        waiting.pop()
    return nodes, arrays


def _require_finite(waiting: Sequence[Any], missing: Sequence[Any]) -> None:
    if len(waiting) > FILE_LIMITS.parts:
        kind, most = type(missing[0]).__name__, FILE_LIMITS.parts
        raise ValueError(f"cannot save {kind}: it is made of more than {most} parts")


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, np.generic))


def _plain(value: Any) -> Any:
    """A scalar that JSON has; the numbers that it lacks are written as words."""
    value = value.item() if isinstance(value, np.generic) else value
    words = value != value or value in (math.inf, -math.inf)  # noqa: PLR0124  of nan
    return {"number": str(value)} if words else value


Apart = tuple[str, Sequence[Any]]  # kind and parts of one object


def _apart(value: Any, arrays: Arrays) -> Apart:
    node = _held(value)
    if node is None:
        raise ValueError(
            f"cannot save a basis with {value!r}, or a problem or method with it: files hold only"
            " what pinnsolve has itself, and expressions of the functions that it knows"
        )
    kind, parts = node
    return node if kind != ARRAY else (kind, (_stored(parts[0], arrays),))


@singledispatch
def _held(value: Any) -> Apart | None:
    """Kind and parts of an object; None for what has no place in a file."""
    kind = type(value).__name__
    if type(value) in (tuple, list):
        return kind, value
    if PARTS.get(kind) is type(value):
        return kind, _pairs(held_fields(value))
    called = str(getattr(value, "__name__", None))
    return ("function", (called,)) if FUNCTIONS.get(called) is value else None


_held.register(Basic, taken_apart)
_held.register(MatrixBase, taken_apart)


@_held.register(Mapping)
def _(value: Mapping[Any, Any]) -> Apart:
    return "mapping", _pairs(value)


@_held.register
def _(value: Trained) -> Apart:
    return "Trained", (value.declared, value.basis.state_dict())


@_held.register
def _(value: Begun) -> Apart:
    return "Begun", (value.declared, value.seed, value.steps, value.field.state())


@_held.register
def _(value: np.ndarray) -> Apart:
    if np.iscomplexobj(value):
        return "complex", (value.real.copy(), value.imag.copy())
    return ARRAY, (torch.from_numpy(np.array(value)),)


@_held.register
def _(value: Tensor) -> Apart:
    return ARRAY, (value.detach().cpu().clone(),)


def _pairs(held: Mapping[Any, Any]) -> Sequence[Any]:
    return [part for pair in held.items() for part in pair]


def _stored(tensor: Tensor, arrays: Arrays) -> str:
    tensor = tensor.contiguous()
    data = tensor.numpy()
    said = f"{data.dtype.str} {data.shape}".encode() + data.tobytes()
    # Named by what it holds: an array that occurs twice is written once.
    digest = hashlib.sha256(said).hexdigest()[:32]
    arrays[digest] = tensor
    return digest


def unpacked(
    nodes: Sequence[Node], arrays: Mapping[str, Tensor], problem: Callable[[], Problem]
) -> Any:
    """The object that was packed, with arrays `(...)` by name; `problem` is the one that fields in
    it belong to.

    Raises ValueError, KeyError, TypeError or another error of the constructors for nodes that say
    nothing sensible.
    """
    objects: list[Any] = []
    depth: list[int] = []
    size: list[int] = []
    for kind, *parts in nodes:
        refs = [p[0] for p in parts if _is_place(p)]
        if any(not 0 <= r < len(objects) for r in refs):
            raise ValueError("a part comes before what it is made of")
        # Depth and size are known before anything is made: a file may name a part again and again.
        depth.append(1 + max((depth[r] for r in refs), default=0))
        size.append(1 + sum(size[r] for r in refs))
        if depth[-1] > FILE_LIMITS.nesting or size[-1] > FILE_LIMITS.parts:
            raise ValueError("it is nested too deeply")
        values = [objects[p[0]] if _is_place(p) else _read(p) for p in parts]
        objects.append(_together(kind, values, arrays, problem))
        if kind in KINDS:
            hash(objects[-1])  # from below, so that no deep recursion has to do it
    return objects[-1]


def _is_place(part: Any) -> bool:
    return isinstance(part, list)


def _read(value: Any) -> Any:
    return float(value["number"]) if isinstance(value, dict) else value


def _together(
    kind: str, parts: Sequence[Any], arrays: Mapping[str, Tensor], problem: Callable[[], Problem]
) -> Any:
    if kind in KINDS:
        return put_together(kind, parts)
    if kind in PARTS:
        return made(kind, dict(zip(parts[::2], parts[1::2], strict=True)))
    if kind == ARRAY:
        return arrays[parts[0]].numpy().copy()
    if kind == "Trained":
        declared, state = parts
        return Trained(declared, restored(declared, _names(problem()), state))
    if kind == "Begun":
        return _begun(problem(), *parts)
    if kind not in _PLAIN:
        raise ValueError(f"it names an unknown type: {kind}")
    return _PLAIN[kind](parts)


def _begun(problem: Problem, declared: Any, seed: int, steps: int, state: Any) -> Begun:
    # Of a slab, perhaps: what its time was is among the tensors.
    box = box_of(problem.domain)
    return Begun(declared, seed, restored_field(declared, problem, box, state, seed), steps)


def _names(problem: Problem) -> list[str]:
    return [c.name for c in problem.domain.coordinates]


_PLAIN: dict[str, Callable[[Sequence[Any]], Any]] = {
    "tuple": tuple,
    "list": list,
    "mapping": lambda parts: dict(zip(parts[::2], parts[1::2], strict=True)),
    "function": lambda parts: FUNCTIONS[parts[0]],
    "complex": lambda parts: parts[0] + 1j * parts[1],
}
