"""What the facets of a region leave open: no solution knows the smooth body better than they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import singledispatch

from pinnsolve.geometry.region import Region
from pinnsolve.symbols.warned import warn


@singledispatch
def facets_in(region: Region) -> Iterator[tuple[float, str]]:
    """Of every mesh in a region: what its facets change of a field (relative, L2), as they do in a
    ball that is heated evenly; and how far they are from the smooth surface that they stand for, in
    words.
    """
    if is_dataclass(region):
        parts = [getattr(region, each.name) for each in fields(region)]
        for part in parts:
            if isinstance(part, Region):
                yield from facets_in(part)


def coarse_facets(region: Region, sought: float) -> str:
    """What is to be said where an error of `sought` (relative) is below what facets know; nothing
    where it is not.
    """
    floor, said = max(facets_in(region), default=(0.0, ""))
    if not floor or sought >= floor:  # of an error that is not known it is said too
        return ""
    return (
        f"{said}: of the smooth body nothing is known below about {floor:.0e} (relative), however"
        " well the equations are solved on the facets; give a finer mesh, or Mesh(..., sharp=0) if"
        " the facets are the body itself"
    )


def warn_of_facets(region: Region, tolerance: float | None) -> None:
    """Warn of a tolerance that is below what the facets of a region know."""
    said = "" if tolerance is None else coarse_facets(region, tolerance)
    if said:
        warn(f"tolerance {tolerance:g}: {said}")
