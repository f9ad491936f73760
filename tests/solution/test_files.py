"""Files of solutions: all that was solved comes back, and what is damaged, forged or of another
problem is refused.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import math
import os
import pkgutil
from dataclasses import fields, replace

import numpy as np
import pytest
import sympy
import torch
from safetensors.torch import save_file
from sympy import (
    Dummy,
    Eq,
    Float,
    Heaviside,
    Max,
    Piecewise,
    Rational,
    Subs,
    cos,
    exp,
    pi,
    sin,
    sqrt,
)

from pinnsolve import (
    LBFGS,
    LSGD,
    Adam,
    Ball,
    Box,
    Corner,
    CornerFunctions,
    Data,
    Dense,
    Functions,
    GradientDescent,
    Greedy,
    Interval,
    Level,
    Lifted,
    LowRank,
    March,
    PointCloud,
    Polygon,
    Problem,
    Resample,
    ResNet,
    Rotated,
    SelfScaledBroyden,
    Sequence,
    Solution,
    Sparse,
    Stretched,
    TensorProduct,
    Waves,
    basis,
    compile_problem,
    compiled,
    coordinates,
    laplacian,
    load,
    manufactured,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.one_sided import OneSided
from pinnsolve.basis.adapted.scaled import Scaled
from pinnsolve.basis.adapted.windowed import Windowed
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.trained import Trained
from pinnsolve.compile.lower import OPERATIONS
from pinnsolve.declare.reference import Reference
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Region
from pinnsolve.problems import CATALOGUE
from pinnsolve.solution.expressions import KINDS
from pinnsolve.solution.nodes import packed, unpacked
from pinnsolve.solution.parts import PARTS
from pinnsolve.solution.shapes import shapes
from pinnsolve.solution.storage import read_file, write_file

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y), unknown("v", t, x, y)
square = Box({x: (0, 1), y: (0, 1)})
poisson = manufactured(
    square, -laplacian(u) + u, u @ square.boundary, exact={u: exp(x) * sin(2 * y)}
)
few = Dense(30, activation="sin", initialize=Waves(3))
points = np.random.default_rng(5).random((20, 2))


def again(value):
    """An object through nodes and JSON."""
    nodes, arrays = packed(value)
    return unpacked(json.loads(json.dumps(nodes)), arrays, lambda: ["x", "y"])


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "solution.st"
    solve(poisson, few).save(path)
    return path


def same_residuals(a, b):
    """The compiled equations of two problems at the same points, normals and values of the
    unknowns.
    """
    generator = torch.Generator().manual_seed(0)
    for one, two in zip(compile_problem(a).residuals, compile_problem(b).residuals, strict=True):
        at = sample_region(one.condition.region, 20, 1)
        np.testing.assert_array_equal(at.x, sample_region(two.condition.region, 20, 1).x)
        where, normals = (
            torch.from_numpy(at.x),
            None if at.normals is None else torch.from_numpy(at.normals),
        )
        values = torch.rand(len(one.slots), len(where), generator=generator, dtype=torch.float64)
        assert torch.equal(one.value(where, normals, values), two.value(where, normals, values))


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_problem_of_the_catalogue_comes_back(name):
    problem = CATALOGUE[name]()
    other = again(problem)
    assert repr(other) == repr(problem)
    assert [c.equation for c in other.conditions] == [c.equation for c in problem.conditions]
    assert (other.unknowns, other.exact, other.constants) == (
        problem.unknowns,
        problem.exact,
        problem.constants,
    )
    assert packed(other)[0] == packed(problem)[0]
    same_residuals(problem, other)


EXPRESSIONS = [
    Piecewise((x, x < Rational(1, 3)), (y**2, (x < 1) & ~(y > 2)), (0, True)),
    Max(x, y, 2) * Heaviside(x - y) + sympy.sinc(x) + sympy.atan2(y, x),
    Float("0.1", 40) * x + 0.1 * y + Float(0.1, 5),
    2 * (x + y)
    + sympy.Mul(2, x + y, evaluate=False)
    + sympy.Pow(4, Rational(1, 2), evaluate=False),
    sympy.Add(x, x, evaluate=False),
    sqrt(3) * pi + sympy.E * sympy.EulerGamma + Rational(10**50, 7),
    u.diff(x, 2, y) + u(x, 0) + Subs(u.diff(x), x, 0) + u**2,
    sympy.Integral(sin(x * y), (x, 0, 1)) + sympy.besselj(0, x),
    sympy.Symbol("c", positive=True) * sympy.Symbol("c") * sympy.Symbol("n", integer=True),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_an_expression_comes_back_as_it_was(expression):
    other = again(expression)
    assert other == expression
    assert packed(other)[0] == packed(expression)[0]
    assert [type(e) for e in sympy.preorder_traversal(other)] == [
        type(e) for e in sympy.preorder_traversal(expression)
    ]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.__name__)
def test_every_operation_that_is_compiled_comes_back(operation):
    arguments = [
        (x, y),
        (x,),
        (x, y, t),
        (x, y, t, 1),
        ((x, x < 1), (y, True)),
        (x < 1, y < 2),
        (x < 1,),
    ]
    for each in arguments:
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            made = operation(*each)
            if made.has(operation):
                break
    assert made.has(operation)
    assert again(made) == made


def test_what_is_shared_is_written_once():
    e = x
    for _ in range(60):
        e = sympy.Add(e, sin(e), evaluate=False)
    nodes, _ = packed(Functions(e))
    assert len(nodes) < 130  # of 2^60 parts
    with pytest.raises(ValueError, match="nested too deeply"):
        again(e)


def test_symbols_that_are_alike_stay_two():
    a, b = Dummy("a"), Dummy("a")
    p, q = again((a + 2 * b, a - b))
    assert len((p + q).free_symbols) == 2


def test_every_region_and_name_has_its_place():
    def below(cls):
        return [cls, *(c for sub in cls.__subclasses__() for c in below(sub))]

    missing = {
        c.__name__
        for c in below(Region)
        if c.__module__.startswith("pinnsolve.") and not c.__name__.startswith("_")
    }
    assert missing - set(PARTS) <= {Region.__name__, Solid.__name__}
    assert not set(PARTS) & KINDS


def test_every_basis_has_its_place():
    modules = [
        importlib.import_module(m.name)
        for m in pkgutil.iter_modules(basis.__path__, "pinnsolve.basis.")
    ]
    built = {
        c
        for module in modules
        for c in vars(module).values()
        if isinstance(c, type) and hasattr(c, "build")
    }
    assert {c.__name__ for c in built - {Declaration, Trained}} <= set(
        PARTS
    )  # `Trained` is written by itself
    unshaped = {
        c.__name__
        for c in built - {Declaration, Trained}
        if shapes.dispatch(c) is shapes.dispatch(object)
    }
    assert not unshaped, "a file that holds one cannot be read"


disk = Ball({x: 0, y: Rational(1, 3)}, sqrt(2))
triangle = Polygon((x, y), [(0, 0), (pi, 0), (0, 1)])
xs = np.linspace(0.1, 0.9, 7)


def cloud_problem(values, places=xs):
    cloud = PointCloud({x: places, y: places**2})
    return Problem(square, Eq(laplacian(u), 0), Eq(u, Data(values)) @ cloud)


REGIONS = [
    Problem(
        (disk | triangle) - square,
        Eq(laplacian(u), 1),
        Eq(u, 0) @ ((disk | triangle) - square).boundary.where(y > 0),
    ),
    Problem(disk & square, Eq(u, x)),
    Problem(
        disk * Interval(t, 0, 1),
        Eq(v.diff(t), laplacian(v, x, y)),
        Eq(v, 0) @ disk.boundary,
        Eq(v(0, x, y), 1),
    ),
    Problem(triangle, Eq(laplacian(u), u), Eq(normal_derivative(u) + u, 1) @ triangle.boundary),
    cloud_problem(np.sin(xs)),
    Problem(
        PointCloud({x: xs, y: xs}).box,
        Eq(u, Data(xs, "a") + Data(xs, "b")) @ PointCloud({x: xs, y: xs}).split(0.5)[0],
    ),
    Problem(
        disk * Interval(t, 0, 1),
        Eq(v.diff(t), sympy.Symbol("k") * 2),
        constants={sympy.Symbol("k"): 0.25},
        reference=Reference(np.array([[0.0, 0.0, 0.5]]), {"v": np.array([1.0])}),
    ),
]


@pytest.mark.parametrize("problem", REGIONS, ids=repr)
def test_regions_data_and_references_come_back(problem):
    other = again(problem)
    assert packed(other)[0] == packed(problem)[0]
    same_residuals(problem, other)
    assert np.array_equal(other.domain.bounds, problem.domain.bounds)
    if problem.reference is not None:
        assert np.array_equal(other.reference.points, problem.reference.points)


heat = unknown("w", x, t)
bar = Interval(x, 0, 1) * Interval(t, 0, 1)
cooling = manufactured(
    bar,
    heat.diff(t) - heat.diff(x, 2),
    *(heat @ bar.at(**at) for at in ({"x": 0}, {"x": 1}, {"t": 0})),
    exact={heat: exp(-t) * x},
)
corner = Corner((0.0, 0.0), ((1.0, 0.0), (0.0, 1.0)), 1.5 * math.pi)
quick = Sequence((Adam(1e-2), 2), (Adam(), 3))
SOLVED = {
    "given": lambda: solve(poisson, few, tolerance=1e-2),
    "deep": lambda: solve(poisson, ResNet(10, 3)),
    "automatic": lambda: solve(poisson, tolerance=1e-2, seed=2),
    "LSGD": lambda: solve(poisson, Dense(10), LSGD(4, quick)),
    "joint": lambda: solve(poisson, Dense(6), GradientDescent(3)),
    "greedy": lambda: solve(
        poisson, Dense(12), grow=Greedy(candidates=40, rounds=2, within=(Waves(2), Waves({x: 3})))
    ),
    "trained on": lambda: solve(poisson, solve(poisson, Dense(10), LSGD(2)).trained, LSGD(2)),
    "march": lambda: solve(cooling, Dense(40), march=March(t, 2)),
    "low rank": lambda: solve(poisson, LowRank(3, 5)),
    "corners": lambda: solve(
        poisson, few + CornerFunctions((corner,)) + Functions(x**2 * sqrt(y + 1), cos(x))
    ),
    "products": lambda: solve(poisson, TensorProduct({x: Dense(6), y: Dense(5)})),
    "coordinates": lambda: solve(
        poisson,
        Stretched(Dense(10), 0.1, {x: 0})
        + Rotated(Dense(10), ((0.6, 0.8), (-0.8, 0.6)))
        + Windowed(Dense(8, 1, "sin", Waves(3)), {x: (0.4, 0.2)})
        + Scaled(Dense(6), (0.5, 3.0))
        + OneSided(Dense(8, 1, "sin", Waves(3)), Level((((1, 0), 1.0), ((0, 0), -0.5))), 2)
        + Rotated(Dense(7), ((0.6, 0.8),))
        + Dense(9, 1, "sin", Sparse(1, Waves())),
    ),
    "level set": lambda: solve(
        poisson, Lifted(20, Level((((1, 0), 1.0), ((0, 2), -0.5))), 0.3, Waves(2))
    ),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("how", SOLVED)
def test_a_loaded_solution_reports_the_same(how, tmp_path):
    saved = SOLVED[how]()
    saved.save(tmp_path / "s")  # before the estimate is asked for
    report = saved.report()
    loaded = Solution.load(tmp_path / "s")
    assert loaded.report() == report
    assert loaded.estimate == pytest.approx(
        saved.estimate, rel=1e-6
    )  # solved for again, where it was not known
    assert loaded.residuals() == saved.residuals()
    for field in fields(Solution):
        if field.name not in ("problem", "field", "history", "change", "declared"):
            one, other = (getattr(solution, field.name) for solution in (loaded, saved))
            assert one == other or (math.isnan(one) and math.isnan(other)), field.name
    assert str(loaded.declared) == str(saved.declared)
    at = points if how != "march" else points * 0.9
    assert np.array_equal(loaded(at), saved(at))
    saved.save(tmp_path / "s")  # after: nothing is solved again
    loaded = load(tmp_path / "s", saved.problem)
    assert math.isfinite(loaded.change)
    assert loaded.estimate == saved.estimate


def test_a_method_comes_back():
    method = LSGD(
        9,
        Sequence((LBFGS(), 3), (SelfScaledBroyden(), 2)),
        2,
        50,
        transform=compiled,
        resample=Resample(5),
    )
    assert again(method) == method
    assert again((math.inf, -math.inf, 1e-300, None, True, np.float64(0.1))) == (
        math.inf,
        -math.inf,
        1e-300,
        None,
        True,
        0.1,
    )


def test_a_method_that_no_file_holds_leaves_its_estimate(tmp_path):
    saved = solve(poisson, Dense(10), LSGD(5, Adam(schedule=lambda step: 1.0)))
    saved.save(tmp_path / "s")
    loaded = load(tmp_path / "s")
    assert loaded.method is None
    assert loaded.estimate == saved.estimate


def test_a_problem_that_no_file_holds_must_be_given(tmp_path):
    class odd(sympy.Function):  # noqa: N801
        @classmethod
        def eval(cls, a):
            return None

        def doit(self, **hints):
            return self.args[0] ** 2

    problem = Problem(square, Eq(u, odd(x)))
    saved = solve(problem, few)
    saved.save(tmp_path / "s")
    assert np.array_equal(load(tmp_path / "s", problem)(points), saved(points))
    with pytest.raises(ValueError, match=r"s: its problem has parts .* load\(path, problem\)"):
        load(tmp_path / "s")
    with pytest.raises(ValueError, match="another problem"):
        load(tmp_path / "s", poisson)


c = sympy.Symbol("c")
OTHERS = {
    "Data": (cloud_problem(np.sin(xs)), cloud_problem(np.cos(xs)), "data of"),
    "one value": (cloud_problem(xs), cloud_problem(np.where(xs == xs[3], 0.123, xs)), "sum"),
    "points": (cloud_problem(xs), cloud_problem(xs, xs / 2), "points of"),
    "exact": (
        poisson,
        manufactured(square, -laplacian(u) + u, u @ square.boundary, exact={u: x}),
        "exact|=",
    ),
    "constant": (
        *(Problem(square, Eq(laplacian(u), c), constants={c: value}) for value in (1, 2)),
        "= 2",
    ),
    "condition": (poisson, Problem(square, Eq(u, 1)), "u"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_solution_of_another_problem_is_refused_and_shown(path, what, tmp_path):
    held, given, word = OTHERS[what]
    replace(load(path), problem=held, change=0.1).save(tmp_path / "s.st")
    with pytest.raises(
        ValueError,
        match=rf"(?s)s\.st holds a solution of another problem.*in the file.*given.*({word})",
    ):
        load(tmp_path / "s.st", given)
    load(tmp_path / "s.st", held)


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


@pytest.mark.parametrize("name", ["u_1", "\\theta", "x'", "T 0", "\u03b1^2", "{ab}"])
def test_usual_names_are_kept(name):
    assert again(sympy.Symbol(name, positive=True)) == sympy.Symbol(name, positive=True)


def test_json_that_is_nested_too_deeply(path, tmp_path, monkeypatch):
    monkeypatch.setattr(
        json, "dumps", lambda *_, **__: '{"format": "pinnsolve-3", "solution": ' + "[" * 100_000
    )
    write_file(tmp_path / "deep.st", {}, {})
    monkeypatch.undo()
    refused(tmp_path / "deep.st")


def stop(error):
    def stopped(*_, **__):
        raise error

    return stopped


@pytest.mark.parametrize("at", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "no space left")], ids=["Ctrl-C", "full"]
)
def test_an_interrupted_save_leaves_the_old_file(path, tmp_path, monkeypatch, at, error):
    solution = load(path)
    solution.save(tmp_path / "s.st")
    before = (tmp_path / "s.st").read_bytes()
    monkeypatch.setattr(os, at, stop(error))
    with pytest.raises(
        type(error), match=r"s\.st.*no space" if isinstance(error, OSError) else None
    ):
        solution.save(tmp_path / "s.st")
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["s.st"]
    assert (tmp_path / "s.st").read_bytes() == before


def test_where_nothing_can_be_written(path, tmp_path):
    solution = load(path)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        solution.save(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing; make it first"):
        solution.save(tmp_path / "missing" / "s.st")
    with pytest.raises(OSError, match="cannot write"):
        solution.save(os.devnull)
    solution.save(str(tmp_path / "no suffix"))
    assert np.array_equal(load(str(tmp_path / "no suffix"))(points), solution(points))
    assert [p.name for p in tmp_path.iterdir()] == ["no suffix"]


def test_initializers_of_the_users_own_cannot_be_saved(tmp_path):
    def own(box, names, width, generator):
        return torch.ones(2, width, dtype=torch.float64), torch.arange(width, dtype=torch.float64)

    solution = solve(poisson, Dense(5, initialize=own))
    with pytest.raises(ValueError, match="cannot save a basis with"):
        solution.save(tmp_path / "s")
    assert not list(tmp_path.iterdir())
