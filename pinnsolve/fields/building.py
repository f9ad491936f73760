"""From declared bases to a space: which unknowns share one, over which coordinates, and where they
live.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain
from pinnsolve.compile.system import System
from pinnsolve.declare.problem import Problem
from pinnsolve.fields.declared import Bases, for_unknown
from pinnsolve.fields.separated import Constant
from pinnsolve.fields.space import Block, Space
from pinnsolve.geometry.region import Region
from pinnsolve.symbols.symbols import Unknown

# Of the block's number, what is declared, and the box.
Make = Callable[[int, Declaration, Domain], Basis]


def build_space(system: System, declared: Bases, seed: int, like: Tensor = DOUBLE) -> Space:
    """The space of all unknowns, its bases drawn by the seed, in the dtype and on the device of
    another tensor `(...)`: drawn in float64 first, so that they are the same functions in any.

    Raises ValueError as `space_of` does.
    """
    problem, box = system.problem, box_of(system.domain)
    space = space_of(
        problem, system.supports, declared, box, lambda _, part, own: part.build(own, seed)
    )
    for block, _ in space.groups:
        block.basis.to(like)
    return space


def space_of(
    problem: Problem, regions: Sequence[Region], declared: Bases, box: Domain, make: Make
) -> Space:
    """A block for each unknown; those of one declaration, of the same coordinates, and in one
    region, share their functions.

    `regions` say where each unknown lives. A basis is made over the box of its region (that of the
    domain is `box`), in the coordinates that the unknown has. Raises ValueError where no basis is
    given for an unknown, or one names coordinates that the unknown lacks.
    """
    held: dict[tuple[object, ...], Block] = {}
    blocks = []
    for u, region in zip(problem.unknowns, regions, strict=True):
        axes = own_axes(u, problem.domain)
        part = None if axes == () else for_unknown(declared, str(u.func))
        lives = None if region == problem.domain else region
        key = (id(part), axes, lives)
        if key not in held:
            whole = box if lives is None else box_of(lives)
            names = list(whole)
            own = whole if axes is None else {names[k]: whole[names[k]] for k in axes}
            basis = Constant() if part is None else make(len(held), part, own)
            held[key] = Block(basis, axes, lives)
        blocks.append(held[key])
    return Space(tuple(blocks))


def own_axes(unknown: Unknown, domain: Region) -> tuple[int, ...] | None:
    """The numbers of the unknown's coordinates among the domain's; None, if it has all."""
    own = unknown.func.coordinates
    axes = tuple(k for k, c in enumerate(domain.coordinates) if c in own)
    return None if len(axes) == len(domain.coordinates) else axes


def box_of(region: Region) -> dict[str, tuple[float, float]]:
    """A region's bounding box, as a basis wants it."""
    return {
        c.name: (float(a), float(b))
        for c, (a, b) in zip(region.coordinates, region.bounds, strict=True)
    }


def unknowns_of_fewer(unknowns: Sequence[Unknown], domain: Region) -> list[Unknown]:
    """Unknowns that lack a coordinate of the domain."""
    return [u for u in unknowns if own_axes(u, domain) is not None]


def fields_of_fewer(problem: Problem) -> list[Unknown]:
    """Unknowns that lack a coordinate of the domain, and have some: of no one basis."""
    return [u for u in unknowns_of_fewer(problem.unknowns, problem.domain) if u.args]
