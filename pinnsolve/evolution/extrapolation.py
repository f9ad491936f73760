"""A linear evolution that begins at zero, with data at rest, by one implicit step of each of some
sizes.

An implicit step of Euler's of size h makes a mode of rate -r, which a load at rest drives, to the
part 1 - 1 / (1 + h r) of what it is in the end; the solution to 1 - exp(-r t). So the steps of
sizes h_j times weights c_j(t) with sum one are off by

    |exp(-r t) - sum_j c_j(t) / (1 + h_j r)|,

of whatever rate, and these weights are found by least squares over all rates: no state follows
another, and layers of width sqrt(h) around a rim are those of one elliptic problem. Trefethen,
Weideman and Schmelzer, "Talbot quadratures and rational approximations", BIT 46 (2006), have the
like with complex poles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pinnsolve.fields.arrays import Array


@dataclass(frozen=True)
class Extrapolation:
    """Which sizes steps have, and how their weights are found."""

    # Of one size, the next smaller one
    ratio: float = 2 / 3
    # Rates over one of the whole time, between which weights are good, and how many are looked at
    rates: tuple[float, float] = (1e-3, 1e6)
    looked_at: int = 300
    # Of what steps are off by, relative, at least: weights shall not make that large
    noise: float = 1e-10
    # For which weights allow, where it is sought
    noises: tuple[float, ...] = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
    # Bands of rates, of each of which the worst counts
    bands: int = 30
    # Of the smallest size: from there on weights are those of the rates; before, a ramp
    ramp: float = 0.05
    # Steps of the path by which weights are kept, each so much longer than the one before
    growth: float = 1.1


EXTRAPOLATION = Extrapolation()


def step_sizes(duration: float, count: int) -> Array:
    """Sizes `(count,)` of implicit steps, the first one that of the whole time."""
    sizes: Array = duration * np.power(EXTRAPOLATION.ratio, np.arange(count, dtype=float))
    return sizes


def amplitudes(sizes: Array, rates: Array, norms: Array | None = None) -> Array:
    """How large all modes of these rates `(k,)` and higher ones are together, at most: `(k,)`.

    A step of size h has the part h r / (1 + h r) of a mode, or more of those of higher rates: all
    of them are no more than 1 + 1 / (h r) times the step, of each of the sizes `(n,)`, whose norms
    `(n,)` are relative to the largest one's; one, if they are not given.
    """
    held = np.ones(len(sizes)) if norms is None else norms
    found: Array = (held * (1 + 1 / np.outer(rates, sizes))).min(axis=1)
    return found


def weights_of(sizes: Array, times: Array, noise: float = 0.0, norms: Array | None = None) -> Array:
    """The weights of steps of these sizes `(n,)`, and their first two derivatives in time, at times
    `(m,)` after the start: `(3, m, n)`. Their sum is one. Steps are off by `noise`, relative to
    their norms (see `amplitudes`).
    """
    rates = _rates(sizes)
    decay = np.exp(-np.outer(rates, times))
    wanted = np.hstack([(-rates[:, None]) ** order * decay for order in range(3)])
    sums = np.repeat([1.0, 0.0, 0.0], len(times))
    found = _weights(sizes, rates, wanted, sums, noise, norms)
    return np.moveaxis(found.reshape(len(sizes), 3, len(times)), 0, 2)


def noise_of(sizes: Array, values: Array) -> float:
    """What steps of these sizes `(n,)` are off by, relative: their `values (n, m)` at some places,
    each beside what all others make of it, as of one of them 1 / (1 + h r) is known for every rate.

    A difference has the errors of all, by their weights, and what these leave of rates: weights
    that allow for much noise leave more, so the least is what is there. Of all steps the median: of
    the last sizes others make little.
    """
    return min(_apart(sizes, values, noise) for noise in EXTRAPOLATION.noises)


def _apart(sizes: Array, values: Array, noise: float) -> float:
    """What each step and the others differ by, over what that makes of errors of size one."""
    rates, found = _rates(sizes), []
    made = 1 / (1 + np.outer(rates, sizes))
    for k, own in enumerate(values):
        others = np.arange(len(sizes)) != k
        weights = _weights(sizes[others], rates, made[:, [k]], np.ones(1), noise)[:, 0]
        grown = float(np.hypot(1, np.linalg.norm(weights)))
        apart = float(np.linalg.norm(own - weights @ values[others]))
        found.append(apart / max(grown * float(np.linalg.norm(own)), 1e-300))
    return float(np.median(found))


def _rates(sizes: Array) -> Array:
    rates: Array = np.geomspace(*EXTRAPOLATION.rates, EXTRAPOLATION.looked_at) / sizes.max()
    return rates


def _weights(
    sizes: Array,
    rates: Array,
    wanted: Array,
    sums: Array,
    noise: float,
    norms: Array | None = None,
) -> Array:
    """Weights `(n, m)` of steps of these sizes `(n,)` with given sums `(m,)`, that make of modes of
    all rates `(k,)` what is `wanted (k, m)`: rates count as much as their modes may.
    """
    counted = amplitudes(sizes, rates, norms)[:, None]
    errors = max(noise, EXTRAPOLATION.noise) * np.sqrt(len(rates)) * np.eye(len(sizes))
    errors = errors if norms is None else norms[:, None] * errors
    made = 1 / (1 + np.outer(rates, sizes))
    # One has what the others leave of the sum.
    rows = np.vstack([counted * (made[:, :-1] - made[:, -1:]), errors[:-1, :-1]])
    target = counted * (wanted - made[:, -1:] * sums)
    target = np.vstack([target, np.zeros((len(sizes) - 1, target.shape[1]))])
    others = np.linalg.lstsq(rows, target, rcond=None)[0]
    return np.concatenate([others, sums - others.sum(axis=0, keepdims=True)])


def off_by(sizes: Array, weights: Array, times: Array, norms: Array | None = None) -> Array:
    """By how much, relative to a step of the largest size, solutions may be off at times `(m,)`,
    with weights `(m, n)`: `(m,)`. Modes are orthogonal: of each band of rates the worst counts with
    the amplitude of all that are as high.
    """
    low, high = EXTRAPOLATION.rates
    bands, each = EXTRAPOLATION.bands, 8 * EXTRAPOLATION.looked_at // EXTRAPOLATION.bands
    rates = np.geomspace(low / 10, high * 1e3, bands * each) / sizes.max()
    made = weights @ (1 / (1 + np.outer(sizes, rates)))
    missed = np.abs(np.exp(-np.outer(times, rates)) - made)
    worst = missed.reshape(len(times), bands, each).max(axis=2)
    found: Array = np.linalg.norm(worst * amplitudes(sizes, rates[::each], norms), axis=1)
    return found


def path_of(sizes: Array, noise: float, norms: Array | None = None) -> tuple[Array, Array]:
    """Times `(m,)` from the start to the largest size, and the weights there of steps that are off
    by `noise`, with two derivatives, `(3, m, n)`: none at the start, where all is zero.
    """
    first, longest = EXTRAPOLATION.ramp * sizes.min(), sizes.max()
    count = 1 + int(np.ceil(np.log(longest / first) / np.log(EXTRAPOLATION.growth)))
    times = np.geomspace(first, longest, count)
    weights = weights_of(sizes, times, noise, norms)
    start = np.zeros((3, 1, len(sizes)))
    # As a heated wall is: with the root of time, until then.
    start[1] = weights[0, 0] / first
    return np.concatenate([[0.0], times]), np.concatenate([start, weights], axis=1)


def with_fewer(sizes: Array) -> Array:
    """The places `(n - 2,)` of all sizes `(n,)` but two, one in each half: the largest and smallest
    stay.
    """
    n = len(sizes)
    left_out = (n // 4, (3 * n) // 4)
    return np.array([k for k in range(n) if k not in left_out])
