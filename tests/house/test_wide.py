"""The study of one wide basis: its table holds what is said of it, and a small row is measured
again.
"""

from __future__ import annotations

import pytest
import torch

from results import wide, wide_gpu
from results.writing import read_csv
from study_tables import ROOT


def test_a_small_row_of_each_way(tmp_path):
    beside = tmp_path / "values.npy"
    memory, blocks, sketch = (wide.row(way, 300, beside, k=8.0) for way in wide.WAYS)
    assert memory.error < 1e-11
    assert memory.condition > 1e15
    for other in (blocks, sketch):
        assert other.error < 10 * memory.error + 1e-13
        assert other.apart < 1e-11


def test_the_table_keeps_what_is_said_of_it():
    rows = {(r.way, r.columns, r.ranks): r for r in read_csv("wide.csv", wide.Row)}
    assert len(rows) == len(wide.COLUMNS) * (len(wide.WAYS) + len(wide.RANKS))
    most = max(wide.COLUMNS)
    memory = rows["memory", most, 1]
    assert memory.error < 1e-12
    for key, row in rows.items():
        alone = rows["memory", row.columns, 1]
        assert row.error < 2 * alone.error, key
        if row.columns == most:
            assert row.apart < 5e-12, key
    # Ranks gain time, blocks memory, and the sketch neither on one core.
    assert rows["memory", most, 2].seconds < 0.85 * memory.seconds
    assert rows["blocks", most, 1].megabytes < 0.6 * memory.megabytes
    assert rows["sketch", most, 1].seconds > rows["blocks", most, 1].seconds > memory.seconds
    assert "commit" in (ROOT / "results" / "wide.md").read_text(encoding="utf-8")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_the_benchmark_says_that_there_is_no_gpu(monkeypatch):
    said = []
    wide_gpu.main(said.append)
    assert said == ["no CUDA device is here: the GPU part was not run"]
    monkeypatch.setattr(wide_gpu, "K", 8.0)
    (found,) = wide_gpu.speeds(["cpu"], [200])
    assert "cpu" in wide_gpu.table([found])
