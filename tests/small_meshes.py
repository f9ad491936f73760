"""Triangulated surfaces by formula: balls with bumps, tori, boxes, written as files."""

from __future__ import annotations

import struct

import numpy as np

GOLDEN = (1 + 5**0.5) / 2


def sphere(level):
    """Vertices on the unit sphere `(n, 3)` and 20 * 4^level facets `(m, 3)`, seen from outside."""
    v = [(s, t * GOLDEN, 0) for s in (-1, 1) for t in (-1, 1)]
    v = np.array([p[k:] + p[:k] for k in range(3) for p in v], dtype=float)
    near = np.linalg.norm(v[:, None] - v, axis=2) < 2.1
    f = [
        (a, b, c)
        for a in range(12)
        for b in range(a + 1, 12)
        for c in range(b + 1, 12)
        if near[a, b] and near[b, c] and near[a, c]
    ]
    v, f = v / np.linalg.norm(v[0]), np.array(f)
    for _ in range(level):
        v, f = _quartered(v, f)
        v = v / np.linalg.norm(v, axis=1, keepdims=True)
    inwards = np.linalg.det(v[f]) < 0
    f[inwards] = f[inwards][:, ::-1]
    return v, f


def _quartered(v, f):
    pairs = np.sort(np.concatenate([f[:, [0, 1]], f[:, [1, 2]], f[:, [2, 0]]]), axis=1)
    edges, number = np.unique(pairs, axis=0, return_inverse=True)
    ab, bc, ca = len(v) + number.reshape(3, -1)
    a, b, c = f.T
    parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    middles = (v[edges[:, 0]] + v[edges[:, 1]]) / 2
    return np.concatenate([v, middles]), np.concatenate([np.stack(p, axis=1) for p in parts])


def star_shaped(level, level_set, most=4.0):
    """The zeros of a function of points `(n, 3)` that is positive around the origin, as vertices
    and facets: by bisection along the directions of a sphere's vertices.
    """
    v, f = sphere(level)
    low, high = np.zeros(len(v)), np.full(len(v), most)
    for _ in range(60):
        middle = (low + high) / 2
        inside = level_set(middle[:, None] * v) > 0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low[:, None] * v, f


def torus(around, across, radius=1.0, tube=0.4):
    """Vertices `(n, 3)` and 2 * around * across facets."""
    i, j = (g.ravel() for g in np.mgrid[:around, :across])
    a, b = 2 * np.pi * i / around, 2 * np.pi * j / across
    out = radius + tube * np.cos(b)
    v = np.stack([out * np.cos(a), out * np.sin(a), tube * np.sin(b)], axis=1)

    def at(k, n):
        return (k % around) * across + n % across

    one = np.stack([at(i, j), at(i + 1, j), at(i + 1, j + 1)], axis=1)
    other = np.stack([at(i, j), at(i + 1, j + 1), at(i, j + 1)], axis=1)
    return v, np.concatenate([one, other])


def box(low=(0, 0, 0), high=(1, 1, 1)):
    """Eight vertices and twelve facets."""
    v = np.array([[(low, high)[k][a] for a, k in enumerate(bits)] for bits in np.ndindex(2, 2, 2)])
    f = []
    for axis in range(3):
        for side in (0, 1):
            own = [k for k, bits in enumerate(np.ndindex(2, 2, 2)) if bits[axis] == side]
            f += [(own[0], own[1], own[3]), (own[0], own[3], own[2])]
    f, v = np.array(f), v.astype(float)
    outward = np.cross(v[f[:, 1]] - v[f[:, 0]], v[f[:, 2]] - v[f[:, 0]])
    inwards = (outward * (v[f].mean(axis=1) - v.mean(axis=0))).sum(axis=1) < 0
    f[inwards] = f[inwards][:, ::-1]
    return v, f


def turned(vertices, seed=0):
    """Vertices `(n, 3)` in a place turned at random."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return vertices @ (q * np.sign(np.linalg.det(q))).T


def write_stl(path, vertices, facets):
    """A binary STL, in single precision as they are."""
    corners = vertices[facets]
    with open(path, "wb") as file:
        file.write(b"a test".ljust(80) + struct.pack("<I", len(facets)))
        for triangle in corners:
            file.write(struct.pack("<12fH", 0, 0, 0, *triangle.ravel(), 0))
    return path
