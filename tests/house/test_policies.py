"""Numbers that decide stand in policies, one a story, each with its reason: few stand alone."""

from __future__ import annotations

import ast
from collections import defaultdict

import pytest

from sources import PACKAGE, SOURCES, tree

A_THOUSAND_LINES = 1.5  # constants of a module; 11.4, before there were policies


def constants(module):
    """Names in capitals, with their values, that a module binds to numbers, or to tables of
    them.
    """
    for node in module.body:
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign) and node.value:
            targets = [node.target]
        else:
            continue
        for target in targets:
            several = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            names, values = (target.elts, node.value.elts) if several else ([target], [node.value])
            for name, value in zip(names, values, strict=True):
                if isinstance(name, ast.Name) and name.id.isupper() and _of_numbers(value):
                    yield name.id, ast.unparse(value)


def _of_numbers(node):
    match node:
        case ast.Constant():
            return isinstance(node.value, int | float) and not isinstance(node.value, bool)
        case ast.UnaryOp():
            return _of_numbers(node.operand)
        case ast.BinOp():
            return _of_numbers(node.left) or _of_numbers(node.right)
        case ast.Tuple() | ast.List() | ast.Set():
            return bool(node.elts) and all(map(_of_numbers, node.elts))
        case ast.Dict():
            return bool(node.values) and all(map(_of_numbers, node.values))
    return False


def floor_of(path):
    return path.relative_to(PACKAGE).parts[0]


@pytest.mark.parametrize("floor", sorted({floor_of(path) for path in SOURCES}))
def test_few_numbers_stand_alone(floor):
    paths = [path for path in SOURCES if floor_of(path) == floor]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)
    alone = [f"{path.stem}.{name}" for path in paths for name, _ in constants(tree(path))]
    assert len(alone) <= 1 + A_THOUSAND_LINES * lines / 1000, alone


def test_one_name_has_one_value():
    values = defaultdict(set)
    for path in SOURCES:
        for name, value in constants(tree(path)):
            values[name].add(value)
    assert not {name: several for name, several in values.items() if len(several) > 1}


def test_constants_are_seen():
    module = ast.parse(
        "ONE = 1\nTWO, THREE = 2.0, -3\nBOTH: tuple[int, ...] = (1, 2)\n"
        "TIMES = 8 * eps\nBY = {1: 2}\nlow = 1\nNAME = 'a'\nTRUE = True\nHALVING = Halving(3)\n"
    )
    assert [name for name, _ in constants(module)] == ["ONE", "TWO", "THREE", "BOTH", "TIMES", "BY"]
