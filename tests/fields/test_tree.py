"""Boxes cut in two: owners, faces and cuts, against what boxes themselves say."""

from __future__ import annotations

import numpy as np
import pytest

from pinnsolve.fields.tree import around, contains, cuts_of, divided, faces, grid, tree_of

UNIT = np.array([[0.0, 1.0], [0.0, 2.0]])
CUBE = np.array([[0.0, 1.0]] * 3)
# Cells of two sizes: one of six is cut again, and one of its parts once more.
HANGING = divided(
    divided(grid(UNIT, (3, 2)), lambda k: (2, 2) if k == 1 else (1, 1)),
    lambda k: (2, 2) if k == 2 else (1, 1),
)
TREES = {"grid": grid(UNIT, (3, 5)), "hanging": HANGING, "cube": grid(CUBE, (2, 3, 2))}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_cells_cover_the_box_once(tree):
    volumes = [np.ptp(box, axis=1).prod() for box in tree.cells]
    assert sum(volumes) == pytest.approx(np.ptp(tree.bounds, axis=1).prod(), rel=1e-14)
    low, sides = tree.bounds[:, 0], np.ptp(tree.bounds, axis=1)
    x = low + sides * np.random.default_rng(0).random((2000, len(sides)))
    owners = tree.owners(x)
    inside = [((x >= box[:, 0]) & (x <= box[:, 1])).all(axis=1) for box in tree.cells]
    assert (np.sum(inside, axis=0) == 1).all()
    assert all(inside[owner][k] for k, owner in enumerate(owners))


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_faces_are_all_of_the_cells_sides_that_lie_inside(tree):
    areas = np.zeros(len(tree.cells))
    for face in faces(tree):
        below, above = tree.cells[face.below], tree.cells[face.above]
        assert below[face.axis, 1] == above[face.axis, 0] == face.bounds[face.axis, 0]
        area = np.delete(np.ptp(face.bounds, axis=1), face.axis).prod()
        for k in (face.below, face.above):
            assert (face.bounds[:, 0] >= tree.cells[k][:, 0]).all()
            assert (face.bounds[:, 1] <= tree.cells[k][:, 1]).all()
            areas[k] += area
    for box, area in zip(tree.cells, areas, strict=True):
        sides = np.ptp(box, axis=1)
        inner = sum(
            (box[a, end] != tree.bounds[a, end]) * np.delete(sides, a).prod()
            for a in range(len(box))
            for end in (0, 1)
        )
        assert area == pytest.approx(inner, rel=1e-13)


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_cuts_make_the_same_tree(tree):
    again = tree_of(tree.bounds, cuts_of(tree))
    assert all((a == b).all() for a, b in zip(again.cells, tree.cells, strict=True))


@pytest.mark.parametrize(
    "cuts",
    [
        (),
        ((0, 0.5), (-1, 0.0)),
        ((-1, 0.0), (-1, 0.0)),
        ((0, 1.5), (-1, 0.0), (-1, 0.0)),
        ((2, 0.5), (-1, 0.0), (-1, 0.0)),
    ],
)
def test_other_cuts_are_refused(cuts):
    with pytest.raises(ValueError, match="cut"):
        tree_of(UNIT, cuts)


def test_cuts_go_around_what_shall_be_whole():
    square = np.array([[0.0, 1.0], [0.0, 1.0]])
    holes = [
        np.array([[x - 0.1, x + 0.1], [y - 0.1, y + 0.1]]) for x in (0.25, 0.7) for y in (0.3, 0.75)
    ]
    tree = around(square, np.array([0.25, 0.25]), holes)
    for hole in holes:
        assert sum(contains(cell, hole) for cell in tree.cells) == 1
    assert sum(np.ptp(cell, axis=1).prod() for cell in tree.cells) == pytest.approx(1.0)
    # No cell of others is larger than asked.
    empty = [c for c in tree.cells if not any(contains(c, hole) for hole in holes)]
    assert all((np.ptp(c, axis=1) <= 0.25 * 1.5).all() for c in empty)
    # Two that overlap cannot be kept apart, and are cut.
    close = [holes[0], holes[0] + 0.05]
    assert len(around(square, np.array([0.25, 0.25]), close).cells) > 8
    assert cuts_of(around(square, np.array([0.5, 0.25]), [])) == cuts_of(grid(square, (2, 4)))
