"""The solution in words and numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sympy import Expr, Integral
from sympy.printing.str import StrPrinter

from pinnsolve.declare.problem import Problem
from pinnsolve.fields.field import Field
from pinnsolve.geometry.region import Condition
from pinnsolve.running.history import History, Step
from pinnsolve.running.shortened import basis_in_short, cut
from pinnsolve.running.stop import UNFOUND, Stop
from pinnsolve.search.confirm import DOUBT
from pinnsolve.solution.errors import Errors
from pinnsolve.symbols.integrals import within_of


def text_report(
    residuals: Sequence[tuple[str, float]],
    history: History,
    field: Field,
    estimate: float,
    maximum: float,
    reliable: bool,
    error: Errors | None,
    advice: Sequence[str],
) -> str:
    """Lines of text; `residuals` are relative, of what their words say; `reliable` is whether the
    estimate is more than a lower bound; `advice` is what the diagnosis says.
    """
    rows = [(f"{r:.1e}", text) for text, r in residuals]
    final = history.final
    facts = [
        ("basis", basis_in_short(final.basis)),
        ("size", _sizes(field, final)),
        ("solves", f"{len(history.steps) - len(history.training)} in {final.seconds:.2f} s"),
        ("stopped", f"{history.stopped}: {Stop(history.stopped).meaning}"),
        ("estimate", _estimated(estimate, maximum, reliable)),
    ]
    if history.training:
        refused = sum(step.stage == "refused" for step in history.training)
        first, last = history.training[0].residual, min(step.residual for step in history.training)
        facts.insert(
            3,
            (
                "training",
                (
                    f"{len(history.training)} steps, {refused} refused, root of the loss"
                    f" {first:.1e} to {last:.1e}"
                ),
            ),
        )
    if error is not None:
        facts.append(("error", str(error)))
    facts += [("diagnosis", sentence) for sentence in advice]
    width = max(len(name) for name, _ in facts)
    lines = ["residual  condition", *(f"{r:>8}  {text}" for r, text in rows), ""]
    return "\n".join([*lines, *(f"{name:<{width}}  {text}" for name, text in facts)])


def _sizes(field: Field, final: Step) -> str:
    """What the field is made of, and what the least squares were that made it, if they did."""
    parts = [
        f"{count} {name}" if name != "rank" else f"rank {count}"
        for name, count in field.sizes.items()
    ]
    if field.last_time is None:
        parts.append(f"{final.rows} rows, rank {final.rank:.0f}, condition {final.condition:.0e}")
    return ", ".join(parts)


def believed(stopped: str, residual: float, field: Field) -> bool:
    """Whether two draws that agree say how large the error is: not beside a large residual, unless
    a field has its equations in the mean alone, nor where Newton failed.
    """
    small = field.weak or residual <= DOUBT.unreliable
    return small and stopped not in UNFOUND


def _estimated(estimate: float, maximum: float, reliable: bool) -> str:
    """The estimate in words: where it is not reliable, it is no more than a lower bound."""
    if math.isnan(estimate):
        return "unknown: there is no second draw to compare with"
    known = "" if math.isnan(maximum) else f" (relative L2; maximum {maximum:.1e})"
    return f"{estimate:.1e}{known}" if reliable else f"unreliable: at least {estimate:.1e}"


def describe(condition: Condition, problem: Problem, part: str = "") -> str:
    """An equation, or a part of it, each side cut to 120 characters, and where it holds; on the
    domain itself nothing is said, nor of what holds once.
    """
    sides = (_words(side, problem) for side in condition.equation.args)
    equation = " = ".join(map(cut, sides))
    equation = f"{part} of {equation}" if part else equation
    return (
        equation
        if condition.region is problem.domain or _is_one_row(condition)
        else f"{equation} on {problem.place(condition)}"
    )


def _is_one_row(condition: Condition) -> bool:
    """Whether it is asked at a point that says nothing, as an integral over all coordinates is."""
    region = condition.region
    return region.is_listed and not region.data and condition.equation.has(Integral)


class _Words(StrPrinter):
    """As a user writes it."""

    def _print_Integral(self, e: Integral) -> str:  # noqa: N802  sympy's name
        within = within_of(e.function)
        if within is None:
            return str(super()._print_Integral(e))
        return f"integral({self._print(e.function / within)}, {within.region})"


def _words(side: Expr, problem: Problem) -> str:
    return str(_Words().doprint(side)).replace(str(problem.domain), "the domain")
