"""The last pass: sympy expressions to vectorized torch functions, by one table of operations.

The expressions become a straight program of registers. Equal subexpressions share a register (sympy
expressions are equal when they are written the same), constants are folded in 30 digits, so the
program is short and needs no `eval`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial, reduce
from typing import Any, cast

import sympy
import torch
from sympy.core.function import AppliedUndef
from torch import Tensor

from pinnsolve.compile.special import SPECIAL, ByNumpy
from pinnsolve.symbols.remedies import A_TABLE, REMEDIES, TWO_PARTS
from pinnsolve.symbols.tables import Tabulated

Operation = Callable[..., Tensor]


# No closures: programs travel to other processes.
def _chained(operation: Callable[[Tensor, Tensor], Tensor], *terms: Tensor) -> Tensor:
    return reduce(operation, terms)


def _chain(operation: Callable[[Tensor, Tensor], Tensor]) -> Operation:
    return partial(_chained, operation)


def _one_over(operation: Operation, *arguments: Tensor) -> Tensor:
    return 1 / operation(*arguments)


def _sinc(a: Tensor) -> Tensor:
    return torch.sinc(a / math.pi)


def _step(a: Tensor, at_zero: Tensor) -> Tensor:
    """Heaviside's function; torch's own has no derivatives to go forward with."""
    return torch.where(a == 0, at_zero.to(a.dtype), (a > 0).to(a.dtype))


def _fraction(a: Tensor) -> Tensor:
    return a - torch.floor(a)


def _piecewise(*flat: Tensor) -> Tensor:
    """Pairs (value, condition), flattened: the first condition that holds decides, NaN if none
    does.
    """
    result = torch.full_like(flat[0] * flat[1], math.nan)
    for value, condition in reversed(list(zip(flat[::2], flat[1::2], strict=True))):
        result = torch.where(condition.bool(), value.to(result.dtype), result)
    return result


OPERATIONS: dict[Any, Operation] = {
    sympy.Add: _chain(torch.add),
    sympy.Mul: _chain(torch.mul),
    sympy.Pow: torch.pow,
    sympy.Abs: torch.abs,
    sympy.sign: torch.sign,
    sympy.Max: _chain(torch.maximum),
    sympy.Min: _chain(torch.minimum),
    sympy.floor: torch.floor,
    sympy.ceiling: torch.ceil,
    sympy.exp: torch.exp,
    sympy.log: torch.log,
    sympy.sin: torch.sin,
    sympy.cos: torch.cos,
    sympy.tan: torch.tan,
    sympy.cot: partial(_one_over, torch.tan),
    sympy.sec: partial(_one_over, torch.cos),
    sympy.csc: partial(_one_over, torch.sin),
    sympy.asin: torch.asin,
    sympy.acos: torch.acos,
    sympy.atan: torch.atan,
    sympy.atan2: torch.atan2,
    sympy.sinh: torch.sinh,
    sympy.cosh: torch.cosh,
    sympy.tanh: torch.tanh,
    sympy.coth: partial(_one_over, torch.tanh),
    sympy.sech: partial(_one_over, torch.cosh),
    sympy.csch: partial(_one_over, torch.sinh),
    sympy.asinh: torch.asinh,
    sympy.acosh: torch.acosh,
    sympy.atanh: torch.atanh,
    sympy.sinc: _sinc,
    sympy.erf: torch.erf,
    sympy.erfc: torch.erfc,
    sympy.erfinv: torch.erfinv,
    sympy.loggamma: torch.lgamma,
    sympy.Heaviside: _step,
    sympy.frac: _fraction,
    sympy.Mod: torch.remainder,
    sympy.Piecewise: _piecewise,
    sympy.StrictLessThan: torch.lt,
    sympy.LessThan: torch.le,
    sympy.StrictGreaterThan: torch.gt,
    sympy.GreaterThan: torch.ge,
    sympy.Equality: torch.eq,
    sympy.Unequality: torch.ne,
    sympy.And: _chain(torch.logical_and),
    sympy.Or: _chain(torch.logical_or),
    sympy.Not: torch.logical_not,
    **SPECIAL,
}


@dataclass(frozen=True)
class Lowered:
    """A program: inputs, then constants, then one instruction a register; calling it runs it.

    Called with one tensor an input symbol, all broadcastable to `(n,)`; gives `(n_expressions, n)`.
    """

    inputs: tuple[sympy.Symbol, ...]
    constants: tuple[float, ...]
    instructions: tuple[tuple[Operation, tuple[int, ...]], ...]
    outputs: tuple[int, ...]

    def __call__(self, arguments: Iterable[Tensor], n: int) -> Tensor:
        registers = list(arguments)
        like = registers[0] if registers else torch.empty(0, dtype=torch.float64)
        registers += [torch.tensor(c, dtype=like.dtype, device=like.device) for c in self.constants]
        for operation, places in self.instructions:
            registers.append(operation(*(registers[p] for p in places)))
        if not self.outputs:
            return like.new_empty(0, n)
        return torch.stack([registers[o].to(like.dtype).expand(n) for o in self.outputs])


def lower(
    expressions: Sequence[sympy.Expr],
    inputs: Sequence[sympy.Symbol],
    definitions: Mapping[sympy.Symbol, sympy.Expr] | None = None,
) -> Lowered:
    """Compile expressions of the given symbols, and of symbols that stand for other expressions by
    their `definitions`.

    Raises ValueError that names an operation which the table lacks.
    """
    known = definitions or {}
    constants: dict[float, int] = {}
    for node in nodes(expressions, known):
        _constant(node, constants, len(inputs))
    places: dict[Any, int] = {s: i for i, s in enumerate(inputs)}
    first = len(inputs) + len(constants)
    instructions: list[tuple[Operation, tuple[int, ...]]] = []

    # What occurs twice is one instruction: time goes with the steps, not with the length of the
    # text.
    def place(e: Any) -> int:
        if e in places:
            return places[e]
        if e in known:
            places[e] = place(known[e])
            return places[e]
        value = _number(e)
        if value is not None:
            return constants[value]
        operation, operands = _instruction(e)
        instructions.append((operation, tuple(place(a) for a in operands)))
        places[e] = first + len(instructions) - 1
        return places[e]

    outputs = tuple(place(e) for e in expressions)
    return Lowered(tuple(inputs), tuple(constants), tuple(instructions), outputs)


def nodes(
    expressions: Iterable[sympy.Basic], definitions: Mapping[sympy.Symbol, sympy.Expr] | None = None
) -> Iterator[sympy.Basic]:
    """Every distinct part of the expressions once: what they share is not visited again."""
    seen: set[Any] = set()
    waiting = list(expressions)[::-1]
    while waiting:
        e = waiting.pop()
        if e not in seen:
            seen.add(e)
            yield e
            waiting += ((definitions or {})[e],) if e in (definitions or {}) else e.args[::-1]


def _number(e: Any) -> float | None:
    """The value of a constant expression, rounded once."""
    if e is sympy.true or e is sympy.false:
        return float(bool(e))
    if not e.is_number:
        return None
    value = sympy.N(e, 30)
    if not value.is_real:
        raise ValueError(f"the constant {e} is not real: {TWO_PARTS}")
    return float(value)


def _constant(e: Any, constants: dict[float, int], offset: int) -> None:
    value = _number(e)
    if value is not None:
        constants.setdefault(value, offset + len(constants))


def operands(e: sympy.Basic) -> tuple[sympy.Basic, ...]:
    """The arguments of an operation; a Piecewise holds pairs, which are taken apart."""
    return tuple(part for pair in e.args for part in pair.args) if e.is_Piecewise else e.args


def _instruction(e: Any) -> tuple[Operation, tuple[Any, ...]]:
    """The operation and its operands; powers by integers and square roots have their own, exact and
    quick ones.
    """
    if e.is_Pow:
        exponent = e.exp
        if exponent.is_Integer and abs(int(exponent)) <= 64:
            power = int(exponent)
            positive: Operation = partial(torch.pow, exponent=abs(power))
            return positive if power > 0 else partial(_one_over, positive), (e.base,)
        if exponent == sympy.S.Half:
            return torch.sqrt, (e.base,)
        if exponent == -sympy.S.Half:
            return torch.rsqrt, (e.base,)
    if e.is_Piecewise:
        return OPERATIONS[sympy.Piecewise], operands(e)
    if isinstance(e, AppliedUndef) and hasattr(e.func, "_imp_"):
        return ByNumpy(e.func._imp_, e.func.__name__), e.args
    table = ByNumpy(e.spline, e.func.__name__) if isinstance(e, Tabulated) else None
    operation = table or OPERATIONS.get(e.func)
    if operation is None:
        raise ValueError(f"cannot compile {e.func.__name__} in {e}: {_remedy(e)}")
    return _with_slopes(operation, e) if isinstance(operation, ByNumpy) else operation, e.args


def _with_slopes(operation: ByNumpy, e: Any) -> ByNumpy:
    slopes = (None if a.is_number else partial(_slope, e.func, k) for k, a in enumerate(e.args))
    return replace(operation, slopes=tuple(slopes))


def _slope(function: Any, k: int, *arguments: Tensor) -> Tensor:
    """The derivative of a special function by argument k; by differences, if sympy has no formula
    (by an order).
    """
    derivative = _derivative(function, k, len(arguments))
    if derivative is None:
        return cast(Tensor, SPECIAL[function].slope(k, arguments))
    shape = torch.broadcast_shapes(*(a.shape for a in arguments))  # type: ignore[no-untyped-call]
    return derivative([a.expand(shape).reshape(-1) for a in arguments], math.prod(shape)).reshape(
        shape
    )


@cache
def _derivative(function: Any, k: int, n: int) -> Lowered | None:
    held = sympy.symbols(f"a:{n}", real=True)
    slope = function(*held).diff(held[k])
    return None if slope.has(sympy.Derivative, sympy.Subs) else lower([slope], held)


def _remedy(e: Any) -> str:
    """What to write in the place of an operation that the table lacks."""
    if isinstance(e, AppliedUndef):
        name, arguments = e.func.__name__, ", ".join(map(str, e.args))
        return (
            f"declare it, {name} = unknown({name!r}, {arguments}), or give its formula; {A_TABLE}"
        )
    if not isinstance(e, sympy.Expr):
        return (
            f"an expression is wanted, made of {sympy.Expr.__name__}s of sympy, and not a"
            f" {type(e).__name__}"
        )
    known = ", ".join(sorted(o.__name__ for o in OPERATIONS if not o.is_Boolean))
    return REMEDIES.get(e.func.__name__, f"the operations known are {known}; {A_TABLE}")
