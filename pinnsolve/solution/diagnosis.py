"""What stands between a solution and its tolerance, in words, with the remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pinnsolve.basis.adapted.one_sided import OneSidedBasis
from pinnsolve.compile.system import System
from pinnsolve.declare.checks import difference as equation_of
from pinnsolve.declare.kinks import Kink
from pinnsolve.discretize.consistency import bare_faces, open_coordinates
from pinnsolve.discretize.places import places
from pinnsolve.discretize.plate_corners import force_is_missing
from pinnsolve.fields.expansion import as_expansion
from pinnsolve.fields.field import Field
from pinnsolve.running.history import History
from pinnsolve.running.stop import UNFOUND, Stop
from pinnsolve.search.families.layers import LAYERS
from pinnsolve.search.null_functions import NULLITY
from pinnsolve.search.null_space import vanishing_order
from pinnsolve.search.scales import natural_wavenumbers
from pinnsolve.solution.doubts import (
    along_edges,
    contradicting,
    digits_left,
    disagreeing,
    sensitive,
    without_functions,
    without_solution,
)
from pinnsolve.solution.report import describe
from pinnsolve.symbols.occurrences import fully_nonlinear


@dataclass(frozen=True)
class Symptoms:
    """Which residuals ask for a word, and for how many."""

    # A relative residual at which an equation is not solved at all
    large: float = 1e-2
    # One that is no longer accuracy that lacks, where it does not fall from width to width
    resting: float = 0.1
    # From width to width; less of a fall is none
    falling: float = 0.7
    # One beside which layers are resolved
    resolved: float = 1e-6
    # One that is round-off: float64 knows no more
    rounded: float = 1e-13
    # Of the largest residual: conditions above that are named
    named: float = 0.1
    # Sentences about kinks, and narrow features, at most
    most: int = 4


SYMPTOMS = Symptoms()

ENDED = (
    "the budget ended it while the residual was falling: give more seconds or gigabytes in"
    " Budget(...)"
)
RESTED = (
    "the budget ended it, and wider bases left no less: more seconds help only where the conditions"
    " agree"
)
UNSOLVED = {
    "guess": "the guess",
    "data": "the flattest field that agrees with initial and boundary data",
}
SHIELDED = (
    "; or, where layers or a turning point stand between the data and the solution, more digits of"
    " the data decide than float64 has: the problem is exponentially ill-conditioned"
)


def diagnosis(
    system: System,
    field: Field,
    history: History,
    residuals: Sequence[float],
    null_space: int,
    lost: float,
    missed: float,
    change: float = math.nan,
) -> tuple[str, ...]:
    """Sentences, the most important first; empty where nothing is wrong. `change` is the relative
    difference of two draws, where that is known.
    """
    if null_space:
        return (contradicting(missed) if missed else _not_unique(system, null_space),)
    sentences = (
        [_nothing_better(history)] if history.steps and history.final.stage in UNSOLVED else []
    )
    if history.stopped in UNFOUND:
        sentences.append(without_solution(history, max(residuals)))
    given = not any(step.stage == "grow" for step in history.steps)
    unsolved = max(residuals) > SYMPTOMS.large
    if given and unsolved and history.stopped in (Stop.UNRESOLVED, Stop.STAGNATED):
        sentences.append(_too_small(system, field, residuals))
    elif history.stopped == Stop.STAGNATED:
        sentences += _contradictory(system, field, history, residuals)
    sentences += disagreeing(system, change, max(residuals))
    if history.stopped != Stop.MET:
        resting = max(residuals) > SYMPTOMS.resting and not _falling(history)
        at_rest = history.stopped == Stop.BUDGET and resting
        sentences += [_no_basis(system, field, residuals)] if at_rest else []
        sentences += along_edges(system) if max(residuals) > SYMPTOMS.large else []
        sentences += _kinks(system, field)
        sentences += _layers(system, residuals) + _narrow(system, residuals)
        if history.stopped == Stop.BUDGET:
            sentences.append(RESTED if at_rest else ENDED)
    sentences += sensitive(lost) + digits_left(system, field, max(residuals))
    unexplained = history.stopped == Stop.STAGNATED and not sentences
    return (_left_over(system, residuals),) if unexplained else tuple(sentences)


def _nothing_better(history: History) -> str:
    return (
        f"nothing better was found than {UNSOLVED[history.final.stage]}, which is returned: it"
        " solves nothing"
    )


def _not_unique(system: System, null_space: int) -> str:
    missing, bare, force = open_coordinates(system), bare_faces(system), force_is_missing(system)
    more = missing or bare or force or null_space >= NULLITY.most
    count = f"at least {null_space}" if more else str(null_space)
    text = f"not unique: the homogeneous equations have a null space of dimension {count}; "
    if missing:
        names = ", ".join(missing)
        faces = " or ".join(f"domain.at({name}=...)" for name in missing)
        return (
            text
            + f"nothing is prescribed at either end of {names}: add initial or boundary data on"
            f" {faces}"
        )
    if bare:
        faces = " and ".join(
            f"domain.at({place})" if place.count("=") == 1 else f"the boundary at {place}"
            for place in bare
        )
        return text + f"nothing is prescribed on {faces}: add a boundary condition there"
    if force:
        return text + force
    text += (
        "add the boundary condition that is missing, or move the equation's parameter off an"
        " eigenvalue"
    )
    thin = len(system.domain.coordinates) == 1 and natural_wavenumbers(system).max() > LAYERS.thin
    return text + SHIELDED if thin else text


def _too_small(system: System, field: Field, residuals: Sequence[float]) -> str:
    """Why a basis that was given leaves a large residual."""
    expansion = as_expansion(field)
    order = 0 if expansion is None else vanishing_order(system, expansion.space)
    if order:
        return (
            f"the functions of this basis have no derivatives of order {order}, which the equations"
            " hold (relu is piecewise linear): take another activation, Dense(400,"
            " activation='tanh') or 'sin'"
        )
    worst = int(np.argmax(residuals))
    named = describe(system.problem.conditions[worst], system.problem)
    return (
        f"the {field.functions} functions of this basis leave a residual of {residuals[worst]:.0e}"
        f" in '{named}': take more of them, or no basis, solve(problem, tolerance=1e-6), which"
        " finds one"
    )


def _contradictory(
    system: System, field: Field, history: History, residuals: Sequence[float]
) -> list[str]:
    """The conditions whose residual does not fall, however wide the basis."""
    widths = [step.residual for step in history.steps if step.stage == "grow"]
    falling = len(widths) > 1 and widths[-1] < SYMPTOMS.falling * min(widths[:-1])
    if max(residuals) < SYMPTOMS.large or falling:
        return []
    return [_no_basis(system, field, residuals)]


def _falling(history: History) -> bool:
    """Whether the widest bases leave less than narrower ones did, or that cannot be told."""
    best: dict[int, float] = {}
    for step in history.steps:
        if step.stage in ("choose", "grow"):
            best[step.functions] = min(step.residual, best.get(step.functions, step.residual))
    widest = max(best, default=0)
    narrower = [residual for width, residual in best.items() if 2 * width <= widest]
    wide = [residual for width, residual in best.items() if 2 * width > widest]
    return not narrower or min(wide) < SYMPTOMS.falling * min(narrower)


def _no_basis(system: System, field: Field, residuals: Sequence[float]) -> str:
    worst = [
        (c, r)
        for c, r in zip(system.problem.conditions, residuals, strict=True)
        if r > SYMPTOMS.named * max(residuals)
    ]
    named = [f"'{describe(c, system.problem)}' ({r:.0e})" for c, r in worst]
    kinked = [describe(c, system.problem) for c, _ in worst if fully_nonlinear(equation_of(c))]
    why = "check whether the conditions contradict each other, or their data jump where faces meet"
    if bare := without_functions(system, field):
        return f"no basis satisfies {', '.join(named)}: {bare}"
    if kinked:
        why = (
            f"'{kinked[0]}' is nonlinear in its highest derivatives: solutions of such equations"
            " may all have kinks: add a small multiple of second derivatives, eps*laplacian(u), and"
            " lower eps by a continuation; or " + why
        )
    return (
        f"no basis satisfies {', '.join(named)}: {why}; else the solution is rougher than any basis"
        " tried"
    )


def _left_over(system: System, residuals: Sequence[float]) -> str:
    """Where the search came to an end, if nothing else is known about it."""
    worst = int(np.argmax(residuals))
    if residuals[worst] < SYMPTOMS.rounded:
        return (
            f"the equations are solved to round-off, {residuals[worst]:.0e}: in float64 no smaller"
            " tolerance can be met"
        )
    named = describe(system.problem.conditions[worst], system.problem)
    return (
        f"the search ended above its tolerance: '{named}' is left at {residuals[worst]:.0e}, and"
        " wider bases leave little less: give a larger tolerance, more seconds in Budget(...), or a"
        " basis for what is rough there (basis=)"
    )


def _kinks(system: System, field: Field) -> list[str]:
    """What smooth functions can do where data jump, or a derivative of theirs; nothing, where each
    side has its own.
    """
    parts = [part for basis in field.bases for part in basis.modules()]
    resolved = any(isinstance(part, OneSidedBasis) for part in parts)
    sentences = []
    for residual in () if resolved else system.residuals:
        told = describe(residual.condition, system.problem)
        sentences += [
            f"the data of '{told}' {_jumping(kink)} where {kink.place}: derivative number"
            f" {kink.smoothness} of the solution jumps there; smooth functions, N a coordinate,"
            f" come as near as N^-{kink.smoothness + 0.5:g} (relative L2) at best, and points,"
            f" which see the place no better than their spacing, leave N^-{kink.order + 1}: a solve"
            " without basis= tries functions of their own for each side"
            for kink in residual.kinks
        ]
    return sentences[: SYMPTOMS.most]


def _jumping(kink: Kink) -> str:
    return {0: "jump", 1: "have a kink"}.get(kink.order, f"jump in derivative number {kink.order}")


def _layers(system: System, residuals: Sequence[float]) -> list[str]:
    natural = natural_wavenumbers(system)
    axis = int(natural.argmax())
    if natural[axis] < LAYERS.thin or max(residuals) < SYMPTOMS.resolved:
        return []
    length, coordinate = system.domain.extent[axis] / natural[axis], system.domain.coordinates[axis]
    return [
        f"terms of different order balance at the length {length:.1e} of {coordinate},"
        f" {natural[axis]:.0f} times below the domain's: layers or waves of that size are not"
        " resolved; give more seconds, or a basis with Stretched(...) or Graded(...) there"
    ]


def _narrow(system: System, residuals: Sequence[float]) -> list[str]:
    """Where the data do much in a small part of the domain, beside a large residual."""
    if max(residuals) <= SYMPTOMS.large:
        return []
    named = [
        ", ".join(
            f"{name}={centre if abs(centre) > 4 * width else 0:.4g} within {width:.0e}"
            for name, (centre, width) in place.at.items()
        )
        for place in places(system)[: SYMPTOMS.most]
    ]
    return [
        f"the data have a narrow feature at {'; '.join(named)}: a needle or a front wants more"
        " functions there, at a pole or a logarithm the solution is not smooth"
    ] * bool(named)
