"""Files that are damaged, forged or none of ours are refused, and nothing in them is run."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pinnsolve import load, solve
from pinnsolve.solution.nodes import unpacked
from pinnsolve.solution.storage import read_file, write_file
from small_files import few, points, poisson


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "solution.st"
    solve(poisson, few).save(path)
    return path


def refused(path, match="cannot read", kind=ValueError):
    for reading in (lambda: load(path), lambda: load(path, poisson)):
        with pytest.raises(kind, match=match) as caught:
            reading()
        assert path.name in str(caught.value)


def test_every_flipped_bit_is_noticed(path, tmp_path):
    data = path.read_bytes()
    copy = tmp_path / "flipped.st"
    generator = np.random.default_rng(0)
    bits = [*range(0, 8 * 64), *generator.integers(0, 8 * len(data), 300)]
    for bit in bits:
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << (bit % 8)
        copy.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"flipped\.st"):
            load(copy)


@pytest.mark.parametrize("cut", [0, 4, 8, 100, 3000, -1, "longer"])
def test_files_that_are_cut_or_longer(path, tmp_path, cut):
    data = path.read_bytes()
    copy = tmp_path / "cut.st"
    copy.write_bytes(data + b" " if cut == "longer" else data[:cut])
    refused(copy)


def test_what_is_no_file_of_ours(tmp_path):
    refused(tmp_path / "missing.st", "no file", FileNotFoundError)
    refused(tmp_path, "folder", IsADirectoryError)
    (tmp_path / "text.st").write_text("a text\n" * 100, encoding="utf-8")
    refused(tmp_path / "text.st")
    save_file({"a": torch.zeros(1)}, tmp_path / "other.st")
    refused(tmp_path / "other.st", "no pinnsolve solution")
    save_file(
        {"a": torch.zeros(1)},
        tmp_path / "old.st",
        {"pinnsolve": json.dumps({"format": "pinnsolve-1"})},
    )
    refused(tmp_path / "old.st", "another version")


def forged(path, target, edit):
    """A file that is whole, but says something else."""
    tensors, description = read_file(path)
    edit(description, tensors)
    write_file(target, tensors, description)
    return target


def in_basis(**held):
    def edit(description, tensors):
        node = next(n for n in description["solution"] if n[0] == "Dense")
        for name, value in held.items():
            if name in node:
                node[node.index(name) + 1] = value
            else:
                node += [name, value]

    return edit


def as_basis(node, *before):
    def edit(description, tensors):
        nodes = description["solution"]
        k = next(i for i, n in enumerate(nodes) if n[0] == "Dense")
        nodes[k:k] = [*before]
        for n in nodes[k + len(before) :]:
            for part in n[1:]:
                if isinstance(part, list) and part[0] >= k:
                    part[0] += len(before)
        nodes[k + len(before)] = [
            node[0],
            *([p[0] + k] if isinstance(p, list) else p for p in node[1:]),
        ]

    return edit


def in_problem(kind, *parts):
    def edit(description, tensors):
        place = next(i for i, n in enumerate(description["problem"]) if n[0] == kind)
        description["problem"][place][1:] = parts

    return edit


FORGED = {
    "wide": in_basis(width=10**9),
    "deep": in_basis(depth=10**9),
    "negative": in_basis(width=-3),
    "not a number": in_basis(width={"number": "nan"}),
    "infinite": in_basis(width={"number": "inf"}),
    "text": in_basis(width="30"),
    "list": in_basis(width=[0]),
    "activation": in_basis(activation="os.system"),
    "stray": in_basis(colour=3),
    "nothing": in_basis(width=None),
    "unknown type": as_basis(["os.system", "command", "false"]),
    "no basis": as_basis(["Waves", "scale", 3.0]),
    "residual": as_basis(["ResNet", "width", 10**5, "depth", 10**5]),
    "low rank": as_basis(["LowRank", "rank", 10**9, "degree", 10**9]),
    "corners": as_basis(
        ["CornerFunctions", "corners", [4]],
        ["tuple", 0.0, 0.0],
        ["tuple", [0]],
        ["tuple", [0], [0]],
        ["Corner", "at", [0], "axes", [2], "opening", 3.0, "top", 1e12],
        ["tuple", [3]],
    ),
    "starts": as_basis(
        ["StartFunctions", "starts", [1]],
        ["tuple", [2]],
        ["Start", "at", 0.0, "begin", 0.0, "axis", 0, "diffusivity", 1.0, "top", 10**6],
    ),
    "walls": as_basis(
        ["WallFunctions", "walls", [1], "time", 1, "along", 10**6],
        ["tuple", [2]],
        ["Start", "at", 0.0, "begin", 0.0, "axis", 0, "diffusivity", 1.0],
    ),
    "surfaces": as_basis(
        ["SurfaceFunctions", "surfaces", [1], "time", 2, "begin", 0.0],
        ["tuple", [2]],
        ["Surface", "level", [3], "factor", [4], "degree", 0, "diffusivity", 1.0, "top", 10**6],
        ["Level", "terms", [4]],
        ["tuple"],
    ),
    "bores": as_basis(
        ["BoreFunctions", "bores", [1]],
        ["tuple", [2]],
        ["Bore", "hole", [3], "axis", 2, "degree", 10**6],
        ["Hole", "at", [4], "radius", 0.5],
        ["tuple", 0.0, 0.0],
    ),
    "rims": as_basis(
        ["RimLayers", "rims", [1]],
        ["tuple", [2]],
        ["Rim", "at", [3], "radius", 1.0, "thickness", 0.1, "outside", False, "depth", 10**6],
        ["tuple", 0.0, 0.0],
    ),
    "initializer": as_basis(
        ["Dense", "width", 30, "initialize", [1]],
        ["Waves", "scale", 3.0],
        ["Sparse", "active", 500, "within", [0]],
    ),
    "seed": (
        lambda d, t: d["solution"].__setitem__(
            -1, [p if p != "seed" else "seeds" for p in d["solution"][-1]]
        )
    ),
    "coefficients": lambda d, t: t.update(
        {"field.coefficients": torch.zeros(7, dtype=torch.float64)}
    ),
    "no coefficients": lambda d, t: t.pop("field.coefficients"),
    "tensor": lambda d, t: t.update({"field.weights.0": torch.zeros(2, 31, dtype=torch.float64)}),
    "no tensor": lambda d, t: t.pop("field.biases.0"),
    "no nodes": lambda d, t: d.update(solution=[]),
    "no list": lambda d, t: d.update(solution=3),
    "forward": lambda d, t: d["solution"].insert(0, ["tuple", [3]]),
}


@pytest.mark.parametrize("what", [w for w in FORGED if w != "initializer"])
def test_what_a_forged_file_declares_is_refused(path, tmp_path, what):
    refused(forged(path, tmp_path / "forged.st", FORGED[what]))


def test_an_initializer_that_draws_for_ever_is_not_asked(path, tmp_path):
    loaded = load(forged(path, tmp_path / "forged.st", FORGED["initializer"]))
    assert np.isfinite(loaded(points)).all()


def nested(kind, levels):
    def edit(description, tensors):
        nodes = description["problem"]
        top = len(nodes)
        nodes += [["Symbol", "x", "real", True]] + [[kind, [top + k]] for k in range(levels)]

    return edit


FORGED_PROBLEMS = {
    "code": in_problem("Symbol", [0]),
    "digits": in_problem("Integer", "__import__('os').system('false')"),
    "many digits": in_problem("Integer", "9" * 10_000),
    "text in a sum": in_problem("Add", "__import__('os').system('false')", "x"),
    "text in a box": in_problem("mapping", "x", "y"),
    "assumptions": in_problem("Symbol", "x", "real", "yes"),
    "operator": in_problem("Mul", [10**6], [0]),
    "negative place": in_problem("Mul", [-1], [0]),
    "deep": nested("sin", 5000),
    "wide": (
        lambda d, t: d["problem"].extend(
            [["Add", [0], [0]], *(["Add", [len(d["problem"]) + k]] * 1 for k in range(1))]
        )
    ),
    "no problem": lambda d, t: d["problem"].append(["tuple"]),
    "nothing": lambda d, t: d.update(problem=None),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", FORGED_PROBLEMS)
def test_what_a_forged_problem_says_is_refused(path, tmp_path, what):
    target = forged(path, tmp_path / "forged.st", FORGED_PROBLEMS[what])
    with pytest.raises(ValueError, match=r"forged\.st"):
        load(target)


@pytest.mark.parametrize("kind", ["Symbol", "Unknown", "Normal"])
def test_names_are_never_run(path, tmp_path, kind):
    """A relation becomes a Python function by way of its text: a name must not become a part of
    that which is run.
    """
    name = f"open({str(tmp_path / 'trap')!r}, 'w').close()"
    evil = {"Symbol": [name], "Normal": [name], "Unknown": [name, [1], [0]]}[kind]
    nodes = [
        ["Symbol", "x", "real", True],
        ["tuple", [0]],
        [kind, *evil],
        ["Integer", "0"],
        ["StrictGreaterThan", [2], [3]],
    ]
    nodes += [["tuple", [3], [3]], ["mapping", [0], [5]], ["Where", "whole", [6], "relation", [4]]]
    with pytest.raises(ValueError, match="could be code"):
        unpacked(nodes, {}, list)
    target = forged(
        path, tmp_path / "forged.st", lambda d, t: d["problem"].insert(0, [kind, *evil])
    )
    with pytest.raises(ValueError, match=r"forged\.st"):
        load(target)
    assert [p.name for p in tmp_path.iterdir()] == ["forged.st"]


def test_json_that_is_nested_too_deeply(path, tmp_path, monkeypatch):
    monkeypatch.setattr(
        json, "dumps", lambda *_, **__: '{"format": "pinnsolve-3", "solution": ' + "[" * 100_000
    )
    write_file(tmp_path / "deep.st", {}, {})
    monkeypatch.undo()
    refused(tmp_path / "deep.st")
