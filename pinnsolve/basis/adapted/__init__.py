"""Bases that fit something: layers, fronts, corners, kinks, few directions, low rank."""
