"""What a declared basis holds, looked at before it is built: a file may declare what no memory holds.

The declaration is compared with the tensors that the file has. Then it is built without drawing anything, since what it
would draw is in the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import singledispatch
from typing import Any

import torch
from torch import Generator, Tensor

from pinnsolve.basis.corners import CornerFunctions
from pinnsolve.basis.evolving import Evolving
from pinnsolve.basis.finite_elements import FiniteElements
from pinnsolve.basis.lifted import Lifted
from pinnsolve.basis.networks import Basis, Declaration, Dense, Domain, ResNet, Sum
from pinnsolve.basis.one_sided import OneSided
from pinnsolve.basis.rotated import Rotated
from pinnsolve.basis.scaled import Scaled
from pinnsolve.basis.separable import LowRank
from pinnsolve.basis.slabs import Slabs
from pinnsolve.basis.stretch import Stretched
from pinnsolve.basis.tensor import TensorProduct
from pinnsolve.basis.windowed import Windowed
from pinnsolve.compile.functions import Functions

Names = Sequence[str]
Shapes = Iterator[tuple[str, tuple[int, ...]]]
ANY = -1  # a side that the declaration does not say
MOST_TERMS = 10_000  # of one corner: `top` is 6, as a rule


def restored(declared: Declaration, domain: Domain | Names, state: Mapping[str, Any], seed: int = 0) -> Basis:
    """The basis with the tensors of `state`, by name; a sequence of names stands for the unit box.

    Raises ValueError where the declaration and the tensors do not fit, before anything large is allocated.
    """
    box = domain if isinstance(domain, Mapping) else dict.fromkeys(domain, (0.0, 1.0))
    tensors = {name: value if isinstance(value, Tensor) else torch.from_numpy(value) for name, value in state.items()}
    for name, shape in shapes(declared, list(box)):
        if name not in tensors or not _fits(tuple(tensors[name].shape), shape):
            held = tuple(tensors[name].shape) if name in tensors else "none"
            raise ValueError(f"it declares {name} of shape {shape}, but holds {held}: {_short(declared)}")
    basis: Basis = undrawn(declared).build(box, seed)
    basis.load_state_dict(tensors)
    return basis


def _fits(held: tuple[int, ...], declared: tuple[int, ...]) -> bool:
    return len(held) == len(declared) and all(n in (h, ANY) for h, n in zip(held, declared, strict=True))


def _short(declared: Any) -> str:
    text = str(declared)
    return text if len(text) < 100 else f"{text[:100]} ..."


@dataclass(frozen=True)
class Blank:
    """The initializer that draws nothing."""

    def __call__(self, box: Tensor, names: Sequence[str], width: int, generator: Generator) -> tuple[Tensor, Tensor]:
        return torch.zeros(len(box), width, dtype=torch.float64), torch.zeros(width, dtype=torch.float64)


def undrawn(declared: Any) -> Any:
    """The declaration with `Blank` in the place of every initializer."""
    if isinstance(declared, tuple):
        return tuple(undrawn(part) for part in declared)
    if not is_dataclass(declared) or isinstance(declared, Functions):
        return declared
    held = {f.name: getattr(declared, f.name) for f in fields(declared)}
    new = {name: Blank() if name == "initialize" else undrawn(value) for name, value in held.items()}
    return replace(declared, **new) if any(new[name] is not held[name] for name in held) else declared  # type: ignore[type-var]


@singledispatch
def shapes(declared: Any, names: Names) -> Shapes:
    """Names and shapes of the tensors that a declaration makes, over coordinates of these names.

    Those that say how much is built; lazily, so that a wrong one ends it. Raises ValueError for an unknown declaration.
    """
    raise ValueError(f"{_short(declared)} is no basis that a file can hold")


@shapes.register
def _(declared: Dense, names: Names) -> Shapes:
    inputs = len(names)
    for layer in range(_count(declared.depth)):
        yield f"weights.{layer}", (inputs, declared.width)
        yield f"biases.{layer}", (declared.width,)
        inputs = declared.width


@shapes.register
def _(declared: ResNet, names: Names) -> Shapes:
    yield "first_weight", (len(names), declared.width)
    yield "weights", (declared.depth - 1, declared.width, declared.width)


@shapes.register
def _(declared: Sum, names: Names) -> Shapes:
    yield from _numbered("parts", declared.parts, [names] * len(declared.parts))


@shapes.register
def _(declared: TensorProduct, names: Names) -> Shapes:
    yield from _numbered("parts", [part for _, part in declared.factors], [group for group, _ in declared.factors])


@shapes.register
def _(declared: Slabs, names: Names) -> Shapes:
    for k, _ in enumerate(declared.parts):
        yield f"coefficients_{k}", (declared.unknowns, ANY)
    yield from _numbered("parts", declared.parts, [names] * len(declared.parts))


@shapes.register(Stretched)
@shapes.register(Windowed)
@shapes.register(OneSided)
@shapes.register(Scaled)
def _(declared: Stretched | Windowed | OneSided | Scaled, names: Names) -> Shapes:
    yield from _inside("inner", shapes(declared.within, names))


@shapes.register
def _(declared: Rotated, names: Names) -> Shapes:
    yield from _inside("inner", shapes(declared.within, names[: len(declared.directions)]))


@shapes.register
def _(declared: Evolving, names: Names) -> Shapes:
    if declared.space is not None:
        yield from _inside("steady.inner", shapes(declared.space, [n for n in names if n != declared.time]))


@shapes.register
def _(declared: Lifted, names: Names) -> Shapes:
    yield "weight", (len(names) + 1, declared.width)


@shapes.register
def _(declared: LowRank, names: Names) -> Shapes:
    yield "factors", (len(names), declared.rank, declared.degree + 1)


@shapes.register
def _(declared: FiniteElements, names: Names) -> Shapes:
    yield "vertices", (len(declared.vertices), len(names))
    yield "elements", (len(declared.elements), len(names) + 1)


@shapes.register
def _(declared: CornerFunctions, names: Names) -> Shapes:
    for corner in declared.corners:
        if not (corner.opening > 0 and corner.top * corner.opening / math.pi < MOST_TERMS):
            raise ValueError(f"it declares more than {MOST_TERMS} functions of one corner")
    yield from ()


@shapes.register
def _(declared: Functions, names: Names) -> Shapes:
    yield from ()


def _numbered(name: str, parts: Sequence[Any], groups: Sequence[Names]) -> Shapes:
    for k, (part, names) in enumerate(zip(parts, groups, strict=True)):
        yield from _inside(f"{name}.{k}", shapes(part, names))


def _inside(prefix: str, found: Shapes) -> Shapes:
    for name, shape in found:
        yield f"{prefix}.{name}", shape


def _count(number: Any) -> int:
    if not isinstance(number, int):
        raise ValueError(f"it declares {number} layers")
    return number
