"""A problem in characters, in LaTeX, and as a picture: what holds on each part of the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sympy import latex, pretty
from sympy.printing.str import StrPrinter

from pinnsolve.geometry.drawn import axes_for, draw_region
from pinnsolve.geometry.region import Condition, Region

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of an equation that is written beside the picture, in characters
MOST = 60
# In LaTeX, what is no letter in a text
SPECIAL = str.maketrans({c: f"\\{c}" for c in "_%&#{}$"})


class _Short(StrPrinter):
    """Formulas as they are written on paper: u for u(x, y), u_xx for its derivatives."""

    def _print_Function(self, e: Any) -> str:  # noqa: N802  sympy's name
        own = getattr(e.func, "coordinates", None)
        name: str = e.func.__name__ if e.args == own else super()._print_Function(e)
        return name

    def _print_Derivative(self, e: Any) -> str:  # noqa: N802  sympy's name
        inner = self.doprint(e.expr)
        whole = inner if inner.isidentifier() else f"({inner})"
        return f"{whole}_{''.join(str(c) * int(n) for c, n in e.variable_count)}"


def short(expression: Any) -> str:
    """A formula, or several, as they are written on paper."""
    text: str = _Short().doprint(expression)
    return text


def in_characters(
    conditions: Sequence[tuple[Condition, str]], domain: Region, exact: Mapping[Any, Any]
) -> str:
    """Domain, equations and exact solutions, each formula drawn in plain characters."""
    parts = [f"domain: {domain}"]
    parts += [f"{_drawn(c.equation)}\n    on {place}" for c, place in conditions]
    parts += [f"exact: {u} =\n{_drawn(value)}" for u, value in exact.items()]
    return "\n\n".join(parts)


def _drawn(expression: Any) -> str:
    text: str = pretty(expression, use_unicode=False, wrap_line=False)
    return "\n".join(line.rstrip() for line in text.splitlines())


def in_latex(conditions: Sequence[tuple[Condition, str]], domain: Region) -> str:
    """The equations, one beneath the other, and where they hold in words."""
    lines = []
    for c, place in conditions:
        where = f"the domain {domain}" if c.region is domain else place
        equation = f"{latex(c.equation.lhs)} &= {latex(c.equation.rhs)}"
        lines.append(rf"{equation} && \text{{on {where.translate(SPECIAL)}}}")
    joined = r" \\ ".join(lines)
    return rf"$\displaystyle \begin{{aligned}}{joined}\end{{aligned}}$"


def draw_problem(domain: Region, conditions: Sequence[tuple[Condition, str]]) -> Figure:
    """The domain, and the region of each condition in a colour of its own; beside it the equations,
    and where they hold in words.

    Raises ValueError for more than three coordinates.
    """
    ax = axes_for([str(c) for c in domain.coordinates], domain.bounds)
    draw_region(domain, ax, "lightgray")
    inside = []
    for number, (condition, place) in enumerate(conditions):
        text = _cut(" = ".join(map(short, condition.equation.args)))
        if condition.region is domain:
            inside.append(text)
        else:
            draw_region(condition.region, ax, f"C{number % 10}", f"{text}\n    on {_cut(place)}")
    ax.set_title("\n".join(inside), fontsize="small", loc="left")
    figure: Any = ax.figure
    if ax.get_legend_handles_labels()[0]:
        figure.legend(loc="outside right upper", fontsize="small", frameon=False)
        figure.set_figwidth(11.0)  # nearly half of it for words
    return figure  # type: ignore[no-any-return]


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]} ..."
