"""Where to measure next: as a search of all points, and of all pairs, says."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Data, Interval, PointCloud, Problem, coordinates, solve, unknown
from pinnsolve.solution.measurements import best_points, of_determinant, of_sum

(x,) = coordinates("x")
u, k, q = unknown("u", x), unknown("k"), unknown("q")
rng = np.random.default_rng(0)


def left(wanted, values, rows):
    """The covariance of what is wanted, with these values as well."""
    rank = values.shape[1]
    precision = np.eye(rank) + values[rows].T @ values[rows]
    return wanted @ np.linalg.inv(precision) @ wanted.T


def test_one_point_is_the_best_of_all():
    wanted, values = rng.standard_normal((2, 5)), rng.standard_normal((40, 5))
    sums = [np.trace(left(wanted, values, [i])) for i in range(40)]
    assert best_points(wanted, values, 1, of_sum)[0] == np.argmin(sums)
    products = [np.linalg.det(left(wanted, values, [i])) for i in range(40)]
    assert best_points(wanted, values, 1, of_determinant)[0] == np.argmin(products)


@pytest.mark.parametrize(("gain", "size"), [(of_sum, np.trace), (of_determinant, np.linalg.det)])
def test_each_point_is_the_best_beside_those_before(gain, size):
    wanted, values = rng.standard_normal((2, 5)), rng.standard_normal((30, 5))
    taken = list(best_points(wanted, values, 4, gain))
    for count in range(4):
        sizes = [size(left(wanted, values, [*taken[:count], i])) for i in range(30)]
        assert np.argmin(sizes) == taken[count]


def decay():
    places = np.linspace(0.02, 1, 30)
    data = np.exp(-3 * places) + 0.01 * np.random.default_rng(0).standard_normal(30)
    measured = Eq(u, Data(data, sigma=0.01)) @ PointCloud({x: places})
    line = Interval(x, 0, 1)
    return solve(Problem(line, Eq(u.diff(x), -k * u + q), Eq(u(0), 1), measured))


def test_points_of_a_decay_are_those_of_its_formula():
    solution = decay()
    rate, push = float(solution[k]), float(solution[q])
    line = np.linspace(0, 1, 401)
    fall = np.exp(-rate * line)
    by_rate = -line * fall + push * (line * fall / rate - (1 - fall) / rate**2)
    rows = np.stack([by_rate, (1 - fall) / rate], axis=1) / 0.01
    before = np.linalg.inv(solution.covariance(k, q))

    def variance(taken):
        return np.linalg.inv(before + rows[taken].T @ rows[taken])[0, 0]

    best = line[np.argmin([variance([i]) for i in range(401)])]
    assert solution.where_to_measure(1, of=k)["x"] == pytest.approx([best], abs=0.01)
    pairs = list(combinations_with_replacement(range(0, 401, 8), 2))
    least = min(variance(list(pair)) for pair in pairs)
    two = solution.where_to_measure(2, of=k)["x"]
    assert variance(np.rint(two * 400).astype(int)) < 1.05 * least


def test_what_cannot_be_told_is_named():
    solution = decay()
    with pytest.raises(KeyError, match="no unknown"):
        solution.where_to_measure(1, of=unknown("z"))
    with pytest.raises(TypeError, match="number of points"):
        solution.where_to_measure(0)
    assert set(solution.where_to_measure(3)) == {"x"}
