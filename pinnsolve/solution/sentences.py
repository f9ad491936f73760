"""What is said of numbers, and of data with errors, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.symbols.assumed import POSITIVE, Bounds

UNSETTLED = (
    "error bars may be too small: with more functions they, or what they are of, still change; give"
    " more seconds, or say more on boundaries"
)


def unfit(misfit: float, unknown: bool) -> str:
    """That what is left of the data is no chance, so that error bars say nothing."""
    left = (
        "what is left of values beside each other is alike, as errors are not"
        if unknown
        else f"squares left are {misfit:.3g} per degree of freedom, and about 1 is right"
    )
    return (
        f"the data are not fitted: {left}; the numbers may be those of another minimum, so give"
        " bounds or a guess; or the equations are not what was measured, or some values are wild"
        " (loss='student'), or errors larger than was said; error bars hold for none of these"
    )


def unseen(numbers: Mapping[str, float], blind: Sequence[float]) -> str:
    """That data say nothing of a direction of numbers, by name with their values: in the words of
    what they enter as.
    """
    largest = max(map(abs, blind))
    moved = {n: b for n, b in zip(numbers, blind, strict=True) if abs(b) > 1e-6 * largest}
    names = sorted(moved)
    text = "not unique: data do not see " + " and ".join(names)
    if len(names) == 1:
        return f"{text}: no equation that they reach holds it; measure what it changes, or give it"
    if len(names) > 2:
        return f"{text} apart: give one of them, or measure something else"
    (a, b), (first, second) = names, (moved[n] for n in names)
    relative = first / (numbers[a] or 1.0), second / (numbers[b] or 1.0)
    if math.isclose(*relative, rel_tol=1e-3):
        return f"{text} apart, which enter only as {a} / {b}: give one of them"
    if math.isclose(relative[0], -relative[1], rel_tol=1e-3):
        return f"{text} apart, which enter only as {a} * {b}: give one of them"
    weight = -first / second
    other = b if math.isclose(abs(weight), 1, rel_tol=1e-3) else f"{abs(weight):.3g} * {b}"
    return f"{text} apart, which enter only as {a} {'+' if weight > 0 else '-'} {other}: give one"


def left_open(names: Sequence[str]) -> str:
    """That equations leave some unknowns open, by a constant or more, beside numbers that they do
    not.
    """
    these = " and ".join(names)
    return (
        f"not unique: equations leave {these} open by a constant, or by a function of some"
        f" coordinates; say what {names[0]} is at a point, or along a line; numbers, and what is"
        " measured, do not depend on that"
    )


def at(value: float, bounds: Bounds) -> bool:
    """Whether a number is at one of its bounds, or beyond."""
    near = 1e-6 * (bounds[1] - bounds[0])
    return not bounds[0] + near < value < bounds[1] - near


def held(name: str, value: float, bounds: Bounds) -> str:
    """That a bound holds a number, or that it is beyond."""
    near = min(bounds, key=lambda bound: abs(bound - value))
    least = "below" if near == bounds[0] else "above"
    if not bounds[0] <= value <= bounds[1]:
        return f"{name} = {value:.4g} is {least} its bound {near:g}: no solution within was found"
    return (
        f"{name} is at its bound {near:g}: the best may be {least} it, and error bars are those of"
        " no bounds; give wider ones, if they make sense"
    )


def other_minimum(
    kinds: Sequence[tuple[str, str]], values: Sequence[float], misfit: float, least: float
) -> str:
    """That other numbers are a minimum too, and how much worse it is."""
    pairs = zip(kinds, values, strict=True)
    each = [f"{n} = {math.exp(v) if kind == POSITIVE else v:.4g}" for (n, kind), v in pairs]
    return (
        f"another minimum: {', '.join(each)} leaves squares of {misfit:.3g} per degree of freedom,"
        f" this solution {least:.3g}"
    )


def known_by_data(deviation: float) -> str:
    """Why data with errors meet no smaller tolerance."""
    return (
        f"these data tell what is sought to {deviation:.0e} (its relative standard deviation): a"
        " tolerance below that wants more of them, or better ones, and no other basis"
    )


def of_data(posterior: Posterior) -> str:
    """How data are fitted, and what rules other than the evidence say of priors, in lines of a
    report.
    """
    gammas = ", ".join(f"{gamma:.1f}" for gamma in posterior.gammas)
    against = f"; {gammas} directions determined against the prior" if gammas else ""
    lines = [
        f"data      squares left {posterior.misfit:.3g} per degree of freedom,"
        f" {posterior.used:.1f} values used up{against}"
    ]
    if posterior.discrepancy:
        low, high = posterior.discrepancy
        lines.append(f"prior     the discrepancy allows {low:.2g} to {high:.2g} times its strength")
    if posterior.cross_validation:
        factor, moved, gain = posterior.cross_validation
        lines.append(
            f"prior     generalized cross validation prefers {factor:.2g} times its strength:"
            f" fields move by {moved:.2g} deviations, its score falls by {gain:.1%}"
        )
    return "\n".join(lines)
