"""Tensors are made like others: their dtype and device are said in few places, and held here."""

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "pinnsolve"

# How often float64 may be named, and why there.
DOUBLE = {
    "basis": 7,  # bases are drawn in it, and cast when they are built
    "compile": 9,  # a problem is read in it: enclosures, features, constants
    "coefficients": 1,  # the ridge is at its round-off
    "discretize": 5,  # the same of places where data vary, and of the range of numbers
    "evolution": 10,  # integrators are scipy's, in float64 on the CPU
    "running": 3,  # messages of ranks, and the machine's speed
    "solution": 3,  # what files hold
}

# How often arrays and tensors may cross without `fields.arrays`, and why there.
CROSSINGS = {
    "fields": 6,  # the two functions; tables of truths: who lives where, which cell owns a point
    "compile": 3,  # special functions of scipy, and bounds of its splines
    "mgrit": 1,  # messages of ranks
    "discretize": 14,  # a problem is read: what it determines, rare places
    "evolution": 13,  # states of scipy's integrators
    "solution": 6,  # files, and points that people give
}


def counted(pattern):
    counts = {}
    for path in PACKAGE.rglob("*.py"):
        many = len(re.findall(pattern, path.read_text(encoding="utf-8")))
        stage = path.relative_to(PACKAGE).parts[0]
        counts[stage] = counts.get(stage, 0) + many
    return {stage: many for stage, many in counts.items() if many}


def assert_at_most(counts, allowed):
    more = {stage: many for stage, many in counts.items() if many > allowed.get(stage, 0)}
    assert not more, f"make it like another tensor, or say in {__file__} why it cannot be"
    assert set(allowed) == set(counts), "what nothing needs any more goes"


def test_float64_is_named_in_few_places():
    assert_at_most(counted(r"torch\.float64"), DOUBLE)


def test_arrays_and_tensors_cross_in_few_places():
    assert_at_most(counted(r"from_numpy\(|\.numpy\(\)"), CROSSINGS)
