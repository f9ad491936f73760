"""What a declared basis holds, looked at before it is built: a file may declare what no memory
holds.

The declaration is compared with the tensors that the file has. Then it is built without drawing
anything, since what it would draw is in the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import singledispatch
from typing import Any

import torch
from torch import Generator, Tensor

from pinnsolve.basis.adapted.finite_elements import FiniteElements
from pinnsolve.basis.adapted.lifted import Lifted
from pinnsolve.basis.adapted.modulated import Modulated
from pinnsolve.basis.adapted.one_sided import OneSided
from pinnsolve.basis.adapted.polynomials import Polynomials
from pinnsolve.basis.adapted.rotated import Rotated
from pinnsolve.basis.adapted.scaled import Scaled
from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.adapted.tensor import TensorProduct
from pinnsolve.basis.adapted.windowed import Windowed
from pinnsolve.basis.basis import Basis, Declaration, Domain
from pinnsolve.basis.networks import Dense, ResNet
from pinnsolve.basis.sums import Sum
from pinnsolve.compile.functions import Functions
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.supports import supports
from pinnsolve.fields.building import space_of
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.separated import Constant, Modes, Separated
from pinnsolve.fields.slabs import SlabBases, Slabs
from pinnsolve.fields.space import Block
from pinnsolve.solution.limits import FILE_LIMITS
from pinnsolve.symbols.given import by_key, whole_of

Names = Sequence[str]
Shapes = Iterator[tuple[str, tuple[int, ...]]]
# A side that the declaration does not say.
ANY = -1
# Of the names of the tensors of functions of space.
MODES = "modes."


def restored(
    declared: Declaration, domain: Domain | Names, state: Mapping[str, Any], seed: int = 0
) -> Basis:
    """The basis with the tensors of `state`, by name; a sequence of names stands for the unit box.

    Raises ValueError where the declaration and the tensors do not fit, before anything large is
    allocated.
    """
    box = by_key(domain) or dict.fromkeys(domain, (0.0, 1.0))
    tensors = {name: torch.as_tensor(value) for name, value in state.items()}
    for name, shape in shapes(declared, list(box)):
        if name not in tensors or not _fits(tuple(tensors[name].shape), shape):
            held = tuple(tensors[name].shape) if name in tensors else "none"
            raise ValueError(
                f"it declares {name} of shape {shape}, but holds {held}: {_short(declared)}"
            )
    basis: Basis = undrawn(declared).build(box, seed)
    basis.load_state_dict(tensors)
    return basis


@singledispatch
def restored_field(
    declared: Any, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int
) -> Field:
    """The field with the tensors of `Field.state`, by name; the problem says which unknowns share a
    basis.

    Raises ValueError where declaration and tensors do not fit.
    """
    held = dict(state)
    coefficients = torch.as_tensor(held.pop("coefficients"))
    several = any(name.split(".")[0].isdigit() for name in held)

    def made(number: int, part: Declaration, own: Domain) -> Basis:
        prefix = f"{number}." if several else ""
        return restored(
            part,
            own,
            {n.removeprefix(prefix): v for n, v in held.items() if n.startswith(prefix)},
            seed,
        )

    space = space_of(problem, supports(problem), declared, box, made)
    if coefficients.shape != (space.columns,):
        raise ValueError(
            f"coefficients of shape {tuple(coefficients.shape)} do not fit {space.columns}"
            " functions"
        )
    return Expansion(space, coefficients)


@restored_field.register
def _(declared: Modes, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int) -> Field:
    names = list(box)
    inner = {n: bounds for n, bounds in box.items() if n != declared.time}
    space = {n.removeprefix(MODES): value for n, value in state.items() if n.startswith(MODES)}
    basis = Constant() if declared.space is None else restored(declared.space, inner, space, seed)
    axis = names.index(declared.time)
    modes = Block(basis, tuple(k for k in range(len(names)) if k != axis))
    transform, times, states = (torch.as_tensor(state[n]) for n in ("transform", "times", "states"))
    fits = (
        transform.ndim == 2
        and states.ndim == 4
        and times.ndim == 1
        and len(transform) == basis.size
    )
    if not (
        fits
        and len(times) > 1
        and states.shape[:2] == (3, len(times))
        and states.shape[3] == transform.shape[1]
    ):
        raise ValueError(
            f"its motion does not fit {basis.size} functions: {tuple(transform.shape)},"
            f" {tuple(states.shape)}"
        )
    return Separated(modes, axis, transform, times, states)


@restored_field.register
def _(
    declared: SlabBases, problem: Problem, box: Domain, state: Mapping[str, Any], seed: int
) -> Field:
    start = box[declared.time][0]
    parts = []
    for k, (part, length, s) in enumerate(
        zip(declared.parts, declared.lengths, declared.seeds, strict=True)
    ):
        held = {
            n.removeprefix(f"parts.{k}."): value
            for n, value in state.items()
            if n.startswith(f"parts.{k}.")
        }
        there = {**box, declared.time: (start, start + length)}
        parts.append(
            restored_field(
                part, problem, there, {**held, "coefficients": state[f"coefficients_{k}"]}, s
            )
        )
    if not parts or declared.unknowns != len(problem.unknowns):
        raise ValueError(
            f"it declares {declared.unknowns} unknowns in {len(parts)} slabs, and holds others"
        )
    return Slabs(tuple(parts), declared.lengths, list(box).index(declared.time), start)


def _fits(held: tuple[int, ...], declared: tuple[int, ...]) -> bool:
    return len(held) == len(declared) and all(
        n in (h, ANY) for h, n in zip(held, declared, strict=True)
    )


def _short(declared: Any) -> str:
    text = str(declared)
    return text if len(text) < 100 else f"{text[:100]} ..."


@dataclass(frozen=True)
class Blank:
    """The initializer that draws nothing."""

    def __call__(
        self, box: Tensor, names: Sequence[str], width: int, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        return torch.zeros(len(box), width, dtype=torch.float64), torch.zeros(
            width, dtype=torch.float64
        )


@singledispatch
def undrawn(declared: Any) -> Any:
    """The declaration with `Blank` in the place of every initializer."""
    if not is_dataclass(declared):
        return declared
    held = {f.name: getattr(declared, f.name) for f in fields(declared)}
    new = {
        name: Blank() if name == "initialize" else undrawn(value) for name, value in held.items()
    }
    if all(new[name] is held[name] for name in held):
        return declared
    return replace(declared, **new)  # type: ignore[type-var]


@undrawn.register
def _(declared: tuple) -> Any:  # type: ignore[type-arg]
    return tuple(undrawn(part) for part in declared)


@undrawn.register
def _(declared: Functions) -> Functions:
    return declared


@singledispatch
def shapes(declared: Any, names: Names) -> Shapes:
    """Names and shapes of the tensors that a declaration makes, over coordinates of these names.

    Those that say how much is built; lazily, so that a wrong one ends it. Raises ValueError for an
    unknown declaration.
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
    yield from _numbered(
        "parts", [part for _, part in declared.factors], [group for group, _ in declared.factors]
    )


@shapes.register(Stretched)
@shapes.register(Windowed)
@shapes.register(OneSided)
@shapes.register(Scaled)
@shapes.register(Modulated)
def _(declared: Stretched | Windowed | OneSided | Scaled | Modulated, names: Names) -> Shapes:
    yield from _inside("inner", shapes(declared.within, names))


@shapes.register
def _(declared: Rotated, names: Names) -> Shapes:
    yield from _inside("inner", shapes(declared.within, names[: len(declared.directions)]))


@shapes.register
def _(declared: Lifted, names: Names) -> Shapes:
    yield "weight", (len(names) + 1, declared.width)


@shapes.register
def _(declared: LowRank, names: Names) -> Shapes:
    yield "factors", (len(names), declared.rank, declared.degree + 1)


@shapes.register
def _(declared: Polynomials, names: Names) -> Shapes:
    if math.prod(n + 1 for n in declared.degrees) > FILE_LIMITS.parts:
        raise ValueError(f"it declares {declared}")
    yield "box", (len(names), 2)


@shapes.register
def _(declared: FiniteElements, names: Names) -> Shapes:
    yield "vertices", (len(declared.vertices), len(names))
    yield "elements", (len(declared.elements), len(names) + 1)


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
    whole = whole_of(number)
    if whole is None:
        raise ValueError(f"it declares {number} layers")
    return whole
