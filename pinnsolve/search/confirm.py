"""The last question before a tolerance is said to be met: does the residual hold on far more
points, and on better ones?

Two draws may agree on a wrong function, and hundreds of points may miss where it is wrong. So the
residual is asked for once more: on many fresh points, around those where it is largest, where the
basis itself is steep, and around every narrow feature of the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.changes import beside_peers, deviation, of_each, rms, shares_of
from pinnsolve.discretize.collocate import gathers, most_columns
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.kinked import sides_have_kinks
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.measure import (
    hidden_residual,
    largest_residual,
    local_sizes,
    many,
    relative_residuals,
    residual_field,
)
from pinnsolve.discretize.own_features import own_residual
from pinnsolve.discretize.places import Place, around, places, quadrature
from pinnsolve.discretize.points import Points, fills_domain, sample_region
from pinnsolve.discretize.rough import roughness
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field


@dataclass(frozen=True)
class Doubt:
    """When a residual that seems small is asked for again, where, and on how many points."""

    # A relative residual above which two draws that agree prove nothing
    unreliable: float = 1e-2
    # The residual, of higher derivatives, may be this many times the goal for the values
    promising: float = 30.0
    # Fresh points in the domain, and in each group of others
    points: int = 4096
    others: int = 2048
    # Points of an equation, around which others are drawn: where its residual is largest
    worst: int = 4
    # Spacings, to which those points lie around the largest residuals
    reach: float = 16.0
    # Of the seeds of all these points: no solve and no other judgement has it
    stream: int = 15_485_863
    # And of the points at which a solution shows its residuals
    shown: int = 7_654_321
    # Of the volume: a pole's own box, which no halving makes narrow enough, is smaller
    hidden: float = 1e-9
    # Of what is claimed of an error: less of a residual may be hidden. Where derivatives are large
    # beside values, errors were up to 17 times a residual
    hiding: float = 0.01
    # A residual above which two draws of a basis that is given prove less than what it allows: all
    # are off alike, where none resolves a front; nor a kink of what sides are given
    shared: float = 1e-3
    # Waves in which the error is looked for that such a residual allows
    waves: int = 400
    # Of a residual, the part that they explain at least
    explained: float = 0.05
    # Of these waves, radians a side: errors are smoother than residuals, and fronts narrower
    wavenumbers: tuple[float, ...] = (8.0, 16.0)


DOUBT = Doubt()


def residual_that_is_enough(goal: float, promising: float = DOUBT.promising) -> float:
    """The largest residual, of higher derivatives, beside which a tolerance may be met: so many
    times the goal for the values, but none that says that nothing is known.
    """
    return min(promising * goal, max(DOUBT.unreliable, goal))


def confirmed_residual(system: System, field: Field, seed: int) -> float:
    """The largest relative residual on many points that no solve and no other judgement has seen.

    Of data with features that are too narrow even for the trees that enclose them, at least the
    root of their volume; also of functions of the unknowns, along the solution.
    """
    seed = seed + DOUBT.stream
    # Where a basis is steep, or data are narrow, uniform points are too few to find anything.
    groups = [
        *_where_steep(system, field, seed),
        *(around(system, p, DOUBT.others, seed) for p in places(system)),
    ]
    groups += _where_large(system, field, seed)
    hidden = max((f.hidden for r in system.residuals for f in r.features), default=0.0)
    # Unseen data of size one in such a volume are this large in the mean square.
    unseen = hidden**0.5 if hidden > DOUBT.hidden else 0.0
    largest = largest_residual(system, field, seed, many(system, DOUBT.points), groups)
    return max(unseen, largest, own_residual(system, field, DOUBT.others, seed))


def _where_large(system: System, field: Field, seed: int) -> Iterator[Points]:
    """Points at all distances from those where an equation's residual is largest; weights are
    volumes.

    So what no tree can enclose is looked at closely: an unknown's own nonlinearity, and data given
    as arrays.
    """
    domain, rough = system.domain, roughness(system)
    points = many(system, DOUBT.points)
    spacing = domain.extent / points ** (1 / len(domain.coordinates))
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            x = sample_region(residual.condition.region, points, seed + 1).x
            counted = rough.of_equation(residual, tensor_of(x, field.like))
            size = (counted * residual_field(residual, field, x)).abs().nan_to_num(nan=torch.inf)
            for k in size.topk(min(DOUBT.worst, len(x))).indices.tolist():
                near = zip(domain.coordinates, x[k].tolist(), spacing.tolist(), strict=True)
                place = Place({c.name: (centre, width) for c, centre, width in near})
                yield around(system, place, DOUBT.others // DOUBT.worst, seed + k, DOUBT.reach)


def _where_steep(system: System, field: Field, seed: int) -> Iterator[Points]:
    """Points that are uniform in the basis' own coordinates, for each part that has such; weights
    are volumes.
    """
    for k, gather in enumerate(gathers(field.bases)):
        p = sample_region(system.domain, DOUBT.others, seed + k)
        x = tensor_of(p.x, field.like).requires_grad_()
        moved = gather(x, None)
        rows = [
            torch.autograd.grad(moved[:, i].sum(), x, retain_graph=True)[0]
            for i in range(moved.shape[1])
        ]
        weights = p.weights * array_of(torch.stack(rows, dim=1).det().abs())
        at = array_of(moved)
        kept = system.domain.contains(at, 0.0) & np.isfinite(weights)
        yield Points(at[kept], None, weights[kept])


def hidden_error(system: System, field: Field, seed: int, claimed: float) -> float:
    """What the residual allows the error to be, where terms that are far larger elsewhere hide more
    of it than what is `claimed` can stand (`hidden_residual`); else zero.

    Draws of one basis do not tell of that: rows of stiff terms hold all of them alike. Steps in
    time weigh no row against another. What smooth waves leave of the residual lies beside a layer
    that is resolved, and is no error elsewhere.
    """
    enough = DOUBT.hiding * claimed
    if not field.bases or hidden_residual(system, field, seed + DOUBT.stream) <= enough:
        return 0.0
    return allowed_error(system, field, seed, explained=1.0)


def shown_residuals(system: System, field: Field, seed: int) -> tuple[float, ...]:
    """The relative residuals that a solution shows, one a condition, and is judged by."""
    return relative_residuals(system, field, seed + DOUBT.shown)


def least_error(
    system: System,
    field: Field,
    seed: int,
    claimed: float,
    residual: float,
    believed: float = DOUBT.unreliable,
) -> float:
    """What is claimed of an error at least, beside the largest residual that is shown: what stiff
    terms hide; above the residual that is `believed`, the error that it allows, and where two draws
    that agree prove nothing, the residual.

    A field that has its equations in the mean alone shows residuals that say less. Where what sides
    are given jumps, or has kinks, draws are off alike there, as those of one basis are.
    """
    if sides_have_kinks(system):
        believed = min(believed, DOUBT.shared)
    if field.weak or residual <= believed:
        return hidden_error(system, field, seed, claimed)
    unreliable = residual if residual > DOUBT.unreliable else 0.0
    return max(unreliable, allowed_error(system, field, seed))


def _by_their_terms(
    system: System, field: Field, points: Sequence[Points], seed: int
) -> tuple[Points, ...]:
    """Points of equations, each of which counts by the size of its own terms."""
    sizes = local_sizes(system, field, points, seed)
    return tuple(
        replace(p, factors=array_of(rms(size) / size)) if fills_domain(r.condition.region) else p
        for r, p, size in zip(system.residuals, points, sizes, strict=True)
    )


def allowed_error(
    system: System, field: Field, seed: int, explained: float = DOUBT.explained
) -> float:
    """What the residual of a field allows its error to be: the largest correction that least
    squares finds in other, smooth waves of several lengths; they are taken to explain the part
    `explained` of the residual at least.

    Relative to the deviation of the field, like other errors; infinite where the residual is not
    finite.
    """
    # No more functions than given points determine: more would fit any residual.
    width = min(max(50, DOUBT.waves // system.n_unknowns), most_columns(system) / system.n_unknowns)
    width = max(1, int(width))
    points = drawn(system, 3 * width * system.n_unknowns, seed + DOUBT.stream)
    points = _by_their_terms(system, field, points, seed)
    tangent = linearized(system, field)
    # The basis of the solution cannot hold what it has missed: other functions are asked.
    lengths = (Dense(width, 1, "sin", Waves(k)) for k in DOUBT.wavenumbers)
    return max(_allowed(system, tangent, field, seed, points, w, explained) for w in lengths)


def _allowed(
    system: System,
    tangent: System,
    field: Field,
    seed: int,
    points: Sequence[Points],
    declared: Dense,
    explained: float,
) -> float:
    """By waves of a length: their correction, and as much again for the part of the residual that
    they leave.

    Of a part q it counts 1 + q + q^2 + ... = 1 / (1 - q) times: smooth waves explain a tenth of the
    residual beside a front that is narrower.
    """
    waves = build_space(system, declared, seed + DOUBT.stream, field.like)
    problem = assemble(tangent, points, waves)
    for residual, p, rows, scale in zip(
        tangent.residuals, points, problem.slices, problem.row_scales, strict=True
    ):
        # Points in rare boxes are many for their volume: rows count by their share.
        weights = np.sqrt(p.weights / p.weights.mean())
        factors = 1.0 if p.factors is None else p.factors
        problem.augmented[rows, :-1] *= weights[:, None]
        values = array_of(residual_field(residual, field, p.x, p.normals))
        problem.augmented[rows, -1] = -scale * factors * weights * values
    if not np.isfinite(problem.target).all():
        return float("inf")
    solved = least_squares(problem.augmented)
    correction = Expansion(waves, tensor_of(solved.coefficients, waves.like))
    p = quadrature(system, DOUBT.others, seed + DOUBT.stream)
    where, shares = field.support(p.x), shares_of(p)
    own = deviation(system, field.values(p.x), where, shares)
    sizes = beside_peers(system, own)
    corrected = float((of_each(correction.values(p.x), where, rms, shares) / sizes).max())
    left = solved.residual / max(solved.target, 1e-300)
    return corrected / max(explained, 1 - left)
