"""Coordinates, unknown functions and the outward normal, as sympy symbols."""

from __future__ import annotations

import copyreg
from typing import Any, NoReturn

from sympy import Derivative, Expr, Symbol, Tuple, symbols
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.core.sympify import converter

from pinnsolve.symbols.assumed import REAL, SYMPY, Bounds, bounds_in, kind_of
from pinnsolve.symbols.given import Formula, are_symbols, formula_of, is_text, parts_of, whole_of
from pinnsolve.symbols.slips import no_attribute

UNPACKED = "; unpack a tuple, x, t = coordinates('x t') or (x,) = coordinates('x')"
# Names of time: a laplacian leaves it out, and what holds in space holds at all times.
TIMES = {"t", "time", "tau"}


class UnknownFunction(UndefinedFunction):
    """The function behind an unknown: two of the same name but other coordinates are different
    functions.

    sympy compares undefined functions by name alone, and its cache would give one problem the
    unknown of another.
    """

    coordinates: tuple[Symbol, ...]
    values: str  # of which kind they are, "real", "complex", "positive" or "logarithm"
    bounds: Bounds | None  # between which a number lies

    @property
    def is_Function(cls) -> bool:  # noqa: N802  sympy's name
        """To sympy the class is a function, and `u`, which can be called too, a number."""
        return True

    def __eq__(cls, other: object) -> bool:
        names = "coordinates", "values", "bounds"
        mine, theirs = ([getattr(each, n, None) for n in names] for each in (cls, other))
        return super().__eq__(other) and mine == theirs

    def __hash__(cls) -> int:
        # By name alone: on its way to another process a class is hashed before it has the rest.
        return hash(cls.__name__)

    def named(cls, name: str, values: str = "", bounds: Bounds | None = None) -> Unknown:
        """An unknown like this one under another name, perhaps of another kind of values."""
        made = _function(name, cls.coordinates, values or cls.values, bounds)
        return _at(made, cls.coordinates)


class Unknown(AppliedUndef):
    """An unknown function at a point: `u` is `u(x, y)`, and `u(x, 0)` is its trace on y = 0.

    `coordinates` (on the function's class) are the symbols it was declared with, in order.
    """

    coordinates: tuple[Symbol, ...]
    # sympy calls what is a function and callable in the place of what it substitutes:
    # (X**2).subs(X, u) would be u(2).
    is_Function = False  # noqa: N815

    def __call__(self, *arguments: Formula, **named: object) -> Unknown:
        takes = ", ".join(map(str, self.coordinates))
        if named:
            ordered = ", ".join(str(named.get(c.name, c)) for c in self.coordinates)
            name = self.func.__name__
            raise TypeError(
                f"{name}({takes}) takes its arguments in order, without names, {name}({ordered})"
            )
        if self.args != self.coordinates:
            raise TypeError(
                f"{self} is evaluated already, and cannot be called again: call"
                f" {self.func.__name__}({takes})"
            )
        if len(arguments) != len(self.coordinates):
            raise ValueError(
                f"{self.func.__name__} takes ({takes}), but was called with {len(arguments)}"
                " arguments"
            )
        for argument in arguments:
            if formula_of(argument) is None:
                raise TypeError(
                    f"{self.func.__name__}({takes}) takes numbers or expressions, one each: got"
                    f" {argument!r}"
                )
        return self.func(*arguments)  # type: ignore[no-any-return]

    def __xor__(self, other: object) -> NoReturn:
        raise TypeError(
            f"a power of {self.func.__name__} is written {self.func.__name__}**2, and no power has"
            " the sign ^"
        )

    __rxor__ = __xor__

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(no_attribute(self.func.__name__, name, self.coordinates))

    def diff(self, *variables: Any, **assumptions: Any) -> Expr:
        """Like sympy's `diff`, but an error where sympy silently gives zero.

        sympy differentiates `u(x, 0)` by y to 0, and `u(x)` by t to 0: nobody means that. Of a
        number that is sought it is zero, as in the flux `(k * u.diff(x)).diff(x)`.
        """
        if not variables or not all(map(_is_variable, variables)):
            name, c = self.func.__name__, self.coordinates[0]
            wanted = f"{name}.diff({c}) or {name}.diff({c}, 2)"
            raise ValueError(
                f"a derivative of {name} is written {wanted}, with coordinates and whole orders:"
                f" got {variables}"
            )
        for variable in variables if self.coordinates else ():
            for symbol in getattr(variable, "free_symbols", ()):
                if symbol not in self.free_symbols:
                    raise ValueError(self._no_such_coordinate(symbol))
        return super().diff(*variables, **assumptions)

    def _pretty(self, printer: Any) -> Any:
        """A number is written without brackets."""
        name = Symbol(self.func.__name__)
        return printer._print_Function(self) if self.args else printer._print(name)

    def _sympystr(self, printer: Any) -> str:
        return str(self._pretty(printer))

    def _latex(self, printer: Any) -> str:
        return str(self._pretty(printer))

    def __reduce__(self) -> tuple[Any, ...]:
        """Functions are made at run time, so that another process must make them again; for
        processes and copies.
        """
        return _at, (self.func, self.args)

    def _no_such_coordinate(self, symbol: Symbol) -> str:
        if symbol in self.coordinates:
            name = self.func.__name__
            return (
                f"{self} no longer depends on {symbol}: differentiate first, then evaluate, as in"
                f" {name}.diff({symbol}).subs({symbol}, value), or place the equation with @"
                f" domain.at({symbol}=value)"
            )
        return (
            f"{self} does not depend on {symbol}: declare it with that coordinate, or differentiate"
            f" by {self.coordinates}"
        )


def _is_variable(given: Any) -> bool:
    """A coordinate, an order, or a pair of these; anything else, a word for instance, sympy may
    take for a constant.
    """
    parts = parts_of(given)
    if parts is not None:
        return len(parts) == 2 and all(map(_is_variable, parts))
    order = whole_of(given)
    return isinstance(given, (Symbol, Unknown, Derivative)) if order is None else order >= 0


class Coordinates(tuple[Symbol, ...]):
    """Symbols in order. One alone is no symbol yet, which sympy and Python say unclearly: here they
    say to unpack it.
    """

    __slots__ = ()

    def _refuse(self, *others: Any) -> Any:
        made = f"coordinates({' '.join(c.name for c in self)!r})"
        unpacked = f"({self[0]},)" if len(self) == 1 else ", ".join(c.name for c in self)
        raise TypeError(f"{made} is a tuple, and no symbol: unpack it, {unpacked} = {made}")

    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __sub__ = __rsub__ = __pow__ = __rpow__ = (
        __neg__
    ) = _refuse

    def symbols(self) -> Tuple:
        """As sympy takes several of them; one alone is refused."""
        return self._refuse() if len(self) == 1 else Tuple(*self)


converter[Coordinates] = Coordinates.symbols


class Normal(Symbol):
    """One component of the outward unit normal of the region on which an equation holds."""

    __slots__ = ()


def coordinates(*names: str) -> tuple[Symbol, ...]:
    """Real symbols, one a name; always a tuple: `(x,) = coordinates("x")`.

    Raises TypeError for what is no string, ValueError for no name, or one that is there twice.

    >>> from pinnsolve import coordinates
    >>> x, t = coordinates("x t")
    >>> x + t, x.is_real
    (t + x, True)
    """
    if not all(map(is_text, names)):
        raise TypeError(f"coordinates wants names in a string, coordinates('x t'): got {names}")
    if not any(name.strip() for name in names):
        raise ValueError("coordinates wants at least one name, coordinates('x t')")
    declared = Coordinates(symbols(" ".join(names), real=True, seq=True))
    if len(set(declared)) < len(declared):
        raise ValueError(f"coordinates names one twice: {', '.join(map(str, declared))}")
    return declared


def unknown(
    name: str, *coordinates: Symbol, bounds: tuple[float, float] | None = None, **assumptions: bool
) -> Unknown:
    """Declare an unknown function of the given coordinates; without any, an unknown number. Its
    values are real, or with `complex=True` complex.

    A number is looked for between `bounds=(low, high)`, from several places; `positive=True` solves
    for its logarithm. Returns the application `name(*coordinates)`, which can be called: `u(x, 0)`.
    Raises ValueError for anything but distinct symbols, for bounds of a field and such that are no
    interval, TypeError for other assumptions.

    >>> from pinnsolve import coordinates, unknown
    >>> x, t = coordinates("x t")
    >>> u = unknown("u", x, t)
    >>> u.diff(t) - u.diff(x, 2), u(x, 0)
    (Derivative(u(x, t), t) - Derivative(u(x, t), (x, 2)), u(x, 0))
    >>> rate = unknown("rate", positive=True, bounds=(0.1, 10))
    """
    if not is_text(name) or not name.isidentifier():
        raise TypeError(f"an unknown's name is a word in a string, unknown('u', x): got {name!r}")
    if not are_symbols(coordinates):
        hint = UNPACKED * any(parts_of(c) is not None for c in coordinates)
        wants = (
            f"unknown({name!r}, ...) wants the coordinates it depends on, as symbols, unknown('u',"
            " x, t)"
        )
        raise ValueError(f"{wants}: got {coordinates}{hint}")
    if name in {c.name for c in coordinates}:
        raise ValueError(f"unknown({name!r}, ...) has the name of a coordinate: give it another")
    if len(set(coordinates)) < len(coordinates):
        raise ValueError(f"unknown({name!r}, ...) names a coordinate twice: {coordinates}")
    kind = kind_of(name, coordinates, assumptions)
    within = bounds_in(name, coordinates, bounds, kind)
    return _at(_function(name, coordinates, kind, within), coordinates)


def _function(
    name: str,
    coordinates: tuple[Symbol, ...],
    values: str = REAL,
    bounds: Bounds | None = None,
) -> UnknownFunction:
    own = {"coordinates": coordinates, "values": values, "bounds": bounds}
    return UnknownFunction(name, bases=(Unknown,), __dict__=own, **{SYMPY[values]: True})


def _at(function: UnknownFunction, arguments: tuple[Expr, ...]) -> Unknown:
    return function(*arguments)  # type: ignore[no-any-return]


def _made(function: UnknownFunction) -> tuple[Any, ...]:
    f = function
    return _function, (f.__name__, f.coordinates, f.values, f.bounds)


copyreg.pickle(UnknownFunction, _made)


def normal(*coordinates: Symbol) -> tuple[Normal, ...]:
    """The outward unit normal's components along the given coordinates. Raises TypeError for what
    is no symbol.

    >>> from pinnsolve import coordinates, normal, unknown
    >>> x, y = coordinates("x y")
    >>> u, n = unknown("u", x, y), normal(x, y)
    >>> u.diff(x) * n[0] + u.diff(y) * n[1]
    n_x*Derivative(u(x, y), x) + n_y*Derivative(u(x, y), y)
    """
    if not coordinates or not are_symbols(coordinates):
        raise TypeError(f"normal wants coordinates, normal(x, y): got {coordinates}")
    return tuple(Normal(f"n_{c}", real=True) for c in coordinates)
