"""What round-off and other draws leave in doubt, in sentences."""

from __future__ import annotations

import numpy as np
import torch

from pinnsolve.basis.adapted.corners import CornerBasis
from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import deviation, power_of_two
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.fields.field import Field
from pinnsolve.geometry.inward import inward_edges
from pinnsolve.running.history import History
from pinnsolve.running.stop import Stop
from pinnsolve.search.confirm import DOUBT
from pinnsolve.search.families.corners import known_corners


def sensitive(lost: float) -> list[str]:
    """That a function is nearly null."""
    return [
        f"ill-conditioned: a function solves the homogeneous equations up to {10**-lost:.1e} of"
        f" their terms, so the solution depends on the data with about {lost:.0f} digits lost; the"
        " estimate counts the rounding of the data by that"
    ] * (lost > 0)


def along_edges(system: System) -> list[str]:
    """That a body in space has edges that point inwards."""
    if len(system.domain.coordinates) != 3 or evolution_form(system) is not None:
        return []
    places = inward_edges(system.domain)
    if not len(places):
        return []
    pairs = zip(system.domain.coordinates, places[0].tolist(), strict=True)
    at = ", ".join(f"{c}={value:.4g}" for c, value in pairs)
    return [
        f"edges of the body point inwards, one of them at {at}: derivatives are infinite along"
        " them, and in space no functions here know that: expect few digits, round the edges, or"
        " solve a section of it in the plane, where there are such functions"
    ]


def contradicting(missed: float) -> str:
    """That data have no solution, in a sentence, with the part of them that is in the way."""
    return (
        "no solution exists for these data: the equations and conditions contradict each other;"
        " the homogeneous ones have a null space, and the load and the conditions' data are not"
        " orthogonal to that of the adjoint, as they must be: the residual stagnates at"
        f" {missed:.1e} of the data in any basis; balance the load with the flux through the"
        " boundary, or move the equation's parameter off its eigenvalue"
    )


def without_solution(history: History, residual: float) -> str:
    """Where Newton's method was stuck, and how far a homotopy came, in a sentence."""
    shares = [step.share for step in history.steps if step.share < 1]
    most = max(shares, default=1.0)
    reached = (
        f" as the nonlinear share reaches {most:.2g}"
        if 0 < most < 1
        else " at any nonlinear share"
        if shares
        else ""
    )
    known = history.stopped == Stop.NO_SOLUTION
    again = (
        "; there is none near (beyond a fold?), or it lies far from the solution of the linear part"
    )
    return (
        "no solution was found: the residual stagnates at"
        f" {residual:.1e}{reached}{again if known else ''}; change the equations' constants, or"
        " give a guess, or a continuation in a constant"
    )


def without_functions(system: System, field: Field) -> str:
    """Where the solution is singular, at corners that the field has no functions for, in a
    sentence; empty, if there are none.
    """
    parts = [part for basis in field.bases for part in basis.modules()]
    made = {c.at for part in parts if isinstance(part, CornerBasis) for c in part.corners}
    bare = [c for c in known_corners(system) if c.rough and c.at not in made]
    if not bare:
        return ""
    roughest = min(bare, key=lambda corner: corner.lowest)
    size = float(system.domain.extent.max())
    at = zip(system.domain.coordinates, roughest.at, strict=True)
    return (
        f"the solution may go like r^{roughest.lowest:.3g} at"
        f" {', '.join(f'{c}={round(v / size, 6) * size + 0.0:.4g}' for c, v in at)}, where the"
        " boundary turns, or what holds on it changes, and no functions were made for that: they"
        " would jump within the domain, behind the rim of a hole for instance; cells have them,"
        " solve(problem, cells=(4, 4))"
    )


def disagreeing(system: System, change: float, residual: float) -> list[str]:
    """That two draws satisfy nonlinear equations, and are two functions."""
    # Farther apart than errors that such a residual promises: they have found two functions.
    apart = change > max(0.03, 30 * residual)
    if system.linear or residual > DOUBT.unreliable or not apart:
        return []
    return [
        f"two independent draws differ by {change:.1g}, though both satisfy the equations to"
        f" {residual:.0e} of their terms: there are several solutions, and a guess tells which; or"
        " none, and slopes grow with the basis; or something thin is not resolved yet"
    ]


def jumping(jump: float) -> list[str]:
    """That cells do not meet."""
    return [
        f"functions of neighbouring cells differ by {jump:.0e} where they meet: a layer or a front"
        " is narrower than the cells there, or conditions contradict each other; give more cells,"
        " or none, solve(problem, tolerance=1e-6)"
    ] * (jump > DOUBT.unreliable)


def digits_left(system: System, field: Field, residual: float) -> list[str]:
    """Large coefficients that cancel each other leave eps |c| |phi| of noise."""
    x = quadrature(system, 512, 0).x  # where both are large, whatever its share of the volume
    terms = field.term_sizes(x)
    value = float(deviation(system, field.values(x), field.support(x)).max())
    unit = power_of_two(terms)
    noise = (
        torch.finfo(torch.float64).eps * float((terms / unit).norm()) / max(value / unit, 1e-300)
    )
    # Round-off far below the residual is not worth a word, nor are the last six digits.
    if noise < max(1e-2 * residual, 1e-10):
        return []
    digits = max(0, round(-np.log10(noise)))
    return [
        f"large coefficients cancel each other: about {digits} digits are left; fewer or steeper"
        " neurons help"
    ]
