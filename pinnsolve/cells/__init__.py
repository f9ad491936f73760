"""A domain in cells, each with functions of its own, that meet at their faces.

The spectral cousin of nested dissection: a cell solves what its equations determine, and keeps a
few functions that its faces see; these meet, pair by pair, up a tree (docs/decisions/0027).
"""
