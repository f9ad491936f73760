"""Rows that may outgrow the memory."""

from __future__ import annotations

import pytest
import torch

from pinnsolve.evolution import kept_rows
from pinnsolve.evolution.kept_rows import Keeping, KeptRows, rows_on_disk


@pytest.mark.parametrize("memory", [1, 2**20], ids=["file", "memory"])
def test_rows_come_back_as_they_were(memory, monkeypatch):
    monkeypatch.setattr(kept_rows, "KEEPING", Keeping(memory))
    numbers = torch.randn(30, 7, dtype=torch.float64)
    rows = KeptRows(7)
    for k in range(10):
        rows.append(numbers[k])
    rows.append(numbers[10:])
    early = rows.whole()
    assert len(rows) == 30
    assert torch.equal(early, numbers)
    assert torch.equal(rows[17], numbers[17])
    rows.append(2 * numbers)
    assert torch.equal(early, numbers)  # what was handed out stays
    assert torch.equal(rows.whole()[30:], 2 * numbers)
    del rows
    assert torch.equal(early, numbers)  # also when nobody keeps them any more


def test_many_rows_are_read_from_a_file_as_they_are_asked_for(monkeypatch):
    """What is handed out is the file itself then, and a copy as long as there are few."""
    monkeypatch.setattr(kept_rows, "KEEPING", Keeping(1000))
    rows = KeptRows(100)
    rows.append(torch.ones(1, 100, dtype=torch.float64))
    rows.whole()[0] = 5
    assert float(rows[0].max()) == 1
    rows.append(torch.ones(1, 100, dtype=torch.float64))
    rows.whole()[0] = 5
    assert float(rows[0].min()) == 5
    assert rows_on_disk(100) > 0


def test_rows_have_the_dtype_of_their_tensor():
    rows = KeptRows(2, torch.zeros(0, dtype=torch.float32))
    rows.append(torch.tensor([0.5, 3.0]))
    assert rows[0].dtype == rows.whole().dtype == torch.float32
