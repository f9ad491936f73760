"""Eigenvalues beside scikit-fem: what the study holds, and a row again."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from pinnsolve.problems.spectra import SPECTRA
from results import spectra_peers
from results.composite_peers_report import points, quickest
from results.writing import read_csv


def rows():
    return read_csv(spectra_peers.CSV, spectra_peers.Row)


def test_the_table_is_whole():
    """Whatever was to be measured was, as often; nothing else stands there."""
    wanted = {(j.problem, j.package, j.size): spectra_peers.RUNS for j in spectra_peers.jobs()}
    there = [(r.problem, r.package, r.size) for r in rows()]
    assert {key: there.count(key) for key in there} == wanted


def test_ours_are_met_and_as_exact_as_the_page_says():
    ours = [r for r in rows() if r.package == spectra_peers.OURS]
    assert {r.note for r in ours} == {"met"}
    assert max(r.error for r in ours) < 1e-8


@pytest.mark.parametrize("name", sorted({*spectra_peers.SIZES} - {"clamped_plate"}))
def test_losses_are_told(name):
    """What the page says: down to 1e-6 elements are quicker."""
    taken = quickest([p for p in points(rows()) if p.problem == name], 1e-6)
    assert min(taken, key=taken.get) != spectra_peers.OURS


def test_one_that_is_missing_is_an_error():
    """Of a pair, too: no other stands in its place."""
    known = np.sort(np.real(SPECTRA["square_drum"]()[1]))[:13]
    assert spectra_peers.error_of("square_drum", known[:12]) == 0
    assert spectra_peers.error_of("square_drum", np.delete(known, 1)) > 0.1


def test_a_row_can_be_reproduced():
    for package in ("skfem", "gmsh"):
        pytest.importorskip(package, reason="not installed: pip install scikit-fem gmsh")
    elements = import_module("results.peer_runs.spectra_elements")
    wanted = "oscillator", "scikit-fem P4", "h = 0.5"
    row = next(r for r in rows() if (r.problem, r.package, r.size) == wanted)
    unknowns, values = elements.solved("oscillator", "P4", 0.5)
    assert unknowns == row.unknowns
    assert spectra_peers.error_of("oscillator", values) == pytest.approx(row.error, rel=0.1)
