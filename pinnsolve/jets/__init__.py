"""Derivatives through layers: indices, propagation, activations."""
