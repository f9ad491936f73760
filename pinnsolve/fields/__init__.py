"""Spaces of functions, and the fields that are made of them."""
