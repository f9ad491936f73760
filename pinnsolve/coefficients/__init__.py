"""Coefficients in a frozen space."""
